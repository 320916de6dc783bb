use super::rig::{ONE, Rig, WORKER, arguments, noted};
use crate::broker::queue::quorum::command::{Command, Deliveries, Session};
use crate::broker::queue::quorum::effect::Effect;
use crate::event::{Kind, NodeId, Reason};
use crate::flaw::{self, Flaw};
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, DeathReason, Overflow};
use crate::time::Span;

fn with_dead_letters(at_least_once: bool) -> Arguments {
    Arguments {
        dead_letter: Some(DeadLetter { exchange: Name(9), key: None, at_least_once }),
        overflow: Overflow::RejectPublish,
        message_ttl: Some(Span::from_secs(1)),
        ..arguments()
    }
}

/// Numbers of forwarding and messages, in order.
fn forwarded(effects: &[Effect]) -> Vec<(u64, u32)> {
    let forwarded = effects.iter().filter_map(|effect| match effect {
        Effect::Forward { delivery, message, .. } => Some((*delivery, message.copy().message.0)),
        _ => None,
    });
    forwarded.collect()
}

#[test]
fn at_most_once_hands_the_letter_over_and_forgets_it() {
    let mut rig = Rig::with(with_dead_letters(false));
    rig.publish(1);
    let (key, _) = rig.consume(ONE, 1);
    let effects = rig.refuse(ONE, key, 0);
    let letters = |effects: &[Effect]| {
        let letters = effects.iter().filter_map(|effect| match effect {
            Effect::DeadLetter { message, reason } => Some((message.copy().message.0, *reason)),
            _ => None,
        });
        letters.collect::<Vec<_>>()
    };
    assert_eq!(letters(&effects), [(1, DeathReason::Rejected)]);
    assert_eq!(noted(&effects, Kind::Dropped(Reason::Rejected)), [0_u32; 0]);
    assert_eq!(rig.machine.dead_count(), 0);
}

#[test]
fn at_least_once_needs_a_queue_that_rejects() {
    let mut rig = Rig::with(Arguments { overflow: Overflow::DropHead, ..with_dead_letters(true) });
    rig.publish(1);
    rig.tick_after(Span::from_secs(1));
    assert_eq!(rig.machine.dead_count(), 0);
    assert!(rig.effects.iter().any(|effect| matches!(effect, Effect::DeadLetter { .. })));
}

/// How many letters the queue keeps while none is confirmed.
fn kept_unconfirmed() -> usize {
    let mut rig = Rig::with(with_dead_letters(true));
    (1..=40).for_each(|number| drop(rig.publish(number)));
    rig.apply(WORKER, &Command::WorkerCheckout);
    rig.tick_after(Span::from_secs(1));
    rig.machine.dead_count()
}

#[test]
fn at_least_once_keeps_letters_until_they_are_confirmed() {
    assert_eq!(kept_unconfirmed(), 40);
    let noticed = flaw::with(Flaw::QuorumDeadLettersWithoutConfirm, kept_unconfirmed);
    assert_ne!(noticed, 40);
}

#[test]
fn a_new_worker_gets_what_the_old_one_had_in_order() {
    let mut rig = Rig::with(with_dead_letters(true));
    (1..=40).for_each(|number| drop(rig.publish(number)));
    rig.apply(WORKER, &Command::WorkerCheckout);
    let first = forwarded(&rig.tick_after(Span::from_secs(1)));
    assert_eq!(first, (0..32).map(|at| (at, at as u32 + 1)).collect::<Vec<_>>());
    let settle = |numbers: &[u64]| Command::WorkerSettle { deliveries: Deliveries::from_iter(numbers.iter().copied()) };
    assert_eq!(forwarded(&rig.apply(WORKER, &settle(&[3]))), [(32, 33)]);
    let new = Session { node: NodeId(1), number: 4 };
    let again = forwarded(&rig.apply(new, &Command::WorkerCheckout));
    let expected: Vec<_> = (1..=33).filter(|message| *message != 4).collect();
    assert_eq!(again.iter().map(|(_, message)| *message).collect::<Vec<_>>(), expected);
    // The old worker has no say any more.
    rig.apply(WORKER, &settle(&[0, 1, 2]));
    assert_eq!(rig.machine.dead_count(), 39);
    rig.apply(new, &settle(&[0, 1, 2]));
    assert_eq!(rig.machine.dead_count(), 36);
}
