//! Who takes whom for dead, and when.

use super::town::*;
use crate::event::{Kind, NodeId};
use crate::sim::Action;

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);

fn within(time: u64, least: u64, most: u64) {
    assert!((least..=most).contains(&time), "{time} is not in {least}..={most}");
}

#[test]
fn a_healthy_cluster_takes_nobody_for_dead_and_comes_to_rest() {
    let mut town = Town::new(3, 1);
    town.run(200_000);
    assert_eq!((town.count(Kind::PeerDown), town.count(Kind::PeerUp)), (0, 0));
    assert!(town.brokers().all(|broker| town.picture(broker).peers.len() == 2));
    town.heal();
}

#[test]
fn a_crash_is_known_at_once_and_a_return_within_two_seconds() {
    for dead in 0..3 {
        let mut town = Town::new(3, 1);
        town.fault(5_000, Action::Crash(NodeId(dead)), Some(2_000));
        town.run(20_000);
        for other in (0..3).filter(|other| *other != dead) {
            let [down, up] = [Kind::PeerDown, Kind::PeerUp].map(|kind| town.times(other, kind)[..].to_vec());
            assert_eq!((down.len(), up.len()), (1, 1));
            within(down[0], 5_000, 5_010);
            within(up[0], 7_000, 9_000);
        }
    }
}

#[test]
fn a_silent_machine_is_suspected_within_a_second_or_so() {
    for (action, seed) in [(Action::PowerCut(vec![B]), 1), (Action::Pause(B), 2), (Action::PowerCut(vec![A]), 3)] {
        let dead = if action == Action::PowerCut(vec![A]) { A } else { B };
        let mut town = Town::new(3, seed);
        town.fault(5_000, action, Some(4_000));
        town.run(20_000);
        for other in (0..3).filter(|other| *other != dead.0) {
            let (down, up) = (town.times(other, Kind::PeerDown), town.times(other, Kind::PeerUp));
            assert_eq!((down.len(), up.len()), (1, 1), "{down:?} {up:?}");
            within(down[0], 5_500, 6_300);
            within(up[0], 9_000, 12_000);
        }
        assert!(town.times(dead.0, Kind::PeerDown).is_empty(), "who stood still judges nobody");
    }
}

#[test]
fn a_partition_that_heals_is_noticed_on_both_sides_and_forgiven() {
    let mut town = Town::new(3, 1);
    town.fault(5_000, Action::Partition { from: A, to: B, one_way: false }, Some(10_000));
    town.run(30_000);
    for node in [0, 1] {
        assert_eq!(town.times(node, Kind::PeerDown).len(), 1);
        within(town.times(node, Kind::PeerUp)[0], 15_000, 15_300);
    }
    assert!(town.times(2, Kind::PeerDown).is_empty());
}

#[test]
fn a_cut_connection_is_opened_again() {
    let mut town = Town::new(2, 1);
    town.fault(5_000, Action::Cut { from: B, to: A }, None);
    town.run(20_000);
    for node in [0, 1] {
        within(town.times(node, Kind::PeerDown)[0], 5_000, 5_010);
        within(town.times(node, Kind::PeerUp)[0], 5_000, 6_500);
    }
}
