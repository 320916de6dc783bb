//! The audit: who would still be handed what. It reads, and applies nothing.
//!
//! A queue knows its own messages, and each node names what it holds. A log knows
//! nothing of its readers: a record would still be handed to a group if it lies in
//! the leader's log at or above the group's committed offset, which another broker
//! may keep. Without a commit it counts from where `auto.offset.reset` would begin. To a share
//! group every record would be handed that it is not done with, in whatever order.
//! Whether consumers may see the record yet does not matter: in time they will, but
//! for an aborted one, which nobody is handed who reads only what is committed. A
//! partition without a leader hands out nothing, and neither does a group without
//! a coordinator; whoever waits for them in vain has lost.

use super::cast::Cast;
use super::ledger::Ledger;
use super::model::Model;
use super::plan::Plan;
use crate::event::CopyId;
use crate::node::{Holding, Node};
use crate::protocol::Name;
use crate::protocol::log::TopicPartition;
use crate::sim::World;

/// Asks every node what it still holds, and of a log who would still read it.
/// True if somebody could answer for everything.
pub(super) fn audit(world: &World<Cast>, plan: &Plan, ledger: &mut Ledger) -> bool {
    ledger.begin_audit();
    for (_, node) in world.nodes() {
        node.holdings(&mut |holding| ledger.audit(holding));
    }
    match plan.model {
        Model::Queue => true,
        Model::Log => audit_log(world, plan, ledger),
    }
}

fn audit_log(world: &World<Cast>, plan: &Plan, ledger: &mut Ledger) -> bool {
    let wiring = &plan.lab.wiring;
    let mut offsets = Vec::new();
    for (_, node) in world.nodes() {
        node.committed_offsets(&mut |group, partition, offset| offsets.push((group, partition, offset)));
    }
    let is_coordinated = leader(world, offsets_topic(plan)).is_some();
    let mut has_leaders = is_coordinated;
    for partition in partitions(world, wiring.topic) {
        let Some(leader) = leader(world, partition) else {
            has_leaders = false;
            continue;
        };
        let served = wiring.groups.iter().filter(|_| is_coordinated);
        for (group, subscription) in served.filter_map(|group| Some((group.name, group.subscription?))) {
            if plan.settings.is_on("share_group") {
                let (start, _) = leader.log_range(partition).unwrap_or_default();
                leader.records(partition, start, &mut |copy: CopyId, offset| {
                    if !leader.is_done(group, partition, offset) {
                        ledger.audit(Holding { copy, subscription, dead_lettered: false });
                    }
                });
                continue;
            }
            let committed = offsets.iter().find(|(of, at, _)| (*of, *at) == (group, partition));
            let from = committed.map_or_else(|| first_offset(leader, partition, plan), |(_, _, offset)| *offset);
            let reads_aborted = plan.settings.word("isolation") != "read_committed";
            leader.records(partition, from, &mut |copy: CopyId, offset| {
                if reads_aborted || !leader.is_aborted(partition, offset) {
                    ledger.audit(Holding { copy, subscription, dead_lettered: false });
                }
            });
        }
    }
    has_leaders
}

/// Where a group without a commit begins.
fn first_offset(leader: &Cast, partition: TopicPartition, plan: &Plan) -> u64 {
    let (start, end) = leader.log_range(partition).unwrap_or_default();
    if plan.settings.word("offset_reset") == "earliest" { start } else { end }
}

fn offsets_topic(plan: &Plan) -> TopicPartition {
    let topic = plan.lab.wiring.names.find(super::wiring::INTERNAL_TOPICS[0]).unwrap_or(Name::EMPTY);
    TopicPartition { topic, partition: 0 }
}

/// The partitions that any broker has a replica of.
fn partitions(world: &World<Cast>, topic: Name) -> impl Iterator<Item = TopicPartition> {
    let all = (0..).map(move |partition| TopicPartition { topic, partition });
    all.take_while(|partition| world.nodes().any(|(_, node)| node.log_range(*partition).is_some()))
}

/// Who leads: one that was deposed and does not know it yet has an older epoch.
fn leader(world: &World<Cast>, partition: TopicPartition) -> Option<&Cast> {
    world
        .nodes()
        .map(|(_, node)| node)
        .max_by_key(|node| node.leads(partition))
        .filter(|node| node.leads(partition).is_some())
}
