//! A channel here that acts for a client of another node. To this node's queues
//! it is a channel like any other: it publishes, consumes, acknowledges, and what
//! it holds goes back when it ends. Its connection is the one between the nodes.

use super::Cluster;
use crate::broker::queue::QueueBroker;
use crate::node::Outputs;
use crate::protocol::queue::Method;
use crate::time::Time;

impl Cluster {
    /// An acting channel ended.
    pub fn forget_acting(&mut self, slot: u32) {
        for peer in &mut self.peers {
            peer.theirs.retain(|(_, other)| *other != slot);
        }
    }
}

impl QueueBroker {
    /// A peer says something on behalf of a client of its own.
    pub(super) fn act(&mut self, at: usize, number: u16, method: Method, now: Time, out: &mut Outputs) {
        let peer = &mut self.cluster.peers[at];
        if let Some(&(_, slot)) = peer.theirs.iter().find(|(other, _)| *other == number) {
            return self.method(slot, method, now, out);
        }
        if method == Method::ChannelOpen
            && let Some(connection) = peer.connection()
        {
            let slot = self.channels.open(connection, number);
            self.channels[slot].is_acting = true;
            peer.theirs.push((number, slot));
        }
        // Anything else was sent before the peer knew that the channel is gone.
    }
}
