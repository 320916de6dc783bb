//! The shared vocabulary of a history: who did what to which copy of which
//! message, and when. Every layer speaks it (nodes note events, faults are
//! anchored to them, the ledger folds them, screens narrate them), so it names
//! what can be observed and no broker's internals.

mod detail;
mod id;
mod kind;
mod vocabulary;

pub use detail::{
    ABORTED, DECIDED, NOT_FOUND, SETTLED, UNSTABLE, call_detail, commit_detail, detail_call, detail_commit,
    detail_offset, detail_partition, detail_producer, detail_queue, detail_term, effect_detail, effect_version,
    fault_detail, fault_index, fault_peer, name_partition, offset_detail, partition_detail, partition_name,
    producer_detail, queue_detail,
};
pub use id::{CopyId, EventId, MessageId, NodeId};
pub use kind::Kind;
pub use vocabulary::{Answer, Closed, FaultKind, Reason, Resource, Tier};

use crate::random::Digest;
use crate::time::Time;

/// What a node notes. `sim` adds the time, the node and the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    pub kind: Kind,
    /// The copy concerned, if any.
    pub copy: Option<CopyId>,
    /// A count whose meaning depends on the kind: copies recovered (`Started`),
    /// the peer (`Connected`, `Disconnected`, `PeerDown`, `PeerUp`), the
    /// subscription (`Applied`), a queue and its term ([`queue_detail`]), a lost
    /// effect ([`effect_detail`]), and for faults see [`fault_detail`].
    pub detail: u64,
}

/// One line of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub time: Time,
    pub node: NodeId,
    pub kind: Kind,
    pub copy: Option<CopyId>,
    pub detail: u64,
    /// The event that triggered this one: across a frame, a timer or a disk.
    pub cause: Option<EventId>,
    /// The last event of this same copy of the message. Filled by the history.
    pub prior: Option<EventId>,
}

impl Event {
    /// Folds what happened into a digest. `cause` and `prior` are left out, so
    /// that a run graded without a history has the same digest as one with it.
    #[inline(always)]
    pub fn digest(&self, digest: &mut Digest) {
        digest.add(self.time.as_nanos() ^ self.detail.rotate_left(44));
        digest.add(self.kind.code() | u64::from(self.node.0) << 32);
        digest.add(self.copy.map_or(u64::MAX, CopyId::tag));
    }

    #[must_use]
    pub fn message(&self) -> Option<MessageId> {
        self.copy.map(|copy| copy.message)
    }
}

/// Keeps or folds the events of a run as they happen.
pub trait Recorder {
    /// Takes one event and returns its place, which later events may name as
    /// their cause. A recorder that keeps no history returns `None`.
    fn record(&mut self, event: Event) -> Option<EventId>;
}

/// Records nothing: for measuring the world alone.
impl Recorder for () {
    fn record(&mut self, _: Event) -> Option<EventId> {
        None
    }
}
