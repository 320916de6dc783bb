//! The logs as a run left them.

use std::collections::BTreeMap;

use super::Settings;
use crate::lab::cast::Cast;
use crate::node::Node;
use crate::picture::{PartitionPicture, Picture};
use crate::protocol::log::TopicPartition;

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
        }
    }
    troubles
}

fn has_duplicate(records: &Records) -> bool {
    let mut messages: Vec<u32> = records.values().copied().collect();
    messages.sort_unstable();
    messages.windows(2).any(|pair| pair[0] == pair[1])
}
