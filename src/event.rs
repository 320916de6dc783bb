//! The shared vocabulary of a history: who did what to which copy of which
//! message, and when. Every layer speaks it (nodes note events, faults are
//! anchored to them, the ledger folds them, screens narrate them), so it names
//! what can be observed and no broker's internals.

mod detail;
mod id;

pub use detail::{
    detail_queue, detail_term, effect_detail, effect_version, fault_detail, fault_index, fault_peer, queue_detail,
};
pub use id::{CopyId, EventId, MessageId, NodeId};

use crate::random::Digest;
use crate::time::Time;

/// Where a copy of a message can be, from the most to the least fragile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// In a frame between two nodes.
    Network,
    /// In a process: it dies with the process.
    Memory,
    /// Written, not synced: it outlives the process, not the power.
    PageCache,
    /// Synced: it dies with the device.
    Disk,
}

/// What the producer's program knows of a message after one send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// The broker acknowledged it; or its own database did, and an outbox keeps it
    /// until the broker does.
    Ok,
    /// The broker refused it, or returned it as unroutable.
    Refused,
    /// No answer was asked for, or none came.
    Unknown,
}

/// Why a node gave up a copy of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No binding matched, and nobody asked for it back.
    Unroutable,
    /// The producer had no connection and does not keep what it could not send.
    NotConnected,
    /// The producer's bounded resends were used up.
    GaveUp,
    /// A consumer rejected it without requeue, and no dead-letter exchange is set.
    Rejected,
    /// Time to live passed at the head of the queue.
    Expired,
    /// The length limit pushed it out.
    Overflowed,
    /// A transient message found on disk at recovery, or a queue that is not durable.
    Transient,
    /// Recovery cut the log at the first record that failed its check.
    TornLog,
    /// The broker's disk refused the write.
    DiskError,
    /// It came back too often, and no dead-letter exchange is set.
    DeliveryLimit,
    /// It was to be dead-lettered, and no queue took it.
    DeadLetterUnroutable,
    /// A new leader's log went another way: an entry that no majority had was cut.
    Overwritten,
    /// The partition healed, and the contents of this side were thrown away.
    SideDiscarded,
    /// Its queue was deleted.
    QueueDeleted,
    /// The node that has its queue was down.
    HomeDown,
}

/// What a broker can run short of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    Memory,
    Disk,
}

/// Why a connection ended, as the side that notes it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Closed {
    /// The peer, or this side, closed it in good order.
    Orderly,
    /// A reset: the peer's process died, or it no longer knows the connection.
    Reset,
    /// Nobody listens there.
    Refused,
    /// Heartbeats stayed away.
    HeartbeatMissed,
    /// A protocol error (AMQP reply code).
    Protocol(u16),
}

/// A fault as it fires. The schedule that lays faults out is `sim`'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// The process dies; the operating system and its page cache live on.
    ProcessCrash,
    /// The machine loses power: unsynced writes survive, vanish or tear.
    PowerCut,
    /// The process starts again (after either of the two above).
    Restart,
    /// The process stops running for a while (long garbage collection, SIGSTOP).
    Pause,
    Resume,
    /// The device is gone, with everything on it.
    DiskLoss,
    /// Appends fail until [`FaultKind::DiskHeals`].
    DiskFull,
    DiskSlow,
    /// The next sync fails, and the kernel forgets the dirty pages.
    SyncError,
    DiskHeals,
    /// The last unsynced write tears at the next power cut, whatever the draw.
    TornWrite,
    /// Synced bytes change by themselves.
    BitRot,
    /// Connections between two nodes reset; what is in flight is lost, both ways.
    ConnectionCut,
    /// Nothing passes, silently, in one or both directions.
    Partition,
    LinkSlow,
    LinkHeals,
    /// The connection resets just as one named frame would have arrived.
    FrameLost,
    /// The consumer's handler throws on a message.
    Exception,
    /// The machine runs short of memory or disk space, as far as its broker can see.
    Shortage,
}

