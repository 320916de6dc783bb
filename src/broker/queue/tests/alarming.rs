//! Resource alarms.

use super::rig::*;
use crate::broker::queue::Options;
use crate::event::{Kind, Resource, Tier};
use crate::flaw::{self, Flaw};
use crate::node::{Disturbance, Input};
use crate::protocol::queue::Method;
use crate::time::Span;

fn impose(rig: &mut Rig, on: bool) {
    rig.give(Input::Disturbed(Disturbance::Alarm { resource: Resource::Memory, on }));
}

#[test]
fn a_publisher_is_blocked_by_its_first_publish_during_an_alarm_and_its_later_ones_wait_unread() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.publish(publisher, 1);
    impose(&mut rig, true);
    assert!(!rig.heard(publisher).contains(&Method::Blocked), "nobody is told who does not publish");
    (2..=4).for_each(|message| rig.publish(publisher, message));
    assert!(rig.heard(publisher).contains(&Method::Blocked));
    assert_eq!(rig.holds(), [1, 2], "the first is still taken");
    assert_eq!(rig.picture().alarms, [Resource::Memory]);
    impose(&mut rig, false);
    assert!(rig.heard(publisher).contains(&Method::Unblocked));
    assert_eq!(rig.holds(), [1, 2, 3, 4], "and the others in order, later");
    assert_eq!(rig.noted(Kind::Received), [1, 2, 3, 4]);
    rig.settle();
    assert_eq!(rig.noted(Kind::Confirmed).len(), 4);
}

/// How many of three messages are done with while an alarm lasts.
fn drained_during_an_alarm() -> usize {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    (1..=3).for_each(|message| rig.publish(publisher, message));
    let consumer = rig.consumer(1);
    impose(&mut rig, true);
    (1..=3).for_each(|tag| rig.ack(consumer, tag));
    rig.noted(Kind::Acked).len()
}

#[test]
fn consumers_go_on_during_an_alarm() {
    assert_eq!(drained_during_an_alarm(), 3);
    assert_eq!(flaw::with(Flaw::AlarmBlocksConsumers, drained_during_an_alarm), 0, "the flaw shows");
}

#[test]
fn acks_on_a_connection_that_publishes_wait_as_well() {
    let mut rig = Rig::new();
    let both = rig.publisher();
    rig.consume(both, 0, false);
    rig.publish(both, 1);
    impose(&mut rig, true);
    rig.publish(both, 2);
    rig.ack(both, 1);
    assert!(rig.noted(Kind::Acked).is_empty());
    impose(&mut rig, false);
    assert_eq!(rig.noted(Kind::Acked), [1]);
}

#[test]
fn what_was_never_read_is_lost_with_the_connection_or_the_process() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    impose(&mut rig, true);
    (1..=3).for_each(|message| rig.publish(publisher, message));
    assert_eq!(rig.in_memory(), [1, 2, 3]);
    rig.hang_up(publisher);
    assert_eq!(rig.noted(Kind::Destroyed(Tier::Network)), [2, 3]);
    assert_eq!(rig.holds(), [1]);
}

#[test]
fn a_blocked_connection_is_not_taken_for_dead() {
    let mut rig = Rig::new();
    let connection = rig.connect(Span::from_secs(1));
    rig.say(connection, Method::ChannelOpen);
    impose(&mut rig, true);
    rig.publish(connection, 1);
    rig.wait(Span::from_secs(60));
    assert!(rig.closed.is_empty());
    impose(&mut rig, false);
    rig.wait(Span::from_secs(60));
    assert_eq!(rig.closed.len(), 1, "but silence counts again afterwards");
}

#[test]
fn a_gauge_raises_the_alarm_within_seconds_and_clears_it_when_consumers_made_room() {
    let options = Options { memory_limit: Some(20 << 10), ..Options::default() };
    let mut rig = Rig::with(options);
    let publisher = rig.publisher();
    (1..=30).for_each(|message| rig.publish(publisher, message));
    assert!(rig.picture().alarms.is_empty(), "nobody has looked yet");
    rig.wait(Span::from_secs(3));
    assert_eq!(rig.picture().alarms, [Resource::Memory]);
    let consumer = rig.consumer(0);
    (1..=30).for_each(|tag| rig.ack(consumer, tag));
    rig.wait(Span::from_secs(3));
    assert!(rig.picture().alarms.is_empty());
    let alarms = [Kind::AlarmRaised(Resource::Memory), Kind::AlarmCleared(Resource::Memory)];
    assert_eq!(alarms.map(|kind| rig.notes.iter().filter(|note| note.kind == kind).count()), [1, 1]);
}

#[test]
fn a_log_that_outgrows_its_room_raises_the_disk_alarm() {
    let mut rig = Rig::with(Options { disk_limit: Some(1 << 10), ..Options::default() });
    let publisher = rig.publisher();
    (1..=30).for_each(|message| rig.publish(publisher, message));
    rig.settle();
    assert_eq!(rig.picture().alarms, [Resource::Disk]);
}
