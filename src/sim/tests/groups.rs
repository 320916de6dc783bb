//! Faults of several nodes, of one side of a network, and of whoever leads.

use super::toy::{History, KEEPER, SENDER, Toy, keeper, sender};
use super::{at, finish, world};
use crate::event::{FaultKind, Kind, MessageId, NodeId, Resource, partition_name, queue_detail};
use crate::picture::Status;
use crate::protocol::{FrameKind, Name};
use crate::sim::{Action, Fault, LinkState, World};
use crate::time::{Span, Time};

/// Stands by, and is nobody's peer.
const OTHER: NodeId = NodeId(2);

fn run(action: Action, lasting: Option<Span>) -> (World<Toy>, History) {
    let fault = Fault { action, when: at(20), lasting };
    let mut world = world([sender(50, Span::from_millis(1)), keeper(), keeper()], &[fault], 7);
    let mut history = History::default();
    finish(&mut world, &mut history);
    (world, history)
}

#[test]
fn nothing_passes_between_two_sides_and_both_ways_heal() {
    for (one, other) in [(vec![KEEPER], vec![SENDER, OTHER]), (vec![SENDER, OTHER], vec![KEEPER])] {
        let (world, history) = run(Action::Split { one: one.clone(), other }, Some(Span::from_millis(30)));
        let silent = Time::from_millis(20)..Time::from_millis(50);
        let during = |kind| history.of(kind).iter().filter(|(time, _)| silent.contains(time)).count();
        assert_eq!((during(Kind::Received), during(Kind::Confirmed)), (0, 0));
        assert_eq!(history.messages(Kind::Confirmed).len(), 50, "everything arrives in the end");
        let nodes: Vec<_> = history
            .0
            .iter()
            .filter(|event| event.kind == Kind::Fault(FaultKind::Partition))
            .map(|event| event.node)
            .collect();
        assert_eq!(nodes, one, "it is told once for each node of the first side");
        let open = [(SENDER, KEEPER), (KEEPER, SENDER), (KEEPER, OTHER), (OTHER, KEEPER)];
        assert!(open.iter().all(|(from, to)| world.link_state(*from, *to) == LinkState::Open));
    }
}

#[test]
fn those_on_one_side_still_hear_each_other() {
    let (world, history) = run(Action::Split { one: vec![OTHER], other: vec![SENDER, KEEPER] }, None);
    assert_eq!(history.messages(Kind::Confirmed).len(), 50);
    assert_ne!(world.link_state(OTHER, KEEPER), LinkState::Open);
    assert_eq!(world.link_state(SENDER, KEEPER), LinkState::Open);
}

#[test]
fn several_die_at_one_moment_and_each_comes_back() {
    let both = Action::Together(vec![Action::Crash(KEEPER), Action::Crash(OTHER)]);
    let (_, history) = run(both, Some(Span::from_millis(40)));
    let times = |kind| history.of(kind).into_iter().map(|(time, _)| time.as_millis()).collect::<Vec<_>>();
    assert_eq!(times(Kind::Fault(FaultKind::ProcessCrash)), [20, 20]);
    assert_eq!(times(Kind::Fault(FaultKind::Restart)), [60, 60]);
}

#[test]
fn a_fault_on_the_leader_strikes_whoever_was_elected_last() {
    let queue = Name(1);
    let action = Action::OnLeader { queue, stand_in: KEEPER, action: Box::new(Action::Crash(KEEPER)) };
    for (elected, dies) in [(None, KEEPER), (Some(OTHER), OTHER), (Some(KEEPER), KEEPER)] {
        let fault = Fault { action: action.clone(), when: at(20), lasting: None };
        let mut world = world([sender(50, Span::from_millis(1)), keeper(), keeper()], &[fault], 7);
        for node in [SENDER].into_iter().chain(elected) {
            world.record(&mut (), node, Kind::LeaderElected, None, queue_detail(queue, 3), None);
        }
        let elsewhere = queue_detail(Name(2), 9);
        world.record(&mut (), SENDER, Kind::LeaderElected, None, elsewhere, None);
        if elected.is_none() {
            world.record(
                &mut (),
                KEEPER,
                Kind::MirrorPromoted { synchronised: false },
                None,
                queue_detail(queue, 0),
                None,
            );
        }
        world.run_until(Time::from_millis(21), &mut ());
        let down: Vec<_> =
            [SENDER, KEEPER, OTHER].into_iter().filter(|node| world.status(*node) != Status::Up).collect();
        assert_eq!(down, [dies]);
    }
}

