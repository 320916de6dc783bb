//! What must hold of a town, whatever has befallen it.

use super::town::{Town, topic};
use crate::event::{CopyId, MessageId};
use crate::node::Node;
use crate::picture::Picture;

/// All is healed and written: everybody agrees, and everything is served.
pub fn agrees(town: &Town) -> Result<(), String> {
    if !town.writer().is_done() {
        return Err("the writer waits still".to_owned());
    }
    for partition in 0..town.layout.partitions {
        let leader = town.leader(partition).ok_or(format!("nobody leads {partition}"))?;
        let log = town.log(leader, partition);
        let mut picture = Picture::default();
        town.broker(leader).picture(&mut picture);
        let drawn = picture.partitions.iter().find(|drawn| drawn.partition == topic(partition));
        if drawn.is_none_or(|drawn| drawn.in_sync.len() < usize::from(town.layout.replication_factor)) {
            return Err(format!("not all are in sync: {drawn:?}"));
        }
        for (node, broker) in town.brokers() {
            if !broker.is_serving() {
                return Err(format!("{node:?} does not serve"));
            }
            let Some(end) = broker.log_end(topic(partition)) else { continue };
            if broker.high_watermark(topic(partition)) != Some(end) {
                let watermark = broker.high_watermark(topic(partition));
                return Err(format!("{node:?} has {end} of {partition}, committed {watermark:?}"));
            }
            if town.log(node.0, partition) != log {
                return Err(format!("{node:?} and {leader} differ on {partition}"));
            }
        }
        let seen = town.reader().seen.iter().filter(|seen| seen.0 == partition);
        let seen: Vec<(u64, CopyId)> = seen.map(|(_, offset, copy, _)| (*offset, *copy)).collect();
        if seen != log {
            return Err(format!("read of {partition}: {seen:?}, but in the log: {log:?}"));
        }
    }
    Ok(())
}

/// What was acknowledged is where it was said to be.
pub fn lost(town: &Town) -> Vec<MessageId> {
    let ok = town.writer().ok.iter();
    let lost = ok.filter(|(message, partition, offset, _)| {
        let leader = town.leader(*partition);
        let is_there = |(at, copy): &(u64, CopyId)| (*at, copy.message) == (*offset, *message);
        !leader.is_some_and(|leader| town.log(leader, *partition).iter().any(is_there))
    });
    lost.map(|(message, ..)| *message).collect()
}

/// How many records are in a log more than once.
pub fn doubled(town: &Town) -> usize {
    let of = |partition: u16| {
        let log = town.leader(partition).map_or_else(Vec::new, |leader| town.log(leader, partition));
        let mut messages: Vec<MessageId> = log.iter().map(|(_, copy)| copy.message).collect();
        messages.sort_unstable();
        messages.dedup();
        log.len() - messages.len()
    };
    (0..town.layout.partitions).map(of).sum()
}
