//! A forwarder: takes messages out of one queue and publishes them to others. It
//! is the temporary program of a backlog's rescue ("make room for ten times the
//! consumers"), and of every shovel and bridge.
//!
//! It holds a message between two queues, and the order of its two answers is
//! all that matters. If it acks the old queue first, a crash in between loses
//! the message. If it waits until the new queue has confirmed, a crash in between
//! forwards the message twice. There is no third way: the two brokers' answers
//! are two events.
//!
//! - The copy keeps the message and its business content; as a copy it is told
//!   apart by its branch.
//! - A channel that is lost takes with it all that was under way: deliveries come
//!   again (unless they were acked), confirms do not.
//! - `forward_by = key` sends one key always to the same queue. Turns spread a
//!   key over queues, whose consumers then work on it in any order.
//!
//! Sources: RabbitMQ's guide to the Shovel plugin (`ack-mode`: `on-confirm`,
//! `on-publish`, `no-ack`). Left out: several channels, a target in
//! another cluster.

mod options;

#[cfg(test)]
mod tests;

pub use options::{ForwardAck, ForwardBy, ForwarderOptions, SETTINGS};

use std::collections::VecDeque;
use std::sync::Arc;

use crate::client::link::Pace;
use crate::client::session::{self, Session, Signal};
use crate::event::{CopyId, Kind};
use crate::node::{Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Lane, LaneLabel, Picture, Place, Role};
use crate::protocol::Name;
use crate::protocol::fact::Fact;
use crate::protocol::queue::{Deliver, Method, Publish};
use crate::time::Time;

/// The session's two.
const SESSION: TimerId = TimerId(0);

/// A forwarder with its policy.
#[derive(Clone, Debug)]
pub struct Forwarder {
    options: ForwarderOptions,
    session: Session,
    /// Copies that were published and not confirmed, by publish tag from
    /// `first_tag` on.
    window: VecDeque<Moving>,
    first_tag: u64,
    /// Whose turn is next.
    turn: usize,
}

/// A message between the two queues.
#[derive(Clone, Copy, Debug)]
struct Moving {
    copy: CopyId,
    /// Its delivery from the old queue.
    delivery: u64,
    is_settled: bool,
}

impl Forwarder {
    #[must_use]
    pub fn new(options: ForwarderOptions) -> Self {
        let pace = Pace { retry_after: options.reconnect_after, patience: session::PATIENCE, seed: options.seed };
        let session = Session::new(options.brokers.clone(), pace, options.heartbeat, script(&options), SESSION);
        Self { options, session, window: VecDeque::new(), first_tag: 1, turn: 0 }
    }

    fn forward(&mut self, now: Time, deliver: Deliver, out: &mut Outputs) {
        out.note(Kind::Taken, Some(deliver.copy));
        if self.options.ack == ForwardAck::BeforePublish {
            self.acknowledge(now, deliver.copy, deliver.tag, out);
        }
        let copy = CopyId { branch: deliver.copy.branch + 1, ..deliver.copy };
        let publish = Publish {
            exchange: Name::EMPTY,
            key: self.target(&deliver.payload),
            copy,
            // A copy that no queue takes must not count as moved.
            mandatory: true,
            persistent: self.options.persistent,
            properties: None,
            payload: deliver.payload,
        };
        self.window.push_back(Moving { copy: deliver.copy, delivery: deliver.tag, is_settled: false });
        self.session.send(now, Method::Publish(publish), Some(copy), out);
        out.note(Kind::Sent, Some(copy));
    }

    fn target(&mut self, payload: &[u8]) -> Name {
        let to = &self.options.to;
        let place = match (self.options.by, Fact::decode(payload)) {
            (ForwardBy::Key, Some(fact)) => fact.key as usize,
            (ForwardBy::Key, None) | (ForwardBy::Turn, _) => {
                self.turn += 1;
                self.turn - 1
            }
        };
        to[place % to.len()]
    }

