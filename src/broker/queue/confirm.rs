//! Publishing, and publisher confirms. A confirm says that the broker has taken
//! responsibility, not that a consumer or even a queue got the message: a publish
//! that no queue takes is acknowledged all the same.

use super::QueueBroker;
use super::channel::{Channel, Ticket};
use super::cluster::Place;
use super::entry::{Entry, Particulars};
use crate::event::{CopyId, Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::queue::{Method, Publish, code};
use crate::time::Time;

/// A publish that is not answered yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unconfirmed {
    copy: CopyId,
    /// Copies not yet safe, and one for the publish itself while it is routed.
    remaining: u32,
    /// A copy was refused by the disk: the answer will be negative.
    failed: bool,
}

impl QueueBroker {
    pub(super) fn publish(&mut self, slot: u32, publish: Publish, now: Time, out: &mut Outputs) {
        if self.channels[slot].is_acting {
            return self.publish_for_another(slot, publish, now, out);
        }
        out.note(Kind::Received, Some(publish.copy));
        let mut routes = std::mem::take(&mut self.channels.routes);
        let known = self.route(&publish, &mut routes);
        if known {
            let ticket = self.channels[slot].expect_answer(slot, publish.copy);
            self.take_in(slot, publish, &routes, ticket, now, out);
            if let Some(ticket) = ticket {
                self.copy_decided(ticket, true);
            }
            if self.alarms.any() {
                self.block_publisher(slot, out);
            }
        } else {
            out.note(Kind::Dropped(Reason::Unroutable), Some(publish.copy));
            self.fail_channel(slot, code::NOT_FOUND, now, out);
        }
        self.channels.routes = routes;
    }

    /// One publish of a commit; `ticket` is the whole commit's.
    pub(super) fn take_in_transaction(
        &mut self,
        slot: u32,
        publish: Publish,
        ticket: Ticket,
        now: Time,
        out: &mut Outputs,
    ) {
        let mut routes = std::mem::take(&mut self.channels.routes);
        if self.route(&publish, &mut routes) {
            self.take_in(slot, publish, &routes, Some(ticket), now, out);
        } else {
            out.note(Kind::Dropped(Reason::Unroutable), Some(publish.copy));
            self.fail_channel(slot, code::NOT_FOUND, now, out);
        }
        self.channels.routes = routes;
    }

    /// Gives each queue of the routes its copy.
    pub(super) fn take_in(
        &mut self,
        slot: u32,
        publish: Publish,
        routes: &[u32],
        ticket: Option<Ticket>,
        now: Time,
        out: &mut Outputs,
    ) {
        if flaw::is_on(Flaw::ConfirmsNothing) {
            // Nothing is kept.
        } else if let Some((&last, others)) = routes.split_last() {
            // Each queue gets a copy of its own; the branch tells them apart.
            let mut branch = publish.copy.branch;
            for &queue in others {
                let copy = CopyId { branch, ..publish.copy };
                self.pass_to(slot, queue, Publish { copy, ..publish.clone() }, ticket, now, out);
                branch += 1;
            }
            let copy = CopyId { branch, ..publish.copy };
            self.pass_to(slot, last, Publish { copy, ..publish }, ticket, now, out);
        } else if publish.mandatory {
            out.note(Kind::Returned, Some(publish.copy));
            let method = Method::Return { copy: publish.copy, code: code::NO_ROUTE };
            self.send(slot, method, Some(publish.copy), out);
        } else {
            out.note(Kind::Dropped(Reason::Unroutable), Some(publish.copy));
        }
    }

    /// Gives a copy to its queue, wherever that is.
    pub(super) fn pass_to(
        &mut self,
        slot: u32,
        index: u32,
        publish: Publish,
        ticket: Option<Ticket>,
        now: Time,
        out: &mut Outputs,
    ) {
        match self.queues.list[index as usize].place {
            Place::Here => self.enqueue(index, publish, ticket, now, out),
            Place::At(node) => self.enqueue_away(slot, (node, index), publish, ticket, out),
            Place::Quorum => {
                let name = self.queues.list[index as usize].name;
                self.enqueue_by_quorum(slot, name, publish, ticket, now, out);
            }
        }
    }

    /// Puts a copy into a queue, or refuses it if the queue is full and says so.
    pub(super) fn enqueue(
        &mut self,
        index: u32,
        publish: Publish,
        ticket: Option<Ticket>,
        now: Time,
        out: &mut Outputs,
    ) {
        let copy = publish.copy;
        if self.refuses(index) {
            out.note(Kind::Dropped(Reason::Overflowed), Some(copy));
            if let Some(ticket) = ticket {
                self.channels[ticket.channel].one_more(ticket.tag);
                self.copy_decided(ticket, false);
            }
            return;
        }
        if self.has_mirrors(index) {
            self.forward_publish(index, &publish, ticket, out);
        }
        let expires_at = self.expires_at(index, &publish, now);
        let queue = &mut self.queues.list[index as usize];
        let asked = publish.properties.as_ref().map_or(0, |properties| properties.priority);
        let priority = asked.min(queue.arguments.max_priority);
        // Both are needed: a transient message dies with the process even in a
        // durable queue.
        let stored = publish.persistent && queue.durable;
        let ticket = ticket.filter(|_| stored && !flaw::is_on(Flaw::ConfirmBeforeWrite));
        let bytes = publish.payload.len();
        let entry = Entry::new(copy, index, queue.take_sequence());
        let length = bytes as u32;
        let entry = self.entries.add(Entry { expires_at, priority, length, pinned: stored, ..entry });
        queue.ready.push(priority, entry);
        if publish.properties.is_some() || queue.arguments.dead_letter.is_some() {
            let Publish { key, persistent, properties, .. } = publish;
            self.entries.set_particulars(entry, Particulars { key, persistent, properties });
        }
        self.entries.fill(entry, publish.payload, ticket);
        out.note(Kind::Enqueued, Some(copy));
        if let Some(ticket) = ticket {
            self.channels[ticket.channel].one_more(ticket.tag);
        }
        if stored {
            self.store.buffer_publish(entry, bytes, ticket.is_some(), now);
        }
        self.queues.touch(index);
    }

