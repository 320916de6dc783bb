//! Handing copies out: the head of the queue to the next consumer in turn, as
//! far as prefetch allows.

use super::QueueBroker;
use super::channel::Held;
use super::cluster::Place;
use super::consumers::ConsumerKey;
use super::entry::{EntryIndex, State};
use crate::event::Kind;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::cluster::Change;
use crate::protocol::queue::{Deliver, Method};
use crate::time::Time;

impl QueueBroker {
    pub(super) fn deliver_from_touched_queues(&mut self, now: Time, out: &mut Outputs) {
        while !self.queues.touched.is_empty() {
            let mut touched = std::mem::take(&mut self.queues.touched);
            for &queue in &touched {
                self.queues.untouch(queue);
                self.deliver_from(queue, now, out);
                if self.queues.list[queue as usize].place == Place::Here {
                    self.trim(queue, now, out);
                    self.drop_expired(queue, now, out);
                }
            }
            // Dead letters may have touched other queues.
            touched.clear();
            if self.queues.touched.is_empty() {
                self.queues.touched = touched;
                return;
            }
        }
    }

    fn deliver_from(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        if self.queues.list[queue as usize].place != Place::Here {
            return;
        }
        while let Some(entry) = self.queues.list[queue as usize].ready.head() {
            if !self.entries[entry].is_resident() {
                if self.someone_could_take(queue) {
                    self.read_back(queue, out);
                }
                return;
            }
            let Some(consumer) = self.next_consumer(queue) else { return };
            self.queues.list[queue as usize].ready.pop();
            self.deliver(entry, consumer, now, out);
            if self.queues.any_deadline {
                self.drop_expired(queue, now, out);
            }
        }
    }

    /// The next consumer in turn that has credit.
    #[inline]
    fn next_consumer(&mut self, queue: u32) -> Option<ConsumerKey> {
        let channels = &self.channels;
        let has_credit = |key: ConsumerKey| channels[key.channel].consumer(key.tag).is_some_and(|it| it.has_credit());
        let consumers = &mut self.queues.list[queue as usize].consumers;
        consumers.next(|key| has_credit(key) || flaw::is_on(Flaw::PrefetchIgnored))
    }

    fn someone_could_take(&self, queue: u32) -> bool {
        let has_credit =
            |key: ConsumerKey| self.channels[key.channel].consumer(key.tag).is_some_and(|it| it.has_credit());
        self.queues.list[queue as usize].consumers.any(has_credit)
    }

    fn deliver(&mut self, index: EntryIndex, key: ConsumerKey, now: Time, out: &mut Outputs) {
        let entry = &self.entries[index];
        if self.has_mirrors(entry.queue) {
            self.forward(entry.queue, &Change::Handed { sequence: entry.sequence }, out);
        }
        let redelivered = entry.redelivered && !flaw::is_on(Flaw::RedeliveredNeverSet);
        let (copy, payload) = (entry.copy, self.entries.payload(index));
        let channel = &mut self.channels[key.channel];
        let Some(consumer) = channel.consumer_mut(key.tag) else { return };
        let auto_ack = consumer.auto_ack;
        let settled_by_sending = auto_ack || flaw::is_on(Flaw::AutoAckIgnored);
        if !auto_ack {
            consumer.unacked += 1;
        }
        let held = Held {
            entry: (!settled_by_sending).then_some(index),
            away: None,
            lease: None,
            consumer: key.tag,
            since: now,
        };
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
            if let Some(limit) = self.options.consumer_timeout {
                self.expect_ack_by(now + limit, out);
            }
        }
    }
}
