//! Plays the log for one quorum queue.

use std::sync::Arc;

use bytes::Bytes;

use crate::broker::queue::quorum::command::{Command, ConsumerKey, Deliveries, Session, encode, stamp};
use crate::broker::queue::quorum::config::Config;
use crate::broker::queue::quorum::effect::{Answer, Effect, Effects};
use crate::broker::queue::quorum::machine::Machine;
use crate::broker::queue::quorum::message::Published;
use crate::event::{CopyId, Kind, MessageId, NodeId};
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, Properties};
use crate::time::{Span, Time};

pub const PUBLISHER: Session = Session { node: NodeId(1), number: 1 };
pub const ONE: Session = Session { node: NodeId(2), number: 1 };
pub const TWO: Session = Session { node: NodeId(3), number: 1 };
pub const WORKER: Session = Session { node: NodeId(0), number: 9 };

pub struct Rig {
    pub machine: Machine,
    /// Applies the same commands elsewhere, in silence.
    pub follower: Machine,
    pub index: u64,
    pub now: Time,
    sequence: u64,
    pub effects: Vec<Effect>,
}

pub fn message(number: u32) -> Published {
    Published {
        copy: CopyId { message: MessageId(number), attempt: 1, branch: 0 },
        exchange: Name(1),
        key: Name(2),
        persistent: true,
        properties: None,
        payload: Bytes::from_static(b"payload"),
    }
}

/// A message with a priority, and perhaps a time to live.
pub fn special(number: u32, priority: u8, expiration: Option<Span>) -> Published {
    let properties = Properties { priority, expiration, ..Properties::default() };
    Published { properties: Some(Arc::new(properties)), ..message(number) }
}

/// What tests declare a queue with, unless they care: a delivery limit of 20.
pub fn arguments() -> Arguments {
    Arguments { delivery_limit: Some(20), ..Arguments::default() }
}

impl Rig {
    pub fn new() -> Self {
        Self::with(arguments())
    }

    pub fn with(arguments: Arguments) -> Self {
        let machine = Machine::new(Config::of(&arguments));
        let follower = machine.clone();
        Self { machine, follower, index: 0, now: Time::from_millis(1), sequence: 0, effects: Vec::new() }
    }

    /// Puts a command into the log, and has both replicas apply it.
    pub fn apply(&mut self, from: Session, command: &Command) -> Vec<Effect> {
        self.index += 1;
        let bytes = stamp(self.now, &encode(from, self.index, command));
        let mut effects = Effects { leading: true, me: NodeId(0), ..Effects::default() };
        self.machine.apply(self.index, &bytes, &mut effects);
        let mut silent = Effects { leading: false, me: NodeId(99), ..Effects::default() };
        self.follower.apply(self.index, &bytes, &mut silent);
        assert!(silent.list.is_empty(), "a follower spoke: {:?}", silent.list);
        self.effects.extend_from_slice(&effects.list);
        effects.list
    }

    pub fn publish(&mut self, number: u32) -> Vec<Effect> {
        self.publish_as(message(number))
    }

    pub fn publish_as(&mut self, message: Published) -> Vec<Effect> {
        self.sequence += 1;
        self.apply(PUBLISHER, &Command::Enqueue { sequence: self.sequence, message })
    }

    /// Subscribes with tag 1, and returns the consumer and what it is handed.
    pub fn consume(&mut self, session: Session, prefetch: u16) -> (ConsumerKey, Vec<(u64, u32)>) {
        self.consume_with(session, prefetch, 0)
    }

    pub fn consume_with(&mut self, session: Session, prefetch: u16, priority: i16) -> (ConsumerKey, Vec<(u64, u32)>) {
        let effects = self.apply(session, &Command::Checkout { tag: 1, prefetch, priority });
        let answer = effects.iter().find_map(|effect| match effect {
            Effect::Applied { answer: Answer::Consuming { consumer, .. }, .. } => Some(*consumer),
            _ => None,
        });
        let key = answer.expect("an answer to the checkout");
        (key, deliveries(&effects, session))
    }

    pub fn ack(&mut self, session: Session, consumer: ConsumerKey, delivery: u64) -> Vec<Effect> {
        self.apply(session, &Command::Settle { consumer, deliveries: Deliveries::from_iter([delivery]) })
    }

    /// `failed`: as `basic.reject` does; else as `basic.nack`.
    pub fn requeue(&mut self, session: Session, consumer: ConsumerKey, delivery: u64, failed: bool) -> Vec<Effect> {
        self.apply(session, &Command::Return { consumer, deliveries: Deliveries::from_iter([delivery]), failed })
    }

    pub fn refuse(&mut self, session: Session, consumer: ConsumerKey, delivery: u64) -> Vec<Effect> {
        self.apply(session, &Command::Discard { consumer, deliveries: Deliveries::from_iter([delivery]), failed: true })
    }

    pub fn tick_after(&mut self, span: Span) -> Vec<Effect> {
        self.now += span;
        self.apply(WORKER, &Command::Tick)
    }
}

/// Numbers of deliveries and messages for a session, in order.
pub fn deliveries(effects: &[Effect], session: Session) -> Vec<(u64, u32)> {
    let its = effects.iter().filter_map(|effect| match effect {
        Effect::Deliver { to, delivery, message, .. } if *to == session => Some((*delivery, message.copy().message.0)),
        _ => None,
    });
    its.collect()
}

/// The messages of notes of one kind, in order.
pub fn noted(effects: &[Effect], kind: Kind) -> Vec<u32> {
    let notes = effects.iter().filter_map(|effect| match effect {
        Effect::Note(noted, copy) if *noted == kind => Some(copy.message.0),
        _ => None,
    });
    notes.collect()
}

pub fn answer(effects: &[Effect]) -> Option<Answer> {
    effects.iter().find_map(|effect| match effect {
        Effect::Applied { answer, .. } => Some(*answer),
        _ => None,
    })
}
