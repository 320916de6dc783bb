//! In-sync replicas. The leader proposes who they are, and the controller decides:
//! a follower that has not caught up for `replica.lag.time.max.ms` leaves, one that
//! has reached the high watermark and the leader's epoch comes back. One proposal
//! is under way at a time. Until it is answered the larger of both sets counts, so
//! that whatever the controller decided, no record counts as committed too early.

use super::leader::{Follower, half};
use super::role::Role;
use super::{Effect, Effects, Replica};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::log::{Error, IsrChange, Partition, RecoveryState};
use crate::time::{Span, Time};

/// How long the leader rests before it proposes again.
const REST: Span = Span::from_millis(50);

#[derive(Clone, Debug)]
pub(super) struct Proposal {
    change: IsrChange,
    adds: Option<NodeId>,
    /// The controller could not be asked: when to try again.
    pub again: Option<Time>,
}

impl Proposal {
    pub fn adds(&self, node: NodeId) -> bool {
        self.adds == Some(node)
    }

    /// The partition epoch that it was decided on, which also tells it from others.
    pub fn made_at(&self) -> u32 {
        self.change.partition_epoch
    }
}

impl Replica {
    /// Whether a replica could be in sync by what the metadata log says: it is not
    /// fenced, and the incarnation that fetched is the one that is registered.
    pub(super) fn may_join(&self, follower: &Follower) -> bool {
        let known = self.known_broker(follower.node);
        known.is_some_and(|known| !known.is_fenced && follower.broker_epoch == Some(known.epoch))
    }

    /// A follower has fetched: it may be in sync again.
    pub(super) fn grow(&mut self, node: NodeId, effects: &mut Effects) {
        let (Role::Leader(leader), Some(state)) = (&self.role, &self.state) else { return };
        if leader.proposal.is_some() || state.in_sync.contains(&node) {
            return;
        }
        let caught_up = self.high_watermark.max(leader.epoch_start);
        let least = if flaw::is_on(Flaw::IsrGrowsTooEarly) { 0 } else { caught_up };
        let is_back = |follower: &Follower| follower.log_end >= Some(least) && self.may_join(follower);
        if leader.follower(node).is_some_and(is_back) {
            let in_sync: Vec<NodeId> = state.in_sync.iter().copied().chain([node]).collect();
            self.propose(&in_sync, Some(node), effects);
        }
    }

    /// Looks for followers that lag.
    pub(super) fn shrink_if_due(&mut self, now: Time, effects: &mut Effects) {
        let (Role::Leader(leader), Some(state)) = (&mut self.role, &self.state) else { return };
        if now < leader.next_check {
            return;
        }
        while leader.next_check <= now {
            leader.next_check += half(self.options.replica_lag_max);
        }
        if leader.proposal.is_some() || flaw::is_on(Flaw::IsrNeverShrinks) {
            return;
        }
        let (end, longest) = (self.log.log_end(), self.options.replica_lag_max);
        let lags = |node: NodeId| !leader.follower(node).is_some_and(|it| it.is_caught_up(end, now, longest));
        let stays = |node: &NodeId| *node == self.me || !lags(*node);
        let in_sync: Vec<NodeId> = state.in_sync.iter().copied().filter(stays).collect();
        if in_sync.len() < state.in_sync.len() {
            self.propose(&in_sync, None, effects);
        }
    }

    fn propose(&mut self, in_sync: &[NodeId], adds: Option<NodeId>, effects: &mut Effects) {
        let (Role::Leader(leader), Some(state)) = (&self.role, &self.state) else { return };
        // A replica that has not fetched from this leader yet is named by the epoch
        // that the metadata log knows; Kafka sends "unknown".
        let epoch_of = |node: NodeId| {
            let fetched = leader.follower(node).and_then(|follower| follower.broker_epoch);
            fetched.or_else(|| self.known_broker(node).map(|known| known.epoch)).unwrap_or(0)
        };
        let change = IsrChange {
            partition: self.id,
            leader_epoch: state.leader_epoch,
            partition_epoch: state.partition_epoch,
            in_sync: in_sync.iter().map(|node| (*node, epoch_of(*node))).collect(),
            recovery: RecoveryState::Recovered,
        };
        effects.push(Effect::ProposeIsr(change.clone()));
        if let Role::Leader(leader) = &mut self.role {
            leader.proposal = Some(Proposal { change, adds, again: None });
        }
    }

    /// The controller's answer to the proposal made at this partition epoch.
    pub fn isr_answer(
        &mut self,
        now: Time,
        proposed: u32,
        answer: Result<Partition, Error>,
        out: &mut Outputs,
        effects: &mut Effects,
    ) {
        let Role::Leader(leader) = &mut self.role else { return };
        let Some(proposal) = leader.proposal.as_mut().filter(|it| it.made_at() == proposed) else {
            return;
        };
        match answer {
            Ok(state) => {
                let is_current = self.state.as_ref().is_some_and(|known| known.leader_epoch == state.leader_epoch);
                if is_current && state.partition_epoch >= proposed {
                    leader.proposal = None;
                    self.state = Some(state);
                    self.advance_watermark(now, out, effects);
                }
            }
            // It was certainly not applied, and will not be.
            Err(Error::IneligibleReplica) => leader.proposal = None,
            // This leader's knowledge is old: the metadata log will tell.
            Err(Error::InvalidUpdateVersion | Error::FencedLeaderEpoch | Error::UnknownTopicOrPartition) => {}
            Err(_) => proposal.again = Some(now + REST),
        }
    }

    pub(super) fn propose_again_if_due(&mut self, now: Time, effects: &mut Effects) {
        if let Role::Leader(leader) = &mut self.role
            && let Some(proposal) = &mut leader.proposal
            && proposal.again.take_if(|again| *again <= now).is_some()
        {
            effects.push(Effect::ProposeIsr(proposal.change.clone()));
        }
    }
}
