//! The transaction coordinator: who may write under a transactional id, and how a
//! transaction over several partitions ends the same way in all of them.
//!
//! - `state`: one transactional id, and its record.
//! - `requests`: what producers ask.
//! - `markers`: from the decision to the end.
//! - `ids`: numbers of producers.
//!
//! Two phases, and the log is the judge: once the record of the decision is
//! committed, the transaction has ended that way, and the producer is told. Markers
//! follow, sent until every leader has one; whoever coordinates by then goes on.
//! Fencing is a number: a new process with the same id gets a larger epoch, and an
//! open transaction of the old one is aborted, before it gets that.
//!
//! Modelled is what Kafka calls version 2 of transactions (KIP-890, the default of
//! 4.x): the epoch grows with every end, markers carry the new one, and the answer
//! to `End` tells the producer, so what arrives late belongs to a former epoch and
//! is refused. Two things differ from version 2: producers name their partitions
//! themselves (as in version 1; since 4.0 the leader does it for them with the first
//! batch), and leaders do not verify that. Left out: `InitProducerId` of a running
//! producer that wants to go on after an error (KIP-360), the change of a producer's
//! number when its epochs are used up in the middle of a transaction, the expiry of
//! unused ids (7 days), coordinator epochs in markers.
//! Source: `TransactionCoordinator`, `TransactionMetadata`,
//! `TransactionMarkerChannelManager`.

mod ids;
mod markers;
mod requests;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

pub use ids::ProducerIds;
use state::{Metadata, State};

use super::{Caller, Effect, Effects, Loaded};
use crate::codec::{decode, encode};
use crate::flaw::{self, Flaw};
use crate::protocol::Name;
use crate::protocol::log::{Error, Message, TopicPartition, Transaction};
use crate::time::{Span, Time};

/// What an operator or a producer may set. The default is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionOptions {
    /// `transaction.timeout.ms` of the producers.
    pub timeout: Span,
    /// How often transactions are looked at for that
    /// (`transaction.abort.timed.out.transaction.cleanup.interval.ms`).
    pub scan_interval: Span,
    /// The internal topic of group offsets, and how many partitions it has: where
    /// the offsets of a group in a transaction are.
    pub offsets_topic: Name,
    pub offsets_partitions: u16,
}

impl TransactionOptions {
    #[must_use]
    pub const fn new(offsets_topic: Name, offsets_partitions: u16) -> Self {
        Self { timeout: Span::from_secs(60), scan_interval: Span::from_secs(10), offsets_topic, offsets_partitions }
    }
}

/// A transactional id.
#[derive(Clone, Debug)]
struct Entry {
    /// As committed.
    metadata: Metadata,
    /// A change is on its way to the log; nothing else may change meanwhile.
    is_changing: bool,
    /// Partitions whose marker has to be sent, and those whose answer is awaited.
    unsent: Vec<TopicPartition>,
    under_way: Vec<TopicPartition>,
    retry_at: Option<Time>,
    answer_by: Option<Time>,
}

impl Entry {
    const fn new(metadata: Metadata) -> Self {
        let none = Vec::new();
        Self { metadata, is_changing: false, unsent: none, under_way: Vec::new(), retry_at: None, answer_by: None }
    }
}

/// A change that waits for the log, and who waits for it.
#[derive(Clone, Debug)]
struct Change {
    token: u64,
    next: Metadata,
    caller: Option<Caller>,
}

/// The coordinator of the transactional ids that one partition of the
/// transaction topic holds.
#[derive(Clone, Debug)]
pub struct TransactionCoordinator {
    options: TransactionOptions,
    is_active: bool,
    entries: BTreeMap<Name, Entry>,
    changes: VecDeque<Change>,
    next_token: u64,
    /// When transactions were last looked at for their age.
    scanned: Time,
}

impl TransactionCoordinator {
    #[must_use]
    pub const fn new(options: TransactionOptions) -> Self {
        Self {
            options,
            is_active: false,
            entries: BTreeMap::new(),
            changes: VecDeque::new(),
            next_token: 0,
            scanned: Time::ZERO,
        }
    }

    /// Becomes active with what its partition holds, and goes on with what was
    /// prepared.
    pub fn load(&mut self, now: Time, log: impl IntoIterator<Item = Loaded>, effects: &mut Effects) {
        self.entries.clear();
        (self.is_active, self.scanned) = (true, now);
        for loaded in log {
            if let Loaded::Record { bytes, .. } = loaded
                && let Some(metadata) = decode::<Metadata>(bytes)
            {
                self.entries.insert(metadata.transactional_id, Entry::new(metadata));
            }
        }
        if !flaw::is_on(Flaw::PreparedForgottenAtReload) {
            let ids: Vec<_> = self.entries.keys().copied().collect();
            ids.into_iter().for_each(|id| self.carry_out(now, id, effects));
        }
    }

    /// Another broker leads now: whoever waits is told so, and all is forgotten.
    pub fn resign(&mut self, effects: &mut Effects) {
        for change in std::mem::take(&mut self.changes) {
            Self::answer(change, Some(Error::NotCoordinator), effects);
        }
        self.entries.clear();
        self.is_active = false;
    }

    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.is_active
    }

    /// Lets an id change once the log has it.
    fn append(&mut self, next: Metadata, caller: Option<Caller>, effects: &mut Effects) {
        let token = self.next_token;
        self.next_token += 1;
        if let Some(entry) = self.entries.get_mut(&next.transactional_id) {
            entry.is_changing = true;
        }
        effects.push(Effect::Append { token, records: [encode(&next)].into(), producer: None });
        self.changes.push_back(Change { token, next, caller });
    }

    /// The append with this token, and all before it, are below the high watermark.
    pub fn committed(&mut self, now: Time, token: u64, effects: &mut Effects) {
        while let Some(change) = self.changes.pop_front_if(|first| first.token <= token) {
            let id = change.next.transactional_id;
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.metadata = change.next.clone();
                entry.is_changing = false;
            }
            effects.extend(change.next.decision());
            Self::answer(change, None, effects);
            self.carry_out(now, id, effects);
        }
    }

    pub fn append_failed(&mut self, now: Time, token: u64, error: Error, effects: &mut Effects) {
        let Some(at) = self.changes.iter().position(|change| change.token == token) else { return };
        let Some(change) = self.changes.remove(at) else { return };
        if let Some(entry) = self.entries.get_mut(&change.next.transactional_id) {
            entry.is_changing = false;
            // All markers are written, and nothing says so yet: once more.
            entry.retry_at = matches!(change.next.state, State::Complete(_)).then_some(now + Span::from_millis(100));
        }
        let error = match error {
            Error::NotLeaderOrFollower | Error::KafkaStorageError => Error::NotCoordinator,
            _ => Error::CoordinatorNotAvailable,
        };
        Self::answer(change, Some(error), effects);
    }

    fn answer(change: Change, error: Option<Error>, effects: &mut Effects) {
        let Some(caller) = change.caller else { return };
        let producer = error.map_or(Ok(change.next.producer), Err);
        let reply: Message = match change.next.state {
            State::Empty => Transaction::ProducerIdGiven { answer: producer },
            State::Ongoing => Transaction::Answer { error },
            State::Prepared(_) | State::Complete(_) => Transaction::Ended { answer: producer },
        }
        .into();
        effects.push(Effect::Reply(caller, reply));
    }
}
