//! Share groups. Skeleton.

use std::sync::Arc;

use super::{Caller, Effects, Loaded};
use crate::node::ConnectionId;
use crate::protocol::log::{Batch, Error, Message, TopicPartition};
use crate::time::{Span, Time};

/// What an operator may set. The default is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareOptions {
    /// `group.share.record.lock.duration.ms`.
    pub lock_duration: Span,
    /// `group.share.delivery.count.limit`.
    pub delivery_limit: u16,
    /// `group.share.partition.max.record.locks`.
    pub max_record_locks: u32,
    /// `share.auto.offset.reset`; Kafka's default is latest.
    pub begins_at_start: bool,
}

impl Default for ShareOptions {
    fn default() -> Self {
        Self { lock_duration: Span::from_secs(30), delivery_limit: 5, max_record_locks: 2000, begins_at_start: false }
    }
}

/// The logs of the partitions this broker leads, as share partitions read them.
pub trait ShareLog {
    /// Where what may be read begins and ends (the high watermark, or the last
    /// stable offset). `None`: this broker does not lead the partition.
    fn bounds(&self, partition: TopicPartition) -> Option<(u64, u64)>;

    /// Batches from the one that holds `from` on, as many as are at hand. Those
    /// that hold nothing to deliver (markers) are to be left in.
    fn read(&self, partition: TopicPartition, from: u64, max_records: u32) -> Vec<Arc<Batch>>;
}

/// All share partitions of one broker: each belongs to a group and a partition
/// that this broker leads. There is one of these a broker.
#[derive(Clone, Debug)]
pub struct SharePartitions {
    options: ShareOptions,
}

impl SharePartitions {
    #[must_use]
    pub const fn new(options: ShareOptions) -> Self {
        Self { options }
    }

    /// Takes `Share::Fetch` and `Share::Acknowledge`. A fetch that finds nothing
    /// waits in here.
    pub fn handle(
        &mut self,
        _now: Time,
        _caller: Caller,
        _message: Message,
        _log: &impl ShareLog,
        _effects: &mut Effects,
    ) {
    }

    /// The high watermark of a partition moved.
    pub fn progress(&mut self, _now: Time, _partition: TopicPartition, _log: &impl ShareLog, _effects: &mut Effects) {}

    /// This broker leads the partition no more, or in another epoch.
    pub fn resign(&mut self, _partition: TopicPartition, _effects: &mut Effects) {}

    /// The share coordinator's answer; `None` when it could not be reached.
    pub fn answered(
        &mut self,
        _now: Time,
        _group: crate::protocol::Name,
        _answer: Option<Message>,
        _log: &impl ShareLog,
        _effects: &mut Effects,
    ) {
    }

    /// A connection ended: what its member holds is released.
    pub fn disconnected(
        &mut self,
        _now: Time,
        _connection: ConnectionId,
        _log: &impl ShareLog,
        _effects: &mut Effects,
    ) {
    }

    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        None
    }

    pub fn time_passed(&mut self, _now: Time, _log: &impl ShareLog, _effects: &mut Effects) {}
}

/// Keeps the state of share partitions in one partition of the share state topic.
#[derive(Clone, Debug, Default)]
pub struct ShareCoordinator {}

impl ShareCoordinator {
    pub fn load(&mut self, _log: impl IntoIterator<Item = Loaded>) {}

    pub fn resign(&mut self, _effects: &mut Effects) {}

    #[must_use]
    pub const fn is_active(&self) -> bool {
        false
    }

    /// Takes `Share::ReadState` and `Share::WriteState`, from brokers.
    pub fn handle(&mut self, _now: Time, _caller: Caller, _message: Message, _effects: &mut Effects) {}

    pub fn committed(&mut self, _now: Time, _token: u64, _effects: &mut Effects) {}

    pub fn append_failed(&mut self, _now: Time, _token: u64, _error: Error, _effects: &mut Effects) {}
}
