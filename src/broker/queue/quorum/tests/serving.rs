use super::rig::{ONE, Rig, TWO, WORKER, arguments, deliveries, noted, special};
use crate::broker::queue::quorum::command::Command;
use crate::event::{Kind, Reason};
use crate::protocol::queue::Arguments;
use crate::time::Span;

#[test]
fn consumers_are_served_in_turn_up_to_their_prefetch() {
    let mut rig = Rig::new();
    rig.consume(ONE, 2);
    rig.consume(TWO, 2);
    (1..=6).for_each(|number| drop(rig.publish(number)));
    assert_eq!(deliveries(&rig.effects, ONE), [(0, 1), (1, 3)]);
    assert_eq!(deliveries(&rig.effects, TWO), [(0, 2), (1, 4)]);
    assert_eq!(rig.machine.ready_count(), 2);
}

#[test]
fn a_consumer_of_higher_priority_is_served_while_it_has_credit() {
    let mut rig = Rig::new();
    rig.consume_with(ONE, 5, 0);
    rig.consume_with(TWO, 2, 7);
    (1..=4).for_each(|number| drop(rig.publish(number)));
    assert_eq!(deliveries(&rig.effects, TWO), [(0, 1), (1, 2)]);
    assert_eq!(deliveries(&rig.effects, ONE), [(0, 3), (1, 4)]);
}

#[test]
fn messages_of_higher_priority_overtake_and_the_default_is_four() {
    let mut rig = Rig::new();
    rig.publish_as(special(1, 0, None));
    rig.publish(2);
    for (number, priority) in [(3, 4), (4, 5), (5, 200), (6, 31)] {
        rig.publish_as(special(number, priority, None));
    }
    let (_, handed) = rig.consume(ONE, 0);
    let order: Vec<_> = handed.into_iter().map(|(_, message)| message).collect();
    assert_eq!(order, [5, 6, 4, 2, 3, 1]);
}

#[test]
fn nothing_expired_is_delivered_and_nothing_expires_behind_a_message_that_lives() {
    let mut rig = Rig::with(Arguments { message_ttl: Some(Span::from_secs(10)), ..arguments() });
    let brief = |number| special(number, 4, Some(Span::from_secs(1)));
    rig.publish(1);
    rig.publish_as(brief(2));
    assert_eq!(rig.machine.next_tick(), Some(rig.now + Span::from_secs(10)));
    assert_eq!(noted(&rig.tick_after(Span::from_secs(2)), Kind::Dropped(Reason::Expired)), [0_u32; 0]);
    let effects = rig.tick_after(Span::from_secs(8));
    assert_eq!(noted(&effects, Kind::Dropped(Reason::Expired)), [1, 2]);
    rig.publish_as(brief(3));
    rig.now += Span::from_secs(5);
    let (_, handed) = rig.consume(ONE, 1);
    assert_eq!(handed, []);
    assert_eq!(rig.machine.messages().count(), 0);
}

#[test]
fn a_consumer_that_takes_too_long_loses_its_messages_and_its_turn() {
    let mut rig = Rig::new();
    let (slow, _) = rig.consume(ONE, 2);
    rig.publish(1);
    let timeout = rig.machine.config().consumer_timeout;
    assert_eq!(rig.machine.next_tick(), Some(rig.now + timeout));
    let effects = rig.tick_after(timeout);
    assert_eq!(noted(&effects, Kind::Requeued), [1]);
    assert_eq!(deliveries(&effects, ONE), [], "it is passed over");
    let (other, handed) = rig.consume(TWO, 1);
    assert_eq!(handed, [(0, 1)]);
    rig.ack(TWO, other, 0);
    rig.apply(TWO, &Command::Cancel { tag: 1 });
    rig.publish(2);
    assert_eq!(rig.machine.ready_count(), 1);
    // It settles what was taken from it, and is served again.
    assert_eq!(deliveries(&rig.ack(ONE, slow, 0), ONE), [(1, 2)]);
}

#[test]
fn purging_takes_what_waits_and_leaves_what_is_held() {
    let mut rig = Rig::new();
    (1..=3).for_each(|number| drop(rig.publish(number)));
    rig.consume(ONE, 1);
    rig.apply(WORKER, &Command::Purge);
    assert_eq!((rig.machine.ready_count(), rig.machine.held_count()), (0, 1));
}
