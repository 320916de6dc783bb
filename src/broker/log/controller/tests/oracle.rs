//! What must hold after a run, whatever went wrong in it. The committed log is the
//! truth: everybody was told of it and of nothing else, and each of its steps is
//! lawful by rules that are written down here a second time.

use std::collections::{BTreeMap, BTreeSet};

use super::town::{Plan, Town};
use crate::broker::log::controller::codec;
use crate::broker::log::controller::quorum::METADATA;
use crate::event::NodeId;
use crate::protocol::log::{Change, Partition, RecoveryState, TopicPartition};
use crate::protocol::raft::Body;

type Verdict = Result<(), String>;

/// The committed log, from its first change on.
pub fn log(town: &Town) -> Result<Vec<Change>, String> {
    let mut longest: Vec<Vec<Change>> = Vec::new();
    for node in town.controllers() {
        let raft = &town.controller(node).raft;
        let Some(status) = raft.status(METADATA) else { continue };
        // One that came back without its disk may have begun with a snapshot.
        if status.base.index > 0 {
            continue;
        }
        let committed = raft.entries(METADATA).take_while(|entry| entry.at.index <= status.commit);
        let commands = committed.filter_map(|entry| match &entry.body {
            Body::Command(bytes) => codec::decode(bytes),
            Body::Nothing | Body::Members(_) => None,
        });
        let entries: Vec<Vec<Change>> = commands.collect();
        let common = entries.len().min(longest.len());
        if entries[..common] != longest[..common] {
            return Err(format!("{node:?} has another log"));
        }
        if entries.len() > longest.len() {
            longest = entries;
        }
    }
    Ok(longest.into_iter().flatten().collect())
}

pub fn check(town: &Town) -> Verdict {
    let log = log(town)?;
    lawful(&log, &town.plan)?;
    told(town, &log)
}

/// Brokers were told what is in the log, and of nothing else.
fn told(town: &Town, log: &[Change]) -> Verdict {
    let states: BTreeMap<(TopicPartition, u32), &Partition> = log
        .iter()
        .filter_map(|change| match change {
            Change::Partition { partition, state } => Some(((*partition, state.partition_epoch), &**state)),
            _ => None,
        })
        .collect();
    let is_known = |id: TopicPartition, state: &Partition| states.get(&(id, state.partition_epoch)) == Some(&state);
    let mut blocks = BTreeSet::new();
    for node in town.brokers() {
        let told = &town.stub(node).told;
        for (id, state) in &told.states {
            if !is_known(*id, state) {
                return Err(format!("{node:?} was told of {id:?} {state:?}, which is not in the log"));
            }
        }
        for (proposed, state) in &told.accepted {
            if !is_known(proposed.partition, state) {
                return Err(format!("{node:?} got {state:?}, which is not in the log"));
            }
            let before = states.get(&(proposed.partition, proposed.partition_epoch)).ok_or("an unknown epoch")?;
            let follows = state.partition_epoch <= proposed.partition_epoch + 1;
            if before.leader != Some(node) || before.leader_epoch != proposed.leader_epoch || !follows {
                return Err(format!("{node:?} changed {before:?} by {proposed:?} to {state:?}"));
            }
        }
        for (incarnation, epoch) in &told.epochs {
            let own = matches!(log.get(*epoch as usize), Some(Change::Broker { broker, incarnation: it, is_fenced: true, .. })
                if broker == &node && it == incarnation);
            if !own {
                return Err(format!("{node:?} has epoch {epoch}, which is not its registration"));
            }
        }
        for block in &told.producer_ids {
            if !blocks.insert(*block) {
                return Err(format!("producer ids {block:?} were given out twice"));
            }
        }
    }
    Ok(())
}

/// What a step of the log may depend on.
struct World<'a> {
    plan: &'a Plan,
    /// Epoch, and whether it is fenced.
    brokers: BTreeMap<NodeId, (u64, bool)>,
    partitions: BTreeMap<TopicPartition, Partition>,
    /// Whose registration as another incarnation this step is a part of.
    stopped: Option<NodeId>,
}

/// The registration that comes next, with nothing but partitions before it.
fn stopped(log: &[Change], at: usize) -> Option<NodeId> {
    let is_partition = |change: &Change| matches!(change, Change::Partition { .. });
    let next = (at..log.len()).find(|at| !is_partition(&log[*at]))?;
    match log[next] {
        Change::Broker { broker, epoch, .. } if epoch == next as u64 => Some(broker),
        _ => None,
    }
}

