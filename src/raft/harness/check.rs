//! What Raft promises, checked on what all replicas were seen to do.

use std::collections::BTreeMap;
use std::fmt;

use super::habits::Habits;
use super::replica::Replica;
use super::seen::What;
use crate::event::NodeId;
use crate::protocol::raft::{Group, Position};
use crate::random::Digest;
use crate::sim::World;

/// What must not happen.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trouble {
    TwoLeaders {
        group: Group,
        term: u64,
        one: NodeId,
        other: NodeId,
    },
    LeaderLacks {
        group: Group,
        term: u64,
        leader: NodeId,
        committed: Position,
    },
    Differ {
        group: Group,
        node: NodeId,
        at: Position,
    },
    AppliedTwice {
        group: Group,
        node: NodeId,
        at: Position,
    },
    LogsDisagree {
        group: Group,
        one: NodeId,
        other: NodeId,
        index: u64,
    },
    /// It was reported committed, and a replica ended without it.
    Lost {
        group: Group,
        node: NodeId,
        at: Position,
    },
    BrokeItsWord {
        group: Group,
        node: NodeId,
    },
    CountedOldTerm {
        group: Group,
        node: NodeId,
    },
    NothingCommitted {
        group: Group,
    },
    NotTheSame {
        group: Group,
        one: NodeId,
        other: NodeId,
    },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TwoLeaders { group, term, one, other } => {
                write!(f, "group {}: nodes {} and {} both led term {term}", group.0, one.0, other.0)
            }
            Self::LeaderLacks { group, term, leader, committed } => write!(
                f,
                "group {}: node {} led term {term} without entry {} of term {}, which was committed",
                group.0, leader.0, committed.index, committed.term
            ),
            Self::Differ { group, node, at } => {
                write!(
                    f,
                    "group {}: node {} had another history at entry {} of term {}",
                    group.0, node.0, at.index, at.term
                )
            }
            Self::AppliedTwice { group, node, at } => {
                write!(f, "group {}: node {} applied entry {} out of order or twice", group.0, node.0, at.index)
            }
            Self::LogsDisagree { group, one, other, index } => write!(
                f,
                "group {}: nodes {} and {} agree on a later entry but not on entry {index}",
                group.0, one.0, other.0
            ),
            Self::Lost { group, node, at } => write!(
                f,
                "group {}: entry {} of term {} was reported committed, and node {} ended without it",
                group.0, at.index, at.term, node.0
            ),
            Self::BrokeItsWord { group, node } => {
                write!(f, "group {}: node {} voted twice in a term, or forgot the one it was in", group.0, node.0)
            }
            Self::CountedOldTerm { group, node } => {
                write!(f, "group {}: node {} committed an older term's entry by counting copies", group.0, node.0)
            }
            Self::NothingCommitted { group } => {
                write!(f, "group {}: everything was healed and nothing was committed any more", group.0)
            }
            Self::NotTheSame { group, one, other } => {
                write!(f, "group {}: nodes {} and {} did not end up with the same state", group.0, one.0, other.0)
            }
        }
    }
}

/// What all replicas of a run applied, as one history for each group.
pub(super) struct Check {
    /// By group and index: the entry and the state behind it.
    history: BTreeMap<(Group, u64), (Position, Digest)>,
    confirmed: Vec<(Group, Position)>,
    troubles: Vec<Trouble>,
}

impl Check {
    pub fn of(world: &World<Replica>) -> Self {
        let mut check = Self { history: BTreeMap::new(), confirmed: Vec::new(), troubles: Vec::new() };
        for (node, replica) in world.nodes() {
            check.collect(node, replica);
        }
        check.restored(world);
        check.leaders(world);
        check
    }

    pub fn troubles(&self) -> impl Iterator<Item = Trouble> {
        self.troubles.iter().cloned()
    }

    pub fn confirmed(&self) -> usize {
        self.confirmed.len()
    }

    fn collect(&mut self, node: NodeId, replica: &Replica) {
        for seen in &replica.seen {
            let group = seen.group;
            match seen.what {
                What::Applied { at, state, before, .. } => {
                    if at.index <= before {
                        self.troubles.push(Trouble::AppliedTwice { group, node, at });
                    }
                    let known = self.history.entry((group, at.index)).or_insert((at, state));
                    if *known != (at, state) {
                        self.troubles.push(Trouble::Differ { group, node, at });
                    }
                }
                What::Confirmed { at } => self.confirmed.push((group, at)),
                What::BrokeItsWord => self.troubles.push(Trouble::BrokeItsWord { group, node }),
                What::CountedOldTerm => self.troubles.push(Trouble::CountedOldTerm { group, node }),
                _ => {}
            }
        }
    }

