//! A session may go back and forth as it likes: what it shows must be the one
//! run that its plan, seed and live faults stand for.

use std::path::Path;

use super::*;
use crate::event::Kind;
use crate::event::NodeId;
use crate::lab::{Lab, Measure, Runner, Token, first_difference};
use crate::random::{Draw, Purpose};
use crate::sim::Action;
use crate::source::Source;
use crate::time::Span;

const PRODUCER: NodeId = NodeId(0);
const BROKER: NodeId = NodeId(1);
const CONSUMER: NodeId = NodeId(2);

/// Draws for a test, one after another.
struct Draws(Draw, u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.1 += 1;
        self.0.by(self.1).below(bound)
    }

    fn time(&mut self, until: Time) -> Time {
        Time::from_millis(self.below(until.as_millis() + 50))
    }

    fn fault(&mut self) -> (Action, Option<Span>) {
        let lasting = Some(Span::from_millis(300 + self.below(2_000)));
        match self.below(6) {
            0 => (Action::Crash(BROKER), lasting),
            1 => (Action::PowerCut(vec![BROKER]), lasting),
            2 => (Action::Crash(CONSUMER), lasting),
            3 => (Action::Cut { from: PRODUCER, to: BROKER }, None),
            4 => (Action::Partition { from: BROKER, to: CONSUMER, one_way: true }, lasting),
            _ => (Action::Pause(BROKER), lasting),
        }
    }
}

fn labs() -> Vec<Arc<Lab>> {
    let names =
        ["dup-producer", "first-loss", "lost-at-consumer-rabbit", "lost-at-producer-rabbit", "lost-in-broker-rabbit"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name).with_extension("toml")).unwrap();
        Arc::new(Lab::parse(&Source::new(name, text)).unwrap())
    };
    names.into_iter().map(read).collect()
}

/// Many plans, each with a seed and draws of its own.
fn cases(number: u64) -> Vec<(Arc<Plan>, Seed, Draws)> {
    let labs = labs();
    let case = |index: u64| {
        let lab = &labs[index as usize % labs.len()];
        let mut draws = Draws(Seed(index).draw(Purpose::Test), 0);
        let choice = draws.below(lab.faults.len() as u64 + 1) as usize;
        let faults: Vec<String> = lab.faults.get(choice).iter().map(|fault| fault.id.clone()).collect();
        let set: Vec<(String, String)> = lab
            .settings
            .iter()
            .filter(|setting| !setting.values.is_empty())
            .map(|setting| {
                let value = draws.below(setting.values.len() as u64) as usize;
                (setting.spec.name.to_owned(), setting.values[value].clone())
            })
            .collect();
        (Arc::new(Plan::new(lab.clone(), &lab.fitting(set), &faults).unwrap()), Seed(index), draws)
    };
    (0..number).map(case).collect()
}

fn finished(mut session: Session) -> Session {
    session.finish();
    session
}

/// A session that went to and fro.
fn wander(session: &mut Session, draws: &mut Draws, moves: u64) {
    for _ in 0..moves {
        match draws.below(6) {
            0..3 => session.seek(draws.time(Time::from_millis(6_000))),
            3 => (0..draws.below(20)).for_each(|_| session.step()),
            4 => (0..draws.below(4)).for_each(|_| session.step_back()),
            _ => session.finish(),
        }
    }
}

#[test]
fn a_finished_session_is_the_run_that_is_graded() {
    let mut runner = Runner::new();
    for (plan, seed, _) in cases(60) {
        let outcome = runner.run(&plan, seed);
        let session = finished(Session::new(plan, seed));
        assert_eq!(session.digest(), outcome.digest, "seed {}", seed.0);
        assert_eq!(session.totals(), outcome.totals);
        assert_eq!(session.now(), outcome.end);
    }
}

