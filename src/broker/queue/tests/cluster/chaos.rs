//! Random faults, laid out before the run. Whatever happens, the cluster comes to
//! rest, every publish is answered, and what may not be lost is not lost.

use super::town::*;
use crate::broker::queue::Options;
use crate::broker::queue::cluster::PartitionHandling;
use crate::broker::queue::tests::rig::QUEUE;
use crate::event::{FaultKind, Kind, NodeId};
use crate::picture::ReplicaRole;
use crate::protocol::queue::{Arguments, QueueKind};
use crate::random::{Draw, Purpose, Seed};
use crate::sim::Action;
use crate::time::Span;

const ALL: u32 = 60;

fn town(kind: QueueKind, seed: u64, options: &Options) -> (Town, NodeId, NodeId) {
    let arguments = Arguments { kind, ..Arguments::default() };
    let mut town = Town::with(3, seed, options);
    let home = (seed % 3) as u16;
    town.client(&[home], false, &declared(publisher(true), arguments), []);
    let publishes = publishes(ALL, 600, 50);
    let publisher = town.client(&[(home + 1) % 3], false, &declared(publisher(true), arguments), publishes);
    let consumer = town.client(&[2, 0, 1], true, &declared(consumer(true, 4), arguments), []);
    (town, publisher, consumer)
}

fn faults(town: &mut Town, draw: Draw, action: impl Fn(NodeId, NodeId, Draw) -> Action) {
    for fault in 0..1 + draw.below(3) {
        let draw = draw.by(fault);
        let node = draw.by(1).below(3) as u16;
        let other = (node + 1 + draw.by(2).below(2) as u16) % 3;
        let action = action(NodeId(node), NodeId(other), draw.by(3));
        town.fault(1_000 + draw.by(4).below(4_000), action, Some(100 + draw.by(5).below(5_000)));
    }
}

/// What the publisher was told ok of and nobody has, or will get. Only while it
/// keeps its channel are its tags messages.
fn lost(town: &Town, publisher: NodeId, consumer: NodeId) -> Vec<u32> {
    if town.losses(publisher) > 0 {
        return Vec::new();
    }
    let held: Vec<u32> = town.holds().into_iter().map(|(_, message)| message).collect();
    let delivered = town.delivered(consumer);
    let gone = |message: &u32| !held.contains(message) && !delivered.contains(message);
    town.answers(publisher).0.into_iter().map(|tag| tag as u32).filter(gone).collect()
}

#[test]
fn a_classic_queue_survives_crashes_pauses_and_cuts_of_any_node() {
    for seed in 0..150 {
        let draw = Seed(seed).draw(Purpose::Test);
        let (mut town, publisher, consumer) = town(QueueKind::Classic, seed, &Options::default());
        faults(&mut town, draw, |node, other, draw| match draw.below(4) {
            0 => Action::Crash(node),
            1 => Action::Pause(node),
            2 => Action::Cut { from: node, to: other },
            _ => Action::Partition { from: node, to: other, one_way: draw.by(1).chance(1, 3) },
        });
        town.run(12_000);
        town.heal();
        assert_eq!(lost(&town, publisher, consumer), [] as [u32; 0], "seed {seed}");
        let (good, bad) = town.answers(publisher);
        assert!(town.losses(publisher) > 0 || good.len() + bad.len() == ALL as usize, "seed {seed}: {good:?} {bad:?}");
        assert_eq!(town.holds(), [], "seed {seed}: the consumer finds its way back");
    }
}

fn masters(town: &Town) -> usize {
    let is_master = |broker: &u16| {
        let replicas = town.picture(*broker).replicas;
        replicas.iter().any(|replica| replica.queue == QUEUE && replica.role == ReplicaRole::Master)
    };
    town.brokers().filter(is_master).count()
}

#[test]
fn one_crash_costs_a_mirrored_queue_nothing() {
    for seed in 0..100 {
        let draw = Seed(seed).draw(Purpose::Test);
        let (mut town, publisher, consumer) = town(QueueKind::Mirrored, seed, &Options::default());
        let node = NodeId(draw.by(1).below(3) as u16);
        let moment = 700 + draw.by(2).below(3_500);
        town.fault(moment, Action::Crash(node), Some(100 + draw.by(3).below(5_000)));
        town.run(15_000);
        town.heal();
        assert_eq!(masters(&town), 1, "seed {seed}");
        assert_eq!(lost(&town, publisher, consumer), [] as [u32; 0], "seed {seed}");
        assert_eq!(town.holds(), [], "seed {seed}");
    }
}

#[test]
fn a_mirrored_queue_has_one_master_in_the_end() {
    let handlings = [PartitionHandling::Ignore, PartitionHandling::Autoheal, PartitionHandling::PauseMinority];
    for seed in 0..150 {
        let draw = Seed(seed).draw(Purpose::Test);
        let options = Options {
            net_tick: Span::from_secs(1 + draw.by(1).below(3)),
            partition_handling: handlings[draw.by(2).below(3) as usize],
            promotes_only_synchronised: draw.by(3).chance(1, 2),
            mirrors_synchronise: draw.by(4).chance(1, 2),
            ..Options::default()
        };
        let (mut town, _, consumer) = town(QueueKind::Mirrored, seed, &options);
        faults(&mut town, draw.by(5), |node, other, draw| match draw.below(5) {
            0 => Action::Crash(node),
            1 => Action::PowerCut(vec![node]),
            2 => Action::Pause(node),
            3 => Action::PowerCut((0..3).map(NodeId).collect()),
            _ => Action::Partition { from: node, to: other, one_way: false },
        });
        town.run(15_000);
        town.heal();
        assert_eq!(masters(&town), 1, "seed {seed} {options:?}");
        // These clients have no heartbeats, so a machine without power escapes them.
        if town.count(Kind::Fault(FaultKind::PowerCut)) == 0 {
            assert_eq!(town.holds(), [], "seed {seed}: the consumer finds the master");
        }
        assert!(!town.delivered(consumer).is_empty());
    }
}
