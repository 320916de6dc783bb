//! A producer: a shop whose business facts must be told to a broker.
//!
//! Facts occur at their times while the process runs. One whose time passes
//! while it is down does not occur: the shop was closed. After a restart the
//! producer goes on with the next one; what an earlier process held in memory
//! is gone, unless it was in an outbox (`orders`) or is with the broker as a half
//! (`half`). While the process stands still (a pause),
//! facts occur late, on waking up.
//!
//! What it does about each fact is its policy:
//!
//! - `confirms` **off**: publish and forget. Without a connection the publish
//!   throws, and such a program logs it and goes on. Only the first connection
//!   is waited for, as opening it is part of starting up.
//! - **wait-each**: one unanswered publish at a time. **async**: a window of
//!   them. What occurs meanwhile waits in memory.
//! - **tx**: transactions, of one message if not told otherwise, which is as slow as waiting for each
//!   and says no more: the answer to the commit stands for the confirm.
//! - An answer ends the matter, except for a nack with `resend`. A returned
//!   (unroutable) message is acknowledged as well; the return counts.
//! - A publish without an answer makes the connection suspect: it is closed, and
//!   what is unanswered goes out again, in order, on the next one, or is
//!   reported as unknown. Resends are bounded.
//! - A connection that the broker blocked (a resource alarm) holds everything
//!   back, and time-outs with it.
//!
//! Sources: RabbitMQ's guides to publishers, confirms and connection.blocked;
//! `facts` 8.1 and 12A. Left out: batches, publishing on several
//! channels, a client that persists what it could not send.

mod answers;
mod half;
mod options;
mod orders;
mod script;
mod settings;
mod window;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use crate::client::occurrences::Occurrence;
pub use options::{Confirms, ProducerOptions};
pub use settings::SETTINGS;

use std::collections::VecDeque;

use crate::client::link::Pace;
use crate::client::occurrences::Payloads;
use crate::client::orders::Orders;
use crate::client::session::{self, Session, Signal};
use crate::event::{Answer, CopyId, Kind, Reason};
use crate::node::{Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Figure, Lane, LaneLabel, Picture, Place, Role};
use crate::protocol::queue::{Method, Publish};
use crate::time::Time;

use half::Halves;
use window::{Held, Window};

/// The next fact occurs.
const OCCUR: TimerId = TimerId(0);
/// The oldest unanswered publish may have waited too long.
const CONFIRM: TimerId = TimerId(1);
/// A nacked message may be sent again.
const RESEND: TimerId = TimerId(2);
/// The session's two.
const SESSION: TimerId = TimerId(3);

/// A producer with its policy.
#[derive(Clone, Debug)]
pub struct Producer {
    options: ProducerOptions,
    session: Session,
    /// The next fact of the workload.
    next: usize,
    payloads: Payloads,
    /// Occurred or to be sent again, in the order of sending.
    waiting: VecDeque<Held>,
    /// Nacked, and backing off until the time given. Sorted by it.
    later: VecDeque<(Time, Held)>,
    window: Window,
    /// The first attempt to connect has ended, well or badly.
    greeted: bool,
    blocked: bool,
    unblocked_at: Time,
    confirm_timer_set: bool,
    /// Messages were published, and are to be committed before anything else is done.
    in_transaction: bool,
    told: Told,
    /// Set if the shop has a database.
    orders: Option<Orders>,
    halves: Halves,
}

/// What this process was told so far.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    sent: u64,
    ok: u64,
    refused: u64,
    unknown: u64,
}

impl Producer {
    #[must_use]
    pub fn new(options: ProducerOptions) -> Self {
        let pace = Pace { retry_after: options.reconnect_after, patience: session::PATIENCE, seed: options.seed };
        let session = Session::new(options.brokers.clone(), pace, options.heartbeat, script::of(&options), SESSION);
        let orders = orders::of(&options, pace);
        Self {
            options,
            session,
            orders,
            halves: Halves::default(),
            next: 0,
            payloads: Payloads::default(),
            waiting: VecDeque::new(),
            later: VecDeque::new(),
            window: Window::default(),
            greeted: false,
            blocked: false,
            unblocked_at: Time::ZERO,
            confirm_timer_set: false,
            in_transaction: false,
            told: Told::default(),
        }
    }

    fn start(&mut self, now: Time, out: &mut Outputs) {
        self.session.start(now, out);
        self.orders.iter_mut().for_each(|orders| orders.start(now, out));
        self.next = self.options.workload.before(now);
        self.await_next_fact(out);
    }

    fn await_next_fact(&self, out: &mut Outputs) {
        if let Some(at) = self.options.workload.at(self.next) {
            out.set_timer(OCCUR, at);
        }
    }

    /// Lets every fact occur whose time has come.
    fn occur(&mut self, now: Time, out: &mut Outputs) {
        while self.options.workload.at(self.next).is_some_and(|at| at <= now) {
            let index = self.next as u32;
            self.next += 1;
            out.note(Kind::Attempted, Some(self.copy(Held::first(index))));
            self.record(now, index, out);
        }
        self.await_next_fact(out);
        self.publish(now, out);
    }

