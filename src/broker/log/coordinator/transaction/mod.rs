//! The transaction coordinator. Skeleton.

use super::{Caller, Effects, Loaded};
use crate::protocol::Name;
use crate::protocol::log::{Control, Error, Message, ProducerId, TopicPartition};
use crate::time::{Span, Time};

/// What an operator or a producer may set. The default is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionOptions {
    /// `transaction.timeout.ms` of the producers.
    pub timeout: Span,
    /// How often transactions are looked at for that
    /// (`transaction.abort.timed.out.transaction.cleanup.interval.ms`).
    pub scan_interval: Span,
    /// The internal topic of group offsets, and how many partitions it has: where
    /// the offsets of a group in a transaction are.
    pub offsets_topic: Name,
    pub offsets_partitions: u16,
}

/// The producer ids a broker may give out: a block it got from the controller.
/// The host refills it when it is low; it belongs to the broker, not to one
/// coordinator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducerIds {
    next: u64,
    end: u64,
}

impl ProducerIds {
    /// Kafka asks for the next block when nine tenths of one are used.
    #[must_use]
    pub const fn is_low(&self) -> bool {
        self.next >= self.end
    }

    /// A new block, which starts when the present one is used up (it is dropped).
    pub const fn refill(&mut self, first: u64, count: u32) {
        self.next = first;
        self.end = first + count as u64;
    }

    pub fn take(&mut self) -> Option<u64> {
        (self.next < self.end).then(|| {
            self.next += 1;
            self.next - 1
        })
    }
}

/// The coordinator of the transactional ids that one partition of the
/// transaction topic holds.
#[derive(Clone, Debug)]
pub struct TransactionCoordinator {
    options: TransactionOptions,
}

impl TransactionCoordinator {
    #[must_use]
    pub const fn new(options: TransactionOptions) -> Self {
        Self { options }
    }

    /// `InitProducerId` without a transactional id: any broker answers, also one
    /// that hosts no coordinator.
    pub fn identify(_caller: Caller, _ids: &mut ProducerIds, _effects: &mut Effects) {}

    /// Becomes active with what its partition holds, and goes on with what was
    /// prepared.
    pub fn load(&mut self, _now: Time, _log: impl IntoIterator<Item = Loaded>, _effects: &mut Effects) {}

    pub fn resign(&mut self, _effects: &mut Effects) {}

    #[must_use]
    pub const fn is_active(&self) -> bool {
        false
    }

    /// Takes `InitProducerId` with a transactional id, `AddPartitions`,
    /// `AddOffsets`, `End`.
    pub fn handle(
        &mut self,
        _now: Time,
        _caller: Caller,
        _message: Message,
        _ids: &mut ProducerIds,
        _effects: &mut Effects,
    ) {
    }

    pub fn committed(&mut self, _now: Time, _token: u64, _effects: &mut Effects) {}

    pub fn append_failed(&mut self, _now: Time, _token: u64, _error: Error, _effects: &mut Effects) {}

    /// What a leader answered to markers.
    pub fn markers_written(
        &mut self,
        _now: Time,
        _producer: ProducerId,
        _control: Control,
        _answers: &[(TopicPartition, Option<Error>)],
        _effects: &mut Effects,
    ) {
    }

    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        None
    }

    pub fn time_passed(&mut self, _now: Time, _effects: &mut Effects) {}
}
