//! Time to live, of messages and of queues.

use super::rig::*;
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::ConnectionId;
use crate::protocol::queue::{Arguments, Method, Properties};
use crate::time::Span;

const TTL: Span = Span::from_secs(10);
const EXPIRED: Kind = Kind::Dropped(Reason::Expired);

fn living(ttl: Span) -> Arguments {
    Arguments { message_ttl: Some(ttl), ..Arguments::default() }
}

fn expiring_in(message: u32, expiration: Span) -> Method {
    with_properties(message, Properties { expiration: Some(expiration), ..Properties::default() })
}

fn publisher_to(rig: &mut Rig, arguments: Arguments) -> ConnectionId {
    let client = rig.client();
    rig.declare(client, QUEUE, arguments);
    client
}

#[test]
fn a_message_is_dropped_when_its_time_is_up_and_not_before() {
    let mut rig = Rig::new();
    let publisher = publisher_to(&mut rig, living(TTL));
    rig.publish(publisher, 1);
    rig.wait(Span::from_secs(4));
    rig.publish(publisher, 2);
    rig.wait(Span::from_millis(5_999));
    assert_eq!(rig.holds(), [1, 2]);
    rig.wait(Span::from_millis(1));
    assert_eq!(rig.noted(EXPIRED), [1]);
    rig.wait(Span::from_secs(4));
    assert_eq!(rig.noted(EXPIRED), [1, 2]);
    assert!(rig.holds().is_empty() && rig.in_memory().is_empty());
}

/// Message 2 lives for a second only, behind message 1, which lives for ever.
fn behind_a_long_lived_one() -> Vec<u32> {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.publish(publisher, 1);
    rig.say(publisher, expiring_in(2, Span::from_secs(1)));
    rig.publish(publisher, 3);
    rig.wait(TTL);
    rig.publish(publisher, 4);
    let held = rig.holds();
    let consumer = rig.consumer(1);
    assert_eq!(rig.delivered(consumer), [1]);
    rig.ack(consumer, 1);
    assert_eq!(rig.delivered(consumer), [3], "what expired meanwhile is not handed out");
    assert_eq!(rig.noted(EXPIRED), [2]);
    held
}

#[test]
fn a_message_expires_only_at_the_head() {
    assert_eq!(behind_a_long_lived_one(), [1, 2, 3, 4]);
    let wrong = flaw::with(Flaw::ExpiresFromTheMiddle, behind_a_long_lived_one);
    assert_eq!(wrong, [1, 3, 4], "the flaw shows");
}

#[test]
fn the_shorter_of_both_times_to_live_counts() {
    let mut rig = Rig::new();
    let publisher = publisher_to(&mut rig, living(TTL));
    rig.say(publisher, expiring_in(1, Span::from_secs(3)));
    rig.say(publisher, expiring_in(2, Span::from_secs(60)));
    rig.wait(Span::from_secs(3));
    assert_eq!(rig.noted(EXPIRED), [1]);
    rig.wait(Span::from_secs(7));
    assert_eq!(rig.noted(EXPIRED), [1, 2]);
}

#[test]
fn a_time_to_live_of_zero_means_at_once_or_never() {
    let mut rig = Rig::new();
    let publisher = publisher_to(&mut rig, living(Span::ZERO));
    rig.publish(publisher, 1);
    rig.wait(Span::ZERO);
    assert_eq!(rig.noted(EXPIRED), [1]);
    let consumer = rig.consumer(1);
    rig.publish(publisher, 2);
    rig.publish(publisher, 3);
    rig.wait(Span::ZERO);
    assert_eq!(rig.delivered(consumer), [2]);
    assert_eq!(rig.noted(EXPIRED), [1, 3]);
}

#[test]
fn nothing_expires_in_a_consumers_hands_but_at_once_when_it_comes_back() {
    let mut rig = Rig::new();
    let publisher = publisher_to(&mut rig, living(TTL));
    let consumer = rig.consumer(1);
    rig.publish(publisher, 1);
    rig.wait(TTL + TTL);
    assert_eq!(rig.holds(), [1]);
    rig.hang_up(consumer);
    assert_eq!(rig.noted(EXPIRED), [1]);
}

#[test]
fn time_runs_on_while_the_broker_is_down() {
    let mut rig = Rig::new();
    let publisher = publisher_to(&mut rig, living(TTL));
    rig.publish(publisher, 1);
    rig.settle();
    rig.publish(publisher, 2);
    rig.settle();
    rig.crash();
    assert_eq!(rig.holds(), [1, 2]);
    rig.now += Span::from_secs(5);
    rig.crash();
    assert_eq!(rig.noted(EXPIRED), [1]);
    rig.wait(TTL);
    assert_eq!(rig.noted(EXPIRED), [1, 2]);
    rig.settle();
    rig.crash();
    assert!(rig.holds().is_empty(), "what expired stays gone");
}

#[test]
fn an_unused_queue_goes_after_its_time_and_a_used_one_stays() {
    let mut rig = Rig::new();
    let arguments = Arguments { expires: Some(TTL), ..Arguments::default() };
    let publisher = publisher_to(&mut rig, arguments);
    rig.publish(publisher, 1);
    let consumer = rig.consumer(1);
    rig.wait(TTL + TTL);
    assert_eq!(rig.holds(), [1], "a consumer is use");
    rig.hang_up(consumer);
    rig.wait(Span::from_secs(9));
    rig.declare(publisher, QUEUE, arguments);
    rig.wait(Span::from_secs(9));
    assert_eq!(rig.holds(), [1], "so is declaring it again");
    rig.wait(Span::from_secs(1));
    assert_eq!(rig.noted(Kind::Dropped(Reason::QueueDeleted)), [1]);
    rig.settle();
    rig.crash();
    let late = rig.client();
    rig.say(late, Method::consume(QUEUE, 1, false));
    assert!(rig.heard(late).contains(&Method::ChannelClose { code: 404 }), "gone for good");
}