fn lawful(log: &[Change], plan: &Plan) -> Verdict {
    let mut world = World { plan, brokers: BTreeMap::new(), partitions: BTreeMap::new(), stopped: None };
    for (at, change) in log.iter().enumerate() {
        world.stopped = stopped(log, at);
        world.step(at as u64, change).map_err(|why| format!("change {at}, {change:?}: {why}"))?;
    }
    Ok(())
}

impl World<'_> {
    fn step(&mut self, at: u64, change: &Change) -> Verdict {
        match change {
            Change::Broker { broker, epoch, is_fenced, .. } => {
                let known = self.brokers.insert(*broker, (*epoch, *is_fenced));
                if *epoch == at {
                    self.registered(*broker)?;
                } else if known.map(|(epoch, _)| epoch) != Some(*epoch) {
                    return Err("it never registered so".to_owned());
                }
                if *is_fenced { self.fenced(*broker) } else { Ok(()) }
            }
            Change::Partition { partition, state } => {
                self.state(state)?;
                if let Some(before) = self.partitions.get(partition) {
                    self.transition(before, state)?;
                }
                self.partitions.insert(*partition, Partition::clone(state));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A process that began anew is nobody that counts.
    fn registered(&self, broker: NodeId) -> Verdict {
        let counts = |state: &&Partition| state.eligible.contains(&broker);
        demand(!self.partitions.values().any(|state| counts(&state)), "it stopped uncleanly and is still eligible")
    }

    fn fenced(&self, broker: NodeId) -> Verdict {
        let last = |state: &Partition| {
            !self.plan.eligible_leader_replicas && *state.in_sync == [broker] && state.leader.is_none()
        };
        let is_out = |state: &Partition| !state.in_sync.contains(&broker) && state.leader != Some(broker);
        let all = self.partitions.values().all(|state| is_out(state) || last(state));
        demand(all, "it is fenced and still in sync or a leader")
    }

    fn is_active(&self, node: NodeId) -> bool {
        self.brokers.get(&node).is_some_and(|(_, is_fenced)| !is_fenced)
    }

    fn state(&self, state: &Partition) -> Verdict {
        let least = usize::from(self.plan.min_insync).min(state.replicas.len());
        let overlap = state.eligible.iter().any(|node| state.in_sync.contains(node));
        demand(!overlap, "in sync and eligible")?;
        demand(state.eligible.is_empty() || state.in_sync.len() < least, "eligible beside enough in sync")?;
        demand(state.eligible.is_empty() || self.plan.eligible_leader_replicas, "eligible, though nobody may be")?;
        demand(!state.in_sync.is_empty() || self.plan.eligible_leader_replicas, "nobody is in sync")?;
        let Some(leader) = state.leader else { return Ok(()) };
        demand(state.in_sync.contains(&leader), "the leader is not in sync")?;
        demand(self.is_active(leader), "the leader is fenced")
    }

    fn transition(&self, before: &Partition, after: &Partition) -> Verdict {
        demand(after.partition_epoch == before.partition_epoch + 1, "the partition's epoch")?;
        let moved = before.leader != after.leader;
        demand(after.leader_epoch == before.leader_epoch + u32::from(moved), "the leader's epoch")?;
        let mut added = after.in_sync.iter().filter(|node| !before.in_sync.contains(node));
        demand(added.all(|node| self.is_active(*node)), "one in sync is fenced")?;
        let had_all = |node: &NodeId| before.in_sync.contains(node) || before.eligible.contains(node);
        demand(after.eligible.iter().all(had_all), "one is eligible that was not in sync")?;
        let Some(leader) = after.leader.filter(|_| moved) else { return Ok(()) };
        if had_all(&leader) {
            return demand(after.recovery == before.recovery, "a clean election that is to be recovered from");
        }
        let last_known = self.plan.eligible_leader_replicas
            && before.in_sync.is_empty()
            && before.eligible.iter().all(|node| self.stopped == Some(*node))
            && before.last_known_leader == Some(leader);
        demand(after.recovery == RecoveryState::Recovering, "an unclean election in silence")?;
        demand(self.plan.unclean_election || last_known, "an unclean election that was not allowed")
    }
}

fn demand(holds: bool, otherwise: &str) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
