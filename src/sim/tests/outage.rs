//! A process crash, a power cut and a lost disk end differently.

use super::toy::{FILE, History, KEEPER, Keeper, RECORD, SENDER, Toy, keeper, sender};
use super::{at, finish, world};
use crate::event::{Closed, FaultKind, Kind, Tier};
use crate::picture::Status;
use crate::sim::{Action, Fault, World};
use crate::time::{Span, Time};

fn careless_keeper() -> Toy {
    Toy::Keeper(Keeper { syncs: false, ..Keeper::default() })
}

/// One fault at 30 ms, lasting 200 ms, on a sender and a keeper.
fn run(action: Action, keeper: Toy, seed: u64) -> (World<Toy>, History) {
    let fault = Fault { action, when: at(30), lasting: Some(Span::from_millis(200)) };
    let mut world = world([sender(40, Span::from_micros(1_300)), keeper], &[fault], seed);
    let mut history = History::default();
    finish(&mut world, &mut history);
    (world, history)
}

fn recovered(world: &World<Toy>) -> &[u8] {
    match world.node(KEEPER) {
        Toy::Keeper(keeper) => &keeper.recovered,
        Toy::Sender(_) => panic!("the keeper is a keeper"),
    }
}

#[test]
fn a_process_crash_harms_nothing_written_and_tells_the_peer_at_once() {
    for seed in 0..20 {
        let (world, history) = run(Action::Crash(KEEPER), careless_keeper(), seed);
        let received: Vec<u32> = history.messages(Kind::Received);
        let before = received.iter().filter(|message| **message < 25).count();
        assert!(recovered(&world).len() >= before.min(15) * RECORD);
        assert!(history.of(Kind::Destroyed(Tier::PageCache)).is_empty());
        let told = history.of(Kind::Disconnected(Closed::Reset))[0].0;
        assert_eq!(told, Time::from_millis(31), "one link latency after the crash");
    }
}

#[test]
fn what_was_sent_before_a_crash_arrives_before_the_reset() {
    for seed in 0..50 {
        let (_, history) = run(Action::Crash(SENDER), keeper(), seed);
        let crash = history.of(Kind::Fault(FaultKind::ProcessCrash))[0].0;
        let reset = history.of(Kind::Disconnected(Closed::Reset))[0].0;
        let sent: Vec<_> = history.of(Kind::Sent).into_iter().filter(|(time, _)| *time <= crash).collect();
        let received = history.of(Kind::Received);
        assert_eq!(received.iter().filter(|(time, _)| *time <= reset).count(), sent.len());
    }
}

#[test]
fn a_power_cut_is_silent_until_the_peer_sends_to_the_machine_that_came_back() {
    let (world, history) = run(Action::PowerCut(vec![KEEPER]), keeper(), 3);
    assert!(history.of(Kind::Disconnected(Closed::Reset)).is_empty(), "the sender was done before the power was back");
    assert_eq!(world.status(KEEPER), Status::Up);

    let fault = Fault { action: Action::PowerCut(vec![KEEPER]), when: at(30), lasting: Some(Span::from_millis(200)) };
    let mut world = super::world([sender(60, Span::from_millis(10)), keeper()], &[fault], 3);
    let mut history = History::default();
    finish(&mut world, &mut history);
    let reset = history.of(Kind::Disconnected(Closed::Reset))[0].0;
    assert!(reset > Time::from_millis(230), "silent while it was off, yet reset at {reset}");
    assert!(reset < Time::from_millis(245), "it knows nothing of the connection, yet no reset until {reset}");
}

#[test]
fn a_copy_only_in_memory_dies_with_the_process_because_of_the_fault() {
    let (_, history) = run(Action::Crash(KEEPER), keeper(), 1);
    let lost: Vec<_> = history.0.iter().filter(|event| event.kind == Kind::Destroyed(Tier::Memory)).collect();
    assert!(!lost.is_empty());
    for event in lost {
        let cause = history.cause(event).map(|cause| cause.kind);
        assert_eq!(cause, Some(Kind::Fault(FaultKind::ProcessCrash)));
    }
}

#[test]
fn of_unsynced_writes_some_survive_some_vanish_some_tear_and_the_reports_are_true() {
    let (mut whole, mut holes, mut torn) = (0, 0, 0);
    for seed in 0..60 {
        let (world, history) = run(Action::PowerCut(vec![KEEPER]), careless_keeper(), seed);
        let bytes = recovered(&world);
        let written: Vec<u32> = (0..bytes.len().div_ceil(RECORD) as u32).collect();
        let lost = history.messages(Kind::Destroyed(Tier::PageCache));
        for message in written {
            let start = message as usize * RECORD;
            let record = &bytes[start..bytes.len().min(start + RECORD)];
            let kept = record.iter().take_while(|byte| **byte == message as u8 + 1).count();
            assert!(record[kept..].iter().all(|byte| *byte == 0), "{record:?} is no torn record");
            assert_eq!(kept < RECORD, lost.contains(&message), "seed {seed}, message {message}");
            match kept {
                0 => holes += 1,
                RECORD => whole += 1,
                _ => torn += 1,
            }
        }
    }
    assert!(whole > 20 && holes > 20 && torn > 20, "{whole} whole, {holes} holes, {torn} torn");
}

