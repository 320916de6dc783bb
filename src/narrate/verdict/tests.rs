//! Verdicts over many runs of many labs: never good while anything counts against
//! the run, and never a remedy that was not one.

use std::sync::Arc;

use super::super::explanation::explanation;
use super::{Verdict, advice, verdict};
use crate::event::{FaultKind, Kind};
use crate::lab::{DEFECTS, Lab, Plan, Session, Totals, culprit, explain, remedy};
use crate::random::{Purpose, Seed};
use crate::source::Source;
use crate::text::Language;

fn lab(name: &str) -> Arc<Lab> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("labs").join(name).with_extension("toml");
    let text = std::fs::read_to_string(&path).unwrap();
    Arc::new(Lab::parse(&Source::new(name, text)).unwrap_or_else(|troubles| panic!("{}", troubles[0])))
}

fn run(lab: &Arc<Lab>, set: &[(&str, &str)], fault: &str, seed: u64) -> Session {
    let set: Vec<_> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let plan = Plan::new(lab.clone(), &set, &[fault.to_owned()]).unwrap();
    let mut session = Session::new(Arc::new(plan), Seed(seed));
    session.finish();
    session
}

fn said(session: &Session) -> (Verdict, String) {
    let told = verdict(session, Language::En);
    let all = [vec![told.headline.clone()], told.beside.iter().cloned().collect(), told.notes.clone()].concat();
    (told, all.join("\n"))
}

fn explained(session: &Session) -> Vec<String> {
    let (message, _) = culprit(session).unwrap();
    let story = explain(session.events(), session.plan(), session.ledger(), message);
    explanation(&story, session.plan(), session.events(), Language::En)
}

#[test]
fn every_defect_has_a_headline_of_its_own_in_both_languages() {
    let lab = lab("b-c-ok-d-failed");
    let plan = Plan::new(lab, &[], &[]).unwrap();
    for language in Language::ALL {
        let good = super::headline::headline(&Totals::default(), &plan, language);
        let mut known = vec![good];
        for defect in &DEFECTS {
            let mut totals = Totals { attempted: 30, ..Totals::default() };
            *totals.get_mut(defect.measure) = 3;
            let line = super::headline::headline(&totals, &plan, language);
            assert!(!known.contains(&line), "{line}");
            known.push(line);
        }
    }
}

/// Whatever is chosen: green is said of a run if and only if nothing counts against
/// it, and all that does is named.
#[test]
fn a_verdict_is_good_only_if_nothing_is_wrong() {
    let (mut good, mut bad) = (0, 0);
    for name in ["b-c-ok-d-failed", "dup-consumers-kafka", "lost-at-producer-kafka", "order-rabbit", "routing"] {
        let lab = lab(name);
        for seed in 0..24 {
            let draw = Seed(seed).draw(Purpose::Test);
            let pick = |subject: u64, among: usize| draw.by(subject).below(among as u64) as usize;
            let set: Vec<_> = (0..)
                .zip(&lab.settings)
                .filter(|(_, setting)| !setting.values.is_empty())
                .map(|(at, setting)| {
                    (setting.spec.name.to_owned(), setting.values[pick(at, setting.values.len())].clone())
                })
                .collect();
            let faults: Vec<_> =
                lab.faults.get(pick(99, lab.faults.len() + 1)).map(|fault| fault.id.clone()).into_iter().collect();
            let Ok(plan) = Plan::new(lab.clone(), &set, &faults) else { continue };
            let mut session = Session::new(Arc::new(plan), Seed(seed));
            session.finish();
            let totals = session.totals();
            let (told, all) = said(&session);
            assert_eq!(told.weight.is_none(), totals.defects().count() == 0);
            for (defect, count) in totals.defects().skip(1) {
                assert!(all.contains(&count.to_string()), "{} {count} is not in {all}", defect.name.en);
            }
            good += u64::from(told.weight.is_none());
            bad += u64::from(told.weight.is_some());
        }
    }
    assert!(good > 5 && bad > 30, "{good} good runs and {bad} bad ones prove little");
}

#[test]
fn the_guard_of_a_participant_is_the_remedy_for_what_is_frozen() {
    let lab = lab("b-c-ok-d-failed");
    for seed in 0..10 {
        let session = run(&lab, &[("pattern", "tcc"), ("guard", "row")], "try-late", seed);
        let (_, all) = said(&session);
        assert!(all.contains("FROZEN") && all.contains("cancelled"), "{all}");
        let found = remedy(&session).unwrap();
        assert_eq!((found.name.as_str(), found.value.as_str()), ("guard", "mark"));
        let text = advice(&session, Some((&found, "mark")), Language::En).unwrap();
        assert!(text.contains("guard = mark"), "{text}");
        let mended = run(&lab, &[("pattern", "tcc"), ("guard", "mark")], "try-late", seed);
        assert_eq!(mended.totals(), found.totals);
    }
}

