//! A quorum queue on one node is a group of one: it syncs before it confirms.

use super::{nothing_confirmed_is_lost, quorum, quorum_consumer, quorum_publisher, times_of, up_to};
use crate::broker::queue::tests::cluster::town::{Town, declared, publisher, publishes};
use crate::event::{Kind, NodeId};
use crate::protocol::queue::{Method, Publish, code};
use crate::sim::Action;

#[test]
fn every_message_is_synced_then_confirmed_and_delivered_once_in_order() {
    for seed in 0..10 {
        let mut town = Town::new(1, seed);
        let publisher = town.client(&[0], false, &quorum_publisher(), publishes(20, 500, 7));
        let consumer = town.client(&[0], true, &quorum_consumer(5), []);
        town.run(5_000);
        assert_eq!(town.delivered(consumer), up_to(20));
        assert_eq!(town.answers(publisher), ((1..=20).collect(), vec![]));
        assert_eq!(town.holds(), []);
        for kind in [Kind::Enqueued, Kind::Synced, Kind::Committed, Kind::Confirmed, Kind::Acked] {
            assert_eq!(times_of(&town, kind).into_values().collect::<Vec<_>>(), [1; 20], "{kind:?}");
        }
        let at = |kind, message| {
            let is_it = |event: &&crate::event::Event| {
                event.kind == kind && event.copy.is_some_and(|copy| copy.message.0 == message)
            };
            town.history.0.iter().position(|event| is_it(&event))
        };
        for message in 1..=20 {
            assert!(at(Kind::Synced, message) < at(Kind::Committed, message));
            assert!(at(Kind::Committed, message) < at(Kind::Enqueued, message));
            assert!(at(Kind::Enqueued, message) < at(Kind::Confirmed, message));
        }
    }
}

#[test]
fn a_power_cut_loses_nothing_that_was_confirmed_not_even_transient_messages() {
    for seed in 0..30 {
        let mut town = Town::new(1, seed);
        let transient = publishes(40, 500, 3).into_iter().map(|(at, method)| match method {
            Method::Publish(publish) => (at, Method::Publish(Publish { persistent: false, ..publish })),
            other => (at, other),
        });
        town.client(&[0], false, &quorum_publisher(), transient);
        town.fault(570 + seed, Action::PowerCut(vec![NodeId(0)]), Some(1_000));
        town.run(4_000);
        town.heal();
        nothing_confirmed_is_lost(&town, false);
        assert!(!times_of(&town, Kind::Confirmed).is_empty());
        // What came back says that it may have been delivered only if it was.
        let late = town.holds().len();
        assert!(late > 0);
    }
}

#[test]
fn it_is_durable_or_it_is_nothing() {
    let mut town = Town::new(1, 1);
    let script = declared(publisher(false), quorum());
    let client = town.client(&[0], false, &script, []);
    town.run(400);
    let refused = Method::ChannelClose { code: code::PRECONDITION_FAILED };
    assert!(town.heard(client).any(|method| *method == refused));
}

#[test]
fn what_a_consumer_held_when_the_node_died_comes_again() {
    let mut town = Town::new(1, 3);
    town.client(&[0], false, &quorum_publisher(), publishes(6, 500, 3));
    let consumer = town.client(&[0], false, &quorum_consumer(4), []);
    town.fault(2_000, Action::Crash(NodeId(0)), Some(1_000));
    town.run(8_000);
    assert_eq!(town.delivered(consumer), [1, 2, 3, 4, 1, 2, 3, 4]);
    assert_eq!(town.count(Kind::Delivered { redelivered: true }), 4);
    assert_eq!(town.holds().len(), 6);
}
