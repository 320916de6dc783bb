//! Keeping halves: storing one, where its publisher waits for the confirm like any
//! other; finding them again after a restart; and who can be asked about them.

use std::sync::Arc;

use super::Half;
use super::envelope::Envelope;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::Ticket;
use crate::broker::queue::declaration::Declaration;
use crate::broker::queue::entry::{Entry, EntryIndex, Particulars, State};
use crate::event::{CopyId, Kind};
use crate::flaw::{self, Flaw};
use crate::node::{Holding, Outputs};
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, Method, Publish, code};
use crate::time::Time;

impl QueueBroker {
    fn half_queue(&self) -> Option<u32> {
        self.queues.find(self.options.half_topics[0])
    }

    /// Whether halves are kept in this queue. They are few, and stay in memory.
    pub(in crate::broker::queue) fn keeps_halves(&self, queue: u32) -> bool {
        let name = self.options.half_topics[0];
        name != Name::EMPTY && self.queues.list[queue as usize].name == name
    }

    /// A producer can be asked about halves from now on.
    pub(in crate::broker::queue) fn register_producer(&mut self, slot: u32, now: Time, out: &mut Outputs) {
        let name = self.options.half_topics[0];
        if name == Name::EMPTY || !self.cluster.is_alone() {
            return self.fail_channel(slot, code::NOT_FOUND, now, out);
        }
        let index = self.queues.add(name, true, &Arc::default());
        self.halves.producers.push((slot, self.channels[slot].generation));
        let is_stored = self.queues.list[index as usize].stored;
        let record = (!is_stored).then(|| Declaration::Queue { name, arguments: Arguments::default() });
        self.declare(slot, record, Method::RegisterProducerOk, out);
    }

    pub(in crate::broker::queue) fn publish_half(&mut self, slot: u32, publish: Publish, now: Time, out: &mut Outputs) {
        if flaw::is_on(Flaw::HalfShownAtOnce) {
            return self.publish(slot, publish, now, out);
        }
        let copy = publish.copy;
        out.note(Kind::Received, Some(copy));
        let Some(queue) = self.half_queue() else { return self.fail_channel(slot, code::NOT_FOUND, now, out) };
        let Publish { exchange, key, properties, payload, .. } = publish;
        let ticket = self.channels[slot].expect_answer(slot, copy);
        let envelope = Envelope { exchange, key, born: now, checks: 0, payload };
        let entry = self.store_half(queue, copy, &envelope, ticket, now);
        if properties.is_some() {
            self.entries.set_particulars(entry, Particulars { key, persistent: true, properties });
        }
        self.know_half(copy, Half { entry, born: now, checks: 0, ended: false });
        self.catch_up(now);
        out.note(Kind::Prepared, Some(copy));
        if let Some(ticket) = ticket {
            self.copy_decided(ticket, true);
        }
        self.arm_check(out);
        if self.alarms.any() {
            self.block_publisher(slot, out);
        }
    }

    /// Puts what is in an envelope into an internal queue, on its way to the disk.
    pub(super) fn store_half(
        &mut self,
        queue: u32,
        copy: CopyId,
        envelope: &Envelope,
        ticket: Option<Ticket>,
        now: Time,
    ) -> EntryIndex {
        let sealed = envelope.seal();
        let bytes = sealed.len();
        let it = &mut self.queues.list[queue as usize];
        let entry = Entry::new(copy, queue, it.take_sequence());
        let entry = self.entries.add(Entry { length: bytes as u32, pinned: true, ..entry });
        it.ready.push(0, entry);
        self.entries.fill(entry, sealed, ticket);
        if let Some(ticket) = ticket {
            self.channels[ticket.channel].one_more(ticket.tag);
        }
        self.store.buffer_publish(entry, bytes, ticket.is_some(), now);
        entry
    }

    pub(super) fn know_half(&mut self, copy: CopyId, half: Half) {
        let before = self.halves.kept.insert(copy, half);
        self.halves.open += usize::from(before.is_none_or(|before| before.ended));
    }

    /// Takes a half out of its queue for good. The disk may have refused it before.
    pub(super) fn take_half_out(&mut self, copy: CopyId, now: Time, out: &mut Outputs) {
        let Some(half) = self.halves.kept.remove(&copy) else { return };
        self.halves.open -= usize::from(!half.ended);
        if self.is_there(copy, half) {
            let queue = self.entries[half.entry].queue;
            self.queues.list[queue as usize].ready.withdraw(half.entry, &self.entries);
            self.settle(half.entry, now, out);
        }
    }

    /// Whether a half is still where it was put.
    pub(super) fn is_there(&self, copy: CopyId, half: Half) -> bool {
        let entry = &self.entries[half.entry];
        entry.state == State::Ready && entry.copy == copy && self.keeps_halves(entry.queue)
    }

    /// Whether an entry is a half that has ended and only waits for its mark: nobody
    /// needs to hear what becomes of it.
    pub(in crate::broker::queue) fn is_ended_half(&self, entry: EntryIndex) -> bool {
        !self.halves.ended.is_empty()
            && self.halves.kept.get(&self.entries[entry].copy).is_some_and(|half| half.ended && half.entry == entry)
    }

    /// The logs are read back: the halves that were not marked are open again.
    pub(in crate::broker::queue) fn find_halves(&mut self, now: Time, out: &mut Outputs) {
        self.begin_checks(now);
        if flaw::is_on(Flaw::HalfForgottenAtRestart) {
            return;
        }
        let Some(queue) = self.half_queue() else { return };
        let found: Vec<EntryIndex> = self.queues.list[queue as usize].ready.iter().collect();
        for entry in found {
            if let Some(envelope) = Envelope::open(&self.entries.payload(entry)) {
                let (Envelope { born, checks, .. }, copy) = (envelope, self.entries[entry].copy);
                // It was written anew, and the crash came before the old one was settled.
                self.take_half_out(copy, now, out);
                self.know_half(copy, Half { entry, born, checks, ended: false });
            }
        }
        self.arm_check(out);
    }

    /// A half is on its way to whoever must see its message, unless it has ended;
    /// one that was put aside is with people.
    pub(in crate::broker::queue) fn show_halves(&self, visit: &mut dyn FnMut(Holding)) {
        let open = self.halves.kept.iter().filter(|(_, half)| !half.ended).map(|(copy, _)| (*copy, false));
        let aside = self.queues.find(self.options.half_topics[1]);
        let aside = aside.into_iter().flat_map(|queue| self.entries.of_queue(queue));
        let aside = aside.map(|(_, entry)| (self.entries[entry].copy, true));
        for (copy, dead_lettered) in open.chain(aside) {
            for (_, subscription) in &self.options.subscriptions {
                visit(Holding { copy, subscription: *subscription, dead_lettered });
            }
        }
    }

    /// Where halves are put aside; the queue is made when the first one comes.
    pub(super) fn queue_aside(&mut self, out: &mut Outputs) -> u32 {
        let name = self.options.half_topics[1];
        let queue = self.queues.add(name, true, &Arc::default());
        let it = &mut self.queues.list[queue as usize];
        if !std::mem::replace(&mut it.stored, true) {
            self.record(Declaration::Queue { name, arguments: Arguments::default() }, out);
        }
        queue
    }
}
