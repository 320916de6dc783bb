//! How a partition's state changes: who is in sync, who is eligible, who leads.
//! Every change, whatever its reason, is worked out here, in this order:
//!
//! 1. *Eligible leader replicas* (KIP-966). While the in-sync replicas are fewer
//!    than `min.insync.replicas` the high watermark stands still, so whoever leaves
//!    them now still has all that was acknowledged, and stays eligible. Once there
//!    are enough in-sync replicas again, nobody is. One whose process stopped
//!    uncleanly may have lost what it had not synced, and is not eligible any more.
//! 2. *An election*, if the leader may not go on: the first in the order of
//!    `replicas` that is in sync and not fenced; if nobody is in sync, the first
//!    that is eligible; if nobody is either, the last known leader; if unclean
//!    elections are allowed, anybody.
//! 3. *Who is in sync.* After an election from outside, the leader alone. Without
//!    eligible leader replicas the last one stays in the list, fenced or not, since
//!    nothing else would say who it was: the "last replica standing" leads again
//!    when it is back, whatever it has lost.
//!
//! Source: `PartitionChangeBuilder`. Left out: reassignment, disks that fail
//! one by one, and several last known eligible replicas, which Kafka has in the
//! record but does not use.

use std::sync::Arc;

use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::protocol::log::{Partition, RecoveryState};

/// What the rules depend on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// `min.insync.replicas`; a partition with fewer replicas needs no more.
    pub min_insync: u16,
    /// `eligible.leader.replicas.version = 1`.
    pub eligible_leader_replicas: bool,
    /// `unclean.leader.election.enable`.
    pub unclean_election: bool,
}

/// What is to change in a partition.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub in_sync: Vec<NodeId>,
    pub recovery: RecoveryState,
    /// Its process stopped, and not in good order.
    pub stopped_uncleanly: Option<NodeId>,
    /// The first of the replicas leads, if it may.
    pub prefers_first: bool,
}

impl Wish {
    /// Nothing changes, unless the leader may not lead.
    pub fn of(partition: &Partition) -> Self {
        Self {
            in_sync: partition.in_sync.to_vec(),
            recovery: partition.recovery,
            stopped_uncleanly: None,
            prefers_first: false,
        }
    }

    pub fn without(partition: &Partition, broker: NodeId) -> Self {
        let mut wish = Self::of(partition);
        wish.in_sync.retain(|node| *node != broker);
        wish
    }
}

/// How a leader was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Election {
    Clean(NodeId),
    /// It may lack what was acknowledged.
    Unclean(NodeId),
    Nobody,
}

/// The state that follows, or `None` if nothing changes. `may_lead`: it is
/// registered and not fenced.
pub(super) fn change(
    partition: &Partition,
    wish: Wish,
    rules: Rules,
    may_lead: impl Fn(NodeId) -> bool,
) -> Option<Partition> {
    let mut eligible = eligible_replicas(partition, &wish, rules);
    let Wish { mut in_sync, recovery, prefers_first, .. } = wish;
    let election = elect(partition, (&in_sync, &eligible), prefers_first, rules, may_lead);
    let leader = match election {
        Election::Clean(node) | Election::Unclean(node) => Some(node),
        Election::Nobody => None,
    };
    let mut next = Partition { recovery, ..partition.clone() };
    if leader != partition.leader {
        next.leader = leader;
        next.leader_epoch += 1;
        match election {
            Election::Clean(node) if eligible.contains(&node) => {
                in_sync = vec![node];
                eligible.retain(|replica| *replica != node);
            }
            Election::Unclean(node) => {
                in_sync = vec![node];
                eligible.clear();
                next.recovery = RecoveryState::Recovering;
            }
            Election::Clean(_) | Election::Nobody => {}
        }
    }
    if !in_sync.is_empty() || rules.eligible_leader_replicas {
        set(&mut next.in_sync, &in_sync);
    }
    set(&mut next.eligible, &eligible);
    if rules.eligible_leader_replicas {
        let was_emptied = next.in_sync.is_empty() && !partition.in_sync.is_empty();
        if next.leader.is_some() {
            next.last_known_leader = None;
        } else if was_emptied {
            next.last_known_leader = partition.leader.or(partition.last_known_leader);
        }
    }
    if next == *partition {
        return None;
    }
    next.partition_epoch += 1;
    Some(next)
}

fn set(list: &mut Arc<[NodeId]>, to: &[NodeId]) {
    if **list != *to {
        *list = to.into();
    }
}

/// Who is eligible, before anybody is elected.
fn eligible_replicas(partition: &Partition, wish: &Wish, rules: Rules) -> Vec<NodeId> {
    let least = usize::from(rules.min_insync).min(partition.replicas.len());
    if !rules.eligible_leader_replicas || wish.in_sync.len() >= least {
        return Vec::new();
    }
    let stopped = wish.stopped_uncleanly.filter(|_| !flaw::is_on(Flaw::ElrIgnoresUncleanStop));
    let had_all = |node: &NodeId| partition.eligible.contains(node) || partition.in_sync.contains(node);
    let is_eligible = |node: &NodeId| had_all(node) && !wish.in_sync.contains(node) && stopped != Some(*node);
    partition.replicas.iter().copied().filter(is_eligible).collect()
}

fn elect(
    partition: &Partition,
    (in_sync, eligible): (&[NodeId], &[NodeId]),
    prefers_first: bool,
    rules: Rules,
    may_lead: impl Fn(NodeId) -> bool,
) -> Election {
    let may_lead = |node| may_lead(node) || flaw::is_on(Flaw::ElectFenced);
    let has_all = |node| in_sync.contains(&node) || in_sync.is_empty() && eligible.contains(&node);
    let is_good = |node: &NodeId| has_all(*node) && may_lead(*node);
    let replicas = &partition.replicas;
    let first = replicas.first().copied().filter(|_| prefers_first);
    let preferred = first.filter(is_good).or(partition.leader.filter(is_good));
    if let Some(node) = preferred.or_else(|| replicas.iter().copied().find(is_good)) {
        return Election::Clean(node);
    }
    let nobody_has_all = in_sync.is_empty() && eligible.is_empty() && rules.eligible_leader_replicas;
    if let Some(node) = partition.last_known_leader.filter(|node| nobody_has_all && may_lead(*node)) {
        return Election::Unclean(node);
    }
    if rules.unclean_election || flaw::is_on(Flaw::UncleanByDefault) {
        let anybody = replicas.iter().copied().find(|node| may_lead(*node));
        return anybody.map_or(Election::Nobody, Election::Unclean);
    }
    Election::Nobody
}
