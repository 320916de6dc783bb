//! A long run is shown from counters, and its history is kept in parts. Whatever
//! it shows must be what the same run shows that is short: so these are the labs of
//! the course, taken for long, with room for a handful of events.

use std::path::Path;

use super::*;
use crate::event::{Event, MessageId};
use crate::lab::{Lab, Measure, Model, explain};
use crate::random::{Draw, Purpose};
use crate::source::Source;

/// Room for so many events.
const ROOM: usize = 60;

fn labs() -> Vec<Arc<Lab>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        Arc::new(Lab::parse(&Source::new(path.display().to_string(), text)).unwrap())
    };
    paths.iter().map(read).filter(|lab| lab.workload.messages <= 2_000).collect()
}

/// Every lab on queues with each of its faults, drawn settings, and draws of their own.
fn cases(seeds: u64) -> Vec<(Plan, Seed, Draw)> {
    let mut cases = Vec::new();
    for lab in labs() {
        for fault in 0..=lab.faults.len() {
            for seed in 0..seeds {
                let draw = Seed(seed).draw(Purpose::Test).by(fault as u64);
                let settings = (0..).zip(&lab.settings).filter(|(_, setting)| !setting.values.is_empty());
                let set: Vec<(String, String)> = settings
                    .map(|(at, setting)| {
                        let value = draw.by(at).below(setting.values.len() as u64) as usize;
                        (setting.spec.name.to_owned(), setting.values[value].clone())
                    })
                    .collect();
                let faults: Vec<_> = lab.faults.get(fault).iter().map(|fault| fault.id.clone()).collect();
                let plan = Plan::new(lab.clone(), &lab.fitting(set), &faults).unwrap();
                if plan.model == Model::Queue {
                    cases.push((plan, Seed(seed), draw.by(99)));
                }
            }
        }
    }
    cases
}

/// The same plan, taken for long, in a session with little room.
fn long(plan: &Plan, seed: Seed) -> Session {
    let mut plan = plan.clone();
    Arc::make_mut(&mut plan.books).is_long = true;
    let history = History::with_budget(ROOM * size_of::<Event>());
    Session::with_history(Arc::new(plan), seed, Vec::new(), history)
}

/// What a long run counts on its way only in the end.
const IN_THE_END: [Measure; 3] = [Measure::Residue, Measure::HalfDone, Measure::RefusedYetThere];
/// On its way, a message in the hands of a consumer that need not acknowledge waits
/// as well.
const AT_LEAST: Measure = Measure::StalledMs;

#[test]
fn counters_say_on_the_way_what_a_look_at_every_row_says() {
    let (mut looks, mut plain) = (0, 0);
    for (plan, seed, draw) in cases(2) {
        let mut short = Session::new(Arc::new(plan.clone()), seed);
        let mut long = long(&plan, seed);
        for look in 0..12 {
            let to = Time::from_millis(look * 250 + draw.by(look).below(400));
            short.advance(to);
            long.advance(to);
            looks += 1;
            if !long.is_plain() {
                assert_eq!(long.fates(), short.fates());
                continue;
            }
            plain += 1;
            let name = format!("{} {:?} {:?} seed {} at {to}", plan.lab.id, plan.chosen, plan.sentences, seed.0);
            for message in 1..=plan.messages() as u32 {
                let message = MessageId(message);
                let at = (message.0 - 1) as usize;
                assert_eq!(long.fate(message), short.fates()[at], "{name}: message {}", message.0);
                assert_eq!(long.worst(at..at + 1, Fate::severity), Some(short.fates()[at]));
            }
            let all = 0..plan.messages();
            assert_eq!(long.worst(all.clone(), Fate::severity), short.worst(all, Fate::severity), "{name}");
            let (one, other) = (long.totals(), short.totals());
            for (measure, word) in Measure::ALL.into_iter().filter(|(measure, _)| !IN_THE_END.contains(measure)) {
                let (one, other) = (one.get(measure), other.get(measure));
                assert!(one == other || (measure == AT_LEAST && one > other), "{name}: {word} {one}, not {other}");
            }
            assert_eq!(long.counts(), short.counts(), "{name}");
        }
        long.finish();
        short.finish();
        assert_eq!((long.totals(), long.digest()), (short.totals(), short.digest()));
    }
    assert!(plain * 3 > looks, "{plain} of {looks} looks were plain");
}

