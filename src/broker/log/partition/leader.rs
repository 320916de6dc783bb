//! What a leader knows of its followers. A follower is caught up if it asks for
//! what comes after the log end; or if it asks for what comes after the log end as
//! it was at its last fetch, for then it had caught up at that time. So a follower
//! of a busy leader counts although the end is always a little further.

use super::isr::Proposal;
use crate::event::NodeId;
use crate::protocol::log::Partition;
use crate::time::{Span, Time};

#[derive(Clone, Debug)]
pub(super) struct Leader {
    /// Where its epoch begins in the log.
    pub epoch_start: u64,
    pub followers: Vec<Follower>,
    /// A change of the in-sync replicas that the controller has not answered.
    pub proposal: Option<Proposal>,
    /// When lagging followers are looked for next.
    pub next_check: Time,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Follower {
    pub node: NodeId,
    /// `None`: it has not fetched in this epoch.
    pub log_end: Option<u64>,
    /// The incarnation that fetched.
    pub broker_epoch: Option<u64>,
    /// The leader's log end at the last fetch, and when that was.
    leader_end: u64,
    fetched: Option<Time>,
    /// The latest time at which it had all that the leader had.
    caught_up: Option<Time>,
}

impl Follower {
    /// Takes note of a fetch for what comes after `offset`.
    pub fn fetches(&mut self, offset: u64, leader_end: u64, broker_epoch: u64, now: Time) {
        if offset >= leader_end {
            self.caught_up = self.caught_up.max(Some(now));
        } else if offset >= self.leader_end {
            self.caught_up = self.caught_up.max(self.fetched);
        }
        self.log_end = Some(offset);
        self.leader_end = self.leader_end.max(leader_end);
        self.fetched = Some(now);
        self.broker_epoch = Some(broker_epoch);
    }

    pub fn is_caught_up(&self, leader_end: u64, now: Time, longest_lag: Span) -> bool {
        self.log_end == Some(leader_end) || self.caught_up.is_some_and(|time| now.since(time) <= longest_lag)
    }
}

impl Leader {
    pub fn new(now: Time, longest_lag: Span) -> Self {
        let next_check = now + half(longest_lag);
        Self { epoch_start: 0, followers: Vec::new(), proposal: None, next_check }
    }

    /// Begins an epoch: what followers have must be heard anew, except by a leader
    /// that led before. Those in sync count as caught up for now.
    pub fn take_replicas(&mut self, me: NodeId, state: &Partition, before: Option<Self>, log_end: u64, now: Time) {
        for &node in state.replicas.iter().filter(|node| **node != me) {
            let old = before.as_ref().and_then(|before| before.follower(node)).copied();
            let caught_up = state.in_sync.contains(&node).then_some(now);
            let (log_end, leader_end, broker_epoch, fetched) = match old {
                Some(old) => (old.log_end, log_end, old.broker_epoch, caught_up),
                None => (None, 0, None, None),
            };
            self.followers.push(Follower { node, log_end, broker_epoch, leader_end, fetched, caught_up });
        }
    }

    pub fn follower(&self, node: NodeId) -> Option<&Follower> {
        self.followers.iter().find(|follower| follower.node == node)
    }

    pub fn follower_mut(&mut self, node: NodeId) -> Option<&mut Follower> {
        self.followers.iter_mut().find(|follower| follower.node == node)
    }

    /// The metadata log has gone on: whatever was proposed on an older state is
    /// decided, one way or the other.
    pub fn overtaken(&mut self, partition_epoch: u32) {
        self.proposal.take_if(|proposal| proposal.made_at() < partition_epoch);
    }

    /// Whether a replica counts for the high watermark: it is in sync, or has been
    /// proposed to be. One that is proposed to leave counts until it has left.
    pub fn counts(&self, node: NodeId, state: &Partition) -> bool {
        state.in_sync.contains(&node) || self.proposal.as_ref().is_some_and(|proposal| proposal.adds(node))
    }
}

pub(super) fn half(span: Span) -> Span {
    Span::from_nanos((span.as_nanos() / 2).max(1))
}
