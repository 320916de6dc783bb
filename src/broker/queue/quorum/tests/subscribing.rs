use super::rig::{ONE, PUBLISHER, Rig, TWO, WORKER, arguments, deliveries};
use crate::broker::queue::quorum::command::{Command, Session};
use crate::flaw::{self, Flaw};
use crate::protocol::queue::Arguments;
use crate::time::Span;

fn single_active() -> Rig {
    Rig::with(Arguments { single_active_consumer: true, ..arguments() })
}

#[test]
fn a_cancelled_consumer_may_still_settle_what_it_holds() {
    let mut rig = Rig::new();
    let (key, _) = rig.consume(ONE, 1);
    rig.publish(1);
    rig.apply(ONE, &Command::Cancel { tag: 1 });
    rig.publish(2);
    assert_eq!(rig.machine.held_count(), 1);
    rig.ack(ONE, key, 0);
    assert_eq!((rig.machine.held_count(), rig.machine.ready_count()), (0, 1));
}

#[test]
fn what_a_lost_node_holds_stays_its_own_for_a_while() {
    let mut rig = Rig::new();
    let (key, _) = rig.consume(ONE, 1);
    rig.consume(TWO, 5);
    (1..=2).for_each(|number| drop(rig.publish(number)));
    rig.apply(WORKER, &Command::Disconnected { node: ONE.node });
    let timeout = rig.machine.config().disconnected_timeout;
    assert_eq!(rig.machine.next_tick(), Some(rig.now + timeout));
    rig.now += Span::from_secs(30);
    rig.publish(3);
    rig.publish(4);
    assert_eq!(deliveries(&rig.effects, ONE), [(0, 1)], "nobody serves it meanwhile");
    rig.apply(WORKER, &Command::Reconnected { node: ONE.node });
    assert_eq!(rig.machine.held_count(), 4);
    // It worked on, and its acknowledgement counts.
    rig.ack(ONE, key, 0);
    assert_eq!(rig.machine.held_count(), 3);
    rig.apply(WORKER, &Command::Disconnected { node: TWO.node });
    let effects = rig.tick_after(timeout);
    // ONE has room for one.
    assert_eq!(deliveries(&effects, ONE), [(1, 2)]);
    assert_eq!(rig.machine.ready_count(), 2);
}

#[test]
fn a_node_that_started_anew_has_lost_its_sessions() {
    let mut rig = Rig::new();
    rig.consume(ONE, 1);
    rig.publish(1);
    let new = Session { number: ONE.number + 1, ..ONE };
    rig.apply(new, &Command::Restarted);
    assert_eq!((rig.machine.held_count(), rig.machine.ready_count()), (0, 1));
    assert_eq!(rig.machine.sessions(), [PUBLISHER]);
    rig.consume(new, 1);
    rig.apply(new, &Command::Restarted);
    assert_eq!(rig.machine.held_count(), 1, "its new sessions are its own");
}

fn only_one_is_served() {
    let mut rig = single_active();
    rig.consume(ONE, 2);
    rig.consume(TWO, 2);
    (1..=4).for_each(|number| drop(rig.publish(number)));
    assert_eq!(deliveries(&rig.effects, ONE), [(0, 1), (1, 2)]);
    assert_eq!(deliveries(&rig.effects, TWO), []);
    // The next one gets the same messages first, in order.
    assert_eq!(deliveries(&rig.apply(ONE, &Command::Down), TWO), [(0, 1), (1, 2)]);
}

#[test]
fn one_consumer_at_a_time_and_the_next_takes_over_where_it_stood() {
    only_one_is_served();
    let noticed = std::panic::catch_unwind(|| flaw::with(Flaw::QuorumServesTwo, only_one_is_served));
    assert!(noticed.is_err());
}

#[test]
fn an_active_consumer_gives_way_to_a_higher_priority_when_it_holds_nothing() {
    let mut rig = single_active();
    let (key, _) = rig.consume_with(ONE, 2, 0);
    rig.publish(1);
    rig.consume_with(TWO, 2, 5);
    rig.publish(2);
    assert_eq!(deliveries(&rig.effects, ONE), [(0, 1)], "it gets no more while it gives way");
    assert_eq!(deliveries(&rig.ack(ONE, key, 0), TWO), [(0, 2)]);
    rig.apply(TWO, &Command::Down);
    assert_eq!(deliveries(&rig.effects, ONE), [(0, 1), (1, 2)]);
}

#[test]
fn a_lost_active_consumer_is_replaced_when_its_time_is_up() {
    let mut rig = single_active();
    rig.consume(ONE, 1);
    rig.consume(TWO, 1);
    rig.publish(1);
    rig.apply(WORKER, &Command::Disconnected { node: ONE.node });
    rig.publish(2);
    assert_eq!(deliveries(&rig.effects, TWO), []);
    let effects = rig.tick_after(rig.machine.config().disconnected_timeout);
    assert_eq!(deliveries(&effects, TWO), [(0, 1)]);
    // It comes back and waits for its turn.
    rig.apply(WORKER, &Command::Reconnected { node: ONE.node });
    assert_eq!(deliveries(&rig.apply(TWO, &Command::Down), ONE), [(1, 1)]);
}
