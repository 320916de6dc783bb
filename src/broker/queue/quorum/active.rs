//! The single active consumer: one is served, the others wait. The one that waits
//! with the highest priority, and among equals the one that came first, is next
//! when it goes. One of higher priority takes over at once, or, when the active
//! one holds something, as soon as that is settled.
//!
//! That orders deliveries, not effects: a consumer that is taken for dead may
//! still be at work while the next one begins.

use super::command::ConsumerKey;
use super::consumer::{Consumer, Status};
use super::machine::Machine;
use crate::flaw::{self, Flaw};

impl Machine {
    /// Adds a consumer to those that wait.
    pub(super) fn wait(&mut self, consumer: Consumer) {
        self.waiting.retain(|it| it.key != consumer.key);
        self.waiting.push(consumer);
        self.sort_waiting();
    }

    /// Those that can be served first, then by priority, credit and age.
    pub(super) fn sort_waiting(&mut self) {
        self.waiting.sort_by_key(|it| {
            let out = it.trouble.is_some() || it.status != Status::Up;
            (out, std::cmp::Reverse((it.priority, it.credit)), it.key)
        });
    }

    fn next_in_line(&self) -> Option<&Consumer> {
        self.waiting.first().filter(|it| it.trouble.is_none() && it.status == Status::Up)
    }

    pub(super) fn activate_next(&mut self) {
        if !self.config.single_active {
            return;
        }
        let Some(next) = self.next_in_line() else { return };
        let priority = next.priority;
        let active = self.consumers.iter_mut().find(|it| it.is_active());
        let Some(active) = active.filter(|_| !flaw::is_on(Flaw::QuorumServesTwo)) else { return self.promote() };
        if priority <= active.priority {
            return;
        }
        if !active.held.is_empty() {
            active.status = Status::Quiescing;
            return;
        }
        let key = active.key;
        self.promote();
        if let Ok(at) = self.consumers.binary_search_by_key(&key, |it| it.key) {
            let mut former = self.consumers.remove(at);
            former.status = Status::Up;
            self.wait(former);
        }
    }

    fn promote(&mut self) {
        let consumer = self.waiting.remove(0);
        let key = consumer.key;
        if let Err(at) = self.consumers.binary_search_by_key(&key, |it| it.key) {
            self.consumers.insert(at, consumer);
        }
        self.queue_for_service(key);
    }

    /// A single active consumer in trouble that holds nothing makes room.
    pub(super) fn step_aside(&mut self, key: ConsumerKey) {
        self.tidy_consumer(key);
        let Ok(at) = self.consumers.binary_search_by_key(&key, |it| it.key) else { return };
        let consumer = &self.consumers[at];
        if self.config.single_active && consumer.trouble.is_some() && consumer.held.is_empty() {
            let consumer = self.consumers.remove(at);
            self.wait(consumer);
        }
    }
}
