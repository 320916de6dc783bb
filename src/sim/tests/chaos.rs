//! Every fault at any time, in any company. Whatever they do together, nothing
//! disappears without a word, the run ends, and it can be run again.

use proptest::prelude::*;

use super::toy::{FILE, History, KEEPER, RECORD, SENDER, keeper, sender};
use super::{finish, world};
use crate::event::{Kind, MessageId, NodeId, Tier};
use crate::picture::Status;
use crate::protocol::FrameKind;
use crate::sim::{Action, Fault, LinkState, Trigger, When};
use crate::time::{Span, Time};

fn action() -> impl Strategy<Value = Action> {
    let node = prop_oneof![Just(SENDER), Just(KEEPER)];
    let ends = prop_oneof![Just((SENDER, KEEPER)), Just((KEEPER, SENDER))];
    let frame = prop_oneof![Just(FrameKind::Return), Just(FrameKind::Confirm)];
    (0u8..16, node, ends, frame, 0u32..60, any::<bool>()).prop_map(|(kind, node, (from, to), frame, n, flag)| {
        let message = MessageId(n);
        match kind {
            0 => Action::Crash(node),
            1 => Action::Restart(node),
            2 => Action::Pause(node),
            3 => Action::PowerCut(vec![node]),
            4 => Action::PowerCut(vec![SENDER, KEEPER]),
            5 => Action::DiskLoss(node),
            6 => Action::DiskFull(node),
            7 => Action::DiskSlow { node, factor: n },
            8 => Action::SyncError(node),
            9 => Action::TornWrite(node),
            10 => Action::BitRot(node),
            11 => Action::Cut { from, to },
            12 => Action::Partition { from, to, one_way: flag },
            13 => Action::Delay { from, to, extra: Span::from_millis(u64::from(n)) },
            14 => Action::LoseFrame { from, to, frame, message: flag.then_some(message) },
            _ => Action::Throw { node, message },
        }
    })
}

fn when() -> impl Strategy<Value = When> {
    let kind = prop_oneof![Just(Kind::Sent), Just(Kind::Received), Just(Kind::Destroyed(Tier::Memory))];
    let node = prop_oneof![Just(None), Just(Some(KEEPER)), Just(Some(SENDER))];
    prop_oneof![
        (0u64..150_000).prop_map(|micros| When::At(Time::ZERO + Span::from_micros(micros))),
        (0u64..250).prop_map(When::BeforeInput),
        (kind, node, 1u32..30, 0u64..5_000).prop_map(|(kind, node, nth, micros)| When::After {
            trigger: Trigger { kind, node, message: None },
            nth,
            delay: Span::from_micros(micros),
            within: Span::from_micros(micros),
        }),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    let lasting = prop_oneof![Just(None), (0u64..60).prop_map(|millis| Some(Span::from_millis(millis)))];
    (action(), when(), lasting).prop_map(|(action, when, lasting)| Fault { action, when, lasting })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn whatever_goes_wrong_is_accounted_for(
        seed in any::<u64>(),
        faults in prop::collection::vec(fault(), 0..8),
        snapshot_at in 0u64..300,
    ) {
        let mut node = sender(60, Span::from_millis(2));
        if let super::Toy::Sender(inner) = &mut node {
            inner.heartbeat = true;
        }
        let mut world = world([node, keeper()], &faults, seed);
        let mut history = History::default();
        while world.inputs() < snapshot_at && world.step(&mut history) {}
        let (mut other, mut other_history) = (world.clone(), history.clone());
        for (world, history) in [(&mut world, &mut history), (&mut other, &mut other_history)] {
            world.run_until(Time::from_millis(200), history);
            // Once would do, but for faults tied to a place after the healing.
            for _ in 0..=faults.len() {
                world.heal(history);
                let while_later = world.now() + Span::from_secs(2);
                world.run_until(while_later, history);
            }
            world.heal(history);
            finish(world, history);
        }
        prop_assert_eq!(&history.0, &other_history.0);

        let times: Vec<Time> = history.0.iter().map(|event| event.time).collect();
        prop_assert!(times.is_sorted(), "time runs backwards");
        for event in &history.0 {
            prop_assert!(history.cause(event).is_none_or(|cause| cause.time <= event.time));
        }
        let sent = history.messages(Kind::Sent);
        let destroyed = history.0.iter().filter(|event| event.kind == Kind::Destroyed(Tier::Network) && event.node == KEEPER);
        let mut met: Vec<u32> = destroyed.filter_map(|event| event.message()).map(|message| message.0).collect();
        met.extend(history.messages(Kind::Received));
        // A send on a connection that its sender did not know to be over is
        // recorded where it happened.
        let at_home = history.0.iter().filter(|event| event.kind == Kind::Destroyed(Tier::Network) && event.node == SENDER);
        let is_met = |message: &u32| met.contains(message) || at_home.clone().any(|event| event.message() == Some(MessageId(*message)));
        prop_assert!(sent.iter().all(is_met), "{:?} sent, {:?} met", sent, met);
        prop_assert_eq!(world.flights().filter(|flight| flight.about.is_some()).count(), 0);

        for node in [SENDER, KEEPER].map(|node: NodeId| world.status(node)) {
            prop_assert_eq!(node, Status::Up);
        }
        prop_assert_eq!(world.link_state(SENDER, KEEPER), LinkState::Open);
        for (index, fault) in faults.iter().enumerate() {
            let missed = history.0.iter().any(|event| {
                matches!(event.kind, Kind::FaultMissed(_)) && crate::event::fault_index(event.detail) == Some(index as u16)
            });
            let waits = matches!(fault.when, When::BeforeInput(_));
            prop_assert!(world.fired(index).is_some() != missed || waits, "{index}: {fault:?}");
        }
        if let Some(file) = world.disk(KEEPER).file(FILE) {
            prop_assert!(file.length() <= (RECORD * sent.len()) as u64);
        }
    }
}