#[test]
fn to_and_fro_ends_in_the_same_run() {
    for (plan, seed, mut draws) in cases(60) {
        let straight = finished(Session::new(plan.clone(), seed));
        let mut session = Session::new(plan, seed);
        wander(&mut session, &mut draws, 12);
        session.finish();
        assert_eq!(session.digest(), straight.digest(), "seed {}", seed.0);
        assert_eq!(session.events(), straight.events());
        assert_eq!(session.totals(), straight.totals());
        assert_eq!(session.fates(), straight.fates());
    }
}

#[test]
fn a_moment_looks_the_same_from_both_sides() {
    for (plan, seed, mut draws) in cases(40) {
        let mut session = finished(Session::new(plan.clone(), seed));
        let time = draws.time(session.now());
        session.seek(time);
        let mut forward = Session::new(plan, seed);
        forward.advance(time);
        assert_eq!(session.now(), forward.now(), "seed {}", seed.0);
        assert_eq!(session.events(), forward.events());
        assert_eq!(session.fates(), forward.fates());
        assert_eq!(session.digest(), forward.digest());
    }
}

#[test]
fn a_step_back_and_a_step_cancel_out() {
    for (plan, seed, mut draws) in cases(40) {
        let mut session = Session::new(plan, seed);
        session.advance(draws.time(Time::from_millis(3_000)));
        for _ in 0..5 {
            let before = session.events().len();
            session.step();
            if session.events().len() == before {
                // There is none left: a step goes to the end of the run.
                assert!(session.is_finished());
                break;
            }
            let (events, now, digest) = (session.events().len(), session.now(), session.digest());
            session.step_back();
            assert!(session.events().len() < events, "seed {}", seed.0);
            assert!(session.now() <= now);
            session.step();
            assert_eq!((session.events().len(), session.now(), session.digest()), (events, now, digest));
        }
    }
}

#[test]
fn steps_back_reach_the_beginning() {
    let (plan, seed, _) = cases(1).remove(0);
    let mut session = Session::new(plan, seed);
    session.advance(Time::from_millis(400));
    for _ in 0..=session.events().len() {
        session.step_back();
    }
    assert!(session.events().is_empty());
}

#[test]
fn a_live_fault_goes_the_same_way_from_its_token() {
    for (plan, seed, mut draws) in cases(60) {
        let mut session = Session::new(plan.clone(), seed);
        for _ in 0..=draws.below(3) {
            wander(&mut session, &mut draws, 2);
            let (action, lasting) = draws.fault();
            session.inject(action, lasting);
        }
        wander(&mut session, &mut draws, 3);
        session.finish();
        let (again, live) = Token::parse(&session.token()).unwrap().plan(plan.lab.clone()).unwrap();
        let again = finished(Session::with_live_faults(Arc::new(again), seed, live));
        assert_eq!(again.live_faults(), session.live_faults(), "seed {}", seed.0);
        assert_eq!(again.events(), session.events(), "seed {} {:?}", seed.0, session.live_faults());
        assert_eq!(again.digest(), session.digest());
    }
}

#[test]
fn a_fault_now_changes_nothing_before_now() {
    for (plan, seed, mut draws) in cases(40) {
        let mut session = Session::new(plan, seed);
        wander(&mut session, &mut draws, 3);
        session.seek(draws.time(Time::from_millis(4_000)));
        let (before, now) = (session.events().to_vec(), session.now());
        let (action, lasting) = draws.fault();
        session.inject(action, lasting);
        assert_eq!(session.now(), now, "seed {}", seed.0);
        assert_eq!(session.events()[..before.len()], before);
    }
}

#[test]
fn an_undone_fork_is_the_run_before_it() {
    for (plan, seed, mut draws) in cases(60) {
        let mut session = Session::new(plan, seed);
        session.seek(draws.time(Time::from_millis(2_000)));
        let (action, lasting) = draws.fault();
        session.inject(action, lasting);
        session.finish();
        let (digest, live) = (session.digest(), session.live_faults().to_vec());
        session.seek(draws.time(Time::from_millis(2_000)));
        let (action, lasting) = draws.fault();
        session.inject(action, lasting);
        wander(&mut session, &mut draws, 2);
        let now = session.now();
        assert!(session.undo_fork());
        assert!(session.now() <= now, "seed {}: undoing went on from {now} to {}", seed.0, session.now());
        assert_eq!(session.live_faults(), live);
        wander(&mut session, &mut draws, 2);
        session.finish();
        assert_eq!(session.digest(), digest, "seed {}", seed.0);
    }
}

