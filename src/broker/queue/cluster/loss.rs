//! A peer is gone: its process died, or the connection to it broke. To Erlang
//! that is the same, and so it is to RabbitMQ's channels and queues:
//!
//! - Publishes that wait for a queue there are nacked. The messages may be safe
//!   in it all the same (`rabbit_classic_queue`: `down` rejects what is pending).
//! - Consumers of queues there are cancelled, and the clients are told so. What
//!   they hold can no longer be acknowledged.
//! - What clients of that node held of queues here goes back to its queue, and
//!   comes again to somebody else.

use super::peer::Link;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::Ticket;
use crate::broker::queue::cluster::Place;
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::time::Time;

impl QueueBroker {
    pub(super) fn peer_lost(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let peer = &mut self.cluster.peers[at];
        peer.link = Link::Down { retry_at: now };
        peer.is_serving = false;
        peer.is_suspected = false;
        let node = peer.node;
        let (ours, theirs) = (std::mem::take(&mut peer.ours), std::mem::take(&mut peer.theirs));
        if std::mem::take(&mut peer.is_greeted) {
            self.peer_fell_silent(at, now, out);
            self.quorum_peer_lost(node, now, out);
        }
        for (number, slot) in ours {
            self.home_lost(slot, number, node, out);
        }
        for (_, slot) in theirs {
            if !flaw::is_on(Flaw::PeerDownKeepsUnacked) {
                self.drop_channel(slot, now, out);
            }
        }
        self.set_tick_soon(now, out);
    }

    /// A client's channel loses its counterpart on another node.
    fn home_lost(&mut self, slot: u32, number: u16, node: NodeId, out: &mut Outputs) {
        let generation = self.channels[slot].generation;
        if let Some(remote) = self.forget_remote(slot, number) {
            for tag in remote.unanswered() {
                self.copy_decided(Ticket { channel: slot, generation, tag }, false);
            }
        }
        let queues = &self.queues.list;
        let is_there = |queue: u32| queues[queue as usize].place == Place::At(node);
        let consumers = self.channels[slot].consumers.iter().filter(|consumer| is_there(consumer.queue));
        let cancelled: Vec<u16> = consumers.map(|consumer| consumer.tag).collect();
        for tag in cancelled {
            self.cancel_for_client(slot, tag, out);
        }
    }
}
