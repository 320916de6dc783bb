//! Where a queue is. Every node of a cluster knows every queue; one node holds
//! the messages of a classic one.

use crate::event::NodeId;

/// Where the messages of a queue are, as seen by one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::broker::queue) enum Place {
    /// On this node.
    #[default]
    Here,
    /// On several nodes, by consensus; see [`super::super::quorum`].
    Quorum,
    /// On another node, which clients of this one reach through it.
    At(NodeId),
}