/// One kind of event. Small and `Copy`, so a history is a flat array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    // The world.
    /// A process began; `recovered` copies were found in its files.
    Started,
    Fault(FaultKind),
    /// The run ended and this scheduled fault never fired.
    FaultMissed(FaultKind),
    /// A fault destroyed this copy in this tier. Other copies may live elsewhere.
    Destroyed(Tier),
    /// The system wrote a copy back: it moved from the page cache to the disk.
    WrittenBack,

    // Connections.
    Connected,
    Disconnected(Closed),

    // Producer.
    /// The business fact occurred.
    Attempted,
    /// A publish left the producer's process.
    Sent,
    /// What the producer's program now knows of this send.
    Told(Answer),
    /// The broker asked publishers to wait (resource alarm), or let them go on.
    Blocked,
    Unblocked,

    // Broker.
    /// A publish reached the broker.
    Received,
    /// The exchange routed it to a queue.
    Enqueued,
    /// Written to the operating system: safe from a process crash.
    Written,
    /// Synced: safe from a power cut.
    Synced,
    /// The broker sent the publisher an acknowledgement.
    Confirmed,
    /// The broker sent the publisher a negative acknowledgement.
    Nacked,
    /// The broker sent an unroutable mandatory message back.
    Returned,
    /// Handed to a consumer; `redelivered` is the flag on the frame.
    Delivered {
        redelivered: bool,
    },
    /// A consumer's acknowledgement reached the broker: the copy is done with.
    Acked,
    /// Put back in the queue.
    Requeued,
    /// A consumer refused it for good.
    Rejected,
    /// Moved to a dead-letter queue.
    DeadLettered,
    /// Given up by a node of its own accord.
    Dropped(Reason),
    /// Read back from the log after a restart.
    Recovered,

    // Consumer and what it writes to.
    /// A delivery reached the consumer's process.
    Taken,
    /// Work on it began.
    WorkBegan,
    /// The handler threw.
    Threw,
    /// The consumer sent its acknowledgement.
    AckSent,
    /// The effect is in the database; `first` is false for a repeat.
    Applied {
        first: bool,
    },

    // A cluster. For queues the detail is made by [`queue_detail`].
    /// This node now leads a replicated queue, or the cluster's metadata.
    LeaderElected,
    /// It leads it no more.
    SteppedDown,
    /// This node takes a peer for dead.
    PeerDown,
    /// It hears the peer again.
    PeerUp,
    /// A majority has the copy on disk.
    Committed,
    /// A mirror became the master of its queue.
    MirrorPromoted {
        synchronised: bool,
    },
    /// A mirror now has all that its master has.
    MirrorSynchronised,
    /// This node stops serving, as it sees only a minority (or serves again).
    MinorityPaused,
    MinorityResumed,
    /// The broker runs short and blocks publishers (or does so no more).
    AlarmRaised(Resource),
    AlarmCleared(Resource),
    /// The broker ended a subscription: its queue is gone, or its leader moved.
    ConsumerCancelled,
    /// A consumer held a delivery for too long.
    ConsumerTimedOut,

    // Services. The subscription of an effect and the version that its key then
    // stands at make the detail of `EffectLost`: see [`effect_detail`].
    /// A consumer's mark for the message is set in a key-value store.
    Marked,
    /// A consumer's claim to the message, good for a while, is set there.
    Leased,
    /// A consumer found the message done, and let it have no effect.
    Skipped,
    /// An effect that was told as applied is gone from the database.
    EffectLost,
    /// The effect came too late to matter: its key stands at a newer version.
    Superseded,
    /// The producer's own row about the fact is committed.
    Recorded,
    /// A replica of a key-value store became its primary.
    ReplicaPromoted,
}

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

impl Kind {
    /// A number that is stable across builds, for digests.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            Self::Started => 1,
            Self::Fault(fault) => 0x100 + fault as u64,
            Self::FaultMissed(fault) => 0x200 + fault as u64,
            Self::Destroyed(tier) => 0x300 + tier as u64,
            Self::WrittenBack => 2,
            Self::Connected => 3,
            Self::Disconnected(closed) => match closed {
                Closed::Orderly => 0x400,
                Closed::Reset => 0x401,
                Closed::Refused => 0x402,
                Closed::HeartbeatMissed => 0x403,
                Closed::Protocol(code) => 0x1_0000 + code as u64,
            },
            Self::Attempted => 4,
            Self::Sent => 5,
            Self::Told(answer) => 0x500 + answer as u64,
            Self::Blocked => 6,
            Self::Unblocked => 7,
            Self::Received => 8,
            Self::Enqueued => 9,
            Self::Written => 10,
            Self::Synced => 11,
            Self::Confirmed => 12,
            Self::Nacked => 13,
            Self::Returned => 14,
            Self::Delivered { redelivered } => 0x600 + redelivered as u64,
            Self::Acked => 15,
            Self::Requeued => 16,
            Self::Rejected => 17,
            Self::DeadLettered => 18,
            Self::Dropped(reason) => 0x700 + reason as u64,
            Self::Recovered => 19,
            Self::Taken => 20,
            Self::WorkBegan => 21,
            Self::Threw => 22,
            Self::AckSent => 23,
            Self::Applied { first } => 0x800 + first as u64,
            Self::LeaderElected => 24,
            Self::SteppedDown => 25,
            Self::PeerDown => 26,
            Self::PeerUp => 27,
            Self::Committed => 28,
            Self::MirrorPromoted { synchronised } => 0x900 + synchronised as u64,
            Self::MirrorSynchronised => 29,
            Self::MinorityPaused => 30,
            Self::MinorityResumed => 31,
            Self::AlarmRaised(resource) => 0xa00 + resource as u64,
            Self::AlarmCleared(resource) => 0xb00 + resource as u64,
            Self::ConsumerCancelled => 32,
            Self::ConsumerTimedOut => 33,
            Self::Marked => 60,
            Self::Leased => 61,
            Self::Skipped => 62,
            Self::EffectLost => 63,
            Self::Superseded => 64,
            Self::Recorded => 65,
            Self::ReplicaPromoted => 66,
        }
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
