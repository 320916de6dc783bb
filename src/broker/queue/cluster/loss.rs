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
use super::remote::Sent;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::{Consumer, Ticket};
use crate::broker::queue::cluster::Place;
use crate::event::{Kind, NodeId, queue_detail};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::queue::Method;
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
        self.mirrors_lose(node, now, out);
        for (number, slot) in ours {
            self.home_lost(slot, number, node, now, out);
        }
        for (_, slot) in theirs {
            if !flaw::is_on(Flaw::PeerDownKeepsUnacked) {
                self.drop_channel(slot, now, out);
            }
        }
        self.take_repeats(now, out);
        self.ask_again(now, out);
        self.alarms_of_gone(node, now, out);
        self.mind_majority(now, out);
        self.set_tick_soon(now, out);
    }

    /// A client's channel loses its counterpart on another node.
    fn home_lost(&mut self, slot: u32, number: u16, node: NodeId, now: Time, out: &mut Outputs) {
        let generation = self.channels[slot].generation;
        if let Some(remote) = self.forget_remote(slot, number) {
            for Sent { tag, repeat } in remote.unanswered() {
                let ticket = Ticket { channel: slot, generation, tag };
                match repeat {
                    Some(repeat) => self.publish_again(slot, *repeat, ticket, out),
                    None => self.copy_decided(ticket, false),
                }
            }
        }
        let consumers = std::mem::take(&mut self.channels[slot].consumers);
        let (lost, kept): (Vec<Consumer>, _) =
            consumers.into_iter().partition(|consumer| self.was_at(consumer.queue, node));
        self.channels[slot].consumers = kept;
        for consumer in lost {
            let name = self.queues.list[consumer.queue as usize].name;
            if self.queues.list[consumer.queue as usize].mirrored.is_some() {
                // The channel subscribes again by itself where the new master is.
                let consume = Method::consume(name, consumer.tag, consumer.auto_ack);
                self.wait_for_home(slot, consume, now);
            } else {
                out.note_with(Kind::ConsumerCancelled, None, queue_detail(name, 0));
                self.send(slot, Method::Cancel { consumer: consumer.tag }, None, out);
            }
        }
    }

    /// Whether a queue was served by a node that is gone: mirrored ones may be
    /// elsewhere by now.
    fn was_at(&self, queue: u32, node: NodeId) -> bool {
        let it = &self.queues.list[queue as usize];
        it.place == Place::At(node) || it.mirrored.as_ref().is_some_and(|mirrored| mirrored.left == Some(node))
    }
}
