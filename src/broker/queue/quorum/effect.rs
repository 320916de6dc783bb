//! What a command sets in motion outside the state machine. Every replica applies
//! every command; only the leader answers and notes, and each node's own replica
//! hands deliveries to the channels of that node, so that they need not cross the
//! network twice. Replicas elsewhere change their state and stay silent.

use super::command::{ConsumerKey, Session};
use super::message::Message;
use crate::event::{CopyId, Kind, NodeId};
use crate::protocol::queue::DeathReason;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// For the history.
    Note(Kind, CopyId),
    /// A command was applied. The session need not send it again.
    Applied { to: Session, correlation: u64, answer: Answer },
    /// A message for a consumer. Deliveries of one consumer count from 0.
    Deliver { to: Session, consumer: ConsumerKey, tag: u16, delivery: u64, message: Message },
    /// The queue is full and takes no more publishes, or takes them again.
    Full { to: Session, full: bool },
    /// A consumer held a delivery too long: it is cancelled by the broker.
    TimedOut { to: Session, consumer: ConsumerKey, tag: u16, copy: CopyId },
    /// A dead letter, to be published once, whatever becomes of it.
    DeadLetter { message: Message, reason: DeathReason },
    /// A dead letter for the worker, who settles it once it is confirmed.
    Forward { delivery: u64, message: Message, reason: DeathReason },
}

/// What a session is told of its command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Done,
    /// An earlier message of this session is missing: to be sent again after it.
    OutOfSequence,
    /// The queue is full (an answer to `Register`).
    Full,
    /// An answer to `Checkout`: who the consumer is, and the number of its first
    /// delivery from now on.
    Consuming {
        consumer: ConsumerKey,
        next: u64,
    },
    NoSuchConsumer,
}

/// Collects effects. One is reused, so that applying allocates nothing of its own.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    pub list: Vec<Effect>,
    /// This replica leads.
    pub leading: bool,
    /// The node of this replica.
    pub me: NodeId,
}

impl Effects {
    /// What only the leader does.
    pub fn lead(&mut self, effect: impl FnOnce() -> Effect) {
        if self.leading {
            self.list.push(effect());
        }
    }

    pub fn note(&mut self, kind: Kind, copy: CopyId) {
        self.lead(|| Effect::Note(kind, copy));
    }

    /// What is for a session: the leader does it, and the session's own node.
    pub fn tell(&mut self, to: Session, effect: impl FnOnce() -> Effect) {
        if self.leading || to.node == self.me {
            self.list.push(effect());
        }
    }
}
