//! What an application does with a message that it was given, whoever gave it:
//! work on it for a while, write the effect to a database, and tell a repeat from
//! a new message on the way.
//!
//! It has lanes, one message in hand in each. A client of queues has one lane; a
//! consumer of a log may have several. What a lane comes to is a [`Signal`], and
//! what that means for an acknowledgement or an offset is the client's matter.
//!
//! - **The database's connection breaks.** The write is repeated on the next one,
//!   although the first may have been committed: the client cannot know.
//! - **The handler throws**, before the effect. A payload that is no fact throws
//!   every time: a poison message.
//!
//! - `options`: what it is configured with.
//! - `dedupe`: how a repeat is told; `mark`: the marks it keeps for that.
//! - `effect`: writing the effect. `compensation`: one that undoes.
//! - `work`: the message in hand, and how far it is.

mod compensation;
mod dedupe;
mod effect;
mod mark;
mod options;
mod work;

pub(super) use compensation::UNDO;
pub use compensation::Undo;
pub use dedupe::Dedupe;
pub(super) use dedupe::{DEDUPE, LEASE_MS, MARK_TTL_MS};
pub use options::Options;
pub use work::{Delivery, Work};

use std::sync::Arc;

use super::link::Link;
use crate::event::{CopyId, Kind, MessageId, NodeId};
use crate::node::{Disturbance, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::random::Purpose;
use crate::time::{Span, Time};

use mark::Question;
use work::Phase;

/// Its timers. Lanes have one each, from `work` on.
#[derive(Clone, Copy, Debug)]
pub struct Timers {
    pub answer: TimerId,
    pub store: TimerId,
    pub cache: TimerId,
    pub work: TimerId,
}

/// What an input came to, for a lane. Except after `Began`, the lane is free.
#[derive(Clone, Copy, Debug)]
pub enum Signal {
    None,
    /// Work on it began.
    Began(usize, Delivery),
    /// Its effect is in the database.
    Done(usize, Delivery),
    /// It was done before.
    Skipped(usize, Delivery),
    /// The handler threw.
    Threw(usize, Delivery),
}

/// The handler of an application.
#[derive(Clone, Debug)]
pub struct Handler {
    options: Options,
    timers: Timers,
    store: Link,
    /// The key-value store with the marks, if the policy needs one.
    cache: Option<Link>,
    hands: Box<[Option<Work>]>,
    /// Messages whose handler will throw, each once.
    throws: Vec<MessageId>,
    /// Counts what was asked of services.
    requests: u64,
    answer_timer_set: bool,
}

impl Handler {
    pub fn new(options: Options, lanes: usize, timers: Timers) -> Self {
        let store = Link::new(Arc::from([options.store]), options.pace(), timers.store);
        let needs_cache = options.dedupe.needs_cache() && !options.cache.is_empty();
        let cache = needs_cache.then(|| Link::new(options.cache.clone(), options.pace(), timers.cache));
        Self {
            options,
            timers,
            store,
            cache,
            hands: vec![None; lanes.max(1)].into(),
            throws: Vec::new(),
            requests: 0,
            answer_timer_set: false,
        }
    }

    pub fn start(&mut self, now: Time, out: &mut Outputs) {
        self.store.start(now, out);
        if let Some(cache) = &mut self.cache {
            cache.start(now, out);
        }
    }

    pub fn reset(&mut self) {
        self.store.reset();
        self.cache.iter_mut().for_each(Link::reset);
        self.hands.fill(None);
        self.throws.clear();
        self.requests = 0;
        self.answer_timer_set = false;
    }

    pub fn lanes(&self) -> usize {
        self.hands.len()
    }

    pub fn is_free(&self, lane: usize) -> bool {
        self.hands[lane].is_none()
    }

    /// The messages in hand.
    pub fn in_hand(&self) -> impl Iterator<Item = &Work> {
        self.hands.iter().flatten()
    }

    /// The services it is connected to.
    pub fn peers(&self) -> impl Iterator<Item = NodeId> + '_ {
        let links = std::iter::once(&self.store).chain(&self.cache);
        links.filter(|link| link.connection().is_some()).map(Link::peer)
    }

    /// Takes a message in hand, in a lane that is free.
    pub fn take(&mut self, now: Time, lane: usize, delivery: Delivery, out: &mut Outputs) -> Signal {
        match self.first_question(delivery) {
            Some(question) => {
                self.ask(now, lane, delivery, question, out);
                Signal::None
            }
            None => self.work(now, lane, delivery, out),
        }
    }

    /// Lets go of what waits for another's lease.
    pub fn let_go_of_unbegun(&mut self) {
        for hand in &mut self.hands {
            hand.take_if(|work| work.phase == Phase::HoldingOff);
        }
    }

    /// Lets go of everything: the program ends.
    pub fn let_go(&mut self) {
        self.hands.fill(None);
    }

    /// Begins work on it.
    fn work(&mut self, now: Time, lane: usize, delivery: Delivery, out: &mut Outputs) -> Signal {
        out.note(Kind::WorkBegan, Some(delivery.copy));
        self.hands[lane] = Some(Work { delivery, phase: Phase::Processing });
        out.set_timer(self.work_timer(lane), now + self.processing(delivery.copy.message));
        Signal::Began(lane, delivery)
    }

    const fn work_timer(&self, lane: usize) -> TimerId {
        TimerId(self.timers.work.0 + lane as u16)
    }

    /// Drawn by message, so that the order of deliveries changes nothing.
    fn processing(&self, message: MessageId) -> Span {
        let mean = self.options.processing.as_nanos();
        let draw = self.options.seed.draw(Purpose::ProcessingTime).by(u64::from(message.0));
        draw.span(Span::from_nanos(mean - mean / 4), Span::from_nanos(mean + mean / 4))
    }

    /// The handler has done its work and either throws or writes the effect; or
    /// the other's lease may have run out.
    fn finish(&mut self, now: Time, lane: usize, out: &mut Outputs) -> Signal {
        let Some(Work { delivery, phase }) = self.hands[lane] else { return Signal::None };
        match phase {
            Phase::Processing => {}
            Phase::HoldingOff => {
                self.ask(now, lane, delivery, Question::Claim, out);
                return Signal::None;
            }
            _ => return Signal::None,
        }
        let told_to_throw = self.throws.iter().position(|message| *message == delivery.copy.message);
        match (told_to_throw, delivery.fact) {
            (None, Some(fact)) => {
                self.hands[lane] = Some(Work { delivery, phase: Phase::Waiting(fact) });
                self.write(now, lane, out);
                Signal::None
            }
            (told, _) => {
                if let Some(place) = told {
                    self.throws.remove(place);
                }
                out.note(Kind::Threw, Some(delivery.copy));
                if self.cache.is_some() && self.options.dedupe.claims_first() && delivery.fact.is_some() {
                    self.ask(now, lane, delivery, Question::Release, out);
                    return Signal::None;
                }
                self.hands[lane] = None;
                Signal::Threw(lane, delivery)
            }
        }
    }

    /// Takes an input that concerns the application; gives back any other.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) -> Result<Signal, Input> {
        let Timers { answer, store, cache, work } = self.timers;
        let lanes = work.0..work.0 + self.hands.len() as u16;
        match input {
            Input::Timer(timer) if lanes.contains(&timer.0) => {
                return Ok(self.finish(now, usize::from(timer.0 - work.0), out));
            }
            Input::Timer(timer) if timer == answer => self.answer_due(now, out),
            Input::Timer(timer) if timer == store => {
                self.store.timer(now, out);
            }
            Input::Timer(timer) if timer == cache => {
                self.cache.as_mut().map(|cache| cache.timer(now, out));
            }
            Input::Frame { connection, frame: Frame::Store(method), .. } => {
                return Ok(self.hear(now, connection, method, out));
            }
            Input::Opened { connection, .. } if self.store.opened(connection, out) => {
                (0..self.hands.len()).for_each(|lane| self.write(now, lane, out));
            }
            Input::Opened { connection, .. } if self.cache_opened(connection, out) => {
                (0..self.hands.len()).for_each(|lane| self.ask_again(now, lane, out));
            }
            Input::Closed { connection, why } if self.store.closed(now, connection, why, out) => self.store_lost(),
            Input::Closed { connection, why } if self.cache_closed(now, connection, why, out) => self.cache_lost(),
            Input::Disturbed(Disturbance::Throw(message)) => self.throws.push(message),
            other => return Err(other),
        }
        Ok(Signal::None)
    }

    /// The copies in hand.
    pub fn copies(&self) -> impl Iterator<Item = CopyId> + '_ {
        self.in_hand().map(|work| work.delivery.copy)
    }
}