    /// The new queue has the copies, or refused them.
    fn answered(&mut self, now: Time, tag: u64, multiple: bool, positive: bool, out: &mut Outputs) {
        let last = self.first_tag + self.window.len() as u64 - 1;
        let covered = match (multiple, tag) {
            (true, 0) => self.first_tag..=last,
            (true, tag) => self.first_tag..=tag.min(last),
            (false, tag) => tag..=tag.min(last),
        };
        for tag in covered {
            let Some(at) = tag.checked_sub(self.first_tag) else { continue };
            let Some(moving) = self.window.get_mut(at as usize).filter(|moving| !moving.is_settled) else { continue };
            moving.is_settled = true;
            let moving = *moving;
            if self.options.ack == ForwardAck::AfterConfirm {
                if positive {
                    self.acknowledge(now, moving.copy, moving.delivery, out);
                } else {
                    self.give_back(now, moving, out);
                }
            }
        }
        while self.window.front().is_some_and(|moving| moving.is_settled) {
            self.window.pop_front();
            self.first_tag += 1;
        }
    }

    /// The new queue does not take it: the old one keeps it.
    fn give_back(&mut self, now: Time, moving: Moving, out: &mut Outputs) {
        let nack = Method::Nack { tag: moving.delivery, multiple: false, requeue: true };
        self.session.send(now, nack, Some(moving.copy), out);
    }

    /// A copy came back as unroutable. Its confirm, still to come, must not count.
    fn returned(&mut self, now: Time, copy: CopyId, out: &mut Outputs) {
        let is_it = |moving: &Moving| !moving.is_settled && CopyId { branch: copy.branch, ..moving.copy } == copy;
        if let Some(moving) = self.window.iter_mut().find(|moving| is_it(moving)) {
            moving.is_settled = true;
            let moving = *moving;
            if self.options.ack == ForwardAck::AfterConfirm {
                self.give_back(now, moving, out);
            }
        }
    }

    fn acknowledge(&mut self, now: Time, copy: CopyId, tag: u64, out: &mut Outputs) {
        self.session.send(now, Method::Ack { tag, multiple: false }, Some(copy), out);
        out.note(Kind::AckSent, Some(copy));
    }

    fn lost(&mut self) {
        self.window.clear();
        self.first_tag = 1;
    }

    /// What only this process holds: acked there, not yet taken here.
    fn held(&self) -> impl Iterator<Item = CopyId> + '_ {
        self.window.iter().filter(|moving| !moving.is_settled).map(|moving| moving.copy)
    }
}

/// What a forwarder declares on every new channel.
fn script(options: &ForwarderOptions) -> Arc<[Method]> {
    let mut script = options.declarations.to_vec();
    if script.is_empty() {
        let queues = std::iter::once(&options.from).chain(options.to.iter());
        script.extend(queues.map(|queue| Method::declare(*queue, options.durable)));
    }
    script.push(Method::ConfirmSelect);
    script.push(Method::Qos { prefetch: options.prefetch });
    script.push(Method::consume(options.from, 1, false));
    script.into()
}

impl Node for Forwarder {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        if let Input::Start(_) = input {
            return self.session.start(now, out);
        }
        match self.session.handle(now, input, out) {
            Signal::Method(Method::Deliver(deliver)) => self.forward(now, deliver, out),
            Signal::Method(Method::Confirm { tag, multiple }) => self.answered(now, tag, multiple, true, out),
            Signal::Method(Method::ConfirmNack { tag, multiple }) => self.answered(now, tag, multiple, false, out),
            Signal::Method(Method::Return { copy, .. }) => self.returned(now, copy, out),
            Signal::Lost | Signal::Ready => self.lost(),
            Signal::None | Signal::Method(_) => {}
        }
    }

    fn reset(&mut self) {
        self.session.reset();
        self.lost();
        self.turn = 0;
    }

    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        // With `after-confirm` the old queue still has whatever is here.
        if self.options.ack == ForwardAck::BeforePublish {
            self.held().for_each(visit);
        }
    }

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Consumer;
        let unacked = self.held().count() as u64;
        picture.lanes.push(Lane { label: LaneLabel::Unsettled, ready: 0, unacked });
        for copy in self.held() {
            picture.hold(copy, Place::Memory);
        }
        picture.peers.extend(self.session.peer());
    }
}
