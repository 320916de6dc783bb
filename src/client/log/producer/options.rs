//! What a producer of a log is configured with.

use std::sync::Arc;

use crate::client::occurrences::Occurrences;
use crate::client::session::RECONNECT_AFTER;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::Acks;
use crate::random::Seed;
use crate::setting::Settings;
use crate::time::Span;

/// A producer's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct LogProducerOptions {
    /// `bootstrap.servers`.
    pub brokers: Arc<[NodeId]>,
    /// Ascending in time.
    pub workload: Occurrences,
    pub topic: Name,
    pub acks: Acks,
    /// Kafka refuses to start an idempotent producer without `acks=all` or without
    /// retries, unless idempotence is on by default only: then it is off. So here.
    pub idempotence: bool,
    /// Unanswered requests to one broker; 0 counts as 1.
    pub in_flight: usize,
    pub retries: bool,
    pub delivery_timeout: Span,
    pub request_timeout: Span,
    pub linger: Span,
    /// How many records a batch takes (or a transaction); 0 counts as 1.
    pub batch_records: usize,
    /// How many records the buffer takes; 0 counts as 1.
    pub buffer_records: usize,
    pub max_block: Span,
    /// Begins again from its bootstrap servers when no broker can be reached, and
    /// forgets the topic over it.
    pub rebootstraps: bool,
    /// Under which name it has transactions, if it has.
    pub transactional_id: Option<Name>,
    /// Every so many facts of the workload the program throws after it has sent the
    /// fact, and aborts its transaction; 0: never.
    pub abort_every: u32,
    pub keyed: bool,
    /// The shop's own database, to commit each fact to first; empty: it has none.
    pub database: Arc<[NodeId]>,
    /// Commit the event with the fact, for a relay to send. Needs a database.
    pub outbox: bool,
    /// How long the relay waits until it looks for new rows.
    pub relay_interval: Span,
    /// How soon a lost connection to the database is opened again.
    pub reconnect_after: Span,
    /// `retry.backoff.ms`, doubled with every failure up to
    /// `retry.backoff.max.ms` (a second).
    pub retry_back_off: Span,
    /// For the draws of back-offs. Give every node its own.
    pub seed: Seed,
}

impl LogProducerOptions {
    /// The defaults of [`SETTINGS`](super::SETTINGS).
    #[must_use]
    pub fn new(brokers: Arc<[NodeId]>, topic: Name, workload: impl Into<Occurrences>, seed: Seed) -> Self {
        Self {
            brokers,
            workload: workload.into(),
            topic,
            acks: Acks::All,
            idempotence: true,
            in_flight: 5,
            retries: true,
            delivery_timeout: Span::from_secs(120),
            request_timeout: Span::from_secs(30),
            linger: Span::from_millis(5),
            batch_records: 16,
            buffer_records: 32_768,
            max_block: Span::from_secs(60),
            rebootstraps: true,
            transactional_id: None,
            abort_every: 0,
            keyed: true,
            database: Arc::default(),
            outbox: false,
            relay_interval: Span::from_millis(100),
            reconnect_after: RECONNECT_AFTER,
            retry_back_off: Span::from_millis(100),
            seed,
        }
    }

    /// Takes over those of the settings that concern a producer and are present.
    /// `transactional_id` is the name it has if `transactions` are on.
    #[must_use]
    pub fn with(mut self, settings: &Settings, transactional_id: Name) -> Self {
        let switch = |name, value: &mut bool| {
            if settings.get(name).is_some() {
                *value = settings.is_on(name);
            }
        };
        switch("idempotence", &mut self.idempotence);
        switch("retries", &mut self.retries);
        switch("keyed", &mut self.keyed);
        switch("outbox", &mut self.outbox);
        let millis = |name, value: &mut Span| {
            if settings.get(name).is_some() {
                *value = Span::from_millis(settings.number(name));
            }
        };
        millis("delivery_timeout_ms", &mut self.delivery_timeout);
        millis("request_timeout_ms", &mut self.request_timeout);
        millis("linger_ms", &mut self.linger);
        millis("max_block_ms", &mut self.max_block);
        millis("relay_ms", &mut self.relay_interval);
        millis("reconnect_ms", &mut self.reconnect_after);
        let count = |name, value: &mut usize| {
            if settings.get(name).is_some() {
                *value = usize::try_from(settings.number(name)).unwrap_or(usize::MAX);
            }
        };
        count("in_flight", &mut self.in_flight);
        count("batch_records", &mut self.batch_records);
        count("buffer_records", &mut self.buffer_records);
        match settings.word("acks") {
            "0" => self.acks = Acks::None,
            "1" => self.acks = Acks::Leader,
            "all" => self.acks = Acks::All,
            _ => {}
        }
        match settings.word("metadata_recovery") {
            "rebootstrap" => self.rebootstraps = true,
            "none" => self.rebootstraps = false,
            _ => {}
        }
        self.abort_every = u32::try_from(settings.number("abort_every")).unwrap_or(0);
        if settings.is_on("transactions") {
            self.transactional_id = Some(transactional_id);
        }
        self
    }

    /// Whether the program throws on the fact at this place of the workload. It
    /// depends on the fact alone, not on what else is in its transaction.
    #[must_use]
    pub fn throws(&self, index: usize) -> bool {
        self.abort_every > 0 && self.workload.message(index).0.is_multiple_of(self.abort_every)
    }

    /// Transactions need the acknowledgement of all.
    #[must_use]
    pub const fn acks(&self) -> Acks {
        if self.transactional_id.is_some() { Acks::All } else { self.acks }
    }

    /// Whether batches are numbered. Transactions cannot do without, and then
    /// `acks` is `all`.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.transactional_id.is_some() || self.idempotence && self.acks == Acks::All && self.retries
    }
}
