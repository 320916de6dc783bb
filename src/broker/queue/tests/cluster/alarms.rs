//! An alarm of one node, and publishers on another.

use super::town::*;
use crate::event::{NodeId, Resource};
use crate::flaw::{self, Flaw};
use crate::protocol::queue::Method;
use crate::sim::Action;

/// A publisher and a consumer on broker 0, whose queue is there; broker 1 runs
/// short of memory after 700 ms, for as long as given.
fn short_elsewhere(seed: u64, lasting: Option<u64>) -> (Town, NodeId, NodeId) {
    let mut town = Town::new(3, seed);
    let publisher = town.client(&[0], false, &publisher(true), publishes(20, 600, 10));
    let consumer = town.client(&[0], true, &consumer(true, 0), []);
    town.fault(700, Action::Alarm { node: NodeId(1), resource: Resource::Memory }, lasting);
    (town, publisher, consumer)
}

/// How many messages came through while the alarm lasted, and in the end.
fn through(seed: u64) -> [usize; 2] {
    let (mut town, publisher, consumer) = short_elsewhere(seed, Some(2_000));
    town.run(2_000);
    let during = town.delivered(consumer).len();
    let blocked = town.heard(publisher).filter(|method| **method == Method::Blocked).count();
    assert_eq!(blocked, usize::from(during < 20));
    town.run(5_000);
    [during, town.delivered(consumer).len()]
}

#[test]
fn an_alarm_of_one_node_blocks_publishers_on_all_until_it_clears() {
    for seed in 0..20 {
        let [during, after] = through(seed);
        assert!((8..14).contains(&during), "{during}");
        assert_eq!(after, 20);
    }
    assert_eq!(flaw::with(Flaw::AlarmStaysLocal, || through(1))[0], 20, "the flaw shows");
}

#[test]
fn a_node_that_is_gone_is_short_of_nothing() {
    for seed in 0..20 {
        let (mut town, publisher, consumer) = short_elsewhere(seed, None);
        town.fault(1_500, Action::Crash(NodeId(1)), None);
        town.run(3_000);
        assert!(town.heard(publisher).any(|method| *method == Method::Unblocked));
        assert_eq!(town.delivered(consumer).len(), 20);
    }
}
