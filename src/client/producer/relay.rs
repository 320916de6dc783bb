//! The relay of an outbox: asks the shop's database for unsent rows, oldest
//! first, publishes them, and marks each as sent once the broker has confirmed
//! it. It runs inside the producer's process, as a scheduled task of most shops
//! does; a program of its own would do the same.
//!
//! It keeps nothing that matters: what is not marked is found again after a crash,
//! a nack or a lost connection, and published once more. So a crash between a
//! publish and its mark makes a duplicate, and none loses anything. Without
//! confirms it must mark a row as it sends it, and then a row can be lost.
//!
//! The database counts the attempts on a row. One that the broker would not take
//! so often is left to people; it stays in the table.

use std::collections::VecDeque;

use super::orders::Orders;
use super::window::Held;
use super::{Confirms, Producer};
use crate::flaw::{self, Flaw};
use crate::node::{Outputs, TimerId};
use crate::protocol::store::{Method, OutboxRow, Transaction, Write};
use crate::time::{Span, Time};

/// Time to look for unsent rows.
pub(super) const RELAY: TimerId = TimerId(7);

#[derive(Clone, Debug)]
pub(super) struct Relay {
    interval: Span,
    /// There may be unsent rows.
    has_work: bool,
    timer_set: bool,
    /// The poll that is not answered, and since when.
    asked: Option<(u64, Time)>,
    /// Marks that are not answered, in order.
    marks: VecDeque<(u64, Time)>,
}

impl Relay {
    /// A relay looks for what an earlier process left behind.
    pub const fn new(interval: Span) -> Self {
        Self { interval, has_work: true, timer_set: false, asked: None, marks: VecDeque::new() }
    }

    pub fn reset(&mut self) {
        *self = Self::new(self.interval);
    }

    /// Since when the database owes an answer.
    pub fn waiting_since(&self) -> impl Iterator<Item = Time> {
        self.asked.into_iter().chain(self.marks.front().copied()).map(|(_, since)| since)
    }

    /// The database is gone: what it was asked is open again.
    pub fn forget_questions(&mut self) {
        self.asked = None;
        self.marks.clear();
    }

    /// Whether this answer is to a mark.
    pub fn is_marked(&mut self, answered: u64) -> bool {
        let is_it = self.marks.front().is_some_and(|(request, _)| *request == answered);
        if is_it {
            self.marks.pop_front();
        }
        is_it
    }
}

impl Producer {
    fn relay(&mut self) -> Option<&mut Relay> {
        self.orders.as_mut()?.relay.as_mut()
    }

    /// Whether messages come from an outbox, and stay there until they are sent.
    pub(super) fn relays(&self) -> bool {
        self.orders.as_ref().is_some_and(|orders| orders.relay.is_some())
    }

    /// There are rows to be sent; they may wait for the next look.
    pub(super) fn wake_relay(&mut self, now: Time, out: &mut Outputs) {
        let Some(relay) = self.relay() else { return };
        relay.has_work = true;
        if !relay.timer_set {
            relay.timer_set = true;
            out.set_timer(RELAY, now + relay.interval);
        }
    }

    pub(super) fn relay_due(&mut self, now: Time, out: &mut Outputs) {
        if let Some(relay) = self.relay() {
            relay.timer_set = false;
        }
        self.poll(now, out);
    }

    /// Asks for unsent rows, once those in hand are done with.
    pub(super) fn poll(&mut self, now: Time, out: &mut Outputs) {
        if !self.session.is_ready() || self.window.open() > 0 || !self.waiting.is_empty() {
            return;
        }
        let limit = u16::try_from(self.options.window.max(1)).unwrap_or(u16::MAX);
        let Some(Orders { link, relay: Some(relay), requests, .. }) = &mut self.orders else { return };
        let Some(connection) = link.connection() else { return };
        if relay.asked.is_some() || relay.timer_set || !relay.has_work {
            return;
        }
        *requests += 1;
        relay.has_work = false;
        relay.asked = Some((*requests, now));
        out.send(connection, Method::Poll { request: *requests, limit }, None);
        self.expect_answer(now, out);
    }

    pub(super) fn polled(&mut self, now: Time, answered: u64, rows: &[OutboxRow], out: &mut Outputs) {
        let limit = self.options.window.max(1);
        let Some(relay) = self.relay() else { return };
        if relay.asked.is_none_or(|(request, _)| request != answered) {
            return;
        }
        relay.asked = None;
        relay.has_work |= rows.len() >= limit;
        let attempts_at_most = self.options.attempts_at_most.max(1);
        for row in rows.iter().filter(|row| row.attempt <= attempts_at_most) {
            if let Some(index) = self.place_of(*row) {
                self.waiting.push_back(Held { index, attempt: row.attempt, unanswered: false });
            }
        }
        self.publish(now, out);
    }

    /// A row holds the whole message; here it names the fact that it was made from.
    fn place_of(&self, row: OutboxRow) -> Option<u32> {
        self.options.workload.place_of(row.message).map(|place| place as u32)
    }

    /// A row was published. Without an answer to come, that is all there is.
    pub(super) fn relayed(&mut self, now: Time, held: Held, out: &mut Outputs) {
        if self.options.confirms == Confirms::Off || flaw::is_on(Flaw::SentMarkedBeforeConfirm) {
            self.mark_sent(now, held, out);
        }
    }

    /// Without the database this is in vain, and the row will be sent again.
    pub(super) fn mark_sent(&mut self, now: Time, held: Held, out: &mut Outputs) {
        let (copy, fact) = (self.copy(held), self.options.workload.fact(held.index as usize));
        let Some(Orders { link, relay: Some(relay), requests, .. }) = &mut self.orders else { return };
        let Some(connection) = link.connection() else { return };
        *requests += 1;
        relay.marks.push_back((*requests, now));
        let transaction = Transaction::about(copy, fact, 0).with(&[Write::MarkSent]);
        out.send(connection, Method::Transact { request: *requests, transaction }, Some(copy));
        self.expect_answer(now, out);
    }
}
