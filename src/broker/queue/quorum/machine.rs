//! The quorum queue as a state machine: the same commands in the same order make
//! the same queue on every replica, whatever each of them knew besides.
//!
//! It owns no clock and asks nobody anything. Raft (`crate::raft`) puts commands
//! into order and hands them over once a majority has them on disk; only then do
//! they take effect.
//!
//! Facts: `rabbit_fifo` of RabbitMQ 4.3.5 (August 2026). Left out: limits in
//! bytes, `basic.get`, delayed retry, credit by the consumer (AMQP 1.0), queue
//! expiry, and changes of a queue's configuration.

use bytes::Bytes;

use super::command::{Command, ConsumerKey, Entry, Session};
use super::config::Config;
use super::consumer::Consumer;
use super::dead::DeadLetters;
use super::effect::{Answer, Effect, Effects};
use super::message::{Message, OVERHEAD, Published};
use super::ready::Ready;
use crate::event::{CopyId, Kind};
use crate::flaw::{self, Flaw};
use crate::time::Time;

#[derive(Clone, Debug)]
pub struct Machine {
    pub(super) config: Config,
    pub(super) ready: Ready,
    /// Sorted by session.
    pub(super) enqueuers: Vec<Enqueuer>,
    /// Sorted by key. With a single active consumer: that one, and others that
    /// still hold something.
    pub(super) consumers: Vec<Consumer>,
    /// With a single active consumer: who waits to be it, the next first.
    pub(super) waiting: Vec<Consumer>,
    /// Consumers with credit, in the order they will be served: higher priority
    /// first, then in turn.
    pub(super) service: Vec<ConsumerKey>,
    pub(super) dead: DeadLetters,
    /// What a snapshot would free of the log, about, in bytes.
    pub(super) reclaimable: u64,
}

/// A session that published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Enqueuer {
    pub session: Session,
    /// The number its next message must have.
    pub next: u64,
    /// It was told that the queue is full.
    pub blocked: bool,
}

