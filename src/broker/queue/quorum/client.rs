//! The other end: what a channel's node does for a quorum queue, wherever the
//! queue's leader is. It numbers what it sends, keeps it until the leader says
//! that it was applied, and sends all of it again to a new leader. The queue
//! enqueues a number once, so sending again is safe, and a publish is confirmed
//! at its first or its fifth arrival alike.
//!
//! Without a leader nothing is refused: publishes wait, deliveries stay away.
//!
//! Facts: `rabbit_fifo_client`, RabbitMQ 4.3.5. Left out: the first publish of a
//! channel waits at most 65 seconds there and is then refused; and commands to
//! settle are held back while many publishes are unanswered.

use std::collections::VecDeque;

use bytes::Bytes;

use super::command::{Command, ConsumerKey, Deliveries, Session, encode};
use super::effect::Answer;
use super::intake::Subscription;
use super::message::{Message, Published};
use crate::event::{CopyId, NodeId};
use crate::flaw::{self, Flaw};

/// With so many commands unanswered the channel should read no more publishes
/// (`quorum_commands_soft_limit`).
const SOFT_LIMIT: usize = 32;

/// What the channel must do. `T` is how it knows a publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act<T> {
    /// To the leader, which stamps the time on it and proposes it.
    Send {
        to: NodeId,
        command: Bytes,
        about: Option<CopyId>,
    },
    Confirmed(T),
    /// The queue is full: the publish went nowhere.
    Refused {
        ticket: Option<T>,
        copy: CopyId,
    },
    /// The subscription began.
    Consuming {
        tag: u16,
    },
    Deliver {
        tag: u16,
        consumer: ConsumerKey,
        delivery: u64,
        message: Message,
    },
    /// Deliveries were missed: to be read from a replica, see
    /// [`super::machine::Machine::held_by`], and handed to [`Client::found`].
    Fetch {
        consumer: ConsumerKey,
        from: u64,
        to: u64,
    },
    /// The broker cancelled the consumer: it held this copy for too long.
    TimedOut {
        tag: u16,
        copy: CopyId,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent<T> {
    Register,
    Enqueue(Option<T>),
    Checkout(u16),
    Down,
    Other,
}

#[derive(Clone, Debug)]
struct Pending<T> {
    correlation: u64,
    intent: Intent<T>,
    command: Bytes,
    about: Option<CopyId>,
}

/// Whether the queue takes publishes of this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Unknown,
    Asked,
    Open,
    Full,
}

#[derive(Clone, Debug)]
pub struct Client<T> {
    pub(super) session: Session,
    /// With the term it was elected in.
    leader: Option<(NodeId, u64)>,
    standing: Standing,
    next_correlation: u64,
    next_sequence: u64,
    /// Sent, or to be sent, and not applied as far as is known. In order.
    pending: VecDeque<Pending<T>>,
    /// Publishes that wait for the answer to `Register`.
    parked: Vec<(Published, Option<T>)>,
    pub(super) subscriptions: Vec<Subscription>,
    /// Consumers that were cancelled, and the number of their next delivery.
    pub(super) former: Vec<(ConsumerKey, u64)>,
}

impl<T: Copy> Client<T> {
    #[must_use]
    pub const fn new(session: Session, leader: Option<(NodeId, u64)>) -> Self {
        Self {
            session,
            leader,
            standing: Standing::Unknown,
            next_correlation: 0,
            next_sequence: 1,
            pending: VecDeque::new(),
            parked: Vec::new(),
            subscriptions: Vec::new(),
            former: Vec::new(),
        }
    }

    #[must_use]
    pub const fn session(&self) -> Session {
        self.session
    }

    #[must_use]
    pub fn leader(&self) -> Option<NodeId> {
        self.leader.map(|(leader, _)| leader)
    }

    /// Publishes that are not answered yet.
    pub fn unanswered(&self) -> impl Iterator<Item = CopyId> {
        self.pending.iter().filter_map(|it| it.about).chain(self.parked.iter().map(|(message, _)| message.copy))
    }