    /// A state that was put in place is one that the others had at that entry.
    fn restored(&mut self, world: &World<Replica>) {
        for (node, replica) in world.nodes() {
            for seen in &replica.seen {
                let group = seen.group;
                if let What::Restored { at, state, .. } = seen.what
                    && self.history.get(&(group, at.index)) != Some(&(at, state))
                {
                    self.troubles.push(Trouble::Differ { group, node, at });
                }
            }
        }
    }

    fn leaders(&mut self, world: &World<Replica>) {
        let mut leaders = BTreeMap::new();
        let applied: Vec<_> = world
            .nodes()
            .flat_map(|(_, replica)| &replica.seen)
            .filter_map(|seen| match seen.what {
                What::Applied { at, term, .. } => Some((seen.time, seen.group, at, term)),
                _ => None,
            })
            .collect();
        for (node, replica) in world.nodes() {
            for seen in &replica.seen {
                let What::Led { term, base, ref terms } = seen.what else { continue };
                let group = seen.group;
                let one = *leaders.entry((group, term)).or_insert(node);
                if one != node {
                    self.troubles.push(Trouble::TwoLeaders { group, term, one, other: node });
                }
                let has = |at: Position| match at.index.checked_sub(base.index + 1) {
                    None => true,
                    Some(place) => terms.get(place as usize) == Some(&at.term),
                };
                // What was committed in an earlier term, as far as anyone knew then.
                let lacking = applied.iter().find(|(time, of, at, known_in)| {
                    *of == group && *time <= seen.time && *known_in < term && !has(*at)
                });
                if let Some((_, _, committed, _)) = lacking {
                    let committed = *committed;
                    self.troubles.push(Trouble::LeaderLacks { group, term, leader: node, committed });
                }
            }
        }
    }

    /// Two logs that have the same entry somewhere have the same before it.
    pub fn logs(world: &World<Replica>) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        let nodes: Vec<_> = world.nodes().collect();
        for (place, (one, replica)) in nodes.iter().enumerate() {
            for (other, second) in &nodes[place + 1..] {
                for group in replica.host.groups() {
                    let entries: BTreeMap<u64, _> =
                        second.host.entries(group).map(|entry| (entry.at.index, entry)).collect();
                    let pairs =
                        replica.host.entries(group).filter_map(|entry| Some((entry, *entries.get(&entry.at.index)?)));
                    let pairs: Vec<_> = pairs.collect();
                    let agreed = pairs.iter().rposition(|(one, other)| one.at.term == other.at.term);
                    let wrong = pairs[..agreed.map_or(0, |last| last + 1)].iter().find(|(one, other)| one != other);
                    if let Some((entry, _)) = wrong {
                        let index = entry.at.index;
                        troubles.push(Trouble::LogsDisagree { group, one: *one, other: *other, index });
                    }
                }
            }
        }
        troubles
    }

    /// What must hold once everything is healed and quiet.
    pub fn liveness(&self, world: &World<Replica>, habits: &Habits) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        for group in (0..habits.groups).map(Group) {
            let is_new = |seen: &&super::seen::Seen| seen.group == group && seen.time >= habits.final_from;
            let mut late = world.nodes().flat_map(|(_, replica)| replica.seen.iter().filter(is_new));
            if !late.any(|seen| matches!(seen.what, What::Confirmed { .. })) {
                troubles.push(Trouble::NothingCommitted { group });
            }
            let machine = |replica: &Replica| {
                replica.machines.get(&group).map_or((0, Digest::default()), |machine| (machine.index, machine.state))
            };
            let first = machine(world.node(NodeId(0)));
            for (node, replica) in world.nodes() {
                let ended = machine(replica);
                if ended != first {
                    troubles.push(Trouble::NotTheSame { group, one: NodeId(0), other: node });
                }
                let lost = self.confirmed.iter().find(|(of, at)| {
                    *of == group
                        && (at.index > ended.0
                            || self.history.get(&(group, at.index)).map(|known| known.0) != Some(*at))
                });
                if let Some((_, at)) = lost {
                    troubles.push(Trouble::Lost { group, node, at: *at });
                }
            }
        }
        troubles
    }
}
