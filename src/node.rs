//! The sans-IO interface. A node (broker, client, service) is a state machine
//! that is told what happened and answers with what it wants done. It owns no
//! clock, no randomness, no thread, no file and no socket, so the same code runs
//! in a simulated world today and behind real sockets and real files later.
//!
//! Models: quinn-proto and str0m, which drive QUIC and WebRTC the same way.

mod outputs;

pub use outputs::Outputs;

use std::ops::Range;

use bytes::Bytes;

use crate::event::{Closed, CopyId, MessageId, NodeId, Note, Resource};
use crate::picture::Picture;
use crate::protocol::Frame;
use crate::time::{Span, Time};

/// A connection, unique within a run. Both ends know it by the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// A file of one node. The node chooses the number and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A timer of one node. Numbers are small and dense (0, 1, 2 ...); setting a
/// timer that is already set moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub u16);

/// A file as it is on disk when a process starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileInfo {
    pub file: FileId,
    /// In bytes.
    pub length: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskOperation {
    Append,
    Sync,
    Read,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskError {
    /// No space left on the device. Nothing was written.
    Full,
    /// The sync failed. What was unsynced may be gone, and a second sync that
    /// succeeds proves nothing (the lesson of PostgreSQL's fsync trouble, 2018).
    SyncFailed,
    /// The file or the range is not there.
    Missing,
}

/// A fault that happens inside a program rather than around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// The handler throws the next time it works on this message.
    Throw(MessageId),
    /// A resource counts as short, or no more, whatever the gauges say.
    Alarm { resource: Resource, on: bool },
    /// An operator wants the first topic to have so many partitions.
    GrowTopic { partitions: u16 },
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The process began. Its memory is as [`Node::reset`] leaves it; its files
    /// are as listed, in ascending order, to be read piece by piece.
    Start(Box<[FileInfo]>),
    /// A connection is ready: one this node asked for, or (`inbound`) a peer's.
    Opened {
        connection: ConnectionId,
        peer: NodeId,
        inbound: bool,
    },
    /// A connection ended, or could not be opened. Nothing more arrives on it.
    Closed {
        connection: ConnectionId,
        why: Closed,
    },
    Frame {
        connection: ConnectionId,
        frame: Frame,
        about: Option<CopyId>,
    },
    Timer(TimerId),
    ReadDone {
        file: FileId,
        offset: u64,
        bytes: Bytes,
    },
    /// Everything before `end` is with the operating system.
    Written {
        file: FileId,
        end: u64,
    },
    /// Everything before `end` is on the device.
    Synced {
        file: FileId,
        end: u64,
    },
    DiskError {
        file: FileId,
        operation: DiskOperation,
        error: DiskError,
    },
    Disturbed(Disturbance),
}

/// What a node wants done. Carried out in order.
#[derive(Clone, Debug)]
pub enum Output {
    Open {
        connection: ConnectionId,
        peer: NodeId,
    },
    /// `about` names the copy a frame concerns, for the history and so that the
    /// draw of its latency does not depend on protocol counters.
    Send {
        connection: ConnectionId,
        frame: Frame,
        about: Option<CopyId>,
    },
    /// Ends the connection in order: what was sent before still arrives, and
    /// the peer is told. This node gets no `Closed` for it.
    Close {
        connection: ConnectionId,
        why: Closed,
    },
    SetTimer {
        timer: TimerId,
        at: Time,
        periodic: bool,
    },
    CancelTimer {
        timer: TimerId,
    },
    Append {
        file: FileId,
        bytes: Range<u32>,
        tags: Range<u32>,
    },
    Sync {
        file: FileId,
    },
    Read {
        file: FileId,
        offset: u64,
        length: u32,
    },
    /// Cuts the file to `length` bytes, and syncs that.
    Truncate {
        file: FileId,
        length: u64,
    },
    Remove {
        file: FileId,
    },
    Note(Note),
    /// The process ends by its own decision, as after an error it cannot live with,
    /// and whoever looks after it starts it again after [`RESTART_DELAY`].
    Exit,
}

/// A copy that a live node still holds for a subscription, as the audit at the
/// end of a run finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    pub copy: CopyId,
    /// Which subscription would still be handed it.
    pub subscription: u16,
    /// It is in a declared dead-letter queue rather than waiting for delivery.
    pub dead_lettered: bool,
}

/// A state machine of the topology.
pub trait Node: Clone {
    /// Takes one input and answers. Must be a function of the node's state, the
    /// time and the input alone.
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs);

    /// Forgets what a process forgets when it dies. Configuration stays.
    fn reset(&mut self);

    /// Names the copies that exist only in this process's memory, which a crash
    /// of it would destroy.
    fn in_memory(&self, visit: &mut dyn FnMut(CopyId));

    /// Names what this node still holds for subscriptions. Reads only: an audit
    /// must not change what it audits.
    fn holdings(&self, visit: &mut dyn FnMut(Holding));

    /// Draws itself. The picture comes in cleared.
    fn picture(&self, picture: &mut Picture);
}

/// How long a process takes to come back when a lab does not say.
pub const RESTART_DELAY: Span = Span::from_secs(2);
