//! Priorities of messages and of consumers, one active consumer, exclusive ones.

use super::rig::*;
use crate::broker::queue::Options;
use crate::event::Kind;
use crate::flaw::{self, Flaw};
use crate::node::ConnectionId;
use crate::protocol::queue::{Arguments, Method, Properties, code};
use crate::time::Span;

fn publisher_to(rig: &mut Rig, arguments: Arguments) -> ConnectionId {
    let client = rig.client();
    rig.declare(client, QUEUE, arguments);
    client
}

fn publish(rig: &mut Rig, client: ConnectionId, message: u32, priority: u8) {
    rig.say(client, with_properties(message, Properties { priority, ..Properties::default() }));
}

fn five() -> Arguments {
    Arguments { max_priority: 5, ..Arguments::default() }
}

#[test]
fn what_waits_is_handed_out_by_priority_and_then_by_age() {
    let mut rig = Rig::new();
    let client = publisher_to(&mut rig, five());
    for (message, priority) in [(1, 0), (2, 3), (3, 5), (4, 3), (5, 9), (6, 0)] {
        publish(&mut rig, client, message, priority);
    }
    let consumer = rig.consumer(0);
    assert_eq!(rig.delivered(consumer), [3, 5, 2, 4, 1, 6], "9 counts as 5");
}

/// What comes back after a consumer with two priorities in hand died.
fn returned_by_priority() -> Vec<u32> {
    let mut rig = Rig::new();
    let client = publisher_to(&mut rig, five());
    let consumer = rig.consumer(0);
    for (message, priority) in [(1, 0), (2, 5), (3, 0), (4, 5)] {
        publish(&mut rig, client, message, priority);
    }
    assert_eq!(rig.delivered(consumer), [1, 2, 3, 4], "an idle consumer is handed what there is");
    rig.hang_up(consumer);
    let next = rig.consumer(0);
    rig.delivered(next)
}

#[test]
fn a_returned_message_keeps_its_priority() {
    assert_eq!(returned_by_priority(), [2, 4, 1, 3]);
    assert_eq!(flaw::with(Flaw::RequeueLosesPriority, returned_by_priority), [1, 2, 3, 4], "the flaw shows");
}

#[test]
fn priorities_outlive_a_restart() {
    let mut rig = Rig::new();
    let client = publisher_to(&mut rig, five());
    (1..=4).for_each(|message| publish(&mut rig, client, message, (message % 2) as u8 * 4));
    rig.settle();
    rig.crash();
    let consumer = rig.consumer(0);
    assert_eq!(rig.delivered(consumer), [1, 3, 2, 4]);
}

/// Deliveries to two consumers of a queue that allows one.
fn served() -> (Vec<u32>, Vec<u32>) {
    let mut rig = Rig::new();
    let client = publisher_to(&mut rig, Arguments { single_active_consumer: true, ..Arguments::default() });
    let (first, second) = (rig.consumer(2), rig.consumer(0));
    (1..=5).for_each(|message| rig.publish(client, message));
    (rig.delivered(first), rig.delivered(second))
}

#[test]
fn a_single_active_consumer_is_served_alone_even_when_it_can_take_no_more() {
    assert_eq!(served(), (vec![1, 2], vec![]));
    assert!(!flaw::with(Flaw::SingleActiveServesTwo, served).1.is_empty(), "the flaw shows");
}

#[test]
fn the_next_single_active_consumer_gets_what_the_last_one_held_in_order() {
    let mut rig = Rig::new();
    let client = publisher_to(&mut rig, Arguments { single_active_consumer: true, ..Arguments::default() });
    let (first, second) = (rig.consumer(3), rig.consumer(10));
    (1..=5).for_each(|message| rig.publish(client, message));
    rig.hang_up(first);
    let expected: Vec<_> = [(1, true), (2, true), (3, true), (4, false), (5, false)].into();
    let seen: Vec<_> = rig.deliveries(second).into_iter().map(|(message, _, again)| (message, again)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_consumer_of_lower_priority_gets_what_the_higher_cannot_take() {
    let mut rig = Rig::new();
    let client = rig.publisher();
    let (low, high) = (rig.client(), rig.client());
    for (consumer, priority) in [(low, -1), (high, 10)] {
        rig.say(consumer, Method::Qos { prefetch: 2 });
        rig.say(consumer, Method::Consume { queue: QUEUE, consumer: 1, auto_ack: false, priority, exclusive: false });
    }
    (1..=3).for_each(|message| rig.publish(client, message));
    assert_eq!((rig.delivered(high), rig.delivered(low)), (vec![1, 2], vec![3]));
    rig.ack(high, 1);
    rig.publish(client, 4);
    assert_eq!((rig.delivered(high), rig.delivered(low)), (vec![4], vec![]));
}

#[test]
fn an_exclusive_consumer_is_alone_or_not_at_all() {
    let mut rig = Rig::new();
    rig.publisher();
    let exclusive = Method::Consume { queue: QUEUE, consumer: 1, auto_ack: false, priority: 0, exclusive: true };
    let (first, second, third) = (rig.client(), rig.client(), rig.client());
    rig.say(first, exclusive.clone());
    rig.say(second, Method::consume(QUEUE, 1, false));
    assert!(rig.heard(second).contains(&Method::ChannelClose { code: code::ACCESS_REFUSED }));
    rig.hang_up(first);
    rig.consume(third, 0, false);
    let late = rig.client();
    rig.say(late, exclusive);
    assert!(rig.heard(late).contains(&Method::ChannelClose { code: code::ACCESS_REFUSED }));
}

#[test]
fn a_hung_consumer_holds_its_messages_for_ever_unless_a_timeout_is_set() {
    let minutes = |minutes: u64| Span::from_secs(minutes * 60);
    for (timeout, expected) in [(None, vec![]), (Some(minutes(30)), vec![1])] {
        let mut rig = Rig::with(Options { consumer_timeout: timeout, ..Options::default() });
        let client = rig.publisher();
        let hung = rig.consumer(1);
        rig.publish(client, 1);
        let healthy = rig.consumer(1);
        rig.wait(minutes(29));
        assert!(rig.noted(Kind::Requeued).is_empty());
        rig.wait(minutes(2));
        assert_eq!(rig.noted(Kind::ConsumerTimedOut), expected);
        assert_eq!(rig.delivered(healthy), expected, "another consumer gets it");
        let closed = rig.heard(hung).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED });
        assert_eq!(closed, timeout.is_some());
    }
}
