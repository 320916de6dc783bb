//! Another node of the cluster, as one node knows it.

use crate::event::NodeId;
use crate::node::ConnectionId;
use crate::time::Time;

/// The connection to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Down { retry_at: Time },
    Opening { connection: ConnectionId, give_up_at: Time },
    Up { connection: ConnectionId },
}

#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub node: NodeId,
    pub link: Link,
    /// When its last word came.
    pub heard: Time,
    /// It said hello on this connection.
    pub is_greeted: bool,
    /// It has its queues back.
    pub is_serving: bool,
    /// It is silent, though nobody closed the connection.
    pub is_suspected: bool,
    /// It was noted as down.
    pub is_noted_down: bool,
    /// Channels of this node's clients that use its queues: number, slot.
    pub ours: Vec<(u16, u32)>,
    /// Slots here that act for channels of its clients: number, slot.
    pub theirs: Vec<(u16, u32)>,
}

impl Peer {
    pub fn new(node: NodeId) -> Self {
        Self {
            node,
            link: Link::Down { retry_at: Time::ZERO },
            heard: Time::ZERO,
            is_greeted: false,
            is_serving: false,
            is_suspected: false,
            is_noted_down: false,
            ours: Vec::new(),
            theirs: Vec::new(),
        }
    }

    pub fn connection(&self) -> Option<ConnectionId> {
        match self.link {
            Link::Up { connection } => Some(connection),
            Link::Down { .. } | Link::Opening { .. } => None,
        }
    }

    /// Whether a word to it would arrive, as far as this node knows.
    pub fn is_reachable(&self) -> bool {
        self.is_greeted && !self.is_suspected
    }
}