#[test]
fn the_leader_and_its_stand_in_change_places() {
    let isolated = Action::Split { one: vec![KEEPER], other: vec![SENDER, OTHER] };
    let action = Action::OnLeader { queue: Name(1), stand_in: KEEPER, action: Box::new(isolated) };
    let struck = action.resolved(|_| Some(OTHER)).unwrap();
    assert_eq!(struck, Action::Split { one: vec![OTHER], other: vec![SENDER, KEEPER] });
    let nobody_led = action.resolved(|_| None).unwrap();
    assert_eq!(nobody_led.targets(), [KEEPER]);
}

#[test]
fn what_is_true_of_a_fault_is_true_of_it_whoever_it_strikes() {
    let lost = Action::LoseFrame { from: KEEPER, to: SENDER, frame: FrameKind::Confirm, message: None };
    let grown = Action::GrowTopic { controllers: vec![KEEPER], partitions: 6 };
    let cut = Action::Cut { from: KEEPER, to: SENDER };
    for (action, kills, lasts, loses_frame) in [
        (Action::TornWrite(KEEPER), true, true, false),
        (Action::DiskLoss(KEEPER), true, true, false),
        (Action::Pause(KEEPER), false, true, false),
        (Action::Split { one: vec![KEEPER], other: vec![SENDER] }, false, true, false),
        (Action::SyncError(KEEPER), false, false, false),
        (lost, false, false, true),
        (cut, false, false, false),
        (grown, false, false, false),
    ] {
        let boxed = || Box::new(action.clone());
        for action in [
            Action::OnLeader { queue: Name(1), stand_in: KEEPER, action: boxed() },
            Action::OnFollower { queue: Name(1), brokers: vec![KEEPER, OTHER], action: boxed() },
            Action::Together(vec![action.clone(), action.clone()]),
            action.clone(),
        ] {
            let told = (action.kills(), action.lasts(), action.loses_frame());
            assert_eq!(told, (kills, lasts, loses_frame), "{action:?}");
        }
    }
}

#[test]
fn a_fault_of_a_partition_that_is_not_there_is_missed() {
    let queue = partition_name(Name(1), 2);
    let lost = Action::LoseFrame { from: KEEPER, to: SENDER, frame: FrameKind::Confirm, message: None };
    for (action, kind) in [(Action::Crash(KEEPER), FaultKind::ProcessCrash), (lost, FaultKind::FrameLost)] {
        let boxed = || Box::new(action.clone());
        for action in [
            Action::OnLeader { queue, stand_in: KEEPER, action: boxed() },
            Action::OnFollower { queue, brokers: vec![KEEPER, OTHER], action: boxed() },
        ] {
            let (mut world, mut history) = run(action, None);
            world.heal(&mut history);
            assert_eq!(history.messages(Kind::Confirmed).len(), 50);
            assert_eq!(history.of(Kind::Fault(kind)).len(), 0);
            assert_eq!(history.of(Kind::FaultMissed(kind)).len(), 1);
        }
    }
}

#[test]
fn the_frame_that_is_lost_is_that_of_whoever_leads() {
    let message = Some(MessageId(3));
    let lost = Action::LoseFrame { from: KEEPER, to: SENDER, frame: FrameKind::Confirm, message };
    let leader = Action::OnLeader { queue: Name(1), stand_in: KEEPER, action: Box::new(lost.clone()) };
    let brokers = vec![KEEPER, OTHER];
    let follower = Action::OnFollower { queue: Name(1), brokers, action: Box::new(lost.clone()) };
    for (action, leads, from) in [
        (&lost, Some(OTHER), KEEPER),
        (&leader, Some(OTHER), OTHER),
        (&leader, None, KEEPER),
        (&follower, Some(OTHER), KEEPER),
        (&follower, Some(KEEPER), OTHER),
    ] {
        let seen = action.lost_frame(&|_| leads);
        assert_eq!(seen, Some((from, SENDER, FrameKind::Confirm, message)), "{action:?}");
        let resolved = action.resolved(|_| leads).unwrap();
        assert_eq!(resolved, Action::LoseFrame { from, to: SENDER, frame: FrameKind::Confirm, message });
    }
    assert_eq!(Action::Crash(KEEPER).lost_frame(&|_| None), None);
}

#[test]
fn an_alarm_is_told_when_it_begins_and_when_it_ends_or_is_healed() {
    let alarm = Action::Alarm { node: SENDER, resource: Resource::Memory };
    // The toys throw at whatever disturbs them.
    let times =
        |history: &History| history.of(Kind::Threw).into_iter().map(|(time, _)| time.as_millis()).collect::<Vec<_>>();
    let (_, history) = run(alarm.clone(), Some(Span::from_millis(15)));
    assert_eq!(times(&history), [20, 35]);
    let (mut world, mut history) = run(alarm, None);
    assert_eq!(times(&history), [20]);
    world.heal(&mut history);
    assert_eq!(times(&history).len(), 2);
    world.heal(&mut history);
    assert_eq!(times(&history).len(), 2, "it is over");
}
