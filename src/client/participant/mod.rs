//! A participant of TCC: the points service, called by a coordinator. d's row is in
//! its database, and its three calls are transactions there.
//!
//! What a call finds is not what it expects: a coordinator repeats itself after a
//! lost answer, gives up on a Try that is still on the road, and cancels what may
//! never have begun. Three rules keep the account right:
//!
//! - **Confirm and Cancel are idempotent**: they act on a row that is tried, and on
//!   no other.
//! - **An empty rollback succeeds**: a Cancel without a Try has nothing to give back,
//!   and says that it is done.
//! - **No Try after its Cancel** (suspension): nobody would ever confirm or cancel
//!   what it reserves. So an empty rollback leaves a row behind, and the Try that
//!   finds it is refused.
//!
//! - `guard`: which of the rules a participant keeps, and so its transactions.
//!
//! Source: Seata, `useTCCFence`. Left out: an account that is too low,
//! work that takes time.

mod guard;

#[cfg(test)]
mod tests;

pub use guard::{Guard, SETTINGS};

use std::collections::VecDeque;
use std::sync::Arc;

use super::link::{Link, Pace};
use super::session;
use crate::event::{Closed, CopyId, Kind, MessageId, NodeId, call_detail};
use crate::node::{ConnectionId, Disturbance, Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Lane, LaneLabel, Picture, Role};
use crate::protocol::Frame;
use crate::protocol::fact::Fact;
use crate::protocol::service::{Answer, Call, Method};
use crate::protocol::store::{self, Outcome, Transaction};
use crate::random::Seed;
use crate::time::{Span, Time};

/// The link to the database, and its patience.
const DATABASE: TimerId = TimerId(0);
const ANSWER: TimerId = TimerId(1);
const PATIENCE: Span = Span::from_secs(5);

/// A participant's configuration. It outlives the process.
#[derive(Clone, Copy, Debug)]
pub struct ParticipantOptions {
    pub database: NodeId,
    /// Whom the effects of a Confirm are for.
    pub subscription: u16,
    pub guard: Guard,
    pub reconnect_after: Span,
    pub seed: Seed,
}

impl ParticipantOptions {
    #[must_use]
    pub const fn new(database: NodeId, subscription: u16, guard: Guard, seed: Seed) -> Self {
        Self { database, subscription, guard, reconnect_after: session::RECONNECT_AFTER, seed }
    }
}

/// A call in hand.
#[derive(Clone, Copy, Debug)]
struct Task {
    /// Whom to answer, and to what.
    from: ConnectionId,
    request: u64,
    call: Call,
    copy: CopyId,
    fact: Fact,
    /// Which of the call's transactions is next.
    turn: usize,
    asked: Option<(u64, Time)>,
}

#[derive(Clone, Debug)]
pub struct Participant {
    options: ParticipantOptions,
    database: Link,
    callers: Vec<(ConnectionId, NodeId)>,
    tasks: VecDeque<Task>,
    /// Messages whose handler will throw, each once.
    throws: Vec<MessageId>,
    requests: u64,
    answer_timer_set: bool,
}

impl Participant {
    #[must_use]
    pub fn new(options: ParticipantOptions) -> Self {
        let pace = Pace { retry_after: options.reconnect_after, patience: session::PATIENCE, seed: options.seed };
        Self {
            options,
            database: Link::new(Arc::from([options.database]), pace, DATABASE),
            callers: Vec::new(),
            tasks: VecDeque::new(),
            throws: Vec::new(),
            requests: 0,
            answer_timer_set: false,
        }
    }

    fn take(&mut self, now: Time, from: ConnectionId, method: Method, out: &mut Outputs) {
        let Method::Call { request, call, copy, fact } = method else { return };
        out.note_with(Kind::Taken, Some(copy), call_detail(call));
        let task = Task { from, request, call, copy, fact, turn: 0, asked: None };
        if let Some(told) = self.throws.iter().position(|message| *message == copy.message) {
            self.throws.remove(told);
            out.note(Kind::Threw, Some(copy));
            return self.answer(task, if call == Call::Try { Answer::Refused } else { Answer::Failed }, out);
        }
        self.tasks.push_back(task);
        self.ask_all(now, out);
    }

    fn answer(&self, task: Task, answer: Answer, out: &mut Outputs) {
        let Task { from, request, call, copy, .. } = task;
        if self.callers.iter().any(|(caller, _)| *caller == from) {
            out.send(from, Method::Answer { request, call, answer }, Some(copy));
        }
    }

