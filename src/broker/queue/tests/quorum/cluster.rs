//! Three nodes, and what their queue withstands.

use super::{leaders, nothing_confirmed_is_lost, quorum_consumer, quorum_publisher, times_of, up_to};
use crate::broker::queue::tests::cluster::town::{Town, publishes};
use crate::event::{CopyId, Kind, MessageId, NodeId, Tier};
use crate::picture::{Place, ReplicaRole};
use crate::protocol::queue::{Method, Publish};
use crate::sim::Action;

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const C: NodeId = NodeId(2);

/// A queue declared through broker 1; a publisher on broker 1, a consumer on 2.
fn across(seed: u64, acks: bool, prefetch: u16, count: u32) -> (Town, NodeId, NodeId) {
    let mut town = Town::new(3, seed);
    let publisher = town.client(&[1, 2, 0], false, &quorum_publisher(), publishes(count, 2_000, 10));
    let consumer = town.client(&[2, 1, 0], acks, &quorum_consumer(prefetch), []);
    (town, publisher, consumer)
}

#[test]
fn messages_reach_a_consumer_on_another_node_once_in_order() {
    for seed in 0..10 {
        let (mut town, publisher, consumer) = across(seed, true, 5, 20);
        town.run(6_000);
        assert_eq!(leaders(&town), [B], "the node where it was declared leads");
        assert_eq!(town.delivered(consumer), up_to(20));
        assert_eq!(town.answers(publisher), ((1..=20).collect(), vec![]));
        assert_eq!(town.holds(), []);
        assert_eq!(times_of(&town, Kind::Enqueued).into_values().collect::<Vec<_>>(), [1; 20]);
        // Each node has it on its own disk.
        assert!(times_of(&town, Kind::Synced).into_values().all(|count| count == 3));
        assert_eq!(town.times(1, Kind::Confirmed).len(), 20, "its channel's node confirms");
    }
}

#[test]
fn it_is_shown_on_every_node() {
    let (mut town, ..) = across(1, false, 5, 20);
    town.run(6_000);
    for (broker, role) in [(0, ReplicaRole::Follower), (1, ReplicaRole::Leader), (2, ReplicaRole::Follower)] {
        let picture = town.picture(broker);
        let replica = picture.replicas.iter().find(|replica| replica.queue.0 != 0).unwrap();
        assert_eq!((replica.role, replica.leader, replica.in_step), (role, Some(B), true));
        assert!(picture.lanes.iter().any(|lane| (lane.ready, lane.unacked) == (15, 5)));
        assert!(picture.copies.iter().all(|(_, place)| *place == Place::Tier(Tier::Disk)));
    }
}

#[test]
fn the_leader_dies_and_the_queue_goes_on() {
    for seed in 0..20 {
        let (mut town, publisher, consumer) = across(seed, true, 5, 100);
        town.fault(2_300 + seed * 3, Action::Crash(B), None);
        town.run(20_000);
        let led = leaders(&town);
        assert_eq!((led[0], led.len()), (B, 2), "{led:?}");
        nothing_confirmed_is_lost(&town, true);
        let mut seen = town.delivered(consumer);
        seen.dedup();
        assert!(seen.is_sorted(), "a pause, not a disorder: {seen:?}");
        let answered = town.answers(publisher).0.len();
        assert!(answered > 20);
    }
}

#[test]
fn publishers_elsewhere_wait_for_the_new_leader_and_are_answered_once() {
    for seed in 0..20 {
        let mut town = Town::new(3, seed);
        town.client(&[1], false, &quorum_publisher(), []);
        let publisher = town.client(&[0], false, &quorum_publisher(), publishes(100, 2_000, 10));
        let consumer = town.client(&[2], true, &quorum_consumer(5), []);
        town.fault(2_300 + seed * 7, Action::PowerCut(vec![B]), Some(10_000));
        town.run(30_000);
        assert_eq!(town.answers(publisher), ((1..=100).collect(), vec![]));
        let mut seen = town.delivered(consumer);
        seen.sort_unstable();
        assert_eq!(seen, up_to(100), "each once: its node never died");
        assert_eq!(town.holds(), []);
        assert!(times_of(&town, Kind::Enqueued).into_values().all(|count| count == 1));
    }
}