    /// Sends what may be sent.
    fn publish(&mut self, now: Time, out: &mut Outputs) {
        while self.may_send() {
            let Some(held) = self.waiting.pop_front() else { break };
            self.send(now, held, out);
        }
        if std::mem::take(&mut self.in_transaction) {
            self.session.send(now, Method::TxCommit, None, out);
        }
        self.poll(now, out);
        if self.options.confirms == Confirms::Off && self.greeted && !self.session.is_ready() && !self.relays() {
            while let Some(held) = self.waiting.pop_front() {
                out.note(Kind::Dropped(Reason::NotConnected), Some(self.copy(held)));
            }
        }
    }

    fn may_send(&self) -> bool {
        let room = match self.options.confirms {
            Confirms::Off => true,
            // Whoever waits for each answer also waits out its back-off.
            Confirms::WaitEach => self.window.open() == 0 && self.later.is_empty(),
            Confirms::Transaction => {
                let begun = self.in_transaction && self.window.open() < self.options.batch;
                (begun || self.window.open() == 0) && self.later.is_empty()
            }
            Confirms::Async => self.window.open() < self.options.window.max(1),
        };
        room && !self.blocked && self.session.is_ready()
    }

    fn send(&mut self, now: Time, held: Held, out: &mut Outputs) {
        let copy = self.copy(held);
        let publish = Publish {
            exchange: self.options.exchange,
            key: self.options.key_of(copy.message),
            copy,
            mandatory: self.options.mandatory,
            persistent: self.options.persistent,
            properties: self.options.properties(held.index),
            payload: self.payloads.of(&self.options.workload, held.index as usize),
        };
        let method = if self.sends_halves() { Method::PublishHalf(publish) } else { Method::Publish(publish) };
        self.session.send(now, method, Some(copy), out);
        out.note(Kind::Sent, Some(copy));
        self.told.sent += 1;
        self.in_transaction = self.options.confirms == Confirms::Transaction;
        if self.relays() {
            self.relayed(now, held, out);
        } else if self.options.confirms == Confirms::Off {
            self.tell(copy, Answer::Unknown, out);
        }
        if self.options.confirms == Confirms::Off {
            return;
        }
        self.window.push(held, now);
        if !self.confirm_timer_set {
            self.confirm_timer_set = true;
            out.set_timer(CONFIRM, now + self.options.confirm_timeout);
        }
    }

    fn copy(&self, held: Held) -> CopyId {
        let message = self.options.workload.message(held.index as usize);
        CopyId { message, attempt: held.attempt, branch: 0 }
    }

    /// What this process keeps: sent and unanswered, backing off, waiting. What
    /// comes from an outbox is there.
    fn kept(&self) -> impl Iterator<Item = CopyId> + '_ {
        let (resends, relays) = (self.options.resend, self.relays());
        let unanswered = self.window.iter().filter(move |slot| resends && !slot.returned).map(|slot| slot.held);
        let later = self.later.iter().map(|(_, held)| *held);
        let to_send = unanswered.chain(later).chain(self.waiting.iter().copied()).filter(move |_| !relays);
        to_send.chain(self.uncommitted()).map(|held| self.copy(held))
    }
}

impl Node for Producer {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        let Some(input) = self.take_of_database(now, input, out) else { return };
        match input {
            Input::Start(_) => self.start(now, out),
            Input::Timer(OCCUR) => self.occur(now, out),
            Input::Timer(CONFIRM) => self.confirms_due(now, out),
            Input::Timer(RESEND) => self.resend_due(now, out),
            input => match self.session.handle(now, input, out) {
                Signal::None => {}
                Signal::Ready => {
                    self.greeted = true;
                    self.window.clear();
                    self.publish(now, out);
                }
                Signal::Lost => self.lost(now, out),
                Signal::Method(method) => self.hear(now, method, out),
            },
        }
    }

    fn reset(&mut self) {
        self.session.reset();
        self.next = 0;
        self.waiting.clear();
        self.later.clear();
        self.window.clear();
        self.greeted = false;
        self.blocked = false;
        self.unblocked_at = Time::ZERO;
        self.confirm_timer_set = false;
        self.told = Told::default();
        self.halves.reset();
        self.orders.iter_mut().for_each(Orders::reset);
    }

    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        self.kept().for_each(visit);
    }

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Producer;
        picture.lanes.push(Lane {
            label: LaneLabel::Unconfirmed,
            ready: (self.waiting.len() + self.later.len()) as u64,
            unacked: self.window.open() as u64,
        });
        picture.figures.extend([
            Figure::Sent(self.told.sent),
            Figure::ToldOk(self.told.ok),
            Figure::ToldRefused(self.told.refused),
            Figure::ToldUnknown(self.told.unknown),
        ]);
        for copy in self.kept() {
            picture.hold(copy, Place::Memory);
        }
        picture.peers.extend(self.session.peer());
    }
}
