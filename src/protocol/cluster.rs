//! What the nodes of one RabbitMQ cluster say to each other, besides the methods
//! of channels that act for a client of another node: those travel as
//! [`super::queue::Method`] on the same connection.
//!
//! RabbitMQ uses Erlang's distribution for this: one connection for each pair of
//! nodes, over which processes send one another any term. Here are only the
//! messages that change a message's fate.

use bytes::Bytes;

use super::Frame;
use crate::time::Time;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The first word of either side on a new connection. `started` tells one
    /// life of a node's process from the next.
    Hello { started: Time },
    /// This node has its queues back and serves them.
    Serving,
    /// A change of what the cluster knows.
    Announce(Bytes),
    /// Nothing but a sign of life.
    Tick,
}

impl From<Message> for Frame {
    fn from(message: Message) -> Self {
        Self::Cluster(message)
    }
}
