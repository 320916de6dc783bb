//! What the nodes of one RabbitMQ cluster say to each other, besides consensus
//! ([`super::raft`]) and the methods of channels that act for a client of another
//! node: those travel as [`super::queue::Method`] on the same connection.
//!
//! RabbitMQ uses Erlang's distribution for this: one connection for each pair of
//! nodes, over which processes send one another any term. Here are only the
//! messages that change a message's fate.

use bytes::Bytes;

use super::{Frame, Name};
use crate::event::CopyId;

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

impl From<Message> for Frame {
    fn from(message: Message) -> Self {
        Self::Cluster(message)
    }
}
