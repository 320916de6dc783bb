//! A channel here that acts for a client of another node. To this node's queues
//! it is a channel like any other: it publishes, consumes, acknowledges, and what
//! it holds goes back when it ends. Its connection is the one between the nodes.

use super::{Cluster, Place};
use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::Ticket;
use crate::event::{CopyId, Kind, Reason};
use crate::node::Outputs;
use crate::protocol::queue::{Method, Publish};
use crate::time::Time;

/// What a client of another node is told when this one stops serving its queue.
const HOME_LEFT: u16 = crate::protocol::queue::code::NOT_FOUND;

/// The number of no channel: dead letters on their way to other nodes.
const LETTERS: u16 = 0;

impl Cluster {
    /// An acting channel ended.
    pub fn forget_acting(&mut self, slot: u32) {
        for peer in &mut self.peers {
            peer.theirs.retain(|(_, other)| *other != slot);
        }
    }
}

impl QueueBroker {
    /// Ends every channel that acts for a client of another node, who is told.
    pub(super) fn drop_acting_channels(&mut self, now: Time, out: &mut Outputs) {
        let acting: Vec<u32> = self.cluster.peers.iter().flat_map(|peer| &peer.theirs).map(|(_, slot)| *slot).collect();
        for slot in acting {
            self.fail_channel(slot, HOME_LEFT, now, out);
        }
    }

    /// A publish that another node has routed: `exchange` is the queue. If that was
    /// deleted meanwhile there is nothing left to be safe.
    pub(in crate::broker::queue) fn publish_for_another(
        &mut self,
        slot: u32,
        publish: Publish,
        now: Time,
        out: &mut Outputs,
    ) {
        let ticket = self.channels[slot].expect_answer(slot, publish.copy);
        let copy = publish.copy;
        let Some(queue) = self.queues.find(publish.exchange) else {
            out.note(Kind::Dropped(Reason::QueueDeleted), Some(copy));
            return self.decided(ticket, true);
        };
        if self.queues.list[queue as usize].place != Place::Here {
            // The peer has seen the old master die, and this node, its heir, not yet.
            return self.cluster.repeats.push((queue, publish, ticket));
        }
        // Said again after the last master died: this one may have it.
        if !publish.mandatory || !self.has_copy(queue, copy) {
            self.enqueue(queue, publish, ticket, now, out);
        }
        self.decided(ticket, true);
    }

    fn decided(&mut self, ticket: Option<Ticket>, safe: bool) {
        if let Some(ticket) = ticket {
            self.copy_decided(ticket, safe);
        }
    }

    fn has_copy(&self, queue: u32, copy: CopyId) -> bool {
        self.entries.of_queue(queue).any(|(_, index)| self.entries[index].copy == copy)
    }

    /// What was published to a queue whose master this node was not yet.
    pub(super) fn take_repeats(&mut self, now: Time, out: &mut Outputs) {
        for (queue, publish, ticket) in std::mem::take(&mut self.cluster.repeats) {
            if self.queues.list[queue as usize].place != Place::Here {
                self.cluster.repeats.push((queue, publish, ticket));
                continue;
            }
            let ticket = ticket.filter(|ticket| self.channels.is_alive(ticket.channel, ticket.generation));
            if !self.has_copy(queue, publish.copy) {
                self.enqueue(queue, publish, ticket, now, out);
            }
            self.decided(ticket, true);
        }
    }

    /// Gives a dead letter to its queue. Nobody waits for an answer, so one for a
    /// queue whose node is down is gone.
    pub(in crate::broker::queue) fn pass_letter(&mut self, queue: u32, letter: Publish, now: Time, out: &mut Outputs) {
        let it = &self.queues.list[queue as usize];
        let copy = letter.copy;
        let Place::At(node) = it.place else { return self.enqueue(queue, letter, None, now, out) };
        let letter = Publish { exchange: it.name, ..letter };
        let connection = self.cluster.peer(node).filter(|at| self.cluster.peers[*at].is_serving);
        match connection.and_then(|at| self.cluster.peers[at].connection()) {
            Some(connection) => out.send(connection, Method::Publish(letter).on(LETTERS), Some(copy)),
            None => out.note(Kind::Dropped(Reason::HomeDown), Some(copy)),
        }
    }

    /// A peer says something on behalf of a client of its own.
    pub(super) fn act(&mut self, at: usize, number: u16, method: Method, now: Time, out: &mut Outputs) {
        if let (LETTERS, Method::Publish(letter)) = (number, &method) {
            if let Some(queue) = self.queues.find(letter.exchange) {
                self.enqueue(queue, letter.clone(), None, now, out);
            }
            return;
        }
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
