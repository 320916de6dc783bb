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

const ACKS: [(&str, Acks); 3] = [("0", Acks::None), ("1", Acks::Leader), ("all", Acks::All)];
/// Whether it begins again from its bootstrap servers.
const METADATA_RECOVERY: [(&str, bool); 2] = [("rebootstrap", true), ("none", false)];

/// A producer's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct LogProducerOptions {
    /// `bootstrap.servers`.
    pub brokers: Arc<[NodeId]>,
    /// Ascending in time.
    pub workload: Occurrences,
    pub topic: Name,
    pub acks: Acks,
    /// Without `acks=all` or without retries it is off, as with Kafka's producer where
    /// nobody has set it and it is on by default.
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
        settings.read_switch("idempotence", &mut self.idempotence);
        settings.read_switch("retries", &mut self.retries);
        settings.read_switch("keyed", &mut self.keyed);
        settings.read_switch("outbox", &mut self.outbox);
        settings.read_millis("delivery_timeout_ms", &mut self.delivery_timeout);
        settings.read_millis("request_timeout_ms", &mut self.request_timeout);
        settings.read_millis("linger_ms", &mut self.linger);
        settings.read_millis("max_block_ms", &mut self.max_block);
        settings.read_millis("relay_ms", &mut self.relay_interval);
        settings.read_millis("reconnect_ms", &mut self.reconnect_after);
        settings.read_count("in_flight", &mut self.in_flight);
        settings.read_count("batch_records", &mut self.batch_records);
        settings.read_count("buffer_records", &mut self.buffer_records);
        settings.read_count("abort_every", &mut self.abort_every);
        settings.read_word("acks", &ACKS, &mut self.acks);
        settings.read_word("metadata_recovery", &METADATA_RECOVERY, &mut self.rebootstraps);
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

    /// Whether batches are numbered. Transactions cannot do without: see
    /// [`refusal`](super::refusal()).
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.idempotence && self.acks == Acks::All && self.retries
    }
}