#[test]
fn all_lose_power_and_nothing_confirmed_is_lost() {
    for seed in 0..30 {
        let (mut town, ..) = across(seed, false, 5, 100);
        for broker in [A, B, C] {
            town.fault(2_500 + seed * 5, Action::PowerCut(vec![broker]), Some(1_000));
        }
        town.run(10_000);
        town.heal();
        assert!(times_of(&town, Kind::Confirmed).len() > 20);
        nothing_confirmed_is_lost(&town, false);
    }
}

#[test]
fn without_a_majority_publishes_wait_and_nothing_is_delivered() {
    let mut town = Town::new(3, 5);
    town.client(&[1], false, &quorum_publisher(), []);
    let publisher = town.client(&[0], false, &quorum_publisher(), publishes(100, 2_000, 10));
    let consumer = town.client(&[0], true, &quorum_consumer(5), []);
    for broker in [B, C] {
        town.fault(2_305, Action::Crash(broker), Some(30_000));
    }
    town.run(25_000);
    let (good, bad) = town.answers(publisher);
    assert!(good.len() < 40 && bad.is_empty(), "no answer is not a refusal");
    let before = town.delivered(consumer).len();
    assert!(before < 40);
    town.heal();
    assert_eq!(town.answers(publisher), ((1..=100).collect(), vec![]));
    assert_eq!(times_of(&town, Kind::Enqueued).len(), 100);
    assert!(times_of(&town, Kind::Enqueued).into_values().all(|count| count == 1));
    assert_eq!(town.holds(), []);
}

/// Publishes of messages from 101 on.
fn others(count: u32) -> Vec<(u64, Method)> {
    let shift = |(at, method)| match method {
        Method::Publish(publish) => {
            let copy = CopyId { message: MessageId(publish.copy.message.0 + 100), ..publish.copy };
            (at, Method::Publish(Publish { copy, ..publish }))
        }
        method => (at, method),
    };
    publishes(count, 2_000, 10).into_iter().map(shift).collect()
}

#[test]
fn a_leader_that_is_cut_off_confirms_nothing_and_the_others_go_on() {
    for seed in 0..10 {
        let mut town = Town::new(3, seed);
        let cut_off = town.client(&[1], false, &quorum_publisher(), publishes(100, 2_000, 10));
        let served = town.client(&[0], false, &quorum_publisher(), others(100));
        for other in [A, C] {
            town.fault(2_500, Action::Partition { from: B, to: other, one_way: false }, Some(8_000));
        }
        town.run(9_000);
        assert_eq!(leaders(&town).len(), 2);
        assert_eq!(town.answers(served), ((1..=100).collect(), vec![]));
        assert!(town.answers(cut_off).0.len() < 60);
        town.heal();
        assert_eq!(town.answers(cut_off), ((1..=100).collect(), vec![]), "seed {seed}");
        assert_eq!(town.holds().len(), 200);
        nothing_confirmed_is_lost(&town, false);
    }
}

#[test]
fn a_lost_disk_costs_nothing_and_its_node_is_let_in_again() {
    let (mut town, ..) = across(7, false, 5, 100);
    town.fault(2_400, Action::DiskLoss(C), Some(1_000));
    town.run(30_000);
    town.heal();
    nothing_confirmed_is_lost(&town, false);
    let picture = town.picture(2);
    let replica = picture.replicas.iter().find(|replica| replica.queue.0 != 0);
    assert!(replica.is_some_and(|replica| replica.role == ReplicaRole::Follower && replica.in_step), "{replica:?}");
    assert!(picture.lanes.iter().any(|lane| lane.ready + lane.unacked == 100));
}

#[test]
fn what_a_lost_node_held_comes_again_after_a_minute() {
    let mut town = Town::new(3, 3);
    town.client(&[1], false, &quorum_publisher(), publishes(10, 2_000, 10));
    let first = town.client(&[2], false, &quorum_consumer(5), []);
    let second = town.client(&[0], true, &quorum_consumer(20), []);
    town.fault(3_000, Action::Crash(C), None);
    town.run(60_000);
    let held = town.delivered(first).len();
    assert!(held > 0);
    assert_eq!(town.count(Kind::Requeued), 0, "its node may come back");
    town.run(70_000);
    let mut seen = town.delivered(second);
    seen.sort_unstable();
    assert_eq!(seen, up_to(10));
    assert_eq!(town.count(Kind::Requeued), held);
}
