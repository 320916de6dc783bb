//! Classic queues on one node of a cluster, and clients on another.

use super::town::*;
use crate::broker::queue::tests::rig::{OTHER_QUEUE, QUEUE, persistent};
use crate::event::{Kind, NodeId, Resource};
use crate::flaw::{self, Flaw};
use crate::protocol::queue::{Method, Publish};
use crate::sim::Action;

const B: NodeId = NodeId(1);

/// A client that makes broker 1 the home of the queue, and goes on to do nothing.
fn settle(town: &mut Town) {
    town.client(&[1], false, &[Method::declare(QUEUE, true)], []);
}

/// A cluster whose queue is on broker 1: a publisher on broker 0, a consumer on
/// broker 2.
fn across(seed: u64, acks: bool, prefetch: u16) -> (Town, NodeId, NodeId) {
    let mut town = Town::new(3, seed);
    settle(&mut town);
    let publisher = town.client(&[0], false, &publisher(true), publishes(20, 600, 10));
    let consumer = town.client(&[2], acks, &consumer(true, prefetch), []);
    (town, publisher, consumer)
}

fn all() -> Vec<u32> {
    (1..=20).collect()
}

#[test]
fn messages_pass_from_node_to_node_in_order_and_every_publish_is_answered_once() {
    for seed in 0..20 {
        let (mut town, publisher, consumer) = across(seed, true, 0);
        town.run(5_000);
        assert_eq!(town.delivered(consumer), all());
        assert_eq!(town.answers(publisher), ((1..=20).collect(), vec![]));
        assert_eq!(town.holds(), [], "all were acknowledged");
        assert_eq!(town.count(Kind::Received), 20, "the channel's node has received them");
        assert_eq!((town.count(Kind::Enqueued), town.times(1, Kind::Enqueued).len()), (20, 20));
        assert_eq!((town.count(Kind::Acked), town.count(Kind::Confirmed)), (20, 20));
    }
}

#[test]
fn the_prefetch_holds_across_nodes() {
    let (mut town, _, consumer) = across(1, false, 4);
    town.run(5_000);
    assert_eq!(town.delivered(consumer), [1, 2, 3, 4]);
}

#[test]
fn answers_to_a_publisher_are_right_when_its_queues_are_on_different_nodes() {
    for seed in 0..20 {
        let mut town = Town::new(2, seed);
        town.client(&[1], false, &[Method::declare(QUEUE, true)], []);
        town.client(&[0], false, &[Method::declare(OTHER_QUEUE, true)], []);
        let to = |queue, message| Method::Publish(Publish { key: queue, ..persistent(message) });
        let plan = (1..=40).map(|message| (500, to(if message % 3 == 0 { OTHER_QUEUE } else { QUEUE }, message)));
        let publisher = town.client(&[0], false, &[Method::ConfirmSelect], plan);
        town.run(5_000);
        let (mut good, bad) = town.answers(publisher);
        good.sort_unstable();
        assert_eq!((good, bad), ((1..=40).collect(), vec![]));
    }
}

/// What the consumer's node held of a queue elsewhere must come again when that
/// node is gone; the next consumer gets it as redelivered.
fn what_a_lost_node_held_comes_again() {
    let (mut town, _, _) = across(1, false, 0);
    let second = town.client(&[0], true, &[], [(3_000, Method::consume(QUEUE, 1, false))]);
    town.fault(2_000, Action::Crash(NodeId(2)), None);
    town.run(6_000);
    assert_eq!(town.delivered(second), all());
    assert_eq!(town.count(Kind::Delivered { redelivered: true }), 20);
    assert_eq!(town.count(Kind::Requeued), 20);
}

#[test]
fn the_node_of_a_consumer_dies_and_its_messages_go_to_another() {
    what_a_lost_node_held_comes_again();
}

/// Acknowledgements reach the very delivery they are about.
fn acks_settle_what_they_are_about() {
    let mut town = Town::new(2, 1);
    town.client(&[1], false, &[Method::declare(QUEUE, true)], []);
    town.client(&[0], false, &publisher(true), publishes(5, 200, 10));
    let acks = [2, 4].map(|tag| (1_000, Method::Ack { tag, multiple: false }));
    town.client(&[0], false, &consumer(true, 0), acks);
    town.run(3_000);
    assert_eq!(town.holds(), [1, 3, 5].map(|message| (1, message)));
}

