//! Faults fire when they should, say so, and say so when they did not.

use super::toy::{History, KEEPER, SENDER, Toy, copy, keeper, sender};
use super::{at, finish, world};
use crate::event::{FaultKind, Kind, MessageId, fault_index};
use crate::picture::Status;
use crate::sim::{Action, Fault, Trigger, When, same_kind};
use crate::time::{Span, Time};

fn after(kind: Kind, message: Option<u32>, nth: u32, delay: Span, within: Span) -> When {
    let trigger = Trigger { kind, node: Some(KEEPER), message: message.map(MessageId) };
    When::After { trigger, nth, delay, within }
}

fn run(faults: &[Fault], seed: u64) -> History {
    let mut world = world([sender(30, Span::from_millis(2)), keeper()], faults, seed);
    let mut history = History::default();
    finish(&mut world, &mut history);
    world.heal(&mut history);
    finish(&mut world, &mut history);
    history
}

#[test]
fn a_fault_fires_after_its_trigger_and_names_it_as_its_cause() {
    let delay = Span::from_millis(1);
    let when = after(Kind::Received, Some(12), 1, delay, Span::ZERO);
    let history = run(&[Fault { action: Action::Crash(KEEPER), when, lasting: Some(delay) }], 8);
    let crash = history.0.iter().find(|event| event.kind == Kind::Fault(FaultKind::ProcessCrash)).unwrap();
    let cause = history.cause(crash).unwrap();
    assert_eq!((cause.kind, cause.copy), (Kind::Received, Some(copy(12))));
    assert_eq!(crash.time, cause.time + delay);
    assert_eq!(fault_index(crash.detail), Some(0));
}

#[test]
fn the_nth_trigger_counts_and_a_drawn_delay_stays_within() {
    let mut moments = Vec::new();
    for seed in 0..20 {
        let when = after(Kind::Received, None, 7, Span::ZERO, Span::from_millis(1));
        let history = run(&[Fault { action: Action::Pause(KEEPER), when, lasting: Some(Span::from_millis(5)) }], seed);
        let seventh = history.of(Kind::Received)[6].0;
        let pause = history.of(Kind::Fault(FaultKind::Pause))[0].0;
        assert!(pause >= seventh && pause <= seventh + Span::from_millis(1));
        moments.push(pause.since(seventh));
    }
    moments.dedup();
    assert!(moments.len() > 15, "the delay is drawn");
}

#[test]
fn a_fault_that_never_fired_is_missed_and_does_not_fire_later() {
    let faults = [
        Fault {
            action: Action::Crash(KEEPER),
            when: after(Kind::Received, Some(99), 1, Span::ZERO, Span::ZERO),
            lasting: None,
        },
        Fault { action: Action::BitRot(KEEPER), when: at(5), lasting: None },
    ];
    let history = run(&faults, 1);
    assert_eq!(history.of(Kind::FaultMissed(FaultKind::ProcessCrash)).len(), 1);
    assert_eq!(history.of(Kind::FaultMissed(FaultKind::BitRot)).len(), 0);
    assert_eq!(history.of(Kind::Fault(FaultKind::ProcessCrash)).len(), 0);
}

#[test]
fn healing_brings_everything_back_but_what_was_on_a_lost_disk() {
    let forever = |action, millis| Fault { action, when: at(millis), lasting: None };
    let faults = [
        forever(Action::DiskLoss(KEEPER), 20),
        forever(Action::Partition { from: SENDER, to: KEEPER, one_way: false }, 25),
        forever(Action::Pause(SENDER), 30),
    ];
    let mut world = world([sender(30, Span::from_millis(2)), keeper()], &faults, 1);
    let mut history = History::default();
    finish(&mut world, &mut history);
    assert_eq!((world.status(SENDER), world.status(KEEPER)), (Status::Paused, Status::Crashed));
    world.heal(&mut history);
    finish(&mut world, &mut history);
    assert_eq!((world.status(SENDER), world.status(KEEPER)), (Status::Up, Status::Up));
    for kind in [FaultKind::Restart, FaultKind::Resume, FaultKind::LinkHeals] {
        assert_eq!(history.of(Kind::Fault(kind)).len(), 1, "{kind:?}");
    }
    let last = history.messages(Kind::Confirmed).pop();
    assert_eq!(last, Some(29), "work goes on after the healing");
}

