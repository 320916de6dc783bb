//! What a quorum queue is declared with, through AMQP.

use super::{quorum, times_of, up_to};
use crate::broker::queue::tests::cluster::town::{Town, consumer, declared, publisher, publishes};
use crate::broker::queue::tests::rig::OTHER_QUEUE;
use crate::event::{Kind, NodeId, Reason};
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, Method, Overflow};
use crate::sim::Action;
use crate::time::Span;

/// Three nodes, ten messages through broker 1, and what a client on broker 2 says.
fn with(arguments: Arguments, says: &[(u64, Method)]) -> (Town, NodeId, NodeId) {
    let mut town = Town::new(3, 1);
    let publisher = town.client(&[1], false, &declared(publisher(true), arguments), publishes(10, 2_000, 10));
    let consumer = town.client(&[2], false, &declared(consumer(true, 1), arguments), says.iter().cloned());
    (town, publisher, consumer)
}

#[test]
fn a_message_that_is_rejected_too_often_is_gone() {
    let reject = |tag| Method::Reject { tag, requeue: true };
    let says: Vec<_> = (1..=4).map(|tag| (3_000 + 100 * tag, reject(tag))).collect();
    let (mut town, _, consumer) = with(Arguments { delivery_limit: Some(2), ..quorum() }, &says);
    town.run(6_000);
    assert_eq!(town.delivered(consumer), [1, 1, 1, 2, 2]);
    assert_eq!(town.count(Kind::Dropped(Reason::DeliveryLimit)), 1);
}

#[test]
fn a_message_that_is_nacked_comes_again_for_ever() {
    let nack = |tag| Method::Nack { tag, multiple: false, requeue: true };
    let says: Vec<_> = (1..=30).map(|tag| (3_000 + 50 * tag, nack(tag))).collect();
    let (mut town, _, consumer) = with(Arguments { delivery_limit: Some(2), ..quorum() }, &says);
    town.run(8_000);
    assert_eq!(town.delivered(consumer), [1; 31]);
}

#[test]
fn a_full_queue_that_rejects_says_no() {
    let arguments = Arguments { max_length: Some(5), overflow: Overflow::RejectPublish, ..quorum() };
    let (mut town, publisher, _) = with(arguments, &[]);
    town.run(6_000);
    let (good, bad) = town.answers(publisher);
    // One is held and does not count; the sixth that waits is the one too many.
    assert_eq!((good, bad), ((1..=7).collect(), vec![8, 9, 10]));
    assert_eq!(town.holds().len(), 7);
}

#[test]
fn a_full_queue_that_drops_its_head_says_nothing() {
    let (mut town, publisher, _) = with(Arguments { max_length: Some(5), ..quorum() }, &[]);
    town.run(6_000);
    assert_eq!(town.answers(publisher), ((1..=10).collect(), vec![]));
    assert_eq!(town.count(Kind::Dropped(Reason::Overflowed)), 4);
    assert_eq!(town.holds().len(), 6);
}

#[test]
fn messages_expire_at_the_head() {
    let (mut town, ..) = with(Arguments { message_ttl: Some(Span::from_secs(1)), ..quorum() }, &[]);
    town.run(2_900);
    assert_eq!(town.count(Kind::Dropped(Reason::Expired)), 0);
    town.run(3_500);
    assert_eq!(town.count(Kind::Dropped(Reason::Expired)), 9, "all but the one that is held");
}

fn letters(at_least_once: bool) -> Arguments {
    let dead_letter = Some(DeadLetter { exchange: Name::EMPTY, key: Some(OTHER_QUEUE), at_least_once });
    Arguments { dead_letter, overflow: Overflow::RejectPublish, ..quorum() }
}

#[test]
fn a_dead_letter_goes_to_its_queue_whatever_kind_that_is() {
    for at_least_once in [false, true] {
        for kind in [quorum(), Arguments::default()] {
            let refuse = Method::Nack { tag: 1, multiple: false, requeue: false };
            let (mut town, ..) = with(letters(at_least_once), &[(3_000, refuse)]);
            let other =
                Method::QueueDeclare { queue: OTHER_QUEUE, durable: true, arguments: std::sync::Arc::new(kind) };
            let heir = town.client(&[0], true, &[other, Method::consume(OTHER_QUEUE, 1, false)], []);
            town.run(9_000);
            assert_eq!(town.delivered(heir), [1], "{at_least_once} {kind:?}");
            assert_eq!(town.holds().len(), 9);
            assert_eq!(times_of(&town, Kind::DeadLettered).into_keys().collect::<Vec<_>>(), [1]);
        }
    }
}

#[test]
fn a_dead_letter_without_a_queue_is_lost_or_kept() {
    for at_least_once in [false, true] {
        let refuse = Method::Nack { tag: 1, multiple: false, requeue: false };
        let (mut town, ..) = with(letters(at_least_once), &[(3_000, refuse)]);
        let other = Method::declare(OTHER_QUEUE, true);
        let heir = town.client(&[0], true, &[], [(60_000, other), (61_000, Method::consume(OTHER_QUEUE, 1, false))]);
        town.run(10_000);
        let lost = town.count(Kind::Dropped(Reason::DeadLetterUnroutable));
        assert_eq!(lost, usize::from(!at_least_once));
        town.run(200_000);
        let expected = if at_least_once { vec![1] } else { vec![] };
        assert_eq!(town.delivered(heir), expected);
    }
}

#[test]
fn the_next_single_active_consumer_begins_where_the_last_one_stood() {
    let arguments = Arguments { single_active_consumer: true, ..quorum() };
    let mut town = Town::new(3, 4);
    town.client(&[1], false, &declared(publisher(true), arguments), publishes(10, 2_000, 10));
    let first = town.client(
        &[2],
        false,
        &declared(consumer(true, 4), arguments),
        [(3_500, Method::ChannelClose { code: 200 })],
    );
    let second = town.client(&[0], true, &declared(consumer(true, 4), arguments), []);
    town.run(3_000);
    assert_eq!((town.delivered(first), town.delivered(second)), (up_to(4), vec![]));
    town.run(6_000);
    assert_eq!(town.delivered(second), up_to(10));
}

#[test]
fn a_channel_on_a_node_without_a_replica_is_served_all_the_same() {
    for seed in 0..10 {
        let mut town = Town::new(5, seed);
        town.client(&[4], false, &super::quorum_publisher(), []);
        let remote = town.client(&[2], false, &super::quorum_publisher(), publishes(60, 2_000, 10));
        let consumer = town.client(&[3], true, &super::quorum_consumer(3), []);
        // Members are 4, 0 and 1.
        town.fault(2_200 + 9 * seed, Action::Crash(NodeId(4)), Some(5_000));
        town.run(20_000);
        assert_eq!(town.answers(remote), ((1..=60).collect(), vec![]), "seed {seed}");
        let mut seen = town.delivered(consumer);
        seen.sort_unstable();
        assert_eq!(seen, up_to(60), "seed {seed}");
        assert_eq!(town.holds(), []);
    }
}