#[test]
fn an_acknowledgement_reaches_its_delivery_on_another_node() {
    acks_settle_what_they_are_about();
}

#[test]
fn what_is_nacked_or_left_on_a_closed_channel_goes_back_to_its_node() {
    let mut town = Town::new(2, 1);
    settle(&mut town);
    town.client(&[0], false, &publisher(true), publishes(6, 200, 10));
    let plan = [
        (1_000, Method::Nack { tag: 2, multiple: true, requeue: false }),
        (1_100, Method::Ack { tag: 3, multiple: false }),
        (1_200, Method::ChannelClose { code: crate::protocol::queue::code::OK }),
    ];
    town.client(&[0], false, &consumer(true, 0), plan);
    town.run(3_000);
    assert_eq!(town.holds(), [4, 5, 6].map(|message| (1, message)));
    assert_eq!((town.count(Kind::Rejected), town.count(Kind::Requeued)), (2, 3));
}

#[test]
fn while_the_home_is_down_publishes_are_nacked_and_consumers_cancelled() {
    let (mut town, publisher, consumer) = across(1, true, 0);
    town.fault(695, Action::Crash(B), None);
    town.run(10_000);
    let (good, bad) = town.answers(publisher);
    assert_eq!(good.len() + bad.len(), 20, "{good:?} {bad:?}");
    assert!(bad.len() >= 10, "{bad:?}");
    assert_eq!(town.heard(consumer).filter(|method| matches!(method, Method::Cancel { .. })).count(), 1);
    assert_eq!(town.count(Kind::ConsumerCancelled), 1);
    assert!(town.delivered(consumer).len() <= 10);
    let declared = town.heard(consumer).filter(|method| matches!(method, Method::QueueDeclareOk { .. })).count();
    assert_eq!(declared, 1, "nothing is declared anew elsewhere");
}

#[test]
fn a_declaration_is_refused_when_the_home_stays_away_for_a_minute() {
    let (mut town, _, consumer) = across(1, true, 0);
    town.fault(1_000, Action::Crash(B), None);
    town.run(58_000);
    let refused = |town: &Town| {
        let is_refusal = |method: &&Method| matches!(method, Method::ChannelClose { code: 404 });
        town.heard(consumer).filter(is_refusal).count()
    };
    assert_eq!(refused(&town), 0);
    town.run(64_000);
    assert_eq!(refused(&town), 1);
}

#[test]
fn a_cut_between_nodes_counts_as_a_loss_on_both_sides() {
    let (mut town, _, consumer) = across(1, false, 0);
    town.fault(2_000, Action::Cut { from: NodeId(2), to: B }, None);
    town.run(8_000);
    assert_eq!(town.count(Kind::Requeued), 20);
    assert_eq!(town.delivered(consumer), [all(), all()].concat(), "it subscribed anew and got all of them again");
    assert_eq!(town.count(Kind::Delivered { redelivered: true }), 20);
}

#[test]
fn a_node_that_is_short_blocks_publishers_on_every_node_until_it_recovers_or_dies() {
    for end in [None, Some(Action::Crash(NodeId(2)))] {
        let (mut town, publisher, consumer) = across(1, true, 0);
        let alarm = Action::Alarm { node: NodeId(2), resource: Resource::Memory };
        town.fault(650, alarm, end.is_none().then_some(3_000));
        end.into_iter().for_each(|action| town.fault(3_650, action, None));
        town.run(3_600);
        let heard = |town: &Town, method| town.heard(publisher).filter(|it| **it == method).count();
        assert_eq!((heard(&town, Method::Blocked), heard(&town, Method::Unblocked)), (1, 0));
        assert!(town.answers(publisher).0.len() < 10);
        town.run(8_000);
        assert_eq!(heard(&town, Method::Unblocked), 1);
        assert_eq!(town.answers(publisher).0.len(), 20);
        assert!(town.delivered(consumer).len() == 20 || town.losses(consumer) > 0);
    }
}

#[test]
fn the_tests_notice_wrong_tags_and_forgotten_returns() {
    let fails = |flaw, test: fn()| flaw::with(flaw, || std::panic::catch_unwind(test)).is_err();
    assert!(fails(Flaw::RemoteAckOfWrongTag, acks_settle_what_they_are_about));
    assert!(fails(Flaw::PeerDownKeepsUnacked, what_a_lost_node_held_comes_again));
}
