//! A consumer: takes deliveries from a queue, works on one at a time in the
//! order they came, and writes each effect to a store.
//!
//! The rest of the prefetch waits in this process's memory. The acknowledgement
//! goes out when the policy says: never (`auto`, the broker forgets a message
//! once it is sent), when work begins (`before-effect`), or when the store has
//! the effect (`after-effect`). Between effect and acknowledgement there is
//! always a gap, and whatever breaks in it makes a duplicate or a loss.
//!
//! - **The broker's connection breaks.** Delivery tags belong to one channel, so
//!   nothing delivered before can be acknowledged any more. The message in hand
//!   is finished all the same: its effect happens, and it comes again as well.
//!   What waits is forgotten and comes again, as in Spring's listener container
//!   (the plain Java client works through it and makes more duplicates). With
//!   `auto` nothing will come again, so what waits is kept and worked on, as in
//!   the plain Java client (Spring's container loses it).
//! - **The store's connection breaks.** The write is repeated on the next one,
//!   although the first may have been committed: the client cannot know.
//! - **The handler throws**, before the effect. With `after-effect` the message
//!   is nacked, with or without requeue; otherwise the broker has long forgotten
//!   it, and it is gone. A payload that is no fact throws every time: a poison
//!   message.
//!
//! Sources: RabbitMQ's guides to consumers and acknowledgements; `facts` 8.3 and
//! 12C. Left out: several workers, acknowledging several at once.
//!
//! - `compensation`: its effect is to undo. `dedupe`: how a repeat is told; `mark`: the marks it keeps for that.
//! - `effect`: writing the effect. `settle`: what the broker is told.
//! - `work`: the message in hand, and how far it is.

mod compensation;
mod dedupe;
mod effect;
mod mark;
mod options;
mod settle;
mod work;

#[cfg(test)]
mod tests;

pub use compensation::Undo;
pub use dedupe::Dedupe;
pub use options::{AckPolicy, ConsumerOptions, OnException, SETTINGS};

use std::collections::VecDeque;
use std::sync::Arc;

use crate::client::link::{Link, Pace};
use crate::client::session::{self, Session, Signal};
use crate::event::{CopyId, Kind, MessageId};
use crate::node::{Disturbance, Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Lane, LaneLabel, Picture, Place, Role};
use crate::protocol::Frame;
use crate::protocol::fact::Fact;
use crate::protocol::queue::{Deliver, Method};
use crate::random::Purpose;
use crate::time::{Span, Time};

use mark::Question;
use work::{Delivery, Phase, Work};

/// Work on the message in hand is done.
const WORK: TimerId = TimerId(0);
/// The store may have taken too long to answer.
const ANSWER: TimerId = TimerId(1);
/// The link to the store.
const STORE: TimerId = TimerId(2);
/// The session's two.
const SESSION: TimerId = TimerId(3);
/// The link to the key-value store with the marks.
const CACHE: TimerId = TimerId(5);

/// A consumer with its policy.
#[derive(Clone, Debug)]
pub struct Consumer {
    options: ConsumerOptions,
    session: Session,
    store: Link,
    /// The key-value store with the marks, if the policy needs one.
    cache: Option<Link>,
    waiting: VecDeque<Delivery>,
    in_hand: Option<Work>,
    /// Messages whose handler will throw, each once.
    throws: Vec<MessageId>,
    /// Counts what was asked of services.
    requests: u64,
    answer_timer_set: bool,
}

impl Consumer {
    #[must_use]
    pub fn new(options: ConsumerOptions) -> Self {
        let pace = Pace { retry_after: options.reconnect_after, patience: session::PATIENCE, seed: options.seed };
        let session = Session::new(options.brokers.clone(), pace, options.heartbeat, script(&options), SESSION);
        let store = Link::new(Arc::from([options.store]), pace, STORE);
        let needs_cache = options.dedupe.needs_cache() && !options.cache.is_empty();
        let cache = needs_cache.then(|| Link::new(options.cache.clone(), pace, CACHE));
        Self {
            options,
            session,
            store,
            cache,
            waiting: VecDeque::new(),
            in_hand: None,
            throws: Vec::new(),
            requests: 0,
            answer_timer_set: false,
        }
    }

    fn take(&mut self, now: Time, deliver: &Deliver, out: &mut Outputs) {
        out.note(Kind::Taken, Some(deliver.copy));
        self.waiting.push_back(Delivery {
            copy: deliver.copy,
            tag: deliver.tag,
            generation: self.session.generation(),
            fact: Fact::decode(&deliver.payload),
        });
        if self.in_hand.is_none() {
            self.begin(now, out);
        }
    }

    /// Takes the next message in hand, if there is one.
    fn begin(&mut self, now: Time, out: &mut Outputs) {
        self.in_hand = None;
        let Some(delivery) = self.waiting.pop_front() else { return };
        match self.first_question(delivery) {
            Some(question) => self.ask(now, delivery, question, out),
            None => self.work(now, delivery, out),
        }
    }

    /// Begins work on it.
    fn work(&mut self, now: Time, delivery: Delivery, out: &mut Outputs) {
        out.note(Kind::WorkBegan, Some(delivery.copy));
        if self.options.ack == AckPolicy::BeforeEffect {
            self.acknowledge(now, delivery, out);
        }
        self.in_hand = Some(Work { delivery, phase: Phase::Processing });
        out.set_timer(WORK, now + self.processing(delivery.copy.message));
    }

