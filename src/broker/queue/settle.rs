//! What ends a copy's stay in a queue, and what brings a handed-out one back.

use super::QueueBroker;
use super::channel::Held;
use super::entry::{EntryIndex, Location, State};
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::cluster::Change;
use crate::time::Time;

impl QueueBroker {
    /// Puts returned copies, in order of delivery, back to their places. A queue
    /// that is full by now makes room before it hands them out again.
    pub(super) fn requeue(&mut self, returned: &[Held], now: Time, out: &mut Outputs) {
        for index in returned.iter().filter_map(|held| held.entry) {
            out.note(Kind::Requeued, Some(self.entries[index].copy));
        }
        // From the back, so that each usually goes to the very front.
        for index in returned.iter().rev().filter_map(|held| held.entry) {
            let entry = &mut self.entries[index];
            entry.state = State::Ready;
            entry.redelivered = true;
            let (queue, priority) = (entry.queue, entry.priority);
            let it = &mut self.queues.list[queue as usize];
            it.unacked -= 1;
            if flaw::is_on(Flaw::RequeueAtBack) {
                it.ready.push(priority, index);
            } else {
                it.ready.put_back(index, &self.entries);
            }
            self.queues.touch(queue);
        }
        for at in 0..self.queues.touched.len() {
            let queue = self.queues.touched[at];
            self.trim(queue, now, out);
            self.drop_expired(queue, now, out);
        }
    }

    /// Done with a copy that no list holds any more. A publish that still waits
    /// for it to be written is answered: nothing is left to be lost. (RabbitMQ
    /// confirms on a consumer's acknowledgement, too.)
    pub(super) fn settle(&mut self, index: EntryIndex, now: Time, out: &mut Outputs) {
        let ticket = self.entries.take_ticket(index);
        let entry = &self.entries[index];
        if self.has_mirrors(entry.queue) {
            self.forward(entry.queue, &Change::Gone { sequence: entry.sequence }, out);
        }
        let (name, sequence) = (self.queues.list[entry.queue as usize].name, entry.sequence);
        let (location, pinned) = (entry.location, entry.pinned);
        match location {
            Location::Memory if pinned => self.store.forget_buffered(ticket.is_some()),
            Location::Memory => {}
            Location::Writing { .. } => self.store.buffer_settled(name, sequence, now),
            Location::File { file, .. } => {
                self.store.buffer_settled(name, sequence, now);
                self.store.one_less_in(file, out);
            }
        }
        if pinned {
            self.entries.bury(index);
        } else {
            self.entries.remove(index);
        }
        if let Some(ticket) = ticket {
            self.copy_decided(ticket, true);
        }
    }

    /// The disk refused a copy. RabbitMQ's queue process dies of this and is
    /// restarted from what is on disk: unwritten copies are gone and their
    /// publishes are nacked. Here only the copies concerned go; one that a
    /// consumer holds already stays until the consumer settles it.
    pub(super) fn give_up(&mut self, index: EntryIndex, now: Time, out: &mut Outputs) {
        let ticket = self.entries.take_ticket(index);
        let entry = &self.entries[index];
        if entry.state == State::Ready {
            out.note(Kind::Dropped(Reason::DiskError), Some(entry.copy));
            let queue = entry.queue;
            self.queues.list[queue as usize].ready.withdraw(index, &self.entries);
            self.settle(index, now, out);
        }
        if let Some(ticket) = ticket {
            self.copy_decided(ticket, false);
        }
    }
}