#[test]
fn what_was_confirmed_after_a_sync_outlives_the_power() {
    for seed in 0..60 {
        let (world, history) = run(Action::PowerCut(vec![KEEPER]), keeper(), seed);
        let lost = history.messages(Kind::Destroyed(Tier::PageCache));
        for message in history.messages(Kind::Synced) {
            assert!(!lost.contains(&message));
            let record = world.disk(KEEPER).file(FILE).expect("it was written").read(u64::from(message) * 10, 10);
            assert_eq!(record, [message as u8 + 1; RECORD]);
        }
    }
}

#[test]
fn a_torn_write_tears_the_last_write_at_every_seed() {
    for seed in 0..40 {
        let (world, history) = run(Action::TornWrite(KEEPER), careless_keeper(), seed);
        let lost = history.messages(Kind::Destroyed(Tier::PageCache));
        let before = history.of(Kind::Received).into_iter().filter(|(time, _)| *time <= Time::from_millis(30)).count();
        assert!(lost.contains(&(before as u32 - 1)));
        assert!(recovered(&world).len() < before * RECORD);
    }
}

#[test]
fn a_lost_disk_comes_back_empty_and_every_copy_on_it_is_named() {
    let (world, history) = run(Action::DiskLoss(KEEPER), keeper(), 2);
    assert!(recovered(&world).is_empty());
    let synced = history.messages(Kind::Synced);
    let lost = history.messages(Kind::Destroyed(Tier::Disk));
    assert!(!lost.is_empty());
    let before: Vec<_> =
        history.of(Kind::Synced).into_iter().filter(|(time, _)| *time < Time::from_millis(30)).collect();
    assert!(before.iter().all(|(_, message)| lost.contains(&message.unwrap())), "{synced:?} {lost:?}");
}

#[test]
fn no_frame_is_lost_without_a_word() {
    let actions = [
        Action::Crash(KEEPER),
        Action::PowerCut(vec![KEEPER]),
        Action::Crash(SENDER),
        Action::PowerCut(vec![SENDER]),
        Action::Cut { from: SENDER, to: KEEPER },
        Action::Pause(KEEPER),
        Action::Partition { from: SENDER, to: KEEPER, one_way: false },
    ];
    for action in actions {
        for seed in 0..20 {
            let (mut world, mut history) = run(action.clone(), keeper(), seed);
            world.heal(&mut history);
            finish(&mut world, &mut history);
            let sent = history.messages(Kind::Sent);
            let mut met = history.messages(Kind::Received);
            let to_keeper = history.0.iter().filter(|event| event.node == KEEPER);
            met.extend(
                to_keeper
                    .filter(|event| event.kind == Kind::Destroyed(Tier::Network))
                    .filter_map(|event| event.message())
                    .map(|message| message.0),
            );
            met.sort_unstable();
            assert_eq!(met, sent, "{action:?}, seed {seed}");
            assert_eq!(world.flights().count(), 0);
        }
    }
}

#[test]
fn an_earlier_promise_to_restart_does_not_bring_back_a_machine_without_power() {
    let lasting = |millis| Some(Span::from_millis(millis));
    let faults = [
        Fault { action: Action::Crash(KEEPER), when: at(10), lasting: lasting(50) },
        Fault { action: Action::PowerCut(vec![KEEPER]), when: at(20), lasting: lasting(100) },
    ];
    let mut world = world([sender(5, Span::from_millis(1)), keeper()], &faults, 1);
    let mut history = History::default();
    for (millis, status) in [(15, Status::Crashed), (70, Status::Off), (130, Status::Up)] {
        world.run_until(Time::from_millis(millis), &mut history);
        assert_eq!(world.status(KEEPER), status, "at {millis} ms");
    }
    assert_eq!(history.of(Kind::Fault(FaultKind::Restart)).len(), 1);
}

#[test]
fn a_small_slowness_neither_shortens_nor_weakens_a_greater_one() {
    let fault = |action, when, millis| Fault { action, when: at(when), lasting: Some(Span::from_millis(millis)) };
    let delay = |millis| Action::Delay { from: SENDER, to: KEEPER, extra: Span::from_millis(millis) };
    let slow = |factor| Action::DiskSlow { node: KEEPER, factor };
    // When the first message that is sent in these milliseconds is confirmed.
    let confirmed = |faults: &[Fault], sent: u64| {
        let mut world = world([sender(80, Span::from_millis(5)), keeper()], faults, 3);
        let mut history = History::default();
        finish(&mut world, &mut history);
        let is_late = |(time, _): &&(Time, Option<u32>)| *time >= Time::from_millis(sent);
        let message = history.of(Kind::Sent).iter().find(is_late).and_then(|(_, message)| *message);
        let all = history.of(Kind::Confirmed);
        all.iter().find(|(_, one)| *one == message).map(|(time, _)| time.as_millis()).unwrap()
    };
    for (great, small) in [(delay(60), delay(5)), (slow(10), slow(3))] {
        let both = [fault(great.clone(), 20, 200), fault(small.clone(), 50, 30)];
        let great_alone = &both[..1];
        for sent in [60, 100, 150] {
            assert_eq!(confirmed(&both, sent), confirmed(great_alone, sent), "{small:?} at {sent} ms");
        }
        // What is left when the greater ends goes on by itself.
        let after = [fault(great, 20, 30), fault(small.clone(), 30, 300)];
        let small_alone = [fault(small, 30, 300)];
        assert_eq!(confirmed(&after, 250), confirmed(&small_alone, 250));
        assert!(confirmed(&small_alone, 250) > confirmed(&[], 250));
    }
}
