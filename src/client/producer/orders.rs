//! What a producer does with the shop's database, if it has one: each fact goes
//! there first; and if there is an outbox, only what comes back out of it is
//! published. See [`crate::client::orders`].

use super::window::Held;
use super::{Confirms, Producer, ProducerOptions};
use crate::client::link::Pace;
use crate::client::orders::{self, Orders, Signal};
use crate::event::Answer;
use crate::flaw::{self, Flaw};
use crate::node::{Input, Outputs, TimerId};
use crate::protocol::store::OutboxRow;
use crate::time::Time;

const TIMERS: orders::Timers = orders::Timers { link: TimerId(5), answer: TimerId(6), relay: TimerId(7) };

pub(super) fn of(options: &ProducerOptions, pace: Pace) -> Option<Orders> {
    let own = orders::Options {
        database: options.database.clone(),
        outbox: options.outbox,
        relay_interval: options.relay_interval,
        attempts_at_most: options.attempts_at_most,
        pace,
    };
    Orders::new(own, TIMERS)
}

impl Producer {
    /// Takes an input that concerns the database; gives back any other.
    pub(super) fn take_of_database(&mut self, now: Time, input: Input, out: &mut Outputs) -> Option<Input> {
        let Some(orders) = &mut self.orders else { return Some(input) };
        match orders.handle(now, input, &self.options.workload, out) {
            Ok(Signal::None) => {}
            Ok(Signal::Ready) => self.poll(now, out),
            Ok(Signal::Committed(index)) => self.committed(now, index, out),
            Ok(Signal::Rows(rows)) => self.polled(now, &rows, out),
            Ok(Signal::LookedUp { copy, is_there }) => self.looked_up(now, copy, is_there, out),
            Err(other) => return Some(other),
        }
        None
    }

    /// Whether messages come from an outbox, and stay there until they are sent.
    pub(super) fn relays(&self) -> bool {
        self.orders.as_ref().is_some_and(Orders::relays)
    }

    /// Facts that only this process knows of.
    pub(super) fn uncommitted(&self) -> impl Iterator<Item = Held> + '_ {
        let plain = self.orders.iter().filter(|_| !self.sends_halves()).flat_map(Orders::uncommitted);
        plain.map(Held::first).chain(self.halves.confirmed())
    }

    /// A fact occurred. Without a database it is to be published at once.
    pub(super) fn record(&mut self, now: Time, index: u32, out: &mut Outputs) {
        if self.orders.is_none() || self.sends_halves() {
            self.waiting.push_back(Held::first(index));
        } else {
            self.commit(now, index, out);
        }
    }

    pub(super) fn commit(&mut self, now: Time, index: u32, out: &mut Outputs) {
        self.orders.iter_mut().for_each(|orders| orders.record(now, index, &self.options.workload, out));
    }

    fn committed(&mut self, now: Time, index: u32, out: &mut Outputs) {
        if self.relays() {
            self.tell(self.copy(Held::first(index)), Answer::Ok, out);
            self.wake_relay(now, out);
        } else if self.sends_halves() {
            self.half_committed(now, index, out);
        } else {
            self.waiting.push_back(Held::first(index));
            self.publish(now, out);
        }
    }

    /// There are rows to be sent; they may wait for the next look.
    pub(super) fn wake_relay(&mut self, now: Time, out: &mut Outputs) {
        self.orders.iter_mut().for_each(|orders| orders.wake_relay(now, out));
    }

    /// Asks for unsent rows, once those in hand are done with.
    pub(super) fn poll(&mut self, now: Time, out: &mut Outputs) {
        if !self.session.is_ready() || self.window.open() > 0 || !self.waiting.is_empty() {
            return;
        }
        let limit = self.options.window;
        self.orders.iter_mut().for_each(|orders| orders.poll(now, limit, out));
    }

    /// A row holds the whole message; here it names the fact that it was made from.
    fn polled(&mut self, now: Time, rows: &[OutboxRow], out: &mut Outputs) {
        for row in rows {
            if let Some(place) = self.options.workload.place_of(row.message) {
                self.waiting.push_back(Held { index: place as u32, attempt: row.attempt, unanswered: false });
            }
        }
        self.publish(now, out);
    }

    /// A row was published. Without an answer to come, that is all there is.
    pub(super) fn relayed(&mut self, now: Time, held: Held, out: &mut Outputs) {
        if self.options.confirms == Confirms::Off || flaw::is_on(Flaw::SentMarkedBeforeConfirm) {
            self.mark_sent(now, held, out);
        }
    }

    pub(super) fn mark_sent(&mut self, now: Time, held: Held, out: &mut Outputs) {
        let (copy, fact) = (self.copy(held), self.options.workload.fact(held.index as usize));
        self.orders.iter_mut().for_each(|orders| orders.mark_sent(now, copy, fact, out));
    }
}
