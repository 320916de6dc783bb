//! What the nodes of one RabbitMQ cluster say to each other, besides consensus
//! ([`super::raft`]) and the methods of channels that act for a client of another
//! node: those travel as [`super::queue::Method`] on the same connection.
//!
//! RabbitMQ uses Erlang's distribution for this: one connection for each pair of
//! nodes, over which processes send one another any term. Here are only the
//! messages that change a message's fate.

use std::sync::Arc;

use bytes::Bytes;

use super::queue::Publish;
use super::{Frame, Name};
use crate::event::{CopyId, NodeId, Resource};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The first word of either side on a new connection.
    Hello,
    /// This node has its queues back and serves them.
    Serving,
    /// A change of the cluster's metadata, for whoever leads to put into the log.
    Propose(Bytes),
    /// This node lost its disk and wants to be a member again.
    Rejoin,
    /// About a mirrored queue, between its master and a mirror.
    Mirror { queue: Name, change: Change },
    /// This node is short of something, or has enough of it again.
    Alarm { resource: Resource, on: bool },
    /// To the leader of a quorum queue: a command for its log, and the copy it is
    /// about.
    Order { queue: Name, command: Bytes, about: Option<CopyId> },
    /// Between the leader of a quorum queue and a session of another node.
    Word { queue: Name, session: u64, word: Bytes },
    /// The sender leads this quorum queue.
    Leads { queue: Name, term: u64 },
    /// This node lost its replica of a queue and wants to have one again.
    RejoinQueue { queue: Name },
    /// Nothing but a sign of life.
    Tick,
}

/// What happens in a mirrored queue, and what its nodes say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// To the master: let this node follow. `known`: it has what came before a
    /// number, but for so many messages; nothing if it begins anew.
    Join { known: Option<(u64, u64)> },
    /// To a new mirror: copies come on the channel of this number; what is in the
    /// queue; and whether the mirror may keep what it has of that.
    Welcome { number: u16, next: u64, live: Arc<[u64]>, keeps: bool },
    /// A copy is in the queue.
    Put { sequence: u64, redelivered: bool, publish: Arc<Publish> },
    /// A consumer holds it.
    Handed { sequence: u64 },
    /// It is done with.
    Gone { sequence: u64 },
    /// To the master: this mirror now has all.
    InStep,
    /// The master, then its mirrors from the oldest on, and who is in step.
    Order(Arc<[(NodeId, bool)]>),
    /// This node is the master; so many clients are connected to it. `by_boot`:
    /// it is so only because it started and knew no better.
    Claim { clients: u32, by_boot: bool },
    /// Follow that one: this node is the master no more.
    Moved { to: NodeId },
}

impl From<Message> for Frame {
    fn from(message: Message) -> Self {
        Self::Cluster(message)
    }
}
