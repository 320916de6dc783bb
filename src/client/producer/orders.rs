//! The shop's own database. A business fact is a row there, and it is committed
//! before anything is published. The two are separate steps: a process that dies
//! between them leaves an order that nobody was told of.
//!
//! With an outbox (本地消息表) the event is a row, too, committed in the same
//! transaction, and a relay publishes it later (see `relay`). The shop can then
//! tell its customer "ok" at the commit, broker or no broker; so that is when a
//! fact counts as told ok. Without an outbox it is told what became of its
//! publish, as ever.
//!
//! Asking the database again after a lost answer is safe: the order's number is
//! unique, so a repeat is refused as a duplicate, which means that it is there.

use std::collections::VecDeque;

use super::half::Halves;
use super::relay::{RELAY, Relay};
use super::window::Held;
use super::{Producer, ProducerOptions};
use crate::client::link::{Link, Pace};
use crate::event::{Answer, Closed, CopyId};
use crate::node::{ConnectionId, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::protocol::store::{Method, Transaction, Write};
use crate::time::{Span, Time};

/// The link to the database.
const LINK: TimerId = TimerId(5);
/// The database may have taken too long to answer.
const ANSWER: TimerId = TimerId(6);

/// How long the database may take until its connection is suspect.
const PATIENCE: Span = Span::from_secs(5);

/// What a producer with a database keeps for it.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    pub link: Link,
    /// Facts without a committed row, in order, with the time of the question, if
    /// it was asked on this connection.
    pub uncommitted: VecDeque<(Held, Option<(u64, Time)>)>,
    pub requests: u64,
    pub answer_timer_set: bool,
    /// Set with an outbox.
    pub relay: Option<Relay>,
    /// Set where messages go out as halves before their facts are committed.
    pub halves: Option<Halves>,
}

impl Orders {
    /// `None` for a producer without a database.
    pub fn of(options: &ProducerOptions, pace: Pace) -> Option<Self> {
        if options.database.is_empty() {
            return None;
        }
        let link = Link::new(options.database.clone(), pace, LINK);
        let relay = options.outbox.then(|| Relay::new(options.relay_interval));
        let halves = options.halves.then(Halves::default);
        Some(Self { link, uncommitted: VecDeque::new(), requests: 0, answer_timer_set: false, relay, halves })
    }

    pub fn reset(&mut self) {
        self.link.reset();
        self.uncommitted.clear();
        self.requests = 0;
        self.answer_timer_set = false;
        self.relay.iter_mut().for_each(Relay::reset);
        self.halves = self.halves.take().map(|_| Halves::default());
    }

    /// Since when the database owes an answer.
    fn waiting_since(&self) -> Option<Time> {
        let asked = self.uncommitted.front().and_then(|(_, asked)| asked.map(|(_, since)| since));
        let relayed = self.relay.iter().flat_map(Relay::waiting_since);
        let looked = self.halves.iter().flat_map(Halves::waiting_since);
        asked.into_iter().chain(relayed).chain(looked).min()
    }
}

impl Producer {
    /// Takes an input that concerns the database; gives back any other.
    pub(super) fn take_of_database(&mut self, now: Time, input: Input, out: &mut Outputs) -> Option<Input> {
        let Some(orders) = &mut self.orders else { return Some(input) };
        match input {
            Input::Timer(RELAY) => self.relay_due(now, out),
            Input::Timer(ANSWER) => self.answer_due(now, out),
            Input::Timer(LINK) => {
                orders.link.timer(now, out);
            }
            Input::Frame { connection, frame: Frame::Store(method), .. } => {
                self.hear_database(now, connection, method, out)
            }
            Input::Opened { connection, .. } if orders.link.opened(connection, out) => {
                self.commit(now, out);
                self.poll(now, out);
            }
            Input::Closed { connection, why } if orders.link.closed(now, connection, why, out) => {
                self.database_lost(now, out);
            }
            other => return Some(other),
        }
        None
    }

