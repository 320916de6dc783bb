//! What happens by the clock: looking for followers that lag, deleting old
//! segments, forgetting silent producers, writing the checkpoint.

use super::role::{Role, progress};
use super::{Effects, Replica};
use crate::node::Outputs;
use crate::time::{Span, Time};

/// `producer.id.expiration.check.interval.ms`.
const EXPIRY_CHECK: Span = Span::from_secs(600);
/// Kafka waits so long after the start until it looks for old segments.
const FIRST_RETENTION: Span = Span::from_secs(30);

impl Replica {
    pub(super) fn start_clocks(&mut self, now: Time) {
        let is_limited = self.options.retention.is_some() || self.options.retention_bytes.is_some();
        // Internal topics are compacted instead, which is left out.
        let retains = is_limited && !self.options.is_internal;
        self.retention_due = retains.then(|| now + self.options.retention_check.min(FIRST_RETENTION));
        self.expiry_due = now + EXPIRY_CHECK;
    }

    /// When [`time_passed`](Self::time_passed) is due, and whether nothing but
    /// housekeeping waits for it. Ask again after every call.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        if self.is_recovering() || self.has_failed {
            return None;
        }
        let mut times = [self.checkpoint.due, self.retention_due, None, None, None];
        if !self.log.producers.list.is_empty() {
            times[2] = Some(self.expiry_due);
        }
        let mut is_waited_for = false;
        if let (Role::Leader(leader), Some(state)) = (&self.role, &self.state) {
            times[3] = Some(leader.next_check).filter(|_| state.in_sync.len() > 1);
            times[4] = leader.proposal.as_ref().and_then(|proposal| proposal.again);
            // Records wait for a follower that will leave the in-sync replicas.
            let end = self.log.log_end();
            let is_behind = |node| leader.follower(node).is_some_and(|it| it.log_end.unwrap_or(0) < end);
            is_waited_for = leader.proposal.is_none() && state.in_sync.iter().any(|node| is_behind(*node));
        }
        let first = times.into_iter().flatten().min()?;
        Some((first, !is_waited_for))
    }

    pub fn time_passed(&mut self, now: Time, out: &mut Outputs, effects: &mut Effects) {
        if self.is_recovering() || self.has_failed {
            return;
        }
        self.shrink_if_due(now, effects);
        self.propose_again_if_due(now, effects);
        if self.retention_due.is_some_and(|due| due <= now) {
            self.retention_due = Some(now + self.options.retention_check);
            let before = self.log.log_start;
            self.log.retain(&self.options, self.high_watermark, now, out);
            if self.log.log_start > before {
                self.checkpoint.changed(now);
                progress(effects);
            }
        }
        if self.expiry_due <= now {
            self.expiry_due = now + EXPIRY_CHECK;
            self.log.producers.expire(now, self.options.producer_expiry);
        }
        self.checkpoint.write_if_due(self.high_watermark, self.log.log_start, now, out);
    }
}
