//! The logs as a run left them.

use std::collections::BTreeMap;

use super::Settings;
use crate::lab::cast::Cast;
use crate::node::Node;
use crate::picture::{PartitionPicture, Picture};
use crate::protocol::log::{ProducerId, TopicPartition};

/// What a replica holds, by offset: the message.
type Records = BTreeMap<u64, u32>;

/// What is wrong with the logs, once everything is healed and quiet.
pub fn look_inside<'a>(nodes: impl Iterator<Item = &'a Cast>, settings: &Settings) -> Vec<String> {
    let mut troubles = Vec::new();
    let mut known: BTreeMap<TopicPartition, (u64, Records)> = BTreeMap::new();
    let mut picture = Picture::default();
    for node in nodes {
        picture.clear();
        node.picture(&mut picture);
        for PartitionPicture { partition, is_in_sync, high_watermark, .. } in &picture.partitions {
            let number = partition.partition;
            let mut records = Records::new();
            node.records(*partition, 0, &mut |copy, offset| {
                records.insert(offset, copy.message.0);
            });
            if settings.is("idempotence", "true") && has_duplicate(node, *partition) {
                troubles.push(format!("duplicate: a record is twice in partition {number}"));
            }
            if !is_in_sync {
                continue;
            }
            let (watermark, others) = known.entry(*partition).or_insert_with(|| (*high_watermark, records.clone()));
            let both = (*watermark).min(*high_watermark);
            if others.range(..both).ne(records.range(..both)) {
                troubles.push(format!("in-sync replicas of partition {number} differ below {both}"));
            }
        }
    }
    troubles
}

/// Whether a record is there twice from one session of a producer. A session is one
/// epoch of a producer id: a producer that must begin another, because one of its
/// first batches is refused for good, sends again in it what it has no answer for,
/// and some of that may be there (KAFKA-14359).
fn has_duplicate(node: &Cast, partition: TopicPartition) -> bool {
    let mut records: Vec<(ProducerId, u32)> = Vec::new();
    node.batches(partition, &mut |batch| {
        let Some(session) = batch.sequence.filter(|_| batch.control.is_none()) else { return };
        records.extend(batch.records.iter().map(|record| (session.producer, record.copy.message.0)));
    });
    records.sort_unstable();
    records.windows(2).any(|pair| pair[0] == pair[1])
}
