//! Streams keep their order; silence is silence; nothing else is disturbed.

use proptest::prelude::*;

use super::toy::{History, KEEPER, SENDER, Toy, keeper, sender};
use super::{at, finish, world};
use crate::event::{Closed, FaultKind, Kind, MessageId, Tier};
use crate::protocol::FrameKind;
use crate::sim::{Action, Fault, LinkState, World};
use crate::time::{Span, Time};

fn run(faults: &[Fault], every: Span, seed: u64) -> (World<Toy>, History) {
    let mut world = world([sender(50, every), keeper()], faults, seed);
    let mut history = History::default();
    finish(&mut world, &mut history);
    (world, history)
}

fn partition(one_way: bool) -> Fault {
    let action = Action::Partition { from: KEEPER, to: SENDER, one_way };
    Fault { action, when: at(20), lasting: Some(Span::from_millis(30)) }
}

proptest! {
    /// Faults that end no connection neither lose, double nor reorder anything.
    #[test]
    fn a_stream_keeps_its_order(
        seed in any::<u64>(),
        every in 50u64..2_000,
        troubles in prop::collection::vec((0u8..4, 0u64..80, 1u64..40), 0..5),
    ) {
        let fault = |&(what, start, length): &(u8, u64, u64)| Fault {
            action: match what {
                0 => Action::Partition { from: SENDER, to: KEEPER, one_way: true },
                1 => Action::Partition { from: KEEPER, to: SENDER, one_way: false },
                2 => Action::Pause(KEEPER),
                _ => Action::Delay { from: SENDER, to: KEEPER, extra: Span::from_millis(length) },
            },
            when: at(start),
            lasting: Some(Span::from_millis(length)),
        };
        let faults: Vec<Fault> = troubles.iter().map(fault).collect();
        let (_, history) = run(&faults, Span::from_micros(every), seed);
        let all: Vec<u32> = (0..50).collect();
        prop_assert_eq!(history.messages(Kind::Received), all.clone());
        prop_assert_eq!(history.messages(Kind::Confirmed), all);
    }
}

#[test]
fn nothing_passes_a_partition_and_everything_arrives_once_it_heals() {
    let (_, history) = run(&[partition(false)], Span::from_millis(1), 4);
    let silent = Time::from_millis(20)..Time::from_millis(50);
    let during = |kind| history.of(kind).iter().filter(|(time, _)| silent.contains(time)).count();
    assert_eq!((during(Kind::Received), during(Kind::Confirmed)), (0, 0));
    assert!(during(Kind::Sent) > 20, "the sender knows of nothing");
    assert_eq!(history.messages(Kind::Received).len(), 50);
}

#[test]
fn a_one_way_partition_silences_one_way() {
    let (_, history) = run(&[partition(true)], Span::from_millis(1), 4);
    let silent = Time::from_millis(20)..Time::from_millis(50);
    let during = |kind| history.of(kind).iter().filter(|(time, _)| silent.contains(time)).count();
    assert!(during(Kind::Received) > 20);
    assert_eq!(during(Kind::Confirmed), 0);
}

#[test]
fn what_a_blocked_link_holds_is_shown_as_under_way() {
    let mut world = world([sender(50, Span::from_millis(1)), keeper()], &[partition(false)], 1);
    world.run_until(Time::from_millis(40), &mut ());
    assert_eq!(world.link_state(SENDER, KEEPER), LinkState::Blocked);
    assert!(world.flights().filter(|flight| flight.to == KEEPER && flight.arrives == Time::MAX).count() > 10);
    world.run_until(Time::from_millis(50), &mut ());
    assert_eq!(world.link_state(SENDER, KEEPER), LinkState::Open);
    assert!(world.flights().all(|flight| flight.arrives < Time::MAX));
}

#[test]
fn a_lost_acknowledgement_is_a_reset_of_its_connection() {
    for seed in 0..20 {
        let action =
            Action::LoseFrame { from: KEEPER, to: SENDER, frame: FrameKind::Confirm, message: Some(MessageId(12)) };
        let (world, history) = run(&[Fault { action, when: at(0), lasting: None }], Span::from_millis(1), seed);
        assert!(history.messages(Kind::Received).contains(&12));
        assert!(!history.messages(Kind::Confirmed).contains(&12));
        let lost = history.of(Kind::Fault(FaultKind::FrameLost));
        assert_eq!(world.fired(0), Some(lost[0].0));
        let resets = history.of(Kind::Disconnected(Closed::Reset));
        assert_eq!(resets.iter().map(|(time, _)| *time).collect::<Vec<_>>(), vec![lost[0].0; 2], "both ends, at once");
    }
}

#[test]
fn a_cut_loses_what_is_in_flight_both_ways_and_tells_both_ends() {
    let cut = Fault { action: Action::Cut { from: SENDER, to: KEEPER }, when: at(10), lasting: None };
    let (_, history) = run(&[cut], Span::from_micros(200), 6);
    let lost: Vec<_> = history.0.iter().filter(|event| event.kind == Kind::Destroyed(Tier::Network)).collect();
    for end in [SENDER, KEEPER] {
        assert!(lost.iter().any(|event| event.node == end), "nothing was in flight to {end:?}");
    }
    assert_eq!(history.of(Kind::Disconnected(Closed::Reset)).len(), 2);
}

#[test]
fn a_fault_leaves_the_draws_of_everything_else_alone() {
    for seed in 0..20 {
        let (_, plain) = run(&[], Span::from_millis(3), seed);
        let (_, faulty) = run(&[partition(false)], Span::from_millis(3), seed);
        let touched = Time::from_millis(18)..Time::from_millis(60);
        let untouched = |history: &History, kind| -> Vec<_> {
            history.of(kind).into_iter().filter(|(time, _)| !touched.contains(time)).collect()
        };
        for kind in [Kind::Sent, Kind::Received, Kind::Synced, Kind::Confirmed] {
            assert!(untouched(&plain, kind).len() > 30);
            assert_eq!(untouched(&plain, kind), untouched(&faulty, kind));
        }
    }
}

#[test]
fn nobody_is_refused_by_silence_and_everybody_by_a_dead_process() {
    let first_word = |action| {
        let fault = Fault { action, when: at(0), lasting: None };
        let mut world = world([sender(1, Span::from_millis(1)), keeper()], &[fault], 1);
        let mut history = History::default();
        world.run_until(Time::from_millis(250), &mut history);
        history.0.iter().find(|event| matches!(event.kind, Kind::Disconnected(_))).map(|event| (event.time, event.kind))
    };
    let refused = (Time::from_millis(2), Kind::Disconnected(Closed::Refused));
    assert_eq!(first_word(Action::Crash(KEEPER)), Some(refused));
    assert_eq!(first_word(Action::PowerCut(vec![KEEPER])), None);
    assert_eq!(first_word(Action::Partition { from: SENDER, to: KEEPER, one_way: true }), None);
}
