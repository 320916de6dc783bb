//! Transactions as a run left them in the logs, and as consumers saw them. Nothing
//! that brokers have concluded is asked for here: who wrote what, in which epoch,
//! and which marker came next is in the logs, and a transaction is what a producer
//! wrote in one epoch (KIP-890).
//!
//! - *aborted read*: a consumer of committed records was handed one that was not
//!   committed, or not yet.
//! - *fractured*: a transaction is committed in one partition, aborted in another.
//! - *left open*: it has no end, so that consumers of committed records stop there.
//! - *a zombie's write*: a record of an epoch that is over.

use std::collections::BTreeMap;

use super::reader::Reader;
use crate::event::CopyId;
use crate::lab::cast::Cast;
use crate::protocol::log::{Batch, Control, ProducerId, TopicPartition};

/// How the records of one epoch of a producer ended in a partition, and where.
type End = Option<(Control, u64)>;

/// The transactions of one partition.
#[derive(Debug, Default)]
struct Partition {
    /// By producer: its newest epoch.
    epochs: BTreeMap<u64, u16>,
    ends: BTreeMap<ProducerId, End>,
    members: BTreeMap<CopyId, ProducerId>,
    zombies: Vec<CopyId>,
}

impl Partition {
    fn take(&mut self, batch: &Batch) {
        let Some(ProducerId { number, epoch }) = batch.sequence.map(|sequence| sequence.producer) else { return };
        let newest = self.epochs.entry(number).or_insert(epoch);
        let is_over = epoch < *newest;
        *newest = epoch.max(*newest);
        match batch.control {
            // It ends what is open, and only that.
            Some(control) => {
                let open = self.ends.iter_mut().filter(|(producer, end)| producer.number == number && end.is_none());
                open.for_each(|(_, end)| *end = Some((control, batch.first_offset)));
            }
            None => {
                let producer = ProducerId { number, epoch };
                self.ends.entry(producer).or_insert(None);
                for record in batch.records.iter() {
                    self.members.insert(record.copy, producer);
                    self.zombies.extend(is_over.then_some(record.copy));
                }
            }
        }
    }
}

/// What is wrong with the transactions, once everything is healed and quiet.
/// `reader`: what consumers of committed records were handed.
pub fn look_at_transactions(nodes: &[&Cast], topic: &[TopicPartition], reader: Option<&Reader>) -> Vec<String> {
    let mut troubles = Vec::new();
    let mut partitions = BTreeMap::new();
    for &id in topic {
        let Some(leader) = nodes.iter().filter(|node| node.leads(id).is_some()).max_by_key(|node| node.leads(id))
        else {
            continue;
        };
        let mut partition = Partition::default();
        leader.batches(id, &mut |batch| partition.take(batch));
        for copy in &partition.zombies {
            troubles.push(format!("a zombie's write: {} in partition {}", copy.message.0, id.partition));
        }
        // Where nobody waits for the end of a transaction, a run may end before its
        // producer's time is up.
        if reader.is_some() {
            left_open(id, leader, &partition, &mut troubles);
        }
        partitions.insert(id.partition, partition);
    }
    fractured(&partitions, &mut troubles);
    if let Some(reader) = reader {
        aborted_reads(&partitions, reader, &mut troubles);
    }
    troubles
}

fn left_open(id: TopicPartition, leader: &Cast, partition: &Partition, troubles: &mut Vec<String>) {
    for (producer, _) in partition.ends.iter().filter(|(_, end)| end.is_none()) {
        troubles.push(format!("left open in partition {}: the transaction of {producer:?}", id.partition));
    }
    let (stable, end) = (leader.last_stable_offset(id), leader.log_range(id).map(|(_, end)| end));
    if stable != end {
        troubles.push(format!("the last stable offset stays at {stable:?} of {end:?} in partition {}", id.partition));
    }
}

fn fractured(partitions: &BTreeMap<u16, Partition>, troubles: &mut Vec<String>) {
    let mut decided: BTreeMap<ProducerId, Control> = BTreeMap::new();
    for (producer, end) in partitions.values().flat_map(|partition| &partition.ends) {
        let Some((control, _)) = end else { continue };
        if *decided.entry(*producer).or_insert(*control) != *control {
            troubles.push(format!("fractured: {producer:?} is committed in one partition and aborted in another"));
        }
    }
}

fn aborted_reads(partitions: &BTreeMap<u16, Partition>, reader: &Reader, troubles: &mut Vec<String>) {
    for (copy, at) in &reader.taken {
        let found = partitions.iter().find_map(|(id, partition)| Some((id, partition, partition.members.get(copy)?)));
        let Some((id, partition, producer)) = found else {
            troubles.push(format!("aborted read: {} is in no log", copy.message.0));
            continue;
        };
        let is_in_time = match partition.ends.get(producer).copied().flatten() {
            Some((Control::Commit, offset)) => reader.marked((*id, offset)).is_some_and(|marked| marked < *at),
            _ => false,
        };
        if !is_in_time {
            troubles.push(format!("aborted read: {} of {producer:?} in partition {id}", copy.message.0));
        }
    }
}