impl Machine {
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            ready: Ready::default(),
            enqueuers: Vec::new(),
            consumers: Vec::new(),
            waiting: Vec::new(),
            service: Vec::new(),
            dead: DeadLetters::default(),
            reclaimable: 0,
        }
    }

    /// Applies a committed command. Bytes that are no command change nothing.
    pub fn apply(&mut self, index: u64, bytes: &Bytes, effects: &mut Effects) {
        let Some(Entry { time, from, correlation, command }) = Entry::decode(bytes) else { return };
        let was_low = self.is_low();
        let is_enqueue = matches!(command, Command::Enqueue { .. });
        if !is_enqueue {
            self.reclaimable += bytes.len() as u64 + OVERHEAD;
        }
        let answer = self.carry_out(index, time, from, command, effects);
        self.activate_next();
        self.serve(time, effects);
        self.dead.serve(effects);
        self.hold_limit(was_low, effects);
        effects.lead(|| Effect::Applied { to: from, correlation, answer });
    }

    fn carry_out(&mut self, index: u64, time: Time, from: Session, command: Command, effects: &mut Effects) -> Answer {
        match command {
            Command::Register => return self.register(from),
            Command::Enqueue { sequence, message } => {
                return self.enqueue(index, time, from, sequence, message, effects);
            }
            Command::Checkout { tag, prefetch, priority } => {
                return self.checkout(index, from, tag, prefetch, priority);
            }
            Command::Cancel { tag } => return self.cancel(from, tag),
            Command::Settle { consumer, deliveries } => self.settle(consumer, &deliveries, effects),
            Command::Return { consumer, deliveries, failed } => {
                self.return_some(consumer, &deliveries, failed, effects);
            }
            Command::Discard { consumer, deliveries, failed } => {
                self.discard(consumer, &deliveries, failed, effects);
            }
            Command::Down => self.down(from, effects),
            Command::Restarted => {
                let theirs = |it: &Session| it.node == from.node && it.number < from.number;
                self.sessions().into_iter().filter(theirs).for_each(|session| self.down(session, effects));
            }
            Command::Disconnected { node } => self.disconnected(node, time),
            Command::Reconnected { node } => self.reconnected(node),
            Command::Purge => self.purge(),
            Command::Tick => {
                self.expire(time, effects);
                self.take_from_the_slow(time, effects);
                self.take_from_the_lost(time, effects);
            }
            Command::WorkerCheckout => self.dead.start_worker(from),
            Command::WorkerSettle { deliveries } => {
                for message in self.dead.settle(from, &deliveries) {
                    self.reclaimable += message.size();
                }
            }
        }
        Answer::Done
    }

    /// The place of a session among the enqueuers; it is added if it is new.
    fn enqueuer(&mut self, session: Session) -> usize {
        match self.enqueuers.binary_search_by_key(&session, |it| it.session) {
            Ok(at) => at,
            Err(at) => {
                self.enqueuers.insert(at, Enqueuer { session, next: 1, blocked: false });
                at
            }
        }
    }

    fn register(&mut self, from: Session) -> Answer {
        let full = self.refuses();
        let at = self.enqueuer(from);
        self.enqueuers[at].blocked = full;
        if full { Answer::Full } else { Answer::Done }
    }

    fn enqueue(
        &mut self,
        index: u64,
        time: Time,
        from: Session,
        sequence: u64,
        published: Published,
        effects: &mut Effects,
    ) -> Answer {
        let at = self.enqueuer(from);
        let enqueuer = &mut self.enqueuers[at];
        let size = published.payload.len() as u64 + OVERHEAD;
        if sequence > enqueuer.next {
            self.reclaimable += size;
            return Answer::OutOfSequence;
        }
        if sequence < enqueuer.next && !flaw::is_on(Flaw::QuorumEnqueuesTwice) {
            // Sent again, though it had arrived: it is confirmed once more.
            self.reclaimable += size;
            return Answer::Done;
        }
        enqueuer.next = enqueuer.next.max(sequence + 1);
        effects.note(Kind::Enqueued, published.copy);
        let lives = match (self.config.message_ttl, published.properties.as_ref().and_then(|it| it.expiration)) {
            (Some(queue), Some(own)) => Some(queue.min(own)),
            (queue, own) => queue.or(own),
        };
        let expires = lives.map(|span| time + span);
        self.ready.push(Message { index, published, expires, acquired: 0, failed: 0 });
        Answer::Done
    }

    fn purge(&mut self) {
        self.reclaimable += self.ready.iter().map(Message::size).sum::<u64>();
        self.ready.clear();
        self.dead.purge();
    }

    /// When the leader should propose a [`Command::Tick`], if ever.
    #[must_use]
    pub fn next_tick(&self) -> Option<Time> {
        let slow = self.consumers.iter().filter_map(|it| it.held.front().map(|held| held.until));
        let lost = self.consumers.iter().filter_map(|it| it.suspected_until);
        self.ready.next_expiry().into_iter().chain(slow).chain(lost).min()
    }

    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Messages that wait to be delivered.
    #[must_use]
    pub fn ready_count(&self) -> usize {
        self.ready.len()
    }

    /// Messages that consumers hold.
    #[must_use]
    pub fn held_count(&self) -> usize {
        self.consumers.iter().map(|it| it.held.len()).sum()
    }

    /// Dead letters that are not confirmed yet.
    #[must_use]
    pub fn dead_count(&self) -> usize {
        self.dead.len()
    }

    /// Messages that the queue would still hand to its consumers: what they hold,
    /// then what waits.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        let held = self.consumers.iter().flat_map(|it| it.held.iter().map(|held| &held.message));
        held.chain(self.ready.iter())
    }

    /// Dead letters that are not confirmed yet.
    pub fn dead_letters(&self) -> impl Iterator<Item = CopyId> {
        self.dead.iter().map(Message::copy)
    }

    /// Sessions that the queue knows: a new leader tells them who it is, and they
    /// send again what was not answered.
    #[must_use]
    pub fn sessions(&self) -> Vec<Session> {
        let enqueuers = self.enqueuers.iter().map(|it| it.session);
        let consumers = self.consumers.iter().chain(&self.waiting).map(|it| it.session);
        let mut sessions: Vec<_> = enqueuers.chain(consumers).collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }

    /// What a consumer holds, from one number to another: asked by a channel that
    /// missed deliveries.
    pub fn held_by(&self, consumer: ConsumerKey, from: u64, to: u64) -> impl Iterator<Item = (u64, &Message)> {
        let held = self.consumers.iter().filter(move |it| it.key == consumer).flat_map(|it| &it.held);
        let range = held.filter(move |held| (from..=to).contains(&held.delivery));
        range.map(|held| (held.delivery, &held.message))
    }

    /// Whether it has come as far as that delivery. If not, that it holds none of
    /// what went before says nothing.
    #[must_use]
    pub fn has_handed_out(&self, consumer: ConsumerKey, delivery: u64) -> bool {
        self.consumers.iter().any(|it| it.key == consumer && it.next > delivery)
    }
}