    /// So much is unanswered that no more publishes should be taken.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.pending.len() + self.parked.len() >= SOFT_LIMIT
    }

    /// The queue is being told that the session is over.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.pending.iter().any(|it| matches!(it.intent, Intent::Down))
    }

    /// The session is over and the queue knows it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.parked.is_empty()
    }

    fn send(&mut self, command: &Command, intent: Intent<T>, about: Option<CopyId>, acts: &mut Vec<Act<T>>) {
        let correlation = self.next_correlation;
        self.next_correlation += 1;
        let command = encode(self.session, correlation, command);
        if let Some((to, _)) = self.leader {
            acts.push(Act::Send { to, command: command.clone(), about });
        }
        self.pending.push_back(Pending { correlation, intent, command, about });
    }

    pub(super) fn order(&mut self, command: &Command, acts: &mut Vec<Act<T>>) {
        self.send(command, Intent::Other, None, acts);
    }

    /// `ticket`: the publisher wants to know.
    pub fn publish(&mut self, message: Published, ticket: Option<T>, acts: &mut Vec<Act<T>>) {
        match self.standing {
            Standing::Open => self.enqueue(message, ticket, acts),
            Standing::Full => acts.push(Act::Refused { ticket, copy: message.copy }),
            Standing::Asked => self.parked.push((message, ticket)),
            Standing::Unknown => {
                self.standing = Standing::Asked;
                self.parked.push((message, ticket));
                self.send(&Command::Register, Intent::Register, None, acts);
            }
        }
    }

    fn enqueue(&mut self, message: Published, ticket: Option<T>, acts: &mut Vec<Act<T>>) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let copy = message.copy;
        let ticket = ticket.filter(|ticket| {
            let early = flaw::is_on(Flaw::QuorumConfirmsBeforeCommit);
            if early {
                acts.push(Act::Confirmed(*ticket));
            }
            !early
        });
        self.send(&Command::Enqueue { sequence, message }, Intent::Enqueue(ticket), Some(copy), acts);
    }

    pub fn checkout(&mut self, tag: u16, prefetch: u16, priority: i16, auto_ack: bool, acts: &mut Vec<Act<T>>) {
        self.forget(tag);
        self.subscriptions.push(Subscription::new(tag, auto_ack));
        self.send(&Command::Checkout { tag, prefetch, priority }, Intent::Checkout(tag), None, acts);
    }

    pub fn cancel(&mut self, tag: u16, acts: &mut Vec<Act<T>>) {
        self.forget(tag);
        self.order(&Command::Cancel { tag }, acts);
    }

    pub fn settle(&mut self, consumer: ConsumerKey, deliveries: Deliveries, acts: &mut Vec<Act<T>>) {
        self.order(&Command::Settle { consumer, deliveries }, acts);
    }

    /// Back to the queue. `failed`: as by `basic.reject`.
    pub fn give_back(&mut self, consumer: ConsumerKey, deliveries: Deliveries, failed: bool, acts: &mut Vec<Act<T>>) {
        self.order(&Command::Return { consumer, deliveries, failed }, acts);
    }

    /// Refused for good.
    pub fn discard(&mut self, consumer: ConsumerKey, deliveries: Deliveries, failed: bool, acts: &mut Vec<Act<T>>) {
        self.order(&Command::Discard { consumer, deliveries, failed }, acts);
    }

    /// The channel is closed. What it has sent goes on, and nothing is sent again: once
    /// the queue has forgotten the session, it would take a repeat for something new.
    /// The queue must learn that its consumers are gone, so keep the client until
    /// [`Client::is_idle`].
    pub fn close(&mut self, acts: &mut Vec<Act<T>>) {
        self.subscriptions.clear();
        self.send(&Command::Down, Intent::Down, None, acts);
    }

    /// The node began a new life: the queue must forget its earlier sessions.
    pub fn restarted(&mut self, acts: &mut Vec<Act<T>>) {
        self.send(&Command::Restarted, Intent::Down, None, acts);
    }

    /// There is a leader, perhaps a new one: it gets everything unanswered, in
    /// order.
    pub fn leader_is(&mut self, leader: NodeId, term: u64, acts: &mut Vec<Act<T>>) {
        if self.leader != Some((leader, term)) {
            self.leader = Some((leader, term));
            self.resend(acts);
            self.ask_for_missed(acts);
        }
    }

    /// The connection to the leader is new: either side may have missed something.
    pub fn reconnected(&mut self, acts: &mut Vec<Act<T>>) {
        self.resend(acts);
        self.ask_for_missed(acts);
    }

    fn resend(&self, acts: &mut Vec<Act<T>>) {
        let Some((to, _)) = self.leader else { return };
        let is_over = self.is_closing();
        for it in self.pending.iter().filter(|it| !is_over || matches!(it.intent, Intent::Down)) {
            acts.push(Act::Send { to, command: it.command.clone(), about: it.about });
        }
    }

    /// The leader applied a command.
    pub fn answered(&mut self, correlation: u64, answer: Answer, acts: &mut Vec<Act<T>>) {
        let Ok(at) = self.pending.binary_search_by_key(&correlation, |it| it.correlation) else { return };
        if answer == Answer::OutOfSequence {
            // An earlier message was lost on its way; all are sent again.
            return;
        }
        let Some(pending) = self.pending.remove(at) else { return };
        match pending.intent {
            Intent::Enqueue(ticket) => acts.extend(ticket.map(Act::Confirmed)),
            Intent::Register => self.full(answer == Answer::Full, acts),
            Intent::Checkout(tag) => self.began(tag, answer, acts),
            // Of the rest nobody will hear any more.
            Intent::Down => {
                self.pending.clear();
                self.parked.clear();
            }
            Intent::Other => {}
        }
    }

    /// The queue is full, or takes messages again.
    pub fn full(&mut self, full: bool, acts: &mut Vec<Act<T>>) {
        self.standing = if full { Standing::Full } else { Standing::Open };
        for (message, ticket) in std::mem::take(&mut self.parked) {
            self.publish(message, ticket, acts);
        }
    }
}