    /// Drawn by message, so that the order of deliveries changes nothing.
    fn processing(&self, message: MessageId) -> Span {
        let mean = self.options.processing.as_nanos();
        let draw = self.options.seed.draw(Purpose::ProcessingTime).by(u64::from(message.0));
        draw.span(Span::from_nanos(mean - mean / 4), Span::from_nanos(mean + mean / 4))
    }

    /// The handler has done its work and either throws or writes the effect; or
    /// the other's lease may have run out.
    fn finish(&mut self, now: Time, out: &mut Outputs) {
        let Some(Work { delivery, phase }) = self.in_hand else { return };
        match phase {
            Phase::Processing => {}
            Phase::HoldingOff => return self.ask(now, delivery, Question::Claim, out),
            _ => return,
        }
        let told_to_throw = self.throws.iter().position(|message| *message == delivery.copy.message);
        match (told_to_throw, delivery.fact) {
            (None, Some(fact)) => {
                self.in_hand = Some(Work { delivery, phase: Phase::Waiting(fact) });
                self.write(now, out);
            }
            (told, _) => {
                if let Some(place) = told {
                    self.throws.remove(place);
                }
                out.note(Kind::Threw, Some(delivery.copy));
                if self.cache.is_some() && self.options.dedupe.claims_first() && delivery.fact.is_some() {
                    return self.ask(now, delivery, Question::Release, out);
                }
                self.refuse(now, delivery, out);
                self.begin(now, out);
            }
        }
    }

    /// What was delivered on the old channel and not begun will come again,
    /// unless the broker has forgotten it.
    fn broker_lost(&mut self) {
        if self.options.ack != AckPolicy::Auto {
            self.waiting.clear();
            self.in_hand.take_if(|work| work.phase == Phase::HoldingOff);
        }
    }

    /// What this process holds, the message in hand first.
    fn held(&self) -> impl Iterator<Item = CopyId> + '_ {
        let in_hand = self.in_hand.iter().map(|work| work.delivery.copy);
        in_hand.chain(self.waiting.iter().map(|delivery| delivery.copy))
    }
}

/// What a consumer declares on every new channel.
fn script(options: &ConsumerOptions) -> Arc<[Method]> {
    let ConsumerOptions { queue, durable, declare, prefetch, .. } = *options;
    let auto_ack = options.ack == AckPolicy::Auto;
    let consume = Method::consume(queue, 1, auto_ack);
    let mut script = options.declarations.to_vec();
    if script.is_empty() {
        script.extend(declare.queue(queue, durable));
    }
    script.extend([Method::Qos { prefetch }, consume]);
    script.into()
}

impl Node for Consumer {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => {
                self.store.start(now, out);
                if let Some(cache) = &mut self.cache {
                    cache.start(now, out);
                }
                self.session.start(now, out);
            }
            Input::Timer(WORK) => self.finish(now, out),
            Input::Timer(ANSWER) => self.answer_due(now, out),
            Input::Timer(STORE) => {
                self.store.timer(now, out);
            }
            Input::Timer(CACHE) => {
                self.cache.as_mut().map(|cache| cache.timer(now, out));
            }
            Input::Frame { connection, frame: Frame::Store(method), .. } => self.hear(now, connection, method, out),
            Input::Opened { connection, .. } if self.store.opened(connection, out) => self.write(now, out),
            Input::Opened { connection, .. } if self.cache_opened(connection, out) => self.ask_again(now, out),
            Input::Closed { connection, why } if self.store.closed(now, connection, why, out) => self.store_lost(),
            Input::Closed { connection, why } if self.cache_closed(now, connection, why, out) => self.cache_lost(),
            Input::Disturbed(Disturbance::Throw(message)) => self.throws.push(message),
            input => match self.session.handle(now, input, out) {
                Signal::Method(Method::Deliver(deliver)) => self.take(now, &deliver, out),
                Signal::Lost => self.broker_lost(),
                Signal::None | Signal::Ready | Signal::Method(_) => {}
            },
        }
    }

    fn reset(&mut self) {
        self.session.reset();
        self.store.reset();
        self.cache.iter_mut().for_each(Link::reset);
        self.waiting.clear();
        self.in_hand = None;
        self.throws.clear();
        self.requests = 0;
        self.answer_timer_set = false;
    }

    /// With `after-effect` the broker still has whatever is here.
    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        match self.options.ack {
            AckPolicy::Auto => self.held().for_each(visit),
            AckPolicy::BeforeEffect => {
                self.in_hand.iter().filter(|work| work.has_begun()).for_each(|work| visit(work.delivery.copy));
            }
            AckPolicy::AfterEffect => {}
        }
    }

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Consumer;
        picture.lanes.push(Lane {
            label: LaneLabel::Unsettled,
            ready: self.waiting.len() as u64,
            unacked: u64::from(self.in_hand.is_some()),
        });
        for copy in self.held() {
            picture.hold(copy, Place::Memory);
        }
        picture.peers.extend(self.session.peer());
        picture.peers.extend(self.store.connection().map(|_| self.store.peer()));
        let cache = self.cache.iter().filter(|cache| cache.connection().is_some());
        picture.peers.extend(cache.map(Link::peer));
    }
}