#[test]
fn a_run_differs_from_its_twin_and_not_from_itself() {
    let mut different = 0;
    for (plan, seed, _) in cases(40) {
        let session = finished(Session::new(plan.clone(), seed));
        assert_eq!(first_difference(&session, &session.clone()), None);
        for setting in plan.lab.settings.iter().filter(|setting| !setting.values.is_empty()) {
            let name = setting.spec.name;
            let other = setting.values.iter().find(|value| *value != plan.settings.word(name)).unwrap();
            let twin = finished(Session::new(Arc::new(plan.with_setting(name, other).unwrap()), seed));
            let Some(difference) = first_difference(&session, &twin) else {
                assert_eq!(counts(&session), counts(&twin), "{name} = {other}, seed {}", seed.0);
                continue;
            };
            different += 1;
            assert_real(&session, difference.left, &twin, difference.at);
            assert_real(&twin, difference.right, &session, difference.at);
            assert!(difference.left.is_some() || difference.right.is_some());
            assert_nothing_earlier(&session, &twin, difference.at);
            assert_nothing_earlier(&twin, &session, difference.at);
        }
    }
    assert!(different > 40, "only {different} twins differ");
}

/// The counts of a run; how long things took may differ where nothing else does.
fn counts(session: &Session) -> Vec<(&'static str, u64)> {
    let totals = session.totals();
    let is_count = |name: &str| !name.ends_with("_ms") && name != "backlog";
    let counts = Measure::ALL.into_iter().filter(|(_, name)| is_count(name));
    counts.map(|(measure, name)| (name, totals.get(measure))).collect()
}

/// The event happened at that time, and by then more often than in the other run; or
/// it is where its node departs from what it does there.
fn assert_real(session: &Session, id: Option<EventId>, other: &Session, at: Time) {
    let Some(id) = id else { return };
    let event = session.events()[id.0 as usize];
    assert_eq!(event.time, at);
    let is_told = |it: &&Event| {
        let is_handshake = matches!(it.kind, Kind::Started | Kind::Connected | Kind::Disconnected(_));
        it.node == event.node && (it.copy.is_some() || !is_handshake)
    };
    let story = |events: &[Event]| events.iter().filter(is_told).map(|it| (it.kind, it.copy)).collect::<Vec<_>>();
    let (mine, others) = (story(&session.events()[..=id.0 as usize]), story(other.events()));
    let departs = others.starts_with(&mine[..mine.len() - 1]) && !others.starts_with(&mine);
    let by_then = other.events().iter().filter(|it| it.time <= at).copied().collect::<Vec<_>>();
    let count = |story: &[_]| story.iter().filter(|it| **it == (event.kind, event.copy)).count();
    assert!(departs || count(&mine) > count(&story(&by_then)));
}

/// Whatever a run shows before that time, the other shows by then.
fn assert_nothing_earlier(session: &Session, other: &Session, at: Time) {
    let is_handshake = |kind| matches!(kind, Kind::Started | Kind::Connected | Kind::Disconnected(_));
    let told = |it: &&Event| it.copy.is_some() || !is_handshake(it.kind);
    let mut there = std::collections::BTreeMap::new();
    for it in other.events().iter().filter(told).filter(|it| it.time <= at) {
        *there.entry((it.node, it.kind, it.copy)).or_insert(0) += 1;
    }
    for it in session.events().iter().filter(told).filter(|it| it.time < at) {
        let left = there.entry((it.node, it.kind, it.copy)).or_insert(0);
        *left -= 1;
        assert!(*left >= 0, "{it:?} is seen before {at}");
    }
}
