//! The high watermark: below it every record is on every in-sync replica. It is
//! the lowest log end among them, and among those that are about to join; and it
//! does not move while the in-sync replicas are fewer than `min.insync.replicas`
//! (so since 3.7: KIP-966), whatever `acks` a record was sent with.

use super::policy::CommitRule;
use super::role::{Role, progress};
use super::{Effects, Replica};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::log::{Acks, Error};
use crate::time::Time;

impl Replica {
    pub(super) fn advance_watermark(&mut self, now: Time, out: &mut Outputs, effects: &mut Effects) {
        let Some(reached) = self.committed_end(now) else { return };
        let before = self.high_watermark;
        if reached > before {
            self.set_watermark(reached, now);
            self.log.note_committed(before, reached, self.last_stable_offset(), out);
            progress(effects);
        }
    }

    pub(super) fn set_watermark(&mut self, reached: u64, now: Time) {
        if reached != self.high_watermark {
            self.high_watermark = reached;
            self.log.producers.watermark_moved(reached);
            self.checkpoint.changed(now);
        }
    }

    /// Up to where records are committed by the rule; `None`: nothing new is.
    fn committed_end(&self, now: Time) -> Option<u64> {
        let (Role::Leader(leader), Some(state)) = (&self.role, &self.state) else { return None };
        let own = self.log.log_end();
        if flaw::is_on(Flaw::HighWatermarkFromLeaderAlone) {
            return Some(own);
        }
        match self.options.policy.commit {
            CommitRule::LeaderAlone => Some(own),
            CommitRule::Majority => {
                let others = leader.followers.iter().map(|follower| follower.log_end.unwrap_or(0));
                let mut ends: Vec<u64> = others.chain([own]).collect();
                ends.sort_unstable_by(|one, other| other.cmp(one));
                ends.get(ends.len() / 2).copied()
            }
            CommitRule::InSyncReplicas
                if state.in_sync.len() < self.fewest_in_sync() && !flaw::is_on(Flaw::WatermarkBelowMinInsync) =>
            {
                None
            }
            CommitRule::InSyncReplicas => leader.followers.iter().try_fold(own, |lowest, follower| {
                // One that has caught up and may join is waited for: else the end
                // would always be ahead of it, and it never joined.
                let is_waited_for = || {
                    let is_caught_up = follower.is_caught_up(own, now, self.options.replica_lag_max);
                    is_caught_up && self.may_join(follower)
                };
                if leader.counts(follower.node, state) || is_waited_for() {
                    follower.log_end.map(|end| end.min(lowest))
                } else {
                    Some(lowest)
                }
            }),
        }
    }

    /// The effective `min.insync.replicas`.
    pub(super) fn fewest_in_sync(&self) -> usize {
        if flaw::is_on(Flaw::MinInsyncIgnored) {
            return 1;
        }
        let replicas = self.state.as_ref().map_or(1, |state| state.replicas.len());
        usize::from(self.options.min_insync).min(replicas)
    }

    /// Whether a request that appended up to `end` has its answer; `None`: not yet.
    #[must_use]
    pub fn answer(&self, acks: Acks, end: u64) -> Option<Result<(), Error>> {
        if self.has_failed {
            return Some(Err(Error::KafkaStorageError));
        }
        let (Role::Leader(leader), Some(state)) = (&self.role, &self.state) else {
            return Some(Err(Error::NotLeaderOrFollower));
        };
        let acks = if flaw::is_on(Flaw::AckBeforeIsr) { Acks::Leader } else { acks };
        match acks {
            Acks::None => Some(Ok(())),
            Acks::Leader => (self.log.log_end() >= end).then_some(Ok(())),
            Acks::All if self.high_watermark < end => None,
            Acks::All if self.options.policy.commit != CommitRule::InSyncReplicas => Some(Ok(())),
            Acks::All => {
                let counts = |node: &&NodeId| leader.counts(**node, state);
                let enough = state.replicas.iter().filter(counts).count() >= self.fewest_in_sync();
                Some(if enough { Ok(()) } else { Err(Error::NotEnoughReplicasAfterAppend) })
            }
        }
    }
}