    /// Facts that only this process knows of.
    pub(super) fn uncommitted(&self) -> impl Iterator<Item = Held> + '_ {
        self.orders.iter().flat_map(|orders| orders.uncommitted.iter().map(|(held, _)| *held))
    }

    /// A fact occurred. Without a database it is to be published at once.
    pub(super) fn record(&mut self, now: Time, held: Held, out: &mut Outputs) {
        match &self.orders {
            Some(orders) if orders.halves.is_none() => self.commit_one(now, held, out),
            _ => self.waiting.push_back(held),
        }
    }

    /// A fact is to be committed.
    pub(super) fn commit_one(&mut self, now: Time, held: Held, out: &mut Outputs) {
        if let Some(orders) = &mut self.orders {
            orders.uncommitted.push_back((held, None));
            self.commit(now, out);
        }
    }

    /// Sends every transaction that was not sent on this connection.
    fn commit(&mut self, now: Time, out: &mut Outputs) {
        let Some(orders) = &mut self.orders else { return };
        let Some(connection) = orders.link.connection() else { return };
        let writes: &[Write] = if orders.relay.is_some() { &[Write::Order, Write::Outbox] } else { &[Write::Order] };
        // What was asked is in front.
        let first = orders.uncommitted.partition_point(|(_, asked)| asked.is_some());
        for (held, asked) in orders.uncommitted.range_mut(first..) {
            orders.requests += 1;
            *asked = Some((orders.requests, now));
            let fact = self.options.workload.fact(held.index as usize);
            let copy = CopyId { message: fact.message, attempt: 1, branch: 0 };
            let transaction = Transaction::about(copy, fact, 0).with(writes);
            out.send(connection, Method::Transact { request: orders.requests, transaction }, Some(copy));
        }
        self.expect_answer(now, out);
    }

    pub(super) fn expect_answer(&mut self, now: Time, out: &mut Outputs) {
        let Some(orders) = &mut self.orders else { return };
        if !orders.answer_timer_set && orders.waiting_since().is_some() {
            orders.answer_timer_set = true;
            out.set_timer(ANSWER, now + PATIENCE);
        }
    }

    /// Has the database been silent for too long?
    fn answer_due(&mut self, now: Time, out: &mut Outputs) {
        let Some(orders) = &mut self.orders else { return };
        orders.answer_timer_set = false;
        let Some(since) = orders.waiting_since() else { return };
        if since + PATIENCE <= now {
            orders.link.fail(now, Closed::Orderly, out);
            self.database_lost(now, out);
        } else {
            orders.answer_timer_set = true;
            out.set_timer(ANSWER, since + PATIENCE);
        }
    }

    /// What was not answered will be asked again.
    fn database_lost(&mut self, now: Time, out: &mut Outputs) {
        let Some(orders) = &mut self.orders else { return };
        orders.uncommitted.iter_mut().for_each(|(_, asked)| *asked = None);
        if let Some(relay) = &mut orders.relay {
            relay.forget_questions();
        }
        if let Some(halves) = &mut orders.halves {
            halves.forget_questions();
        }
        self.wake_relay(now, out);
    }

    /// The database answers.
    fn hear_database(&mut self, now: Time, connection: ConnectionId, method: Method, out: &mut Outputs) {
        if self.orders.as_ref().is_none_or(|orders| orders.link.connection() != Some(connection)) {
            return;
        }
        match method {
            // Committed, or a duplicate: the row is there either way.
            Method::Transacted { request, .. } => self.committed(now, request, out),
            Method::Found { request, is_there } => self.looked_up(now, request, is_there, out),
            Method::Polled { request, rows } => self.polled(now, request, &rows, out),
            _ => {}
        }
    }

    fn committed(&mut self, now: Time, answered: u64, out: &mut Outputs) {
        let Some(orders) = &mut self.orders else { return };
        if orders.relay.as_mut().is_some_and(|relay| relay.is_marked(answered)) {
            return;
        }
        let Some((held, Some((request, _)))) = orders.uncommitted.front().copied() else { return };
        if request != answered {
            return;
        }
        orders.uncommitted.pop_front();
        if orders.relay.is_some() {
            self.tell(self.copy(held), Answer::Ok, out);
            self.wake_relay(now, out);
        } else if orders.halves.is_some() {
            self.half_committed(now, held, out);
        } else {
            self.waiting.push_back(held);
            self.publish(now, out);
        }
    }
}