#[test]
fn what_was_forgotten_is_had_again_as_it_was() {
    for (plan, seed, draw) in cases(1).into_iter().step_by(3) {
        let mut whole = Session::new(Arc::new(plan.clone()), seed);
        let mut long = long(&plan, seed);
        whole.finish();
        long.finish();
        for look in 0..6 {
            let to = Time::from_millis(draw.by(look).below(whole.now().as_millis() + 50));
            long.seek(to);
            whole.seek(to);
            assert_eq!((long.now(), long.digest()), (whole.now(), whole.digest()), "{} at {to}", plan.lab.id);
            let count = whole.events().len();
            assert_eq!(long.history().len(), count);
            assert!(long.events().len() <= ROOM);
            let from = draw.by(look).by(1).below(count as u64 + 1) as usize;
            let numbers = from..(from + 20).min(count);
            long.recall(numbers.clone());
            let unlinked = |events: &[Event]| events.iter().map(|it| Event { prior: None, ..*it }).collect::<Vec<_>>();
            assert_eq!(
                unlinked(long.history().slice(numbers.clone()).unwrap()),
                unlinked(&whole.events()[numbers.clone()]),
                "{} seed {} {numbers:?}",
                plan.lab.id,
                seed.0
            );
        }
        long.step_back();
        whole.step_back();
        assert_eq!((long.history().len(), long.digest()), (whole.history().len(), whole.digest()));
    }
}

#[test]
fn a_life_is_the_same_however_much_was_forgotten() {
    let mut gone = 0;
    for (plan, seed, draw) in cases(1) {
        let mut whole = Session::new(Arc::new(plan.clone()), seed);
        let mut long = long(&plan, seed);
        whole.finish();
        long.finish();
        for look in 0..3 {
            let lost = whole.fates().iter().position(|fate| matches!(fate, Fate::Lost | Fate::LostAfterOk));
            let drawn = draw.by(look).below(plan.messages() as u64) as usize;
            let message = MessageId(lost.filter(|_| look == 0).unwrap_or(drawn) as u32 + 1);
            let own = |events: &[Event]| {
                let own = events.iter().filter(|event| event.message() == Some(message));
                own.map(|event| (event.time, event.node, event.kind, event.copy, event.detail)).collect::<Vec<_>>()
            };
            let (one, other) = (long.excerpt(message), whole.excerpt(message));
            assert_eq!(own(&one.events), own(&other.events), "{} message {}", plan.lab.id, message.0);
            let here = explain(&one.events, &plan, long.ledger(), message);
            let there = explain(&other.events, &plan, whole.ledger(), message);
            assert_eq!((here.fate, here.blame), (there.fate, there.blame), "{} seed {}", plan.lab.id, seed.0);
            assert_eq!(here.end.map(|id| one.number(id)), there.end);
            gone += u32::from(there.end.is_some());
        }
    }
    assert!(gone > 20, "only {gone} were gone");
}

#[test]
fn a_seek_goes_over_a_small_part_of_the_run_at_most() {
    let (plan, seed, draw) = cases(1).into_iter().max_by_key(|(plan, ..)| plan.messages()).unwrap();
    let mut session = long(&plan, seed);
    session.finish();
    let (end, steps) = (session.now(), session.at.steps);
    let most = steps / (SNAPSHOTS_OF_A_LONG_RUN as u64 / 4) + SNAPSHOT_EVERY;
    for look in 0..40 {
        let to = Time::from_millis(draw.by(look).below(end.as_millis()));
        let distance = session.distance(to);
        assert!(distance <= most, "{distance} of {steps} happenings for a seek to {to}");
        session.seek(to);
    }
}
