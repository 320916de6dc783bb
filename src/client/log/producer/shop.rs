//! A producer whose shop has an outbox: each fact is committed to the database
//! first, together with a row that the relay takes to `send()` later. See
//! [`crate::client::orders`].
//!
//! A process that dies after the broker has stored a record, and before it has the
//! answer, leaves a row that is not marked. The next process sends it again, and no
//! numbers help: they are those of another producer id. An idempotent producer
//! removes the repeats of its client, not those of its program.

use std::collections::BTreeMap;

use super::{LogProducer, LogProducerOptions};
use crate::client::link::Pace;
use crate::client::orders::{self, Orders, Signal};
use crate::event::{Answer, CopyId, Kind, MessageId, Reason};
use crate::node::{Input, Outputs, TimerId};
use crate::protocol::log::Acks;
use crate::protocol::store::OutboxRow;
use crate::time::{Span, Time};

const TIMERS: orders::Timers = orders::Timers { link: TimerId(4), answer: TimerId(5), relay: TimerId(6) };
/// How long a connection to the database may take to come.
const PATIENCE: Span = Span::from_secs(5);
/// How often a row is handed out at most.
const ATTEMPTS_AT_MOST: u16 = 8;

/// The shop's database, and the rows of its outbox that are in hand.
#[derive(Clone, Debug)]
pub(super) struct Shop {
    orders: Orders,
    /// Of rows that were handed out before, how often. The client counts its own
    /// attempts on top of that.
    before: BTreeMap<MessageId, u16>,
    /// Acknowledged, and to be marked as sent.
    sent: Vec<CopyId>,
    /// Some record was not, and its row is to be found again.
    has_failed: bool,
}

impl Shop {
    /// `None` without a database.
    pub fn of(options: &LogProducerOptions) -> Option<Self> {
        let own = orders::Options {
            database: options.database.clone(),
            outbox: options.outbox,
            relay_interval: options.relay_interval,
            attempts_at_most: ATTEMPTS_AT_MOST,
            pace: Pace { retry_after: options.reconnect_after, patience: PATIENCE, seed: options.seed },
        };
        let orders = Orders::new(own, TIMERS)?;
        Some(Self { orders, before: BTreeMap::new(), sent: Vec::new(), has_failed: false })
    }

    pub fn start(&mut self, now: Time, out: &mut Outputs) {
        self.orders.start(now, out);
    }

    pub fn reset(&mut self) {
        self.orders.reset();
        self.before.clear();
        self.sent.clear();
        self.has_failed = false;
    }

    pub fn sent_before(&self, message: MessageId) -> u16 {
        self.before.get(&message).copied().unwrap_or(0)
    }

    /// A record from the outbox is done with.
    fn settle(&mut self, copy: CopyId, is_sent: bool) {
        self.before.remove(&copy.message);
        if is_sent {
            self.sent.push(copy);
        }
        self.has_failed |= !is_sent;
    }
}

impl LogProducer {
    /// Takes an input that concerns the database; gives back any other.
    pub(super) fn take_of_database(&mut self, now: Time, input: Input, out: &mut Outputs) -> Option<Input> {
        let Some(shop) = &mut self.shop else { return Some(input) };
        match shop.orders.handle(now, input, &self.options.workload, out) {
            Ok(Signal::None | Signal::Ready | Signal::LookedUp { .. }) => {}
            Ok(Signal::Committed(index)) => self.committed(now, index, out),
            Ok(Signal::Rows(rows)) => rows.into_iter().for_each(|row| self.take_row(now, row, out)),
            Err(other) => return Some(other),
        }
        None
    }

    /// A fact occurred. Without a database it is to be sent at once.
    pub(super) fn record(&mut self, now: Time, index: u32, out: &mut Outputs) {
        match &mut self.shop {
            Some(shop) => shop.orders.record(now, index, &self.options.workload, out),
            None => self.submit(now, index, out),
        }
    }

    /// The program means to send a fact.
    fn submit(&mut self, now: Time, index: u32, out: &mut Outputs) {
        match &mut self.transaction {
            None => self.call(now, index, out),
            Some(transaction) => transaction.waiting.push_back(index),
        }
    }

    /// How often an outbox handed the message out before.
    pub(super) fn sent_before(&self, message: MessageId) -> u16 {
        self.shop.as_ref().map_or(0, |shop| shop.sent_before(message))
    }

    pub(super) fn relays(&self) -> bool {
        self.shop.as_ref().is_some_and(|shop| shop.orders.relays())
    }

    /// Facts that only this process knows of.
    pub(super) fn uncommitted(&self) -> impl Iterator<Item = u32> + '_ {
        self.shop.iter().flat_map(|shop| shop.orders.uncommitted())
    }

    fn committed(&mut self, now: Time, index: u32, out: &mut Outputs) {
        match &mut self.shop {
            Some(shop) if shop.orders.relays() => {
                shop.orders.wake_relay(now, out);
                self.say(self.copy(index, 1), Answer::Ok, out);
            }
            _ => self.submit(now, index, out),
        }
    }

    /// A row holds the whole message; here it names the fact that it was made from.
    fn take_row(&mut self, now: Time, row: OutboxRow, out: &mut Outputs) {
        let (Some(shop), Some(place)) = (&mut self.shop, self.options.workload.place_of(row.message)) else { return };
        if row.attempt > 1 {
            shop.before.insert(row.message, row.attempt - 1);
        }
        self.submit(now, place as u32, out);
    }

    /// What became of a record. The program hears of it, unless it was told at the
    /// commit of the row; then the row is marked as sent, or found again.
    pub(super) fn tell(&mut self, copy: CopyId, answer: Answer, out: &mut Outputs) {
        self.tell_by(copy, answer, 0, out);
    }

    /// With the detail that says who has answered.
    pub(super) fn tell_by(&mut self, copy: CopyId, answer: Answer, by: u64, out: &mut Outputs) {
        let asks_for_nothing = self.options.acks == Acks::None;
        match &mut self.shop {
            Some(shop) if shop.orders.relays() => shop.settle(copy, answer == Answer::Ok || asks_for_nothing),
            _ => self.say_by(copy, answer, by, out),
        }
    }

    /// This process gives a record up. In an outbox it is kept.
    pub(super) fn drop_record(&self, copy: CopyId, why: Reason, out: &mut Outputs) {
        if !self.relays() {
            out.note(Kind::Dropped(why), Some(copy));
        }
    }

    /// Marks what was sent, and asks for more once nothing is in hand.
    pub(super) fn relay(&mut self, now: Time, out: &mut Outputs) {
        let Some(Shop { orders, sent, has_failed, .. }) = &mut self.shop else { return };
        for copy in sent.drain(..) {
            if let Some(place) = self.options.workload.place_of(copy.message) {
                orders.mark_sent(now, copy, self.options.workload.fact(place), out);
            }
        }
        if std::mem::take(has_failed) {
            orders.wake_relay(now, out);
        }
        if self.buffer.is_flushed() && self.transaction.as_ref().is_none_or(|open| !open.has_work()) {
            orders.poll(now, self.options.in_flight.max(1) * self.options.batch_records.max(1), out);
        }
    }
}
