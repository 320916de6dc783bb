//! The relay of an outbox: asks the shop's database for unsent rows, oldest
//! first, has them published, and marks each as sent once the broker has confirmed
//! it. It runs inside the producer's process, as a scheduled task of most shops
//! does; a program of its own would do the same.
//!
//! It keeps nothing that matters: what is not marked is found again after a crash,
//! a nack or a lost connection, and published once more. So a crash between a
//! publish and its mark makes a duplicate, and none loses anything. That holds for
//! an idempotent producer of a log as well: the process that sends again has
//! another producer id. Without confirms it must mark a row as it sends it, and
//! then a row can be lost.
//!
//! The database counts the attempts on a row. One that the broker would not take
//! so often is left to people; it stays in the table.

use std::collections::VecDeque;

use super::Orders;
use crate::event::CopyId;
use crate::node::Outputs;
use crate::protocol::fact::Fact;
use crate::protocol::store::{Method, OutboxRow, Transaction, Write};
use crate::time::{Span, Time};

#[derive(Clone, Debug)]
pub(super) struct Relay {
    interval: Span,
    attempts_at_most: u16,
    /// There may be unsent rows.
    has_work: bool,
    timer_set: bool,
    /// The poll that is not answered: its number, its limit, and since when.
    asked: Option<(u64, u16, Time)>,
    /// Marks that are not answered, in order.
    marks: VecDeque<(u64, Time)>,
}

impl Relay {
    /// A relay looks for what an earlier process left behind.
    pub const fn new(interval: Span, attempts_at_most: u16) -> Self {
        Self { interval, attempts_at_most, has_work: true, timer_set: false, asked: None, marks: VecDeque::new() }
    }

    pub fn reset(&mut self) {
        *self = Self::new(self.interval, self.attempts_at_most);
    }

    /// Since when the database owes an answer.
    pub fn waiting_since(&self) -> impl Iterator<Item = Time> {
        let asked = self.asked.map(|(_, _, since)| since);
        asked.into_iter().chain(self.marks.front().map(|(_, since)| *since))
    }

    /// The database is gone: what it was asked is open again.
    pub fn forget_questions(&mut self) {
        self.asked = None;
        self.marks.clear();
    }

    pub const fn timer_fired(&mut self) {
        self.timer_set = false;
    }

    /// Whether this answer is to a mark.
    pub fn is_marked(&mut self, answered: u64) -> bool {
        let is_it = self.marks.front().is_some_and(|(request, _)| *request == answered);
        if is_it {
            self.marks.pop_front();
        }
        is_it
    }

    /// The rows to be published, if this answers the poll.
    pub fn polled(&mut self, answered: u64, rows: Box<[OutboxRow]>) -> Option<Vec<OutboxRow>> {
        let (_, limit, _) = self.asked.take_if(|(request, ..)| *request == answered)?;
        self.has_work |= rows.len() >= usize::from(limit);
        let mut rows = rows.into_vec();
        rows.retain(|row| row.attempt <= self.attempts_at_most.max(1));
        Some(rows)
    }
}

impl Orders {
    /// There are rows to be sent; they may wait for the next look.
    pub fn wake_relay(&mut self, now: Time, out: &mut Outputs) {
        let Some(relay) = &mut self.relay else { return };
        relay.has_work = true;
        if !relay.timer_set {
            relay.timer_set = true;
            out.set_timer(self.timers.relay, now + relay.interval);
        }
    }

    /// Asks for so many unsent rows at most. To be called once those in hand are
    /// done with.
    pub fn poll(&mut self, now: Time, limit: usize, out: &mut Outputs) {
        let Some(relay) = &mut self.relay else { return };
        let Some(connection) = self.link.connection() else { return };
        if relay.asked.is_some() || relay.timer_set || !relay.has_work {
            return;
        }
        self.requests += 1;
        let (request, limit) = (self.requests, u16::try_from(limit.max(1)).unwrap_or(u16::MAX));
        relay.has_work = false;
        relay.asked = Some((request, limit, now));
        out.send(connection, Method::Poll { request, limit }, None);
        self.expect_answer(now, out);
    }

    /// Without the database this is in vain, and the row will be sent again.
    pub fn mark_sent(&mut self, now: Time, copy: CopyId, fact: Fact, out: &mut Outputs) {
        let Some(relay) = &mut self.relay else { return };
        let Some(connection) = self.link.connection() else { return };
        self.requests += 1;
        relay.marks.push_back((self.requests, now));
        let transaction = Transaction::about(copy, fact, 0).with(&[Write::MarkSent]);
        out.send(connection, Method::Transact { request: self.requests, transaction }, Some(copy));
        self.expect_answer(now, out);
    }
}
