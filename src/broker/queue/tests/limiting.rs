//! Length limits.

use super::rig::*;
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::ConnectionId;
use crate::protocol::queue::{Arguments, Method, Overflow, Properties};

const PUSHED_OUT: Kind = Kind::Dropped(Reason::Overflowed);

fn full_at(most: u32, overflow: Overflow) -> (Rig, ConnectionId) {
    let mut rig = Rig::new();
    let publisher = rig.client();
    rig.say(publisher, Method::ConfirmSelect);
    rig.declare(publisher, QUEUE, Arguments { max_length: Some(most), overflow, ..Arguments::default() });
    (rig, publisher)
}

fn dropped_of_five() -> Vec<u32> {
    let (mut rig, publisher) = full_at(3, Overflow::DropHead);
    (1..=5).for_each(|message| rig.publish(publisher, message));
    rig.settle();
    assert!(rig.noted(Kind::Nacked).is_empty());
    assert_eq!(rig.noted(Kind::Confirmed).len(), 5, "dropped in silence, after a confirm");
    rig.crash();
    assert_eq!(rig.holds().len(), 3, "and for good");
    rig.noted(PUSHED_OUT)
}

#[test]
fn a_full_queue_drops_its_oldest() {
    assert_eq!(dropped_of_five(), [1, 2]);
    assert_eq!(flaw::with(Flaw::DropTailInsteadOfHead, dropped_of_five), [4, 5], "the flaw shows");
}

#[test]
fn reject_publish_refuses_the_newest_with_a_nack() {
    let (mut rig, publisher) = full_at(2, Overflow::RejectPublish);
    (1..=4).for_each(|message| rig.publish(publisher, message));
    rig.settle();
    assert_eq!(rig.noted(Kind::Nacked), [3, 4]);
    assert_eq!(rig.noted(Kind::Confirmed), [1, 2]);
    assert_eq!(rig.holds(), [1, 2]);
    let consumer = rig.consumer(1);
    rig.publish(publisher, 5);
    assert_eq!(rig.delivered(consumer), [1], "what is handed out leaves room");
    rig.settle();
    assert_eq!(rig.noted(Kind::Confirmed), [1, 2, 5]);
}

#[test]
fn without_confirms_nobody_hears_of_a_refusal() {
    let (mut rig, _) = full_at(1, Overflow::RejectPublish);
    let silent = rig.client();
    (1..=2).for_each(|message| rig.publish(silent, message));
    rig.settle();
    assert_eq!(rig.noted(PUSHED_OUT), [2]);
    assert!(rig.noted(Kind::Nacked).is_empty());
}

#[test]
fn what_consumers_hold_does_not_count() {
    let (mut rig, publisher) = full_at(2, Overflow::DropHead);
    let consumer = rig.consumer(2);
    (1..=4).for_each(|message| rig.publish(publisher, message));
    assert!(rig.noted(PUSHED_OUT).is_empty());
    rig.hang_up(consumer);
    assert_eq!(rig.noted(PUSHED_OUT), [1, 2], "until it comes back");
}

#[test]
fn a_full_queue_with_priorities_drops_its_most_important_first() {
    let mut rig = Rig::new();
    let publisher = rig.client();
    rig.declare(publisher, QUEUE, Arguments { max_length: Some(2), max_priority: 9, ..Arguments::default() });
    for (message, priority) in [(1, 0), (2, 9), (3, 0)] {
        rig.say(publisher, with_properties(message, Properties { priority, ..Properties::default() }));
    }
    assert_eq!(rig.noted(PUSHED_OUT), [2]);
}
