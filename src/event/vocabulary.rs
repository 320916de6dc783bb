//! What an event may speak of besides nodes and messages: tiers of storage,
//! answers, reasons, shortages, the ends of connections, faults.

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
    /// A consumer's position moved past it, and nobody had worked on it.
    OffsetSkipped,
    /// `delivery.timeout.ms` passed without an acknowledgement.
    DeliveryTimeout,
    /// `max.block.ms` passed, and there was no room in the producer's buffer.
    BufferFull,
    /// It grew older, or the log longer, than the log is kept.
    Retained,
    /// It was part of a transaction that was aborted.
    Aborted,
    /// The transaction that it was the half of did not happen.
    RolledBack,
    /// A half message that its producer was asked about as often as may be; it is
    /// put aside for people.
    CheckedTooOften,
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
    /// This side waited long enough for an answer to what opens a conversation.
    Unanswered,
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
    /// No fault, but as harmful: an operator gave a topic more partitions.
    TopicGrown,
}

impl FaultKind {
    /// Whether the process dies of it, and so comes back by a restart.
    #[must_use]
    pub const fn kills(self) -> bool {
        matches!(self, Self::ProcessCrash | Self::PowerCut | Self::TornWrite | Self::DiskLoss)
    }

    /// Whether it goes on until it ends or is healed. What happens once and is over
    /// does not, even if it waits for its chance, as a sync that is going to fail.
    #[must_use]
    pub const fn lasts(self) -> bool {
        let goes_on = matches!(
            self,
            Self::Pause | Self::DiskFull | Self::DiskSlow | Self::Partition | Self::LinkSlow | Self::Shortage
        );
        self.kills() || goes_on
    }

    /// Whether it may be given a length: it lasts, or it waits for a sync to fail and
    /// gives up after that.
    #[must_use]
    pub const fn may_end(self) -> bool {
        self.lasts() || matches!(self, Self::SyncError)
    }

    /// Whether it is the end of another fault.
    #[must_use]
    pub const fn mends(self) -> bool {
        matches!(self, Self::Restart | Self::Resume | Self::DiskHeals | Self::LinkHeals)
    }
}
