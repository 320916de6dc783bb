//! A reconciler (补偿程序, 对账): the program that finds, by night, what was lost by
//! day, and sends it again. No queue can say what it has lost. The books can: the
//! shop's database has a row for every fact, and one for every effect, and what
//! is missing is a query.
//!
//! It keeps nothing that matters. Whatever it published in vain (it died, the
//! connection broke, the copy expired once more) is still missing at the next
//! look, and found again.
//!
//! What it cannot see is a message that is *not yet* done: one that waits in the
//! queue looks as lost as one that is gone. So it makes duplicates unless it
//! comes late enough, and whoever takes its copies must tell repeats. And it
//! comes late: meanwhile a newer fact of the same key may have been acted on, and
//! the old one, as sound as ever, must not overwrite it. The copy has the fact's
//! own id, key and version for both to be told.
//!
//! - It looks at `at`, and again `every` after all that it found is confirmed or
//!   given up, as a job with a fixed delay does.
//! - It publishes at a bounded rate: the queue that just lost messages because it
//!   was too full is no place for all of them at once.
//! - It looks until nothing is missing. The day is over `every` after the last
//!   fact; from then on looking is mere housekeeping. What is still missing after
//!   [`LOOKS`] looks is left to people.
//!
//! `look` asks the books; here the copies are sent.
//!
//! Source: `facts` 10 (compensation: from the source of truth, idempotently,
//! rate-limited). Left out: books in two databases that have to be compared, a
//! mark on rows that were sent again, facts that have an age.

mod look;
mod options;

#[cfg(test)]
mod tests;

pub use options::{ReconcilerOptions, SETTINGS};

use std::collections::VecDeque;
use std::sync::Arc;

use crate::client::link::{Link, Pace};
use crate::client::occurrences::Payloads;
use crate::client::session::{self, Session, Signal};
use crate::event::{CopyId, Kind, MessageId};
use crate::flaw::{self, Flaw};
use crate::node::{Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Figure, Lane, LaneLabel, Picture, Place, Role};
use crate::protocol::Frame;
use crate::protocol::fact::Fact;
use crate::protocol::queue::{Method, Publish};
use crate::protocol::{Name, store};
use crate::time::{Span, Time};

/// Time to look.
const LOOK: TimerId = TimerId(0);
/// The next message may be published.
const PUBLISH: TimerId = TimerId(1);
/// The database may have taken too long to answer.
const ANSWER: TimerId = TimerId(2);
/// The link to the database.
const BOOKS: TimerId = TimerId(3);
/// The session's two.
const SESSION: TimerId = TimerId(4);

/// How often one process may find something missing until it leaves the rest to
/// people.
pub const LOOKS: u32 = 24;

/// A reconciler with its policy.
#[derive(Clone, Debug)]
pub struct Reconciler {
    options: ReconcilerOptions,
    session: Session,
    books: Link,
    stage: Stage,
    /// The number of this look. It ascends over all processes.
    look: u16,
    /// How often this process has found something.
    found: u32,
    requests: u64,
    /// Missing and to be published.
    to_send: VecDeque<MessageId>,
    payloads: Payloads,
    /// Published, not answered, by publish tag.
    unanswered: VecDeque<(u64, CopyId)>,
    next_tag: u64,
    blocked: bool,
    sent: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Until the time of the next look.
    Resting,
    /// It is time, and the books or the broker are not connected.
    Due,
    Asking {
        request: u64,
        since: Time,
    },
    Refilling,
    /// What is missing now is for people.
    GaveUp,
}

impl Reconciler {
    #[must_use]
    pub fn new(options: ReconcilerOptions) -> Self {
        let pace = Pace { retry_after: options.reconnect_after, patience: session::PATIENCE, seed: options.seed };
        let session = Session::new(options.brokers.clone(), pace, options.heartbeat, script(&options), SESSION);
        let books = Link::new(Arc::from([options.database]), pace, BOOKS);
        Self {
            options,
            session,
            books,
            stage: Stage::Resting,
            look: 0,
            found: 0,
            requests: 0,
            to_send: VecDeque::new(),
            payloads: Payloads::default(),
            unanswered: VecDeque::new(),
            next_tag: 1,
            blocked: false,
            sent: 0,
        }
    }

    /// Publishes the next one, or all of them where no rate is set.
    fn publish(&mut self, now: Time, out: &mut Outputs) {
        if self.stage != Stage::Refilling || self.blocked {
            return;
        }
        while let Some(message) = self.to_send.pop_front() {
            self.send(now, message, out);
            if let Some(pause) = 1_000_000_000_u64.checked_div(self.options.rate)
                && !self.to_send.is_empty()
            {
                out.set_timer(PUBLISH, now + Span::from_nanos(pause));
                break;
            }
        }
        self.finish(now, out);
    }

