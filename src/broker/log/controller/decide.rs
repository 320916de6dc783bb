//! What the active controller decides. It works on the metadata as they will be
//! once everything it has written is committed: two decisions in a row must not
//! both start from the same state. What was decided waits in `changes` until it is
//! written, all of it as one entry of the log, so that it takes effect together.
//!
//! `brokers` decides who is alive, `partitions` what that means for partitions.

use std::collections::BTreeMap;

use super::election::Rules;
use super::metadata::Metadata;
use crate::broker::log::Options;
use crate::event::NodeId;
use crate::protocol::log::Change;
use crate::time::{Span, Time};

/// `leader.imbalance.check.interval.seconds`.
const BALANCE_EVERY: Span = Span::from_secs(300);
/// How many producer ids a broker gets at once.
const PRODUCER_IDS: u32 = 1_000;

#[derive(Clone, Debug)]
pub(super) struct Decisions {
    pub rules: Rules,
    /// `broker.session.timeout.ms`.
    pub session: Span,
    /// With all that was decided.
    pub metadata: Metadata,
    /// Decided and not yet written.
    changes: Vec<Change>,
    /// When each broker's last heartbeat came.
    pub contacts: BTreeMap<NodeId, Time>,
    /// When this controller became active.
    pub since: Time,
    /// When sessions are looked at next: four times a session's length.
    look_at: Time,
    balance_at: Time,
}

impl Decisions {
    /// Begins with what is committed. Brokers get the benefit of the doubt: their
    /// sessions begin anew.
    pub fn begin(options: &Options, metadata: &Metadata, now: Time) -> Self {
        let unfenced = metadata.brokers().filter(|(_, broker)| !broker.is_fenced);
        Self {
            rules: Rules {
                min_insync: options.min_insync,
                eligible_leader_replicas: options.eligible_leader_replicas,
                unclean_election: options.unclean_election,
            },
            session: options.broker_session,
            contacts: unfenced.map(|(node, _)| (node, now)).collect(),
            metadata: metadata.clone(),
            changes: Vec::new(),
            since: now,
            look_at: now + look_every(options.broker_session),
            balance_at: now + BALANCE_EVERY,
        }
    }

    pub fn decide(&mut self, change: Change) {
        self.metadata.apply(&change);
        self.changes.push(change);
    }

    /// What is to be written, as one entry.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// A block of producer ids: the first, and how many.
    pub fn allocate_producer_ids(&mut self) -> (u64, u32) {
        let first = self.metadata.next_producer_id();
        self.decide(Change::ProducerIds { next: first + u64::from(PRODUCER_IDS) });
        (first, PRODUCER_IDS)
    }

    /// What time brings: sessions end, leadership goes back to the first replicas.
    pub fn time_passed(&mut self, now: Time) {
        if now >= self.look_at {
            // A process that stood still reads what came in before it judges.
            if now.since(self.look_at) < look_every(self.session) {
                self.fence_silent(now);
            }
            self.look_at = now + look_every(self.session);
        }
        if now >= self.balance_at {
            self.balance();
            self.balance_at = now + BALANCE_EVERY;
        }
    }

    /// When time brings something next.
    pub fn next_look(&self) -> Time {
        self.look_at.min(self.balance_at)
    }
}

fn look_every(session: Span) -> Span {
    Span::from_nanos((session.as_nanos() / 4).max(1_000_000))
}
