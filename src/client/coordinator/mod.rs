//! The coordinator of TCC (Try, Confirm, Cancel): an order service that calls the
//! points service itself, and no queue has a part in it.
//!
//! - **Try.** b and c are reserved in its own database, in one transaction with a
//!   row of its log that says the order is open; then d is tried with the points
//!   service, which checks and reserves.
//! - **The decision** is one more transaction of its own: the log's row, and with it
//!   b and c, used if all that was tried was reserved and given back if not. From
//!   then on there is no way back, and the customer may know.
//! - **Confirm or Cancel** is said to the points service until it answers. Both must
//!   be able to succeed whenever they come, so the check belongs to the Try.
//!
//! What its process knows dies with it; the log does not. After a restart it reads
//! what is open there: an order without a decision is cancelled, as nobody can tell
//! how far its Try came, and one with a decision is seen through.
//!
//! A Try that is not answered in time is cancelled. So a Cancel may come where no Try
//! has been, or overtake one that is still on the road: what that takes is the
//! participant's business.
//!
//! The price is availability. While the points service is down nobody can order, as
//! if b, c and d were one transaction again.
//!
//! - `order`: how far an order is; `books`: what the database is asked;
//!   `calls`: what the points service is.
//!
//! Source: TCC mode of apache/incubator-seata. Left out: more than one participant, a
//! coordinator apart from the order service (Seata's TC), several coordinators that
//! share a log, work that takes time.

mod books;
mod calls;
mod options;
mod order;

#[cfg(test)]
mod tests;

pub use options::CoordinatorOptions;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::client::link::{Link, Pace};
use crate::client::session;
use crate::event::{Answer, CopyId, DECIDED, Kind};
use crate::node::{Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Figure, Lane, LaneLabel, Picture, Place, Role};
use crate::protocol::Frame;
use crate::time::Time;

use order::{Order, Stage};

/// The next fact occurs.
const OCCUR: TimerId = TimerId(0);
/// The two links.
const DATABASE: TimerId = TimerId(1);
const PARTICIPANT: TimerId = TimerId(2);
/// The database may have taken too long to answer.
const ANSWER: TimerId = TimerId(3);
/// A call may have.
const CALL: TimerId = TimerId(4);

#[derive(Clone, Debug)]
pub struct Coordinator {
    options: CoordinatorOptions,
    database: Link,
    participant: Link,
    /// The next fact of the workload.
    next: usize,
    /// Orders that have not ended, by their place in the workload.
    orders: BTreeMap<u32, Order>,
    /// Counts questions and calls.
    requests: u64,
    /// The question which orders the log has open, and when it was asked.
    looking: Option<(u64, Time)>,
    /// The log is to be looked into: at the start, or after a surprise.
    must_look: bool,
    answer_timer_set: bool,
    call_timer: Option<Time>,
    told_ok: u64,
    told_refused: u64,
}

impl Coordinator {
    #[must_use]
    pub fn new(options: CoordinatorOptions) -> Self {
        let pace = Pace { retry_after: options.reconnect_after, patience: session::PATIENCE, seed: options.seed };
        let link = |peer, timer| Link::new(Arc::from([peer]), pace, timer);
        Self {
            database: link(options.database, DATABASE),
            participant: link(options.participant, PARTICIPANT),
            next: 0,
            orders: BTreeMap::new(),
            requests: 0,
            looking: None,
            must_look: true,
            answer_timer_set: false,
            call_timer: None,
            told_ok: 0,
            told_refused: 0,
            options,
        }
    }

    fn start(&mut self, now: Time, out: &mut Outputs) {
        self.database.start(now, out);
        self.participant.start(now, out);
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
            let place = self.next as u32;
            self.next += 1;
            out.note(Kind::Attempted, Some(self.copy(place)));
            self.enter(now, place, Stage::Begin, out);
        }
        self.await_next_fact(out);
    }

    fn copy(&self, place: u32) -> CopyId {
        CopyId { message: self.options.workload.message(place as usize), attempt: 1, branch: 0 }
    }

    /// An order comes to a stage, and what that asks for is asked.
    fn enter(&mut self, now: Time, place: u32, stage: Stage, out: &mut Outputs) {
        self.orders.insert(place, Order { stage, since: now, asked: None });
        if stage.is_for_database() {
            self.ask_database(now, place, out);
        } else {
            self.call(now, place, out);
        }
    }

    fn tell(&mut self, place: u32, confirms: bool, out: &mut Outputs) {
        if confirms {
            self.told_ok += 1;
        } else {
            self.told_refused += 1;
        }
        let answer = if confirms { Answer::Ok } else { Answer::Refused };
        out.note_with(Kind::Told(answer), Some(self.copy(place)), DECIDED);
    }
}

impl Node for Coordinator {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => self.start(now, out),
            Input::Timer(OCCUR) => self.occur(now, out),
            Input::Timer(DATABASE) => {
                self.database.timer(now, out);
            }
            Input::Timer(PARTICIPANT) => {
                self.participant.timer(now, out);
            }
            Input::Timer(ANSWER) => self.answer_due(now, out),
            Input::Timer(CALL) => self.calls_due(now, out),
            Input::Frame { connection, frame: Frame::Store(method), .. }
                if self.database.connection() == Some(connection) =>
            {
                self.hear_database(now, method, out);
            }
            Input::Frame { connection, frame: Frame::Service(method), .. }
                if self.participant.connection() == Some(connection) =>
            {
                self.hear_participant(now, method, out);
            }
            Input::Opened { connection, .. } if self.database.opened(connection, out) => self.database_opened(now, out),
            Input::Opened { connection, .. } if self.participant.opened(connection, out) => self.call_all(now, out),
            Input::Closed { connection, why } if self.database.closed(now, connection, why, out) => {
                self.database_lost();
            }
            Input::Closed { connection, why } if self.participant.closed(now, connection, why, out) => {
                self.participant_lost(now, out);
            }
            _ => {}
        }
    }

    fn reset(&mut self) {
        *self = Self::new(self.options.clone());
    }

    /// What the log does not have yet.
    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        let unbegun = self.orders.iter().filter(|(_, order)| order.stage == Stage::Begin);
        unbegun.for_each(|(place, _)| visit(self.copy(*place)));
    }

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Producer;
        let open = self.orders.len() as u64;
        picture.lanes.push(Lane { label: LaneLabel::Unconfirmed, ready: 0, unacked: open });
        picture.figures.extend([Figure::ToldOk(self.told_ok), Figure::ToldRefused(self.told_refused)]);
        for place in self.orders.keys() {
            picture.hold(self.copy(*place), Place::Memory);
        }
        for link in [&self.database, &self.participant] {
            picture.peers.extend(link.connection().map(|_| link.peer()));
        }
    }
}