/// A run with faults injected by hand must equal one that had them from the
/// start: that is how a live run is shared.
#[test]
fn a_live_fault_can_be_replayed() {
    let nodes = || [sender(30, Span::from_millis(2)), keeper()];
    let laid_out = [Fault { action: Action::Pause(KEEPER), when: at(12), lasting: Some(Span::from_millis(3)) }];
    let actions = || {
        [
            Action::Crash(KEEPER),
            Action::Partition { from: SENDER, to: KEEPER, one_way: false },
            Action::PowerCut(vec![SENDER, KEEPER]),
        ]
    };
    for step in 1..60u64 {
        let mut live = world(nodes(), &laid_out, 3);
        let mut history = History::default();
        let mut all = laid_out.to_vec();
        for (n, action) in actions().into_iter().enumerate() {
            if (step + n as u64).is_multiple_of(2) {
                // Between two happenings, as a learner's key press is.
                let time = live.now() + Span::from_micros(777 * step);
                live.run_until(time, &mut history);
            } else {
                for _ in 0..step {
                    live.step(&mut history);
                }
            }
            let fault = Fault { action, when: live.moment(), lasting: Some(Span::from_millis(9)) };
            all.push(fault.clone());
            live.inject(fault);
        }
        finish(&mut live, &mut history);
        let mut replay = world(nodes(), &all, 3);
        let mut again = History::default();
        finish(&mut replay, &mut again);
        assert_eq!(again.0, history.0, "step {step}: {all:?}");
        assert_eq!(history.of(Kind::Fault(FaultKind::PowerCut)).len(), 2);
    }
}

#[test]
fn a_live_fault_between_two_happenings_strikes_at_that_very_time() {
    let mut world = world([sender(2, Span::from_millis(100)), keeper()], &[], 3);
    let mut history = History::default();
    world.run_until(Time::from_millis(50), &mut history);
    let when = world.moment();
    world.inject(Fault { action: Action::Crash(KEEPER), when, lasting: None });
    world.step(&mut history);
    assert_eq!(history.of(Kind::Fault(FaultKind::ProcessCrash))[0].0, Time::from_millis(50));
    assert_eq!(world.fired(0), Some(Time::from_millis(50)));
}

#[test]
fn a_thrown_exception_reaches_the_node() {
    let action = Action::Throw { node: SENDER, message: MessageId(3) };
    let history = run(&[Fault { action, when: at(7), lasting: None }], 1);
    assert_eq!(history.of(Kind::Threw), [(Time::from_millis(7), None)]);
}

#[test]
fn only_housekeeping_left_means_quiet() {
    let mut node = sender(3, Span::from_millis(1));
    let Toy::Sender(inner) = &mut node else { panic!("a sender is a sender") };
    inner.heartbeat = true;
    let mut world = world([node, keeper()], &[], 1);
    let mut history = History::default();
    finish(&mut world, &mut history);
    assert_eq!(history.messages(Kind::Confirmed), [0, 1, 2]);
    assert!(world.next_time().is_some(), "heartbeats go on");
    world.run_until(Time::from_millis(950), &mut history);
    assert!(world.is_quiet());
    assert_eq!(world.next_time(), Some(Time::from_millis(1000)));
}

#[test]
fn a_timer_cancelled_before_a_paused_process_saw_it_never_fires() {
    // The connection opens and the retry falls due during the pause. The sender
    // learns of the connection first, and takes the retry back.
    let when = When::At(Time::from_nanos(500_000));
    let pause = Fault { action: Action::Pause(SENDER), when, lasting: Some(Span::from_millis(400)) };
    let mut world = world([sender(3, Span::from_millis(1)), keeper()], &[pause], 1);
    let mut history = History::default();
    finish(&mut world, &mut history);
    assert_eq!(history.of(Kind::Connected).len(), 1);
    assert!(history.of(Kind::Connected)[0].0 > Time::from_millis(400));
}

#[test]
fn a_trigger_takes_any_delivery_for_a_delivery() {
    assert!(same_kind(Kind::Delivered { redelivered: true }, Kind::Delivered { redelivered: false }));
    assert!(!same_kind(Kind::Acked, Kind::AckSent));
}
