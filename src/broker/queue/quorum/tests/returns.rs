use super::rig::{ONE, Rig, TWO, arguments, deliveries, noted};
use crate::broker::queue::quorum::command::Command;
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::protocol::queue::Arguments;

#[test]
fn returned_messages_come_before_all_others_in_the_order_they_came_back() {
    for delivery_limit in [Some(20), None] {
        let mut rig = Rig::with(Arguments { delivery_limit, ..arguments() });
        (1..=5).for_each(|number| drop(rig.publish(number)));
        let (key, handed) = rig.consume(ONE, 3);
        assert_eq!(handed, [(0, 1), (1, 2), (2, 3)]);
        rig.apply(ONE, &Command::Cancel { tag: 1 });
        rig.requeue(ONE, key, 2, false);
        rig.requeue(ONE, key, 0, false);
        let (_, handed) = rig.consume(TWO, 4);
        let order: Vec<_> = handed.into_iter().map(|(_, message)| message).collect();
        assert_eq!(order, [3, 1, 4, 5]);
    }
}

/// Requeues message 1 until it is gone; how often it was handed out.
fn rounds(failed: bool) -> usize {
    let mut rig = Rig::with(Arguments { delivery_limit: Some(3), ..arguments() });
    rig.publish(1);
    let (key, mut handed) = rig.consume(ONE, 1);
    let mut rounds = 0;
    while let Some((delivery, _)) = handed.pop() {
        rounds += 1;
        if rounds == 50 {
            break;
        }
        let effects = rig.requeue(ONE, key, delivery, failed);
        handed = deliveries(&effects, ONE);
    }
    if !failed {
        assert!(rig.machine.messages().all(|message| message.failed == 0 && message.acquired == 49));
    }
    rounds
}

#[test]
fn reject_counts_towards_the_delivery_limit_and_nack_does_not() {
    assert_eq!(rounds(true), 4, "three failures are allowed, the fourth is the end");
    assert_eq!(rounds(false), 50);
}

#[test]
fn a_queue_that_counts_nacks_is_noticed() {
    let noticed = std::panic::catch_unwind(|| flaw::with(Flaw::QuorumCountsNack, || assert_eq!(rounds(false), 50)));
    assert!(noticed.is_err());
}

#[test]
fn a_lost_channel_counts_and_a_lost_node_does_not() {
    let mut rig = Rig::with(Arguments { delivery_limit: Some(1), ..arguments() });
    rig.publish(1);
    for round in 1..=2 {
        let (_, handed) = rig.consume(ONE, 1);
        assert_eq!(handed.len(), 1);
        let effects = rig.apply(ONE, &Command::Down);
        let kind = if round == 1 { Kind::Requeued } else { Kind::Dropped(Reason::DeliveryLimit) };
        assert_eq!(noted(&effects, kind), [1]);
    }
    rig.publish(2);
    for _ in 0..5 {
        let (_, handed) = rig.consume(TWO, 1);
        assert_eq!(handed.len(), 1);
        rig.apply(ONE, &Command::Disconnected { node: TWO.node });
        let effects = rig.tick_after(rig.machine.config().disconnected_timeout);
        assert_eq!(noted(&effects, Kind::Requeued), [2]);
    }
    assert!(rig.machine.messages().all(|message| message.failed == 0 && message.acquired == 5));
}

#[test]
fn a_message_that_was_handed_out_before_says_so() {
    let mut rig = Rig::new();
    rig.publish(1);
    let (key, _) = rig.consume(ONE, 1);
    assert!(rig.machine.messages().all(|message| !message.is_redelivered()));
    rig.requeue(ONE, key, 0, false);
    assert!(rig.machine.messages().all(|message| message.is_redelivered()));
}

#[test]
fn what_was_settled_stays_settled() {
    let mut rig = Rig::new();
    rig.publish(1);
    let (key, _) = rig.consume(ONE, 1);
    assert_eq!(noted(&rig.ack(ONE, key, 0), Kind::Acked), [1]);
    assert_eq!(noted(&rig.ack(ONE, key, 0), Kind::Acked), [0_u32; 0]);
    let effects = rig.requeue(ONE, key, 0, true);
    assert!(noted(&effects, Kind::Requeued).is_empty());
    assert_eq!(rig.machine.messages().count(), 0);
}
