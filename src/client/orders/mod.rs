//! The shop's own database, as a producer uses it, whatever it publishes to. A
//! business fact is a row there, and it is committed before anything is published.
//! The two are separate steps: a process that dies between them leaves an order
//! that nobody was told of.
//!
//! With an outbox (本地消息表) the event is a row, too, committed in the same
//! transaction, and a relay publishes it later (see `relay`). The shop can then
//! tell its customer "ok" at the commit, broker or no broker; so that is when a
//! fact counts as told ok. Without an outbox it is told what became of its
//! publish, as ever.
//!
//! Asking the database again after a lost answer is safe: the order's number is
//! unique, so a repeat is refused as a duplicate, which means that it is there.

mod lookup;
mod relay;

use std::collections::VecDeque;
use std::sync::Arc;

use super::link::{Link, Pace};
use super::occurrences::Occurrences;
use crate::event::{Closed, CopyId, NodeId};
use crate::node::{ConnectionId, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::protocol::store::{Method, OutboxRow, Transaction, Write};
use crate::time::{Span, Time};

use lookup::Lookups;
use relay::Relay;

/// How long the database may take until its connection is suspect.
const PATIENCE: Span = Span::from_secs(5);

/// How a producer uses its database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Empty: it has none.
    pub database: Arc<[NodeId]>,
    /// Commit the event with the fact, for the relay to publish.
    pub outbox: bool,
    /// How long the relay waits until it looks for new rows.
    pub relay_interval: Span,
    /// How often one row is handed out at most; 0 counts as 1.
    pub attempts_at_most: u16,
    pub pace: Pace,
}

/// Its timers.
#[derive(Clone, Copy, Debug)]
pub struct Timers {
    pub link: TimerId,
    /// The database may have taken too long to answer.
    pub answer: TimerId,
    /// Time to look for unsent rows.
    pub relay: TimerId,
}

/// What an input came to.
#[derive(Clone, Debug)]
pub enum Signal {
    None,
    /// The producer may look into the outbox, if it has nothing in hand.
    Ready,
    /// The row of the fact at this place is committed.
    Committed(u32),
    /// Rows of the outbox that are to be published.
    Rows(Vec<OutboxRow>),
    /// Whether the order that a copy tells of is there.
    LookedUp {
        copy: CopyId,
        is_there: bool,
    },
}

/// What a producer with a database keeps for it.
#[derive(Clone, Debug)]
pub struct Orders {
    timers: Timers,
    link: Link,
    /// Facts without a committed row, in order, by their places in the workload, with
    /// the time of the question, if it was asked on this connection.
    uncommitted: VecDeque<(u32, Option<(u64, Time)>)>,
    requests: u64,
    answer_timer_set: bool,
    lookups: Lookups,
    /// Set with an outbox.
    relay: Option<Relay>,
}

impl Orders {
    /// `None` for a producer without a database.
    pub fn new(options: Options, timers: Timers) -> Option<Self> {
        if options.database.is_empty() {
            return None;
        }
        let relay = options.outbox.then(|| Relay::new(options.relay_interval, options.attempts_at_most));
        let link = Link::new(options.database, options.pace, timers.link);
        Some(Self {
            timers,
            link,
            uncommitted: VecDeque::new(),
            requests: 0,
            answer_timer_set: false,
            lookups: Lookups::default(),
            relay,
        })
    }

    pub fn start(&mut self, now: Time, out: &mut Outputs) {
        self.link.start(now, out);
    }

    pub fn reset(&mut self) {
        self.link.reset();
        self.uncommitted.clear();
        self.requests = 0;
        self.answer_timer_set = false;
        self.lookups.forget();
        self.relay.iter_mut().for_each(Relay::reset);
    }

    /// Whether messages come from an outbox, and stay there until they are sent.
    #[must_use]
    pub const fn relays(&self) -> bool {
        self.relay.is_some()
    }

