//! The logs as a run left them.

use std::collections::BTreeMap;

use super::{Promise, Settings};
use crate::lab::cast::Cast;
use crate::node::Node;
use crate::picture::{PartitionPicture, Picture};
use crate::protocol::log::{ProducerId, TopicPartition};

/// What a replica holds, by offset: the message.
type Records = BTreeMap<u64, u32>;

/// What is wrong with the logs, once everything is healed and quiet.
pub fn look_inside<'a>(nodes: impl Iterator<Item = &'a Cast>, settings: &Settings, promise: Promise) -> Vec<String> {
    let mut troubles = Vec::new();
    let mut known: BTreeMap<TopicPartition, (u64, Records)> = BTreeMap::new();
    // How each transaction ended, wherever it left its mark.
    let mut ends: BTreeMap<ProducerId, bool> = BTreeMap::new();
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
            if settings.is("idempotence", "true") && has_duplicate(&records) {
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
            if !promise.keeps_all {
                continue;
            }
            node.transaction_ends(*partition, &mut |producer, is_committed| {
                if *ends.entry(producer).or_insert(is_committed) != is_committed {
                    troubles.push(format!("fractured transaction: one of {producer:?} is both committed and aborted"));
                }
            });
            if let Some((stable, watermark)) = node.readable_until(*partition).filter(|(stable, end)| stable < end) {
                troubles.push(format!("an open transaction holds partition {number} at {stable} of {watermark}"));
            }
        }
    }
    troubles
}

fn has_duplicate(records: &Records) -> bool {
    let mut messages: Vec<u32> = records.values().copied().collect();
    messages.sort_unstable();
    messages.windows(2).any(|pair| pair[0] == pair[1])
}
