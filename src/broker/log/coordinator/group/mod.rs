//! The group coordinator. Skeleton: answers that it is loading.

use super::{Caller, Effects, Loaded};
use crate::node::ConnectionId;
use crate::picture::GroupPicture;
use crate::protocol::Name;
use crate::protocol::log::{Control, Error, Message, ProducerId, TopicPartition};
use crate::time::{Span, Time};

/// What an operator may set. The default is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupOptions {
    /// `group.initial.rebalance.delay.ms`.
    pub initial_rebalance_delay: Span,
    /// How long a share group's member may be silent (`group.share.session.timeout.ms`).
    pub share_session_timeout: Span,
}

impl Default for GroupOptions {
    fn default() -> Self {
        Self { initial_rebalance_delay: Span::from_secs(3), share_session_timeout: Span::from_secs(45) }
    }
}

/// The coordinator of the groups that one partition of the offsets topic holds.
#[derive(Clone, Debug)]
pub struct GroupCoordinator {
    options: GroupOptions,
}

impl GroupCoordinator {
    #[must_use]
    pub const fn new(options: GroupOptions) -> Self {
        Self { options }
    }

    /// Becomes active in `epoch` (the leader epoch of its partition, which makes
    /// the member ids it gives out its own) with what the partition holds.
    pub fn load(&mut self, _now: Time, _epoch: u32, _log: impl IntoIterator<Item = Loaded>, _effects: &mut Effects) {}

    /// Another broker leads now: whoever waits is told so, and all is forgotten.
    pub fn resign(&mut self, _effects: &mut Effects) {}

    #[must_use]
    pub const fn is_active(&self) -> bool {
        false
    }

    /// How many partitions a topic has, whenever the host learns it.
    pub fn topic(&mut self, _topic: Name, _partitions: u16) {}

    /// Takes a request: `Message::Group` but for `FindCoordinator`, and of
    /// `Message::Share` `Heartbeat` and `Leave`.
    pub fn handle(&mut self, _now: Time, _caller: Caller, _message: Message, _effects: &mut Effects) {}

    /// The append with this token is below the high watermark.
    pub fn committed(&mut self, _now: Time, _token: u64, _effects: &mut Effects) {}

    pub fn append_failed(&mut self, _now: Time, _token: u64, _error: Error, _effects: &mut Effects) {}

    /// A transaction's marker in the coordinator's partition is below the high
    /// watermark: the offsets that were part of it count now, or never.
    pub fn marker(&mut self, _now: Time, _producer: ProducerId, _control: Control, _effects: &mut Effects) {}

    /// Answers to this connection are of no use any more. It fences nobody.
    pub fn disconnected(&mut self, _connection: ConnectionId) {}

    /// When `time_passed` must be called, and whether that is housekeeping only.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        None
    }

    pub fn time_passed(&mut self, _now: Time, _effects: &mut Effects) {}

    /// Every committed offset.
    pub fn committed_offsets(&self, _visit: &mut dyn FnMut(Name, TopicPartition, u64)) {}

    /// Draws the groups.
    pub fn show(&self, _groups: &mut Vec<GroupPicture>) {}
}
