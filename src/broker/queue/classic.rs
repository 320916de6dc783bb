//! A classic queue: ready copies in order, and consumers that are served in turn
//! as far as their prefetch allows.
//!
//! A copy keeps its sequence number for life, so a returned one goes back to its
//! original place. That restores the order of the queue, not of the deliveries:
//! another consumer may have been handed a later message meanwhile.

use std::collections::VecDeque;

use super::QueueBroker;
use super::channel::Held;
use super::cluster::Place;
use super::entry::{Entries, EntryIndex, Location, State};
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::queue::{Deliver, Method};
use crate::time::Time;

#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub name: Name,
    /// Where its messages are. Elsewhere, this is only what a node knows of it.
    pub place: Place,
    /// Which life of its node a queue that is not durable lives in.
    pub home_started: Time,
    pub durable: bool,
    /// Its declaration is synced, if it is durable.
    pub stored: bool,
    /// It was deleted; its number is not given again.
    pub is_gone: bool,
    pub next_sequence: u64,
    /// In order of sequence.
    pub ready: VecDeque<EntryIndex>,
    /// How many are handed out and not settled.
    pub unacked: u64,
    consumers: Vec<ConsumerKey>,
    /// Whose turn is next.
    turn: usize,
    touched: bool,
}

/// A consumer of a queue: where to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConsumerKey {
    /// The slot of its channel.
    pub channel: u32,
    pub tag: u16,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Queues {
    pub list: Vec<Queue>,
    /// Sorted by name.
    by_name: Vec<(Name, u32)>,
    /// Queues to look at before this input is done with.
    touched: Vec<u32>,
}

impl Queues {
    pub fn find(&self, name: Name) -> Option<u32> {
        let at = self.by_name.binary_search_by_key(&name, |(name, _)| *name).ok()?;
        Some(self.by_name[at].1)
    }

    /// Adds a queue that is not there yet.
    pub fn add(&mut self, name: Name, durable: bool) -> u32 {
        let index = self.list.len() as u32;
        match self.by_name.binary_search_by_key(&name, |(name, _)| *name) {
            Ok(at) => self.by_name[at].1,
            Err(at) => {
                self.by_name.insert(at, (name, index));
                self.list.push(Queue {
                    name,
                    place: Place::Here,
                    home_started: Time::ZERO,
                    durable,
                    stored: false,
                    is_gone: false,
                    next_sequence: 0,
                    ready: VecDeque::new(),
                    unacked: 0,
                    consumers: Vec::new(),
                    turn: 0,
                    touched: false,
                });
                index
            }
        }
    }

    /// Forgets a queue. Its number is not given again.
    pub fn forget(&mut self, queue: u32) {
        self.by_name.retain(|(_, index)| *index != queue);
        self.list[queue as usize].is_gone = true;
    }

    /// There may be something to deliver from it now.
    pub fn touch(&mut self, queue: u32) {
        let it = &mut self.list[queue as usize];
        if !it.touched {
            it.touched = true;
            self.touched.push(queue);
        }
    }
}

impl Queue {
    pub fn add_consumer(&mut self, consumer: ConsumerKey) {
        self.consumers.push(consumer);
    }

    pub fn remove_consumer(&mut self, consumer: ConsumerKey) {
        if let Some(at) = self.consumers.iter().position(|it| *it == consumer) {
            self.consumers.remove(at);
            if self.turn > at {
                self.turn -= 1;
            }
        }
    }

    /// Where a copy with this sequence is, or belongs, in the ready list.
    pub fn place_of(&self, sequence: u64, entries: &Entries) -> usize {
        // Returned copies belong near the front: look there first.
        match self.ready.front() {
            Some(&front) if entries[front].sequence < sequence => {
                self.ready.partition_point(|&entry| entries[entry].sequence < sequence)
            }
            _ => 0,
        }
    }

    /// Takes a ready copy out of the middle.
    pub fn withdraw(&mut self, index: EntryIndex, entries: &Entries) {
        let at = self.place_of(entries[index].sequence, entries);
        if self.ready.get(at) == Some(&index) {
            self.ready.remove(at);
        }
    }
}

impl QueueBroker {
    pub(super) fn deliver_from_touched_queues(&mut self, now: Time, out: &mut Outputs) {
        let mut touched = std::mem::take(&mut self.queues.touched);
        for &queue in &touched {
            self.queues.list[queue as usize].touched = false;
            self.deliver_from(queue, now, out);
        }
        touched.clear();
        self.queues.touched = touched;
    }

