//! A picture is what a node shows of itself. Screens draw pictures and nothing
//! else, so a new kind of broker costs no line of screen code.

use crate::event::{CopyId, NodeId, Tier};
use crate::node::FileId;
use crate::protocol::Name;

/// What a node is in the topology.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Producer,
    Broker,
    Consumer,
    Store,
}

/// Whether a node runs. The world knows this; the node does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    #[default]
    Up,
    /// The process is dead, the machine runs.
    Crashed,
    /// The machine has no power.
    Off,
    /// The process does not run, but nobody else can tell.
    Paused,
    /// Up, and still reading its files back.
    Recovering,
}

/// Where a node keeps a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Memory,
    /// The world resolves this to page cache or disk: only the disk knows what
    /// the system has written back.
    File {
        file: FileId,
        offset: u64,
    },
    Tier(Tier),
}

/// A queue, a partition, a window of unanswered sends: copies in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    pub label: LaneLabel,
    /// Waiting.
    pub ready: u64,
    /// Handed out, not yet settled.
    pub unacked: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneLabel {
    /// A queue by name.
    Queue(Name),
    /// Sent, not yet answered.
    Unconfirmed,
    /// Taken, not yet settled.
    Unsettled,
    /// Effects committed.
    Applied,
}

/// A count worth showing beside a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Sent(u64),
    ToldOk(u64),
    ToldRefused(u64),
    ToldUnknown(u64),
    Applied(u64),
    Duplicates(u64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    pub role: Role,
    pub status: Status,
    pub lanes: Vec<Lane>,
    pub figures: Vec<Figure>,
    /// The copies this node holds and where, oldest first, up to `limit`.
    pub copies: Vec<(CopyId, Place)>,
    /// How many copies did not fit.
    pub more: u64,
    /// The nodes it believes it is connected to.
    pub peers: Vec<NodeId>,
}

impl Picture {
    /// As many copies as any screen can draw.
    pub const LIMIT: usize = 256;

    /// Empties the picture, keeping its buffers.
    pub fn clear(&mut self) {
        self.role = Role::default();
        self.status = Status::default();
        self.lanes.clear();
        self.figures.clear();
        self.copies.clear();
        self.more = 0;
        self.peers.clear();
    }

    /// Adds a copy, or counts it if the picture is full.
    pub fn hold(&mut self, copy: CopyId, place: Place) {
        if self.copies.len() < Self::LIMIT {
            self.copies.push((copy, place));
        } else {
            self.more += 1;
        }
    }
}