    fn send(&mut self, now: Time, message: MessageId, out: &mut Outputs) {
        let workload = &self.options.workload;
        let Some(place) = workload.place_of(message) else { return };
        let mut payload = self.payloads.of(workload, place);
        let copy = self.copy(message);
        if flaw::is_on(Flaw::ReconcilerRenumbersFacts) {
            payload = Fact { version: u32::MAX, ..self.options.workload.fact(place) }.encode().to_vec().into();
        }
        let publish = Publish {
            exchange: Name::EMPTY,
            key: self.options.queue,
            copy,
            mandatory: true,
            persistent: true,
            properties: None,
            payload,
        };
        self.session.send(now, Method::Publish(publish), Some(copy), out);
        out.note(Kind::Sent, Some(copy));
        self.unanswered.push_back((self.next_tag, copy));
        self.next_tag += 1;
        self.sent += 1;
    }

    /// The broker has it, or does not want it: then it is missing at the next look.
    fn answered(&mut self, now: Time, tag: u64, multiple: bool, out: &mut Outputs) {
        let is_answered = |known: u64| if multiple { tag == 0 || known <= tag } else { known == tag };
        while self.unanswered.front().is_some_and(|(known, _)| is_answered(*known)) {
            self.unanswered.pop_front();
        }
        if let Ok(place) = self.unanswered.binary_search_by_key(&tag, |(known, _)| *known) {
            self.unanswered.remove(place);
        }
        self.finish(now, out);
    }

    /// Is it done with what it found?
    fn finish(&mut self, now: Time, out: &mut Outputs) {
        if self.stage == Stage::Refilling && self.to_send.is_empty() && self.unanswered.is_empty() {
            self.rest(now + self.options.every, false, out);
        }
    }

    /// The channel is lost, with all answers that were to come. What they were
    /// about will be found missing if it is.
    fn channel_lost(&mut self, now: Time, out: &mut Outputs) {
        self.unanswered.clear();
        self.to_send.clear();
        self.next_tag = 1;
        self.blocked = false;
        out.cancel_timer(PUBLISH);
        self.finish(now, out);
    }

    fn hear(&mut self, now: Time, method: &Method, out: &mut Outputs) {
        match *method {
            Method::Confirm { tag, multiple } | Method::ConfirmNack { tag, multiple } => {
                self.answered(now, tag, multiple, out);
            }
            Method::Blocked => self.blocked = true,
            Method::Unblocked => {
                self.blocked = false;
                self.publish(now, out);
            }
            _ => {}
        }
    }

    const fn copy(&self, message: MessageId) -> CopyId {
        CopyId::refilled(message, self.look)
    }
}

/// What a reconciler declares on every new channel.
fn script(options: &ReconcilerOptions) -> Arc<[Method]> {
    let mut script = options.declarations.to_vec();
    if script.is_empty() {
        script.push(Method::declare(options.queue, options.durable));
    }
    script.push(Method::ConfirmSelect);
    script.into()
}

impl Node for Reconciler {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => {
                self.books.start(now, out);
                self.session.start(now, out);
                self.rest_first(now, out);
            }
            Input::Timer(LOOK) => self.ask(now, out),
            Input::Timer(PUBLISH) => self.publish(now, out),
            Input::Timer(ANSWER) => self.answer_due(now, out),
            Input::Timer(BOOKS) => {
                self.books.timer(now, out);
            }
            Input::Frame { connection, frame: Frame::Store(store::Method::Missing { request, messages }), .. }
                if self.books.connection() == Some(connection) =>
            {
                self.told(now, request, &messages, out);
            }
            Input::Opened { connection, .. } if self.books.opened(connection, out) => self.ask_if_due(now, out),
            Input::Closed { connection, why } if self.books.closed(now, connection, why, out) => {
                if matches!(self.stage, Stage::Asking { .. }) {
                    self.stage = Stage::Due;
                }
            }
            input => match self.session.handle(now, input, out) {
                Signal::Ready => self.ask_if_due(now, out),
                Signal::Lost => self.channel_lost(now, out),
                Signal::Method(method) => self.hear(now, &method, out),
                Signal::None => {}
            },
        }
    }

    fn reset(&mut self) {
        *self = Self { session: self.session.clone(), books: self.books.clone(), ..Self::new(self.options.clone()) };
        self.session.reset();
        self.books.reset();
    }

    /// The books have whatever is here.
    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Producer;
        picture.lanes.push(Lane {
            label: LaneLabel::Unconfirmed,
            ready: self.to_send.len() as u64,
            unacked: self.unanswered.len() as u64,
        });
        picture.figures.push(Figure::Sent(self.sent));
        for (_, copy) in &self.unanswered {
            picture.hold(*copy, Place::Memory);
        }
        picture.peers.extend(self.session.peer());
        picture.peers.extend(self.books.connection().map(|_| self.books.peer()));
    }
}
