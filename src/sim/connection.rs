//! A connection: an ordered stream each way, as TCP gives it. No frame is lost,
//! doubled or overtaken while the connection lives; what can happen is that it
//! ends, and then everything still under way on it is gone. Left out: windows
//! and bandwidth, so a fast sender is never held back here (the brokers' own
//! flow control is theirs), and a node connecting to itself.

use crate::event::NodeId;
use crate::time::Time;

/// One of the two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Opener,
    Acceptor,
}

impl Side {
    pub const fn other(self) -> Self {
        match self {
            Self::Opener => Self::Acceptor,
            Self::Acceptor => Self::Opener,
        }
    }
}

/// What one side's operating system knows of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Not heard of yet (the acceptor), or asked for (the opener).
    Opening,
    Open,
    /// Over, by the other side or by a fault.
    Closed,
    /// Over, by the process at this side; the other side is being told.
    Left,
    /// Forgotten: the machine lost its power and told nobody. A frame that comes
    /// for it once the machine is back is answered with a reset.
    Forgotten,
}

#[derive(Clone, Debug)]
pub(super) struct Connection {
    /// The nodes at its two ends, by [`Side`].
    nodes: [NodeId; 2],
    ends: [End; 2],
    /// When the last frame to each side arrives: no later one may arrive before.
    last_arrival: [Time; 2],
}

impl Connection {
    pub fn new(opener: NodeId, acceptor: NodeId) -> Self {
        Self { nodes: [opener, acceptor], ends: [End::Opening; 2], last_arrival: [Time::ZERO; 2] }
    }

    pub fn node(&self, side: Side) -> NodeId {
        self.nodes[side as usize]
    }

    pub fn side_of(&self, node: NodeId) -> Side {
        if self.nodes[0] == node { Side::Opener } else { Side::Acceptor }
    }

    pub fn end(&self, side: Side) -> End {
        self.ends[side as usize]
    }

    pub fn set_end(&mut self, side: Side, end: End) {
        self.ends[side as usize] = end;
    }

    /// Whether a process at this side has it open, or is opening it.
    pub fn is_live(&self, side: Side) -> bool {
        match (self.ends[side as usize], side) {
            (End::Open, _) | (End::Opening, Side::Opener) => true,
            (End::Opening, Side::Acceptor) | (End::Closed | End::Left | End::Forgotten, _) => false,
        }
    }

    pub fn joins(&self, one: NodeId, other: NodeId) -> bool {
        self.nodes == [one, other] || self.nodes == [other, one]
    }

    /// Puts an arrival at `side` in line behind those before it.
    pub fn queue_arrival(&mut self, side: Side, time: Time) -> Time {
        let last = &mut self.last_arrival[side as usize];
        *last = time.max(*last);
        *last
    }
}