    /// Sends every transaction that was not sent on this connection.
    fn ask_all(&mut self, now: Time, out: &mut Outputs) {
        let Some(connection) = self.database.connection() else { return };
        let Self { tasks, requests, options, .. } = self;
        for task in tasks.iter_mut().filter(|task| task.asked.is_none()) {
            *requests += 1;
            task.asked = Some((*requests, now));
            let writes = options.guard.transactions(task.call)[task.turn];
            let transaction = Transaction::about(task.copy, task.fact, options.subscription).with(writes);
            out.send(connection, store::Method::Transact { request: *requests, transaction }, Some(task.copy));
        }
        if !self.tasks.is_empty() && !self.answer_timer_set {
            self.answer_timer_set = true;
            out.set_timer(ANSWER, now + PATIENCE);
        }
    }

    fn hear_database(&mut self, now: Time, method: &store::Method, out: &mut Outputs) {
        if let store::Method::Transacted { request, outcome } = *method {
            self.written(now, request, outcome, out);
        }
    }

    fn written(&mut self, now: Time, answered: u64, outcome: Outcome, out: &mut Outputs) {
        let is_it = |task: &Task| task.asked.is_some_and(|(request, _)| request == answered);
        let Some(at) = self.tasks.iter().position(is_it) else { return };
        let task = &mut self.tasks[at];
        let is_first = task.turn == 0;
        let is_last = task.turn + 1 == self.options.guard.transactions(task.call).len();
        if outcome != Outcome::Committed && !is_last {
            task.turn += 1;
            task.asked = None;
            return self.ask_all(now, out);
        }
        let task = self.tasks.remove(at).expect("it was just found");
        let refuses = task.call == Call::Try && outcome != Outcome::Committed;
        if let Some(kind) = self.found(&task, is_first && !is_last, outcome) {
            out.note_with(kind, Some(task.copy), call_detail(task.call));
        }
        self.answer(task, if refuses { Answer::Refused } else { Answer::Done }, out);
    }

    /// What there is to say of a call that met a row other than the one it expects.
    /// `is_mark`: the transaction was the one that leaves a mark.
    fn found(&self, task: &Task, is_mark: bool, outcome: Outcome) -> Option<Kind> {
        match (task.call, outcome) {
            (Call::Cancel, Outcome::Committed) if is_mark => Some(Kind::RolledBackEmpty { marked: true }),
            (_, Outcome::Committed) => None,
            (Call::Try, _) => Some(Kind::TryRefused),
            // It looks at a row that is tried, and cannot tell none from one it cancelled.
            (Call::Cancel, _) if self.options.guard == Guard::Row => Some(Kind::RolledBackEmpty { marked: false }),
            (Call::Cancel | Call::Confirm, _) => Some(Kind::Skipped),
        }
    }

    /// Has the database been silent for too long?
    fn answer_due(&mut self, now: Time, out: &mut Outputs) {
        self.answer_timer_set = false;
        let asked = self.tasks.iter().filter_map(|task| task.asked);
        let Some(since) = asked.map(|(_, since)| since).min() else { return };
        if since + PATIENCE <= now {
            self.database.fail(now, Closed::Orderly, out);
            self.database_lost();
        } else {
            self.answer_timer_set = true;
            out.set_timer(ANSWER, since + PATIENCE);
        }
    }

    fn database_lost(&mut self) {
        self.tasks.iter_mut().for_each(|task| task.asked = None);
    }
}

impl Node for Participant {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => self.database.start(now, out),
            Input::Timer(DATABASE) => {
                self.database.timer(now, out);
            }
            Input::Timer(ANSWER) => self.answer_due(now, out),
            Input::Frame { connection, frame: Frame::Service(method), .. } => self.take(now, connection, method, out),
            Input::Frame { connection, frame: Frame::Store(method), .. }
                if self.database.connection() == Some(connection) =>
            {
                self.hear_database(now, &method, out);
            }
            Input::Opened { connection, peer, inbound: true } => self.callers.push((connection, peer)),
            Input::Opened { connection, .. } if self.database.opened(connection, out) => self.ask_all(now, out),
            Input::Closed { connection, why } if self.database.closed(now, connection, why, out) => {
                self.database_lost();
            }
            Input::Closed { connection, .. } => self.callers.retain(|(caller, _)| *caller != connection),
            Input::Disturbed(Disturbance::Throw(message)) => self.throws.push(message),
            _ => {}
        }
    }

    fn reset(&mut self) {
        *self = Self::new(self.options);
    }

    /// The coordinator's log has whatever is here.
    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Consumer;
        picture.lanes.push(Lane { label: LaneLabel::Unsettled, ready: 0, unacked: self.tasks.len() as u64 });
        picture.peers.extend(self.callers.iter().map(|(_, peer)| *peer));
        picture.peers.extend(self.database.connection().map(|_| self.options.database));
    }
}
