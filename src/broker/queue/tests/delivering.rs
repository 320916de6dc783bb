//! What consumers see.

use super::rig::*;
use crate::event::{Kind, Reason};
use crate::picture::{LaneLabel, Place};
use crate::protocol::queue::{Method, code};

#[test]
fn messages_are_delivered_in_order_of_publishing() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    (1..=5).for_each(|message| rig.publish(publisher, message));
    assert_eq!(rig.delivered(consumer), [1, 2, 3, 4, 5]);
}

#[test]
fn prefetch_bounds_what_a_consumer_holds() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(2);
    (1..=5).for_each(|message| rig.publish(publisher, message));
    assert_eq!(rig.delivered(consumer), [1, 2]);
    rig.ack(consumer, 1);
    assert_eq!(rig.delivered(consumer), [3]);
}

#[test]
fn prefetch_zero_means_unlimited() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    (1..=500).for_each(|message| rig.publish(publisher, message));
    let consumer = rig.consumer(0);
    assert_eq!(rig.delivered(consumer).len(), 500);
}

#[test]
fn consumers_with_credit_are_served_in_turn() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let (first, second) = (rig.consumer(0), rig.consumer(2));
    (1..=6).for_each(|message| rig.publish(publisher, message));
    assert_eq!(rig.delivered(first), [1, 3, 5, 6]);
    assert_eq!(rig.delivered(second), [2, 4]);
}

#[test]
fn a_multiple_ack_settles_all_up_to_its_tag() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    (1..=5).for_each(|message| rig.publish(publisher, message));
    rig.say(consumer, Method::Ack { tag: 3, multiple: true });
    assert_eq!(rig.noted(Kind::Acked), [1, 2, 3]);
    assert_eq!(rig.holds(), [4, 5]);
    rig.say(consumer, Method::Ack { tag: 0, multiple: true });
    assert!(rig.holds().is_empty());
}

#[test]
fn acks_may_come_in_any_order() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    (1..=4).for_each(|message| rig.publish(publisher, message));
    [3, 1, 4, 2].into_iter().for_each(|tag| rig.ack(consumer, tag));
    assert_eq!(rig.noted(Kind::Acked), [3, 1, 4, 2]);
    assert!(rig.holds().is_empty());
}

#[test]
fn a_second_ack_of_a_tag_closes_the_channel_with_406() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.ack(consumer, 2);
    rig.ack(consumer, 2);
    assert!(rig.heard(consumer).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED }));
    assert_eq!(rig.noted(Kind::Requeued), [1, 3], "what the channel held goes back");
}

#[test]
fn an_ack_of_a_tag_never_handed_out_closes_the_channel_with_406() {
    let mut rig = Rig::new();
    rig.publisher();
    let consumer = rig.consumer(0);
    rig.say(consumer, Method::Ack { tag: 1, multiple: true });
    assert!(rig.heard(consumer).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED }));
}

#[test]
fn a_closed_channel_ignores_what_was_under_way_and_can_be_opened_again() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    rig.publish(publisher, 1);
    rig.ack(consumer, 9);
    rig.ack(consumer, 1);
    assert_eq!(rig.holds(), [1]);
    rig.say(consumer, Method::ChannelCloseOk);
    rig.say(consumer, Method::ChannelOpen);
    rig.heard(consumer);
    rig.consume(consumer, 0, false);
    assert_eq!(rig.deliveries(consumer), [(1, 1, true)]);
    assert!(rig.closed.is_empty());
}

#[test]
fn returned_messages_go_back_to_their_original_place_marked_redelivered() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(3);
    (1..=5).for_each(|message| rig.publish(publisher, message));
    assert_eq!(rig.deliveries(consumer), [(1, 1, false), (2, 2, false), (3, 3, false)]);
    rig.say(consumer, Method::Cancel { consumer: 1 });
    rig.ack(consumer, 2);
    rig.hang_up(consumer);
    let next = rig.consumer(0);
    assert_eq!(rig.deliveries(next), [(1, 1, true), (3, 2, true), (4, 3, false), (5, 4, false)]);
}

#[test]
fn messages_of_two_consumers_interleave_again_when_both_die() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let (first, second) = (rig.consumer(3), rig.consumer(3));
    (1..=6).for_each(|message| rig.publish(publisher, message));
    rig.say(first, Method::Cancel { consumer: 1 });
    rig.hang_up(second);
    rig.hang_up(first);
    let next = rig.consumer(0);
    assert_eq!(rig.delivered(next), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_nack_with_requeue_brings_the_message_back_at_once() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(1);
    (1..=2).for_each(|message| rig.publish(publisher, message));
    rig.say(consumer, Method::Nack { tag: 1, multiple: false, requeue: true });
    assert_eq!(rig.deliveries(consumer), [(1, 1, false), (1, 2, true)]);
}

#[test]
fn a_nack_without_requeue_drops_the_message() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.say(consumer, Method::Nack { tag: 2, multiple: true, requeue: false });
    assert_eq!(rig.noted(Kind::Rejected), [1, 2]);
    assert_eq!(rig.noted(Kind::Dropped(Reason::Rejected)), [1, 2]);
    assert_eq!(rig.holds(), [3]);
}

#[test]
fn with_auto_ack_a_message_is_done_with_once_it_is_sent() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.client();
    rig.consume(consumer, 1, true);
    (1..=3).for_each(|message| rig.publish(publisher, message));
    assert_eq!(rig.delivered(consumer), [1, 2, 3], "prefetch does not bound it");
    assert!(rig.holds().is_empty());
    assert!(rig.noted(Kind::Acked).is_empty(), "nobody acknowledged anything");
    rig.hang_up(consumer);
    assert!(rig.noted(Kind::Requeued).is_empty());
}

#[test]
fn what_a_cancelled_consumer_holds_stays_with_its_channel() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(2);
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.say(consumer, Method::Cancel { consumer: 1 });
    rig.ack(consumer, 1);
    assert_eq!(rig.delivered(consumer), [1, 2]);
    assert_eq!(rig.holds(), [2, 3]);
}

#[test]
fn the_picture_shows_what_is_ready_what_is_handed_out_and_where_it_is() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.consumer(1);
    rig.publish(publisher, 1);
    rig.settle();
    rig.publish_transient(publisher, 2);
    let picture = rig.picture();
    assert_eq!(picture.lanes[0].label, LaneLabel::Queue(QUEUE));
    assert_eq!((picture.lanes[0].ready, picture.lanes[0].unacked), (1, 1));
    let places: Vec<_> = picture.copies.iter().map(|(copy, place)| (copy.message.0, *place)).collect();
    assert!(matches!(places[..], [(1, Place::File { offset: 0, .. }), (2, Place::Memory)]), "{places:?}");
    assert_eq!(picture.peers.len(), 2);
    assert_eq!(rig.in_memory(), [2]);
}
