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
//! Sources: RabbitMQ's guides to consumers and acknowledgements.
//! Left out: several workers, acknowledging several at once.
//!
//! What it does with the message in hand is its handler's matter
//! ([`super::handler`]); `settle`: what the broker is told.

mod options;
mod settle;

#[cfg(test)]
mod tests;

pub use super::handler::{Dedupe, Undo};
pub use options::{AckPolicy, ConsumerOptions, ON_EXCEPTION, OnException, SETTINGS};

use std::collections::VecDeque;
use std::sync::Arc;

use crate::client::handler::{self, Delivery, Handler, Timers};
use crate::client::session::{Session, Signal};
use crate::event::{CopyId, Kind};
use crate::node::{Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Lane, LaneLabel, Picture, Place, Role};
use crate::protocol::fact::Fact;
use crate::protocol::queue::{Deliver, Method};
use crate::time::Time;

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
    /// What it does with the message in hand.
    handler: Handler,
    waiting: VecDeque<Delivery>,
}

impl Consumer {
    #[must_use]
    pub fn new(options: ConsumerOptions) -> Self {
        let pace = options.handler.pace();
        let session = Session::new(options.brokers.clone(), pace, options.heartbeat, script(&options), SESSION);
        let timers = Timers { answer: ANSWER, store: STORE, cache: CACHE, work: WORK };
        let handler = Handler::new(options.handler.clone(), 1, timers);
        Self { options, session, handler, waiting: VecDeque::new() }
    }

    fn take(&mut self, now: Time, deliver: &Deliver, out: &mut Outputs) {
        out.note(Kind::Taken, Some(deliver.copy));
        self.waiting.push_back(Delivery {
            copy: deliver.copy,
            tag: deliver.tag,
            generation: self.session.generation(),
            fact: Fact::decode(&deliver.payload),
        });
        if self.handler.is_free(0) {
            self.begin(now, out);
        }
    }

    /// Takes the next message in hand, if there is one.
    fn begin(&mut self, now: Time, out: &mut Outputs) {
        if let Some(delivery) = self.waiting.pop_front() {
            let signal = self.handler.take(now, 0, delivery, out);
            self.handled(now, signal, out);
        }
    }

    /// What the handler came to, and what that means for the acknowledgement.
    fn handled(&mut self, now: Time, signal: handler::Signal, out: &mut Outputs) {
        let ack = self.options.ack;
        match signal {
            handler::Signal::None => return,
            handler::Signal::Began(_, delivery) => {
                if ack == AckPolicy::BeforeEffect {
                    self.acknowledge(now, delivery, out);
                }
                return;
            }
            handler::Signal::Done(_, delivery) if ack == AckPolicy::AfterEffect => {
                self.acknowledge(now, delivery, out);
            }
            handler::Signal::Skipped(_, delivery) if ack != AckPolicy::Auto => self.acknowledge(now, delivery, out),
            handler::Signal::Threw(_, delivery) => self.refuse(now, delivery, out),
            handler::Signal::Done(..) | handler::Signal::Skipped(..) => {}
        }
        self.begin(now, out);
    }

    /// What was delivered on the old channel and not begun will come again,
    /// unless the broker has forgotten it.
    fn broker_lost(&mut self) {
        if self.options.ack != AckPolicy::Auto {
            self.waiting.clear();
            self.handler.let_go_of_unbegun();
        }
    }

    /// What this process holds, the message in hand first.
    fn held(&self) -> impl Iterator<Item = CopyId> + '_ {
        self.handler.copies().chain(self.waiting.iter().map(|delivery| delivery.copy))
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
        if let Input::Start(_) = input {
            self.handler.start(now, out);
            return self.session.start(now, out);
        }
        let input = match self.handler.handle(now, input, out) {
            Ok(signal) => return self.handled(now, signal, out),
            Err(input) => input,
        };
        match self.session.handle(now, input, out) {
            Signal::Method(Method::Deliver(deliver)) => self.take(now, &deliver, out),
            Signal::Lost => self.broker_lost(),
            Signal::None | Signal::Ready | Signal::Method(_) => {}
        }
    }

    fn reset(&mut self) {
        self.session.reset();
        self.handler.reset();
        self.waiting.clear();
    }

    /// With `after-effect` the broker still has whatever is here.
    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        match self.options.ack {
            AckPolicy::Auto => self.held().for_each(visit),
            AckPolicy::BeforeEffect => {
                let begun = self.handler.in_hand().filter(|work| work.has_begun());
                begun.for_each(|work| visit(work.delivery.copy));
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
            unacked: u64::from(!self.handler.is_free(0)),
        });
        for copy in self.held() {
            picture.hold(copy, Place::Memory);
        }
        picture.peers.extend(self.session.peer());
        picture.peers.extend(self.handler.peers());
    }
}
