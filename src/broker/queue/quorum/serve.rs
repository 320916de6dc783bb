//! Handing messages to consumers: those of higher priority first, and those of
//! one priority in turn, one message each. Before each message, what has expired
//! at the front goes: so nothing expired is ever delivered, and nothing expires
//! in the middle.

use super::command::ConsumerKey;
use super::consumer::Consumer;
use super::effect::{Effect, Effects};
use super::machine::Machine;
use crate::protocol::queue::DeathReason;
use crate::time::Time;

impl Machine {
    pub(super) fn serve(&mut self, now: Time, effects: &mut Effects) {
        loop {
            if self.ready.first().is_some_and(|message| message.is_expired(now)) {
                self.expire(now, effects);
            }
            if self.ready.is_empty() || self.service.is_empty() {
                return;
            }
            let key = self.service.remove(0);
            let Ok(at) = self.consumers.binary_search_by_key(&key, |it| it.key) else { continue };
            if !self.consumers[at].wants_more() {
                continue;
            }
            let Some(message) = self.ready.pop() else { return };
            let consumer = &mut self.consumers[at];
            let (session, tag) = (consumer.session, consumer.tag);
            let local = effects.leading || session.node == effects.me;
            let copy = local.then(|| message.clone());
            let delivery = consumer.hand(message, now + self.config.consumer_timeout);
            self.queue_for_service(key);
            if let Some(message) = copy {
                effects.list.push(Effect::Deliver { to: session, consumer: key, tag, delivery, message });
            }
        }
    }

    /// All that has expired at the fronts.
    pub(super) fn expire(&mut self, now: Time, effects: &mut Effects) {
        while let Some(message) = self.ready.pop_expired(now) {
            self.bury(message, DeathReason::Expired, effects);
        }
    }

    pub(super) fn find(&mut self, key: ConsumerKey) -> Option<&mut Consumer> {
        let at = self.consumers.binary_search_by_key(&key, |it| it.key).ok()?;
        Some(&mut self.consumers[at])
    }

    /// A consumer may want messages: it gets its turn, behind its equals.
    pub(super) fn queue_for_service(&mut self, key: ConsumerKey) {
        let Ok(at) = self.consumers.binary_search_by_key(&key, |it| it.key) else { return };
        let consumer = &self.consumers[at];
        if !consumer.wants_more() || self.service.contains(&key) {
            return;
        }
        let priority = consumer.priority;
        let place = self.service.iter().position(|&other| {
            let at = self.consumers.binary_search_by_key(&other, |it| it.key);
            at.is_ok_and(|at| self.consumers[at].priority < priority)
        });
        self.service.insert(place.unwrap_or(self.service.len()), key);
    }
}
