//! Random faults at controllers and brokers, laid out before the run. Whatever
//! happens, nobody learns of a decision that does not count, every step is lawful,
//! and once all is healed every partition has a leader and all agree.

use super::oracle;
use super::town::{Plan, Town};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::random::{Draw, Purpose, Seed};
use crate::sim::Action;

fn plan(draw: Draw) -> Plan {
    Plan {
        controllers: if draw.by(1).chance(1, 5) { 1 } else { 3 },
        brokers: 3,
        partitions: 2,
        min_insync: 1 + draw.by(2).below(2) as u16,
        unclean_election: draw.by(3).chance(1, 4),
        eligible_leader_replicas: draw.by(4).chance(2, 3),
        proposes: true,
    }
}

fn lay_out(town: &mut Town, draw: Draw) {
    let nodes: Vec<NodeId> = town.controllers().into_iter().chain(town.brokers()).collect();
    let mut lost_disk = town.plan.controllers == 1;
    for fault in 0..2 + draw.below(5) {
        let draw = draw.by(fault);
        let node = nodes[draw.by(1).below(nodes.len() as u64) as usize];
        let others: Vec<NodeId> = nodes.iter().copied().filter(|other| *other != node).collect();
        let other = others[draw.by(2).below(others.len() as u64) as usize];
        let action = match draw.by(3).below(8) {
            0 | 1 => Action::Crash(node),
            2 => Action::PowerCut(vec![node, other]),
            3 => Action::Pause(node),
            4 => Action::Cut { from: node, to: other },
            5 => Action::Partition { from: node, to: other, one_way: draw.by(4).chance(1, 3) },
            6 => Action::Split { one: vec![node], other: others },
            _ if !lost_disk && town.controllers().contains(&node) => {
                lost_disk = true;
                Action::DiskLoss(node)
            }
            _ => Action::PowerCut(vec![node]),
        };
        let lasting = [500, 5_000, 25_000][draw.by(5).below(3) as usize];
        town.fault(2_000 + draw.by(6).below(40_000), action, Some(100 + draw.by(7).below(lasting)));
    }
}

fn run(seed: u64, plan: Plan) -> Result<(), String> {
    let mut town = Town::new(plan, seed);
    lay_out(&mut town, Seed(seed).draw(Purpose::Test));
    town.run(60_000);
    let is_quiet = town.heal();
    oracle::check(&town)?;
    if !is_quiet {
        return Err("it does not come to rest".to_owned());
    }
    let active = town.active().ok_or("no controller is active")?;
    let committed = &town.controller(active).committed;
    for node in town.controllers() {
        if town.controller(node).committed != *committed {
            return Err(format!("{node:?} differs from {active:?}"));
        }
    }
    for node in town.brokers() {
        let stub = town.stub(node);
        if stub.is_fenced || stub.offset != committed.offset() {
            return Err(format!("{node:?} is fenced, or does not know all"));
        }
        for (id, state) in committed.partitions() {
            if stub.partitions.get(&id) != Some(state) {
                return Err(format!("{node:?} has another {id:?}"));
            }
        }
    }
    let leaderless = committed.partitions().find(|(_, state)| state.leader.is_none());
    leaderless.map_or(Ok(()), |(id, state)| Err(format!("nobody leads {id:?}: {state:?}")))
}

#[test]
fn whatever_goes_wrong_decisions_are_lawful_kept_and_known_to_all() {
    for seed in 0..250 {
        let plan = plan(Seed(seed).draw(Purpose::Workload));
        if let Err(why) = run(seed, plan.clone()) {
            panic!("seed {seed}, {plan:?}: {why}");
        }
    }
}

#[test]
fn every_flaw_is_noticed() {
    for flaw in [
        Flaw::UncleanByDefault,
        Flaw::ElectFenced,
        Flaw::ElrIgnoresUncleanStop,
        Flaw::AlterPartitionOfOldEpoch,
        Flaw::AlterPartitionWithFenced,
        Flaw::MetadataBeforeCommit,
    ] {
        let is_noticed = |seed: &u64| {
            let plan = plan(Seed(*seed).draw(Purpose::Workload));
            flaw::with(flaw, || run(*seed, plan)).is_err()
        };
        let first = (0..1_000).find(is_noticed);
        assert!(first.is_some(), "{flaw:?} goes unnoticed");
    }
}
