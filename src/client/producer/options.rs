//! What a producer is configured with.

use std::sync::Arc;

use crate::client::declare::Declare;
use crate::client::occurrences::Occurrences;
use crate::client::pattern::Pattern;
use crate::client::session;
use crate::event::{MessageId, NodeId};
use crate::protocol::Name;
use crate::protocol::queue::Method;
use crate::random::Seed;
use crate::setting::Settings;
use crate::time::Span;

/// Whether, and how, a producer asks the broker for confirms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confirms {
    /// Publish and forget.
    #[default]
    Off,
    /// Publish, wait for the answer, publish the next.
    WaitEach,
    /// Up to a window of publishes may be unanswered.
    Async,
    /// Transactions of `batch` messages: publish, commit, wait for the answer.
    Transaction,
}

const CONFIRMS: [(&str, Confirms); 4] = [
    ("off", Confirms::Off),
    ("wait-each", Confirms::WaitEach),
    ("async", Confirms::Async),
    ("tx", Confirms::Transaction),
];

/// A producer's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct ProducerOptions {
    /// The brokers it may connect to, its own first.
    pub brokers: Arc<[NodeId]>,
    /// Ascending in time.
    pub workload: Occurrences,
    /// [`Name::EMPTY`] is the default exchange, which routes by queue name and
    /// needs no binding.
    pub exchange: Name,
    pub key: Name,
    /// Routing keys that messages take in turn, by number; empty: all take `key`.
    pub keys: Arc<[Name]>,
    /// Headers that messages carry in turn, by number; empty: none.
    pub headers: Arc<[Name]>,
    /// What it declares, where that is more than its queue, exchange and binding.
    pub declarations: Arc<[Method]>,
    /// The queue this producer declares, and binds if `bound`. With
    /// [`Name::EMPTY`] it declares no queue.
    pub queue: Name,
    pub durable: bool,
    /// With which arguments it is declared, and how the exchange is.
    pub declare: Declare,
    pub bound: bool,
    pub persistent: bool,
    pub mandatory: bool,
    /// Every message's own time to live; zero is none.
    pub expiration: Span,
    /// Every n-th message has the highest priority of its queue; 0 is none.
    pub urgent_every: u32,
    pub confirms: Confirms,
    /// Send again after a nack, a time-out or a lost connection. Only a producer
    /// that asks for confirms can know when.
    pub resend: bool,
    /// How many publishes may be unanswered with [`Confirms::Async`]; 0 counts as 1.
    pub window: usize,
    /// How many messages one transaction takes, if so many wait; 0 counts as 1.
    pub batch: usize,
    /// How long a publish may stay without an answer. 5 s as in RabbitMQ's
    /// tutorial on publisher confirms.
    pub confirm_timeout: Span,
    /// How often one message is sent at most, the first time included; 0 counts as 1.
    pub attempts_at_most: u16,
    /// The shop's own database, to commit each fact to first; empty: it has none.
    pub database: Arc<[NodeId]>,
    /// Commit the event with the fact, for a relay to publish. Needs a database.
    pub outbox: bool,
    /// Send each message as a half, and commit its fact only then. Needs a database.
    pub halves: bool,
    /// How long the relay waits until it looks for new rows.
    pub relay_interval: Span,
    pub heartbeat: Span,
    pub reconnect_after: Span,
    /// For the draws of back-offs. Give every node its own.
    pub seed: Seed,
}

impl ProducerOptions {
    /// The defaults of [`SETTINGS`](super::SETTINGS), publishing to `queue` through the default
    /// exchange.
    #[must_use]
    pub fn new(broker: NodeId, queue: Name, workload: impl Into<Occurrences>, seed: Seed) -> Self {
        Self {
            brokers: Arc::from([broker]),
            workload: workload.into(),
            exchange: Name::EMPTY,
            key: queue,
            keys: Arc::default(),
            headers: Arc::default(),
            declarations: Arc::default(),
            queue,
            durable: true,
            declare: Declare::default(),
            bound: true,
            persistent: false,
            mandatory: false,
            expiration: Span::ZERO,
            urgent_every: 0,
            confirms: Confirms::Off,
            resend: true,
            window: 32,
            batch: 1,
            confirm_timeout: Span::from_secs(5),
            attempts_at_most: 8,
            database: Arc::default(),
            outbox: false,
            halves: false,
            relay_interval: Span::from_millis(100),
            heartbeat: session::HEARTBEAT,
            reconnect_after: session::RECONNECT_AFTER,
            seed,
        }
    }

    /// The routing key of a message.
    #[must_use]
    pub fn key_of(&self, message: MessageId) -> Name {
        in_turn(&self.keys, message).unwrap_or(self.key)
    }

    /// The headers of a message; empty if it has none.
    #[must_use]
    pub fn headers_of(&self, message: MessageId) -> Name {
        in_turn(&self.headers, message).unwrap_or(Name::EMPTY)
    }

    /// Takes over those of the settings that concern a producer and are present.
    #[must_use]
    pub fn with(mut self, settings: &Settings) -> Self {
        self.declare = self.declare.with(settings);
        settings.read_switch("durable", &mut self.durable);
        settings.read_switch("bound", &mut self.bound);
        settings.read_switch("persistent", &mut self.persistent);
        settings.read_switch("mandatory", &mut self.mandatory);
        settings.read_switch("resend", &mut self.resend);
        settings.read_switch("outbox", &mut self.outbox);
        settings.read_millis("confirm_timeout_ms", &mut self.confirm_timeout);
        settings.read_millis("relay_ms", &mut self.relay_interval);
        settings.read_millis("heartbeat_ms", &mut self.heartbeat);
        settings.read_millis("reconnect_ms", &mut self.reconnect_after);
        settings.read_millis("expiration_ms", &mut self.expiration);
        settings.read_count("urgent_every", &mut self.urgent_every);
        settings.read_count("window", &mut self.window);
        settings.read_count("batch", &mut self.batch);
        settings.read_word("confirms", &CONFIRMS, &mut self.confirms);
        self.patterned(Pattern::of(settings))
    }

    /// Does what a pattern needs, whatever the other settings say.
    fn patterned(mut self, pattern: Pattern) -> Self {
        if pattern == Pattern::HalfMessage {
            (self.halves, self.outbox, self.confirms) = (true, false, Confirms::Async);
        }
        self
    }
}

/// The name that is a message's, where messages take them in turn.
fn in_turn(names: &[Name], message: MessageId) -> Option<Name> {
    let turn = (message.0 as usize).wrapping_sub(1).checked_rem(names.len())?;
    Some(names[turn])
}