    /// A copy is safe, or (`safe` is false) was refused by the disk.
    pub(super) fn copy_decided(&mut self, ticket: Ticket, safe: bool) {
        if !self.channels.is_alive(ticket.channel, ticket.generation) {
            return;
        }
        let channel = &mut self.channels[ticket.channel];
        let first = channel.first_unconfirmed;
        let Some(publish) = channel.unconfirmed.get_mut((ticket.tag - first) as usize) else { return };
        publish.failed |= !safe;
        publish.remaining -= 1;
        if publish.remaining == 0 {
            channel.decided.push(ticket.tag);
            if channel.decided.len() == 1 {
                self.channels.to_answer.push(ticket.channel);
            }
        }
    }

    /// Sends what was decided during this input.
    pub(super) fn answer_publishers(&mut self, now: Time, out: &mut Outputs) {
        let mut slots = std::mem::take(&mut self.channels.to_answer);
        for slot in slots.drain(..) {
            let mut decided = std::mem::take(&mut self.channels[slot].decided);
            decided.sort_unstable();
            if self.channels[slot].transaction.is_some() {
                let failed = decided.iter().any(|&tag| self.channels[slot].publish(tag).failed);
                self.channels[slot].forget_answered();
                self.commit_decided(slot, failed, now, out);
            } else if self.quorum.is_clerk(slot) {
                let letters = decided.iter().map(|&tag| (tag, !self.channels[slot].publish(tag).failed));
                let letters: Vec<_> = letters.collect();
                self.channels[slot].forget_answered();
                self.letters_decided(&letters, now, out);
            } else {
                self.answer(slot, &decided, out);
                self.channels[slot].forget_answered();
            }
            decided.clear();
            self.channels[slot].decided = decided;
        }
        self.channels.to_answer = slots;
    }

    /// Sends answers as RabbitMQ's channel does: one for all tags below the first
    /// that is still undecided or decided otherwise, and one each for the rest.
    fn answer(&mut self, slot: u32, decided: &[u64], out: &mut Outputs) {
        let undecided = self.channels[slot].first_undecided();
        for failed in [false, true] {
            let channel = &self.channels[slot];
            let otherwise = decided.iter().copied().find(|&tag| channel.publish(tag).failed != failed);
            let cutoff = undecided.min(otherwise.unwrap_or(u64::MAX));
            self.answer_alike(slot, decided, failed, cutoff, out);
            if otherwise.is_none() {
                return;
            }
        }
    }

    fn answer_alike(&mut self, slot: u32, decided: &[u64], failed: bool, cutoff: u64, out: &mut Outputs) {
        let lone = decided.len() == 1;
        let is_acting = self.channels[slot].is_acting;
        // The first that the next answer covers.
        let mut from = 0;
        for (at, &tag) in decided.iter().enumerate() {
            let publish = *self.channels[slot].publish(tag);
            if publish.failed != failed {
                continue;
            }
            if !is_acting {
                out.note(if failed { Kind::Nacked } else { Kind::Confirmed }, Some(publish.copy));
            }
            let covered_by_the_next = decided.get(at + 1).is_some_and(|&next| next < cutoff);
            if covered_by_the_next {
                continue;
            }
            let multiple = tag < cutoff && !lone;
            let method = if failed { Method::ConfirmNack { tag, multiple } } else { Method::Confirm { tag, multiple } };
            self.send(slot, method, Some(publish.copy), out);
            let channel = &self.channels[slot];
            let covered = decided[from..at].iter().map(|&tag| channel.publish(tag));
            out.carries(covered.filter(|other| other.failed == failed).map(|other| other.copy));
            from = at + 1;
        }
    }
}

impl Channel {
    /// Counts a publish, if the publisher wants confirms.
    pub fn expect_answer(&mut self, slot: u32, copy: CopyId) -> Option<Ticket> {
        if !self.confirms {
            return None;
        }
        let tag = self.first_unconfirmed + self.unconfirmed.len() as u64;
        self.unconfirmed.push_back(Unconfirmed { copy, remaining: 1, failed: false });
        Some(Ticket { channel: slot, generation: self.generation, tag })
    }

    /// Counts a commit as one publish that all its copies belong to.
    pub fn expect_commit(&mut self, slot: u32) -> Ticket {
        let tag = self.first_unconfirmed + self.unconfirmed.len() as u64;
        self.unconfirmed.push_back(Unconfirmed { copy: CopyId::default(), remaining: 1, failed: false });
        Ticket { channel: slot, generation: self.generation, tag }
    }

    fn publish(&self, tag: u64) -> &Unconfirmed {
        &self.unconfirmed[(tag - self.first_unconfirmed) as usize]
    }

    pub fn one_more(&mut self, tag: u64) {
        self.unconfirmed[(tag - self.first_unconfirmed) as usize].remaining += 1;
    }

    fn first_undecided(&self) -> u64 {
        let at = self.unconfirmed.iter().position(|publish| publish.remaining > 0);
        self.first_unconfirmed + at.unwrap_or(self.unconfirmed.len()) as u64
    }

    fn forget_answered(&mut self) {
        while self.unconfirmed.front().is_some_and(|publish| publish.remaining == 0) {
            self.unconfirmed.pop_front();
            self.first_unconfirmed += 1;
        }
    }
}
