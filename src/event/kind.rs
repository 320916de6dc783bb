//! The kinds of events. The stable number of each is in `code`.

mod code;

use super::{Answer, Closed, FaultKind, Reason, Resource, Tier};

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
    /// Kept as a half message: no consumer sees it before its transaction has ended.
    Prepared,
    /// The broker asked its producer what became of a half message's transaction.
    CheckedBack,

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

    // A cluster. For queues the detail is made by [`super::queue_detail`].
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
    /// A reconciler finds the fact recorded and its effect nowhere.
    FoundMissing,
    /// What was done along with the fact is undone: stock put back, the coupon
    /// given back. `first` is false if it had been undone before.
    Compensated {
        first: bool,
    },

    /// Something is reserved for it. Here and below the detail is the step that it is
    /// for.
    Frozen,
    /// What was reserved for it is used.
    Used,
    /// What was reserved for it is given back; `frozen` is false if there was nothing.
    Released {
        frozen: bool,
    },
    // Services that call one another. The detail is made by [`super::call_detail`], and
    // so it is where a call is sent, taken, or found done before.
    /// A coordinator tells a participant how it has decided.
    Called,
    /// No answer to its Try has come in time, or none can come any more.
    Unanswered,
    /// A participant that has a row of the order already reserves nothing.
    TryRefused,
    /// A Cancel found nothing reserved, which is as good; `marked` if it left a row for
    /// a Try that may come late.
    RolledBackEmpty {
        marked: bool,
    },

    // The brokers of a log. The detail is made by [`super::partition_detail`].
    /// Its leader took a replica out of those in sync; instead of an epoch the
    /// detail says how many are left.
    IsrShrunk,
    /// A replica is in sync again; the same.
    IsrGrew,
    /// The new leader may lack records that were acknowledged.
    UncleanLeaderElected,
    // The controller of a log's brokers. The detail is the broker's number.
    /// A broker's session ended, or its process began anew: it may lead nothing
    /// and be in sync with nothing until it is unfenced.
    BrokerFenced,
    BrokerUnfenced,
    // Coordinators of the log.
    /// A group has a new generation: its number is the detail.
    GroupRebalanced,
    /// A group's offset counts; see [`super::commit_detail`].
    OffsetCommitted,
    /// A member was put out of its group, or one that had been was refused: its
    /// node is the detail.
    MemberFenced,
    // Share groups. The detail is the member's node.
    /// A member's lock on a record ran out before it settled it.
    LockExpired,
    /// A member settled a record whose lock it does not have, or no more.
    AckRefused,
    // Clients of a log. The detail of what concerns partitions is made by
    // [`super::partition_detail`], of assignments it has a bit for each partition.
    /// A record is in a batch of the producer's buffer.
    Batched,
    /// `send()` must wait: the buffer is full, or the topic's leaders are unknown.
    BufferFull,
    /// A member of a group may now read these partitions.
    PartitionsAssigned,
    /// It may no more: given back, or lost without its knowing.
    PartitionsRevoked,
    /// It has not called `poll()` for `max.poll.interval.ms`, and leaves its group.
    PollIntervalExceeded,
    /// A consumer without a valid offset begins at this one.
    OffsetReset,
    /// The log was cut below a consumer's position: it goes back to this offset.
    TruncationDetected,
    // Transactions of a log.
    /// A coordinator has committed to how a transaction ends: it ends that way,
    /// whoever fails next. The detail is made by [`super::producer_detail`].
    TransactionDecided {
        is_commit: bool,
    },
    /// The leader of a partition has appended the end of a transaction: see
    /// [`super::offset_detail`].
    MarkerAppended {
        is_commit: bool,
    },
    /// A producer with a transactional id learns under which number and epoch it may
    /// write: see [`super::producer_detail`].
    ProducerIdentified,
    /// A producer is told that another has its transactional id: it stops for good.
    ProducerFenced,
}