/// Whatever is offered is a setting of the lab, alive, changed, and it helps.
#[test]
fn no_remedy_is_offered_that_does_not_help() {
    let mut found = 0;
    for name in ["b-c-ok-d-failed", "lost-in-broker-kafka", "lost-at-consumer-kafka", "dup-producer"] {
        let lab = lab(name);
        for (seed, fault) in (0..2).flat_map(|seed| lab.faults.iter().map(move |fault| (seed, fault))) {
            let session = run(&lab, &[], &fault.id, seed);
            let Some(remedy) = remedy(&session) else { continue };
            found += 1;
            let plan = session.plan();
            assert!(!plan.is_dead(&remedy.name) && plan.settings.word(&remedy.name) != remedy.value);
            let set = [(remedy.name.as_str(), remedy.value.as_str())];
            let after = run(&lab, &set, &fault.id, seed).totals();
            let (worst, count) = session.totals().defects().next().unwrap();
            assert!(count > 0 && worst.count(&after) == 0, "{name} {} {remedy:?}", fault.id);
        }
    }
    assert!(found > 10, "only {found} remedies prove little");
}

#[test]
fn a_fault_that_never_happened_and_a_saga_without_dead_letters_are_told() {
    let lab = lab("b-c-ok-d-failed");
    let (_, all) = said(&run(&lab, &[], "try-lost", 1));
    assert!(all.contains("This fault never happened") && all.contains("lose-try"), "{all}");
    let (_, all) = said(&run(&lab, &[("pattern", "saga")], "d-poison", 1));
    assert!(all.contains("on_exception = reject") && all.contains("dead_letter"), "{all}");
    let (_, all) = said(&run(&lab, &[], "crash producer-1 after message 12 occurs", 1));
    assert!(all.contains("18 more") && all.contains("never will: producer-1"), "{all}");
    // Kafka's default idempotence needs acks=all.
    let producers = self::lab("lost-at-producer-kafka");
    let (_, all) = said(&run(&producers, &[("acks", "1")], "lost-answer", 1));
    assert!(all.contains("idempotence is off"), "{all}");
    // A handler throws on what it works on; no compensation runs here.
    let (_, all) = said(&run(&lab, &[("pattern", "tcc")], "undo-throws", 1));
    assert!(all.contains("never happened") && all.contains("throw consumer-2"), "{all}");
    assert!(!all.contains("throw consumer-1"), "it did throw: {all}");
}

/// An order whose half message was rolled back has not been lost: none of it was done.
#[test]
fn a_half_that_is_rolled_back_is_no_loss() {
    let lab = lab("b-c-ok-d-failed");
    for seed in 0..10 {
        let session = run(&lab, &[("pattern", "half-message")], "before-mark", seed);
        let (told, _) = said(&session);
        assert!(told.headline.starts_with("ROLLED BACK"), "{}", told.headline);
        let lines = explained(&session);
        assert!(lines[0].contains("rolled back") && !lines.concat().contains("refused"), "{lines:?}");
    }
}

#[test]
fn an_old_value_that_stays_is_worse_than_a_repeat() {
    let plan = Plan::new(lab("backlog-rescue"), &[], &[]).unwrap();
    let totals = Totals { attempted: 40, applied: 40, duplicates: 11, stale: 5, ..Totals::default() };
    let line = super::headline::headline(&totals, &plan, Language::En);
    assert!(line.starts_with("STALE  5"), "{line}");
}

/// What was lost with a mirror that was not in step was lost when that became master,
/// not when the old one came back.
#[test]
fn a_mirror_that_became_master_without_it_is_in_the_life_of_a_message() {
    let lab = lab("rabbit-ha");
    for seed in 0..5 {
        let session = run(&lab, &[("queue_type", "mirrored")], "crash-unsynchronised", seed);
        let lines = explained(&session).join("\n");
        assert!(lines.contains("mirror became master without it"), "seed {seed}: {lines}");
        let (message, _) = culprit(&session).unwrap();
        let story = explain(session.events(), session.plan(), session.ledger(), message);
        let kinds: Vec<_> = story.events.iter().map(|id| session.events()[id.0 as usize].kind).collect();
        let crash = kinds.iter().position(|kind| *kind == Kind::Fault(FaultKind::ProcessCrash));
        let promoted = kinds.iter().position(|kind| *kind == Kind::MirrorPromoted { synchronised: false });
        assert!(crash.is_some() && crash < promoted, "{kinds:?}");
    }
}

/// A copy that is left on one disk of three is there, and nobody can be handed it.
#[test]
fn a_copy_out_of_reach_is_named() {
    let lab = lab("rabbit-ha");
    let session = run(&lab, &[("queue_type", "quorum")], "disk-majority", 42);
    let lines = explained(&session).join("\n");
    assert!(lines.contains("broker-3 still has it"), "{lines}");
}

/// Aborted records that were applied all the same are told, however green the rest is.
#[test]
fn what_was_refused_and_done_all_the_same_is_no_success() {
    let plan = Plan::new(lab("dup-consumers-kafka"), &[], &[]).unwrap();
    let totals = Totals { attempted: 40, applied: 40, refused_yet_there: 36, ..Totals::default() };
    for (language, word) in [(Language::Zh, "被拒"), (Language::En, "REFUSED, YET THERE")] {
        let line = super::headline::headline(&totals, &plan, language);
        assert!(line.contains("36") && line.contains(word), "{line}");
    }
    let unknown = Totals { attempted: 40, applied: 40, told_unknown: 36, ..Totals::default() };
    assert_eq!(unknown.weight(), None, "an honest doubt is no fault");
}
