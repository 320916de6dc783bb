//! The same plan, faults and seed give the same run, from any snapshot of it.

use super::toy::{History, KEEPER, SENDER, Toy, keeper, sender};
use super::{finish, world};
use crate::event::Kind;
use crate::sim::{Action, Fault, When};
use crate::time::{Span, Time};

fn pair() -> [Toy; 2] {
    [sender(40, Span::from_millis(3)), keeper()]
}

fn faults() -> Vec<Fault> {
    let at = |millis| When::At(Time::from_millis(millis));
    let lasting = Some(Span::from_millis(20));
    vec![
        Fault { action: Action::Partition { from: SENDER, to: KEEPER, one_way: false }, when: at(11), lasting },
        Fault { action: Action::Pause(KEEPER), when: at(45), lasting },
        Fault { action: Action::Crash(KEEPER), when: at(70), lasting },
        Fault { action: Action::PowerCut(vec![KEEPER]), when: at(170), lasting },
    ]
}

#[test]
fn a_run_is_the_same_twice_and_another_seed_is_another_run() {
    let run = |seed| {
        let (mut world, mut history) = (world(pair(), &faults(), seed), History::default());
        finish(&mut world, &mut history);
        world.heal(&mut history);
        finish(&mut world, &mut history);
        (history.digest(), world.inputs())
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn every_fault_free_message_is_confirmed() {
    let (mut world, mut history) = (world(pair(), &[], 5), History::default());
    finish(&mut world, &mut history);
    assert_eq!(history.messages(Kind::Confirmed), (0..40).collect::<Vec<_>>());
}

#[test]
fn a_snapshot_goes_on_as_the_original_does() {
    let (mut original, mut history) = (world(pair(), &faults(), 9), History::default());
    let mut snapshots = Vec::new();
    while !original.is_quiet() && original.step(&mut history) {
        if original.inputs() % 17 == 0 {
            snapshots.push((original.clone(), history.clone()));
        }
    }
    assert!(snapshots.len() > 5);
    for (mut world, mut until_then) in snapshots {
        finish(&mut world, &mut until_then);
        assert_eq!(until_then.0, history.0);
        assert_eq!(world.inputs(), original.inputs());
    }
}
