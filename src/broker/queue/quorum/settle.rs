//! What consumers say of their deliveries, and what becomes of messages that
//! nobody shall have any more.
//!
//! The delivery limit is what keeps a poison message from going round for ever.
//! Since RabbitMQ 4.3 it counts failures, not deliveries: a consumer that was
//! lost while it held the message, and `basic.reject` with requeue. `basic.nack`
//! does not count, nor a timeout, so a client library that requeues with `nack`
//! can loop without end.

use super::command::{ConsumerKey, Deliveries};
use super::config::Strategy;
use super::consumer::Status;
use super::effect::{Effect, Effects};
use super::machine::Machine;
use super::message::Message;
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::protocol::queue::DeathReason;

impl Machine {
    pub(super) fn settle(&mut self, key: ConsumerKey, deliveries: &Deliveries, effects: &mut Effects) {
        self.forgive(key, deliveries);
        for delivery in deliveries.iter() {
            if let Some(message) = self.take(key, delivery) {
                effects.note(Kind::Acked, message.copy());
                self.reclaimable += message.size();
            }
        }
        self.tidy_consumer(key);
    }

    pub(super) fn return_some(
        &mut self,
        key: ConsumerKey,
        deliveries: &Deliveries,
        failed: bool,
        effects: &mut Effects,
    ) {
        self.forgive(key, deliveries);
        for delivery in deliveries.iter() {
            self.return_one(key, delivery, failed, effects);
        }
        self.tidy_consumer(key);
    }

    /// Puts a delivery back, unless it failed too often.
    pub(super) fn return_one(&mut self, key: ConsumerKey, delivery: u64, failed: bool, effects: &mut Effects) {
        let Some(mut message) = self.take(key, delivery) else { return };
        message.acquired += 1;
        message.failed += u32::from(failed || flaw::is_on(Flaw::QuorumCountsNack));
        if self.config.delivery_limit.is_some_and(|limit| message.failed > limit) {
            return self.bury(message, DeathReason::DeliveryLimit, effects);
        }
        effects.note(Kind::Requeued, message.copy());
        self.ready.take_back(message);
    }

    pub(super) fn discard(&mut self, key: ConsumerKey, deliveries: &Deliveries, failed: bool, effects: &mut Effects) {
        self.forgive(key, deliveries);
        for delivery in deliveries.iter() {
            if let Some(mut message) = self.take(key, delivery) {
                message.acquired += 1;
                message.failed += u32::from(failed);
                effects.note(Kind::Rejected, message.copy());
                self.bury(message, DeathReason::Rejected, effects);
            }
        }
        self.tidy_consumer(key);
    }

    fn take(&mut self, key: ConsumerKey, delivery: u64) -> Option<Message> {
        let message = self.find(key)?.take(delivery);
        self.queue_for_service(key);
        message
    }

    /// A consumer whose deliveries were taken from it is served again when it has
    /// settled them all the same.
    fn forgive(&mut self, key: ConsumerKey, deliveries: &Deliveries) {
        let waiting = self.waiting.iter_mut().filter(|it| it.key == key);
        for consumer in self.consumers.iter_mut().filter(|it| it.key == key).chain(waiting) {
            consumer.forgive(|delivery| deliveries.iter().any(|it| it == delivery));
        }
        self.queue_for_service(key);
        self.sort_waiting();
    }

    /// A consumer that gave something back may be done, or give way.
    pub(super) fn tidy_consumer(&mut self, key: ConsumerKey) {
        let Ok(at) = self.consumers.binary_search_by_key(&key, |it| it.key) else { return };
        if !self.consumers[at].held.is_empty() {
            return;
        }
        match self.consumers[at].status {
            Status::Up => {}
            Status::Cancelled => {
                self.consumers.remove(at);
            }
            Status::Quiescing => {
                let mut consumer = self.consumers.remove(at);
                consumer.status = Status::Up;
                self.wait(consumer);
            }
        }
    }

    /// The end of a message in this queue.
    pub(super) fn bury(&mut self, message: Message, reason: DeathReason, effects: &mut Effects) {
        match self.config.dead_letters {
            Strategy::Drop => {
                effects.note(Kind::Dropped(plain(reason)), message.copy());
                self.reclaimable += message.size();
            }
            Strategy::AtMostOnce => {
                self.reclaimable += message.size();
                effects.lead(|| Effect::DeadLetter { message, reason });
            }
            Strategy::AtLeastOnce => self.dead.add(message, reason),
        }
    }
}

/// The reason in a history, of a message that goes nowhere.
pub(super) const fn plain(reason: DeathReason) -> Reason {
    match reason {
        DeathReason::Expired => Reason::Expired,
        DeathReason::MaxLength => Reason::Overflowed,
        DeathReason::Rejected => Reason::Rejected,
        DeathReason::DeliveryLimit => Reason::DeliveryLimit,
    }
}
