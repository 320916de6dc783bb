//! What a consumer of a log is configured with.

use std::sync::Arc;

use crate::client::consumer::{ON_EXCEPTION, OnException};
use crate::client::handler;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::{Isolation, Strategy};
use crate::random::Seed;
use crate::setting::Settings;
use crate::time::Span;

/// When a consumer commits its offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OffsetCommit {
    /// `enable.auto.commit`: `poll()` and `close()` commit what earlier polls
    /// returned, every so often.
    #[default]
    Auto,
    /// The same, and the program hands its records to a thread of its own and
    /// polls on: what is committed may not be worked on.
    AutoHandoff,
    /// The same, and the positions are read while `poll()` moves them: the batch
    /// in hand may be committed (`group.protocol=consumer`, KAFKA-18641).
    AutoRacing,
    /// librdkafka: an offset is stored just before the program gets its record,
    /// and what is stored is committed from the background.
    StoredBefore,
    /// `commitSync()` when the batch is done.
    After,
    /// `commitSync()` before work on the batch begins.
    Before,
}

/// `auto.offset.reset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OffsetReset {
    Earliest,
    #[default]
    Latest,
}

/// What the loop around `poll()` does when a handler throws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnPollException {
    /// The exception leaves the loop, whose `finally` closes the consumer. The
    /// process is started again.
    #[default]
    Close,
    /// It is logged, and the loop polls on. The rest of the batch is left.
    Swallow,
    /// It goes back to the record and polls on, as Spring's error handler does:
    /// ten deliveries at most, then the record is logged and skipped.
    Seek,
}

// The words of settings, and what they mean.
const OFFSET_COMMIT: [(&str, OffsetCommit); 6] = [
    ("auto", OffsetCommit::Auto),
    ("auto-handoff", OffsetCommit::AutoHandoff),
    ("auto-racing", OffsetCommit::AutoRacing),
    ("stored-before", OffsetCommit::StoredBefore),
    ("after", OffsetCommit::After),
    ("before", OffsetCommit::Before),
];
const OFFSET_RESET: [(&str, OffsetReset); 2] = [("earliest", OffsetReset::Earliest), ("latest", OffsetReset::Latest)];
const ISOLATION: [(&str, Isolation); 2] =
    [("read_uncommitted", Isolation::ReadUncommitted), ("read_committed", Isolation::ReadCommitted)];
const ASSIGNMENT: [(&str, Strategy); 2] =
    [("range", Strategy::Range), ("cooperative-sticky", Strategy::CooperativeSticky)];
const ON_POLL_EXCEPTION: [(&str, OnPollException); 3] =
    [("close", OnPollException::Close), ("swallow", OnPollException::Swallow), ("seek", OnPollException::Seek)];

/// A consumer's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct LogConsumerOptions {
    /// `bootstrap.servers`.
    pub brokers: Arc<[NodeId]>,
    pub topics: Arc<[Name]>,
    pub group: Name,
    /// A share group (KIP-932) instead of a consumer group.
    pub share_group: bool,
    pub offset_commit: OffsetCommit,
    pub auto_commit_interval: Span,
    pub offset_reset: OffsetReset,
    /// Begins every partition it is given at its beginning, whatever was committed.
    pub replay: bool,
    pub isolation: Isolation,
    /// A fetch that finds fewer bytes waits for more, at most so long.
    pub fetch_min_bytes: u32,
    pub fetch_max_wait: Span,
    /// 0 counts as 1.
    pub max_poll_records: usize,
    pub max_poll_interval: Span,
    pub session_timeout: Span,
    pub heartbeat_interval: Span,
    pub assignment: Strategy,
    pub on_poll_exception: OnPollException,
    /// In a share group: a record whose handler threw is released, or rejected.
    pub on_exception: OnException,
    /// Worker lanes, to which records go by key; 0 counts as 1.
    pub lanes: usize,
    /// Workers, to which records go as they are free; 0 counts as 1.
    pub threads: usize,
    /// What it does with a record in hand.
    pub handler: handler::Options,
    pub request_timeout: Span,
    /// `retry.backoff.ms`.
    pub retry_back_off: Span,
    /// How long a closed consumer's process is down before it is started again.
    pub restart_after: Span,
    /// For the draws of back-offs. Give every node its own.
    pub seed: Seed,
}

impl LogConsumerOptions {
    /// The defaults of [`SETTINGS`](super::SETTINGS).
    #[must_use]
    pub fn new(brokers: Arc<[NodeId]>, store: NodeId, topic: Name, group: Name, subscription: u16, seed: Seed) -> Self {
        Self {
            brokers,
            topics: Arc::from([topic]),
            group,
            share_group: false,
            offset_commit: OffsetCommit::Auto,
            auto_commit_interval: Span::from_secs(5),
            offset_reset: OffsetReset::Latest,
            replay: false,
            isolation: Isolation::ReadUncommitted,
            fetch_min_bytes: 1,
            fetch_max_wait: Span::from_millis(500),
            max_poll_records: 500,
            max_poll_interval: Span::from_secs(300),
            session_timeout: Span::from_secs(45),
            heartbeat_interval: Span::from_secs(3),
            assignment: Strategy::Range,
            on_poll_exception: OnPollException::Close,
            on_exception: OnException::Requeue,
            lanes: 1,
            threads: 1,
            handler: handler::Options::new(store, subscription, seed),
            request_timeout: Span::from_secs(30),
            retry_back_off: Span::from_millis(100),
            restart_after: crate::node::RESTART_DELAY,
            seed,
        }
    }

    /// Takes over those of the settings that concern a consumer and are present.
    #[must_use]
    pub fn with(mut self, settings: &Settings) -> Self {
        self.handler.read(settings);
        settings.read_switch("share_group", &mut self.share_group);
        settings.read_switch("replay", &mut self.replay);
        settings.read_millis("auto_commit_ms", &mut self.auto_commit_interval);
        settings.read_millis("fetch_max_wait_ms", &mut self.fetch_max_wait);
        settings.read_millis("max_poll_interval_ms", &mut self.max_poll_interval);
        settings.read_millis("session_ms", &mut self.session_timeout);
        settings.read_count("max_poll_records", &mut self.max_poll_records);
        settings.read_count("lanes", &mut self.lanes);
        settings.read_count("threads", &mut self.threads);
        settings.read_count("fetch_min_bytes", &mut self.fetch_min_bytes);
        settings.read_word("offset_commit", &OFFSET_COMMIT, &mut self.offset_commit);
        settings.read_word("offset_reset", &OFFSET_RESET, &mut self.offset_reset);
        settings.read_word("isolation", &ISOLATION, &mut self.isolation);
        settings.read_word("assignment", &ASSIGNMENT, &mut self.assignment);
        settings.read_word("on_poll_exception", &ON_POLL_EXCEPTION, &mut self.on_poll_exception);
        settings.read_word("on_exception", &ON_EXCEPTION, &mut self.on_exception);
        self
    }
}