    fn deliver_from(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        while let Some(&entry) = self.queues.list[queue as usize].ready.front() {
            let Some(consumer) = self.next_consumer(queue) else { return };
            self.queues.list[queue as usize].ready.pop_front();
            self.deliver(entry, consumer, now, out);
        }
    }

    /// The next consumer in turn that has credit.
    fn next_consumer(&mut self, queue: u32) -> Option<ConsumerKey> {
        let queue = &mut self.queues.list[queue as usize];
        for _ in 0..queue.consumers.len() {
            if queue.turn >= queue.consumers.len() {
                queue.turn = 0;
            }
            let key = queue.consumers[queue.turn];
            queue.turn += 1;
            let has_credit = self.channels[key.channel].consumer(key.tag).is_some_and(|it| it.has_credit());
            if has_credit || flaw::is_on(Flaw::PrefetchIgnored) {
                return Some(key);
            }
        }
        None
    }

    fn deliver(&mut self, index: EntryIndex, key: ConsumerKey, now: Time, out: &mut Outputs) {
        let entry = &mut self.entries[index];
        let redelivered = entry.redelivered && !flaw::is_on(Flaw::RedeliveredNeverSet);
        let (copy, payload) = (entry.copy, entry.payload.clone());
        let channel = &mut self.channels[key.channel];
        let Some(consumer) = channel.consumer_mut(key.tag) else { return };
        let auto_ack = consumer.auto_ack;
        let settled_by_sending = auto_ack || flaw::is_on(Flaw::AutoAckIgnored);
        if !auto_ack {
            consumer.unacked += 1;
        }
        let held = Held { entry: (!settled_by_sending).then_some(index), away: None, consumer: key.tag };
        let tag = channel.hand_out((!auto_ack).then_some(held));
        out.note(Kind::Delivered { redelivered }, Some(copy));
        let deliver = Deliver { consumer: key.tag, tag, redelivered, copy, payload };
        self.send(key.channel, Method::Deliver(deliver), Some(copy), out);
        if settled_by_sending {
            // Done with once sent, whether or not it ever arrives: what makes
            // automatic acknowledgement dangerous.
            self.settle(index, now, out);
        } else {
            let entry = &mut self.entries[index];
            entry.state = State::Unacked;
            self.queues.list[entry.queue as usize].unacked += 1;
        }
    }

    /// Puts returned copies, in order of delivery, back to their places.
    pub(super) fn requeue(&mut self, returned: &[Held], out: &mut Outputs) {
        for index in returned.iter().filter_map(|held| held.entry) {
            out.note(Kind::Requeued, Some(self.entries[index].copy));
        }
        // From the back, so that each usually goes to the very front.
        for index in returned.iter().rev().filter_map(|held| held.entry) {
            let entry = &mut self.entries[index];
            entry.state = State::Ready;
            entry.redelivered = true;
            let (sequence, queue) = (entry.sequence, entry.queue);
            let it = &mut self.queues.list[queue as usize];
            it.unacked -= 1;
            if flaw::is_on(Flaw::RequeueAtBack) {
                it.ready.push_back(index);
            } else {
                let at = it.place_of(sequence, &self.entries);
                it.ready.insert(at, index);
            }
            self.queues.touch(queue);
        }
    }

    /// Done with a copy that no list holds any more. A publish that still waits
    /// for it to be written is answered: nothing is left to be lost. (RabbitMQ
    /// confirms on a consumer's acknowledgement, too.)
    pub(super) fn settle(&mut self, index: EntryIndex, now: Time, out: &mut Outputs) {
        let entry = &mut self.entries[index];
        let (name, sequence) = (self.queues.list[entry.queue as usize].name, entry.sequence);
        let ticket = entry.ticket.take();
        match entry.location {
            Location::Memory if entry.pinned => self.store.forget_buffered(ticket.is_some()),
            Location::Memory => {}
            Location::Writing { .. } => self.store.buffer_settled(name, sequence, now),
            Location::File { file, .. } => {
                self.store.buffer_settled(name, sequence, now);
                self.store.one_less_in(file, out);
            }
        }
        if entry.pinned {
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
        let entry = &mut self.entries[index];
        let ticket = entry.ticket.take();
        if entry.state == State::Ready {
            out.note(Kind::Dropped(Reason::DiskError), Some(entry.copy));
            let queue = entry.queue;
            self.queues.list[queue as usize].withdraw(index, &self.entries);
            self.settle(index, now, out);
        }
        if let Some(ticket) = ticket {
            self.copy_decided(ticket, false);
        }
    }
}
