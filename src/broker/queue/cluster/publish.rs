//! A publish for a queue on another node. If that node is known to be down, the
//! answer is a nack at once, and without confirms the message is gone: nobody
//! keeps it. A publish to a mirrored queue is kept until it is answered, and said
//! again to the next master.

use super::Place;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::Ticket;
use crate::event::{Kind, NodeId, Reason};
use crate::node::Outputs;
use crate::protocol::queue::{Method, Publish};

impl QueueBroker {
    /// Sends one copy to its queue's node. The copy is `publish.copy`.
    pub(in crate::broker::queue) fn enqueue_away(
        &mut self,
        slot: u32,
        (node, queue): (NodeId, u32),
        publish: Publish,
        ticket: Option<Ticket>,
        out: &mut Outputs,
    ) {
        if let Some(ticket) = ticket {
            self.channels[slot].one_more(ticket.tag);
        }
        let publish = Publish { mandatory: false, ..publish };
        self.send_away(slot, (node, queue), publish, ticket, out);
    }

    fn send_away(
        &mut self,
        slot: u32,
        (node, queue): (NodeId, u32),
        publish: Publish,
        ticket: Option<Ticket>,
        out: &mut Outputs,
    ) {
        let copy = publish.copy;
        let peer = self.cluster.peer(node).filter(|&at| self.cluster.peers[at].is_serving);
        let Some((at, connection)) = peer.and_then(|at| Some((at, self.cluster.peers[at].connection()?))) else {
            // The channel hears at once that the queue's process is not there.
            out.note(Kind::Dropped(Reason::HomeDown), Some(copy));
            if let Some(ticket) = ticket {
                self.copy_decided(ticket, false);
            }
            return;
        };
        let it = &self.queues.list[queue as usize];
        let (name, is_mirrored) = (it.name, it.mirrored.is_some());
        let Some(remote) = self.remote(slot, at, out) else { return };
        let number = remote.number;
        if let Some(ticket) = ticket {
            if !std::mem::replace(&mut remote.confirms, true) {
                out.send(connection, Method::ConfirmSelect.on(number), None);
            }
            remote.record(ticket.tag, is_mirrored.then(|| Box::new((queue, publish.clone()))));
        }
        // Routing is done: what stands for the exchange is the queue.
        let publish = Publish { exchange: name, ..publish };
        out.send(connection, Method::Publish(publish).on(number), Some(copy));
    }

    /// The master is gone that had not answered yet: the next one is asked, who
    /// may have it already. `mandatory` stands for that, as routing is done.
    pub(super) fn publish_again(
        &mut self,
        slot: u32,
        (queue, publish): (u32, Publish),
        ticket: Ticket,
        out: &mut Outputs,
    ) {
        let publish = Publish { mandatory: true, ..publish };
        match self.queues.list[queue as usize].place {
            Place::At(node) => self.send_away(slot, (node, queue), publish, Some(ticket), out),
            Place::Here => self.cluster.repeats.push((queue, publish, Some(ticket))),
            // Only a classic queue has masters.
            Place::Quorum => {}
        }
    }
}
