//! What audits, faults and screens get to see of a broker.

use super::LogBroker;
use crate::event::CopyId;
use crate::picture::{Picture, Role, Status};
use crate::protocol::Name;
use crate::protocol::log::{Batch, TopicPartition};

use crate::broker::log::partition::Replica;

impl LogBroker {
    pub(super) fn replica(&self, partition: TopicPartition) -> Option<&Replica> {
        let at = self.seats.find(&self.options, partition)?;
        Some(&self.seats.list[at].replica)
    }

    /// Whether it believes to lead a partition.
    #[must_use]
    pub fn leads(&self, partition: TopicPartition) -> bool {
        self.replica(partition).is_some_and(Replica::is_leader)
    }

    /// The epoch in which it leads a partition, or last knew of a leader.
    #[must_use]
    pub fn leader_epoch(&self, partition: TopicPartition) -> Option<u32> {
        self.replica(partition).map(Replica::leader_epoch)
    }

    /// Where groups that this broker coordinates go on reading: the next offset.
    pub fn committed_offsets(&self, visit: &mut dyn FnMut(Name, TopicPartition, u64)) {
        self.coordination.groups().for_each(|group| group.committed_offsets(visit));
    }

    /// Whether a share group is done with a record of a partition that this broker
    /// leads.
    #[must_use]
    pub fn is_done(&self, group: Name, partition: TopicPartition, offset: u64) -> bool {
        self.coordination.is_done(group, partition, offset)
    }

    /// The records of its replica from an offset on, in order.
    pub fn records(&self, partition: TopicPartition, from: u64, visit: &mut dyn FnMut(CopyId, u64)) {
        if let Some(replica) = self.replica(partition) {
            replica.records(from, visit);
        }
    }

    /// The batches of its replica, the ends of transactions among them.
    pub fn batches(&self, partition: TopicPartition, visit: &mut dyn FnMut(&Batch)) {
        if let Some(replica) = self.replica(partition) {
            replica.batches(0, visit);
        }
    }

    /// Whether its replica knows the record at an offset as part of an aborted
    /// transaction.
    #[must_use]
    pub fn is_aborted(&self, partition: TopicPartition, offset: u64) -> bool {
        self.replica(partition).is_some_and(|replica| replica.is_aborted(offset))
    }

    /// The first offset of its replica, if it has one.
    #[must_use]
    pub fn log_start(&self, partition: TopicPartition) -> Option<u64> {
        self.replica(partition).map(Replica::log_start)
    }

    /// The first offset that consumers may not read, if it has a replica.
    #[must_use]
    pub fn high_watermark(&self, partition: TopicPartition) -> Option<u64> {
        self.replica(partition).map(Replica::high_watermark)
    }

    /// The offset after the last record of its replica, if it has one.
    #[must_use]
    pub fn log_end(&self, partition: TopicPartition) -> Option<u64> {
        self.replica(partition).map(Replica::log_end)
    }

    /// Where the first open transaction begins, at most the high watermark, if it
    /// has a replica.
    #[must_use]
    pub fn last_stable_offset(&self, partition: TopicPartition) -> Option<u64> {
        self.replica(partition).map(Replica::last_stable_offset)
    }

    /// Whether the controller lets it serve.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        let me = self.image.broker(self.options.me);
        self.is_published && me.is_some_and(|me| !me.is_fenced)
    }

    pub(super) fn draw(&self, picture: &mut Picture) {
        picture.role = Role::Broker;
        if self.seats.is_recovering() {
            picture.status = Status::Recovering;
        }
        for seat in &self.seats.list {
            seat.replica.show(picture);
        }
        // What its own topics hold is not a message of anybody's.
        self.coordination.groups().for_each(|group| group.show(&mut picture.groups));
        // A share group commits nothing: how far it is, the leader of a partition knows.
        for (group, partition, start) in self.coordination.shares.starts() {
            let known = picture.groups.iter_mut().find(|known| known.group == group);
            known.into_iter().for_each(|known| known.committed.push((partition, start)));
        }
        picture.peers.extend(self.connections.iter().map(|(_, peer)| peer));
        picture.peers.sort_unstable();
        picture.peers.dedup();
    }
}