    /// Places of facts that only this process knows of.
    pub fn uncommitted(&self) -> impl Iterator<Item = u32> + '_ {
        self.uncommitted.iter().map(|(index, _)| *index)
    }

    /// Since when the database owes an answer.
    fn waiting_since(&self) -> Option<Time> {
        let asked = self.uncommitted.front().and_then(|(_, asked)| asked.map(|(_, since)| since));
        let relayed = self.relay.iter().flat_map(Relay::waiting_since);
        asked.into_iter().chain(relayed).chain(self.lookups.waiting_since()).min()
    }

    /// Takes an input that concerns the database.
    ///
    /// # Errors
    /// Gives back any other.
    pub fn handle(
        &mut self,
        now: Time,
        input: Input,
        workload: &Occurrences,
        out: &mut Outputs,
    ) -> Result<Signal, Input> {
        match input {
            Input::Timer(timer) if timer == self.timers.relay => {
                self.relay.iter_mut().for_each(Relay::timer_fired);
                return Ok(Signal::Ready);
            }
            Input::Timer(timer) if timer == self.timers.answer => self.answer_due(now, out),
            Input::Timer(timer) if timer == self.timers.link => {
                self.link.timer(now, out);
            }
            Input::Frame { connection, frame: Frame::Store(method), .. } => return Ok(self.hear(connection, method)),
            Input::Opened { connection, .. } if self.link.opened(connection, out) => {
                self.commit(now, workload, out);
                return Ok(Signal::Ready);
            }
            Input::Closed { connection, why } if self.link.closed(now, connection, why, out) => self.lost(now, out),
            other => return Err(other),
        }
        Ok(Signal::None)
    }

    /// A fact occurred.
    pub fn record(&mut self, now: Time, index: u32, workload: &Occurrences, out: &mut Outputs) {
        self.uncommitted.push_back((index, None));
        self.commit(now, workload, out);
    }

    /// Sends every transaction that was not sent on this connection.
    fn commit(&mut self, now: Time, workload: &Occurrences, out: &mut Outputs) {
        let Some(connection) = self.link.connection() else { return };
        let writes: &[Write] = if self.relay.is_some() { &[Write::Order, Write::Outbox] } else { &[Write::Order] };
        // What was asked is in front.
        let first = self.uncommitted.partition_point(|(_, asked)| asked.is_some());
        for (index, asked) in self.uncommitted.range_mut(first..) {
            self.requests += 1;
            *asked = Some((self.requests, now));
            let fact = workload.fact(*index as usize);
            let copy = CopyId { message: fact.message, attempt: 1, branch: 0 };
            let transaction = Transaction::about(copy, fact, 0).with(writes);
            out.send(connection, Method::Transact { request: self.requests, transaction }, Some(copy));
        }
        self.expect_answer(now, out);
    }

    fn expect_answer(&mut self, now: Time, out: &mut Outputs) {
        if !self.answer_timer_set && self.waiting_since().is_some() {
            self.answer_timer_set = true;
            out.set_timer(self.timers.answer, now + PATIENCE);
        }
    }

    /// Has the database been silent for too long?
    fn answer_due(&mut self, now: Time, out: &mut Outputs) {
        self.answer_timer_set = false;
        let Some(since) = self.waiting_since() else { return };
        if since + PATIENCE <= now {
            self.link.fail(now, Closed::Orderly, out);
            self.lost(now, out);
        } else {
            self.answer_timer_set = true;
            out.set_timer(self.timers.answer, since + PATIENCE);
        }
    }

    /// What was not answered will be asked again.
    fn lost(&mut self, now: Time, out: &mut Outputs) {
        self.uncommitted.iter_mut().for_each(|(_, asked)| *asked = None);
        self.relay.iter_mut().for_each(Relay::forget_questions);
        self.lookups.forget();
        self.wake_relay(now, out);
    }

    /// The database answers.
    fn hear(&mut self, connection: ConnectionId, method: Method) -> Signal {
        if self.link.connection() != Some(connection) {
            return Signal::None;
        }
        match method {
            // Committed, or a duplicate: the row is there either way.
            Method::Transacted { request, .. } => self.committed(request),
            Method::Found { request, is_there } => self.found(request, is_there),
            Method::Polled { request, rows } => {
                let rows = self.relay.as_mut().and_then(|relay| relay.polled(request, rows));
                rows.map_or(Signal::None, Signal::Rows)
            }
            _ => Signal::None,
        }
    }

    fn committed(&mut self, answered: u64) -> Signal {
        if self.relay.as_mut().is_some_and(|relay| relay.is_marked(answered)) {
            return Signal::None;
        }
        match self.uncommitted.front().copied() {
            Some((index, Some((request, _)))) if request == answered => {
                self.uncommitted.pop_front();
                Signal::Committed(index)
            }
            _ => Signal::None,
        }
    }
}
