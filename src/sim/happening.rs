//! What the event queue holds: everything that is still to happen by itself.
//! Scheduled faults are kept apart, in the schedule.

use bytes::Bytes;

use super::connection::Side;
use crate::event::{Closed, CopyId, EventId, NodeId, Resource};
use crate::node::{ConnectionId, DiskError, DiskOperation, FileId, Input, TimerId};
use crate::protocol::{Frame, FrameKind};
use crate::time::Time;

/// A happening, with the event that led to it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub cause: Option<EventId>,
    pub what: Happening,
}

impl Entry {
    pub const fn cancelled() -> Self {
        Self { cause: None, what: Happening::Cancelled }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Happening {
    /// A frame arrives at one side of a connection.
    Frame {
        connection: ConnectionId,
        to: Side,
        sent: Time,
        about: Option<CopyId>,
        /// Under which number it is remembered what it carries; zero: it is not.
        bait: u32,
        frame: Frame,
    },
    /// The wish to connect reaches the accepting machine.
    Opening(ConnectionId),
    /// Its consent reaches the opener.
    Accepted(ConnectionId),
    /// The end of a connection reaches one side: over the link, or (`local`)
    /// from that side's own operating system.
    Closed {
        connection: ConnectionId,
        to: Side,
        why: Closed,
        local: bool,
    },
    Timer {
        node: NodeId,
        timer: TimerId,
    },
    Start(NodeId),
    Written {
        node: NodeId,
        file: FileId,
        end: u64,
    },
    Synced {
        node: NodeId,
        file: FileId,
        end: u64,
    },
    ReadDone {
        node: NodeId,
        file: FileId,
        offset: u64,
        bytes: Bytes,
    },
    DiskError {
        node: NodeId,
        file: FileId,
        operation: DiskOperation,
        error: DiskError,
    },
    /// An input that waited for a paused process to resume.
    Held {
        node: NodeId,
        input: Box<Input>,
    },
    /// A fault ends by itself.
    Ending(Ending),
    /// Taken back. The key is still in the heap; the entry does nothing.
    Cancelled,
}

impl Happening {
    /// Whether a run goes on for its sake. Timers are counted where they are set;
    /// a poll of a log that brings nothing is always under way somewhere.
    #[inline]
    pub fn keeps_alive(&self) -> bool {
        match self {
            Self::Timer { .. } => false,
            Self::Frame { frame: Frame::Log { message, .. }, .. } => message.kind() != FrameKind::Poll,
            _ => true,
        }
    }
}

/// How a fault ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Restart(NodeId),
    Resume(NodeId),
    /// Silence ends from the first to the second, and back unless `one_way`.
    PartitionHeals {
        from: NodeId,
        to: NodeId,
        one_way: bool,
    },
    DelayEnds {
        from: NodeId,
        to: NodeId,
    },
    DiskHeals(NodeId, DiskTrouble),
    AlarmEnds(NodeId, Resource),
}

/// What can be wrong with a device that is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DiskTrouble {
    Full,
    Slow,
    Sync,
}
