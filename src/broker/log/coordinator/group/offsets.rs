//! The offsets that count, and those that wait for the end of a transaction.

use std::collections::BTreeMap;

use crate::protocol::Name;
use crate::protocol::log::{Assignment, Control, Error, OffsetAt, ProducerId, TopicPartition};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kept {
    offset: u64,
    leader_epoch: Option<u32>,
    /// The place of its record among the others. The later record wins, whenever the
    /// transaction of the earlier ends.
    order: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Offsets {
    committed: BTreeMap<(Name, TopicPartition), Kept>,
    /// By producer.
    open: BTreeMap<u64, BTreeMap<(Name, TopicPartition), Kept>>,
}

impl Offsets {
    /// A record of an offset is committed; with a producer, only the record is.
    pub fn put(&mut self, group: Name, at: OffsetAt, producer: Option<ProducerId>, order: u64) {
        let kept = Kept { offset: at.offset, leader_epoch: at.leader_epoch, order };
        match producer {
            None => self.committed.insert((group, at.partition), kept),
            Some(producer) => self.open.entry(producer.number).or_default().insert((group, at.partition), kept),
        };
    }

    /// A transaction ended. Visits what counts from now on.
    pub fn end(&mut self, producer: ProducerId, control: Control, visit: &mut dyn FnMut(Name, TopicPartition, u64)) {
        let open = self.open.remove(&producer.number).unwrap_or_default();
        for (key, kept) in open.into_iter().filter(|_| control == Control::Commit) {
            if self.committed.get(&key).is_none_or(|other| other.order < kept.order) {
                self.committed.insert(key, kept);
                visit(key.0, key.1, kept.offset);
            }
        }
    }

    /// What a consumer asks before it reads on. Where a transaction is open it must
    /// wait (`isolation` does not matter, KIP-447): the former owner may be in the
    /// middle of a commit.
    pub fn fetch(&self, group: Name, partitions: &Assignment) -> Result<Box<[OffsetAt]>, Error> {
        let is_open = |partition| self.open.values().any(|open| open.contains_key(&(group, partition)));
        if partitions.iter().any(|partition| is_open(*partition)) {
            return Err(Error::UnstableOffsetCommit);
        }
        let at = |partition: &TopicPartition| {
            let kept = self.committed.get(&(group, *partition))?;
            Some(OffsetAt { partition: *partition, offset: kept.offset, leader_epoch: kept.leader_epoch })
        };
        Ok(partitions.iter().filter_map(at).collect())
    }

    pub fn visit(&self, visit: &mut dyn FnMut(Name, TopicPartition, u64)) {
        self.committed.iter().for_each(|((group, partition), kept)| visit(*group, *partition, kept.offset));
    }
}
