//! The course that is built into the program keeps its promises: its lessons are
//! complete and in step, every lab can be read, and every claim, task and
//! prediction holds over its seeds.

use std::collections::BTreeSet;
use std::sync::Arc;

use ackademy::lab::{Lab, Plan, Runner};
use ackademy::random::Seed;
use ackademy::text::Language;
use ackademy::trial::check::{Verdict, check_lab};
use ackademy::workbook::Content;
use ackademy::workbook::check::{KnownLab, KnownLabs, check_lessons};
use ackademy::workbook::curriculum::CURRICULUM;

const SEEDS: u64 = 300;

fn labs() -> Vec<Arc<Lab>> {
    let content = Content::embedded();
    let read = |id: &String| {
        let source = content.lab_source(id).unwrap_or_else(|trouble| panic!("{trouble}"));
        let lab = Lab::parse(&source).unwrap_or_else(|troubles| {
            let shown: Vec<_> = troubles.iter().map(ToString::to_string).collect();
            panic!("{}", shown.join("\n"))
        });
        assert_eq!(lab.id, *id, "a lab is called like its file");
        Arc::new(lab)
    };
    content.labs().iter().map(read).collect()
}

/// Those that run in no time. A run of millions takes half a minute, and several of
/// them in a debug build.
fn short_labs() -> Vec<Arc<Lab>> {
    labs().into_iter().filter(|lab| lab.check_seeds.is_none()).collect()
}

fn known(lab: &Lab) -> KnownLab {
    KnownLab {
        lesson: lab.lesson.clone(),
        claims: lab.claims.iter().map(|claim| claim.id.clone()).collect(),
        predicts: lab.predicts.iter().map(|predict| predict.id.clone()).collect(),
        tasks: lab.tasks.iter().map(|task| task.id.clone()).collect(),
        faults: lab.faults.iter().map(|fault| fault.id.clone()).collect(),
        settings: lab.settings.iter().map(|setting| setting.spec.name.to_owned()).collect(),
    }
}

#[test]
fn lessons_are_complete_in_step_and_refer_only_to_what_is_there() {
    let known = KnownLabs { labs: labs().iter().map(|lab| (lab.id.clone(), known(lab))).collect() };
    let troubles: Vec<_> = check_lessons(&Content::embedded(), &known).iter().map(ToString::to_string).collect();
    assert!(troubles.is_empty(), "\n{}", troubles.join("\n\n"));
}

/// What an option is told by stands on the screen after a right prediction and
/// after a wrong one; the screen says which it was.
#[test]
fn no_explanation_of_a_prediction_begins_as_if_it_had_been_right() {
    const PRAISE: [&str; 10] = ["对。", "对，", "没错", "答对", "猜对", "是的", "Yes", "Right", "Correct", "Exactly"];
    for lab in labs() {
        for option in lab.predicts.iter().flat_map(|predict| &predict.options) {
            for text in Language::ALL.map(|language| option.why.in_language(language)) {
                assert!(!PRAISE.iter().any(|praise| text.starts_with(praise)), "{}: {text}", lab.id);
            }
        }
    }
}

#[test]
fn every_lab_belongs_to_a_lesson_of_the_plan() {
    for lab in labs() {
        let planned = CURRICULUM.iter().any(|lesson| lesson.id == lab.lesson);
        assert!(planned, "{}: there is no lesson {} in the plan of the course", lab.id, lab.lesson);
    }
}

#[test]
fn every_claim_task_and_prediction_holds_over_its_seeds() {
    let mut failures = Vec::new();
    // `ackademy check` always looks at the long ones as well.
    for lab in if cfg!(debug_assertions) { short_labs() } else { labs() } {
        let findings = check_lab(&lab, SEEDS, 2).unwrap_or_else(|error| panic!("{}: {error}", lab.id));
        assert_eq!(
            findings.len(),
            lab.claims.len() + lab.tasks.len() + lab.predicts.len(),
            "{}: each is checked once",
            lab.id
        );
        for finding in findings {
            if let Verdict::Fails { seed, why } = finding.verdict {
                failures.push(format!("{}: {}: {why} (seed {seed:?})", lab.id, finding.subject));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn the_same_run_twice_is_the_same_and_another_seed_is_another() {
    let mut runner = Runner::new();
    for lab in short_labs() {
        let faults: Vec<_> = lab.faults.iter().take(1).map(|fault| fault.id.clone()).collect();
        let plan = Plan::new(Arc::clone(&lab), &[], &faults).unwrap();
        let first: Vec<_> = (0..20).map(|seed| runner.run(&plan, Seed(seed)).digest).collect();
        let again: Vec<_> = (0..20).map(|seed| Runner::new().run(&plan, Seed(seed)).digest).collect();
        assert_eq!(first, again, "{}: a used runner remembers nothing", lab.id);
        assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), first.len(), "{}: every seed has its own run", lab.id);
    }
}

type Chosen = Vec<(String, String)>;

/// The plans of a lab's settings with each fault, and without one.
fn plans_by_fault(lab: &Arc<Lab>, set: &[(String, String)]) -> Vec<Plan> {
    let faults = lab.faults.iter().map(|fault| vec![fault.id.clone()]);
    faults.chain([Vec::new()]).map(|faults| Plan::new(Arc::clone(lab), set, &faults).unwrap()).collect()
}

/// The settings that a lab speaks of: its defaults, and those of its claims and tasks.
fn contexts(lab: &Lab) -> BTreeSet<Chosen> {
    let claims = lab.claims.iter().map(|claim| claim.given.clone());
    let tasks = lab.tasks.iter().flat_map(|task| [task.start.clone(), [&task.start[..], &task.reference].concat()]);
    claims.chain(tasks).chain([Vec::new()]).collect()
}

#[test]
fn no_run_of_a_lab_is_void_or_without_an_end() {
    let mut runner = Runner::new();
    for lab in short_labs() {
        for plan in plans_by_fault(&lab, &[]) {
            for seed in 0..20 {
                let outcome = runner.run(&plan, Seed(seed));
                let what = format!("{}: {:?}, seed {seed}", lab.id, plan.sentences);
                assert_eq!(outcome.violation, None, "{what}");
                assert!(!outcome.is_undecided, "{what}: not quiet in the end");
                assert_eq!(outcome.totals.stray, 0, "{what}: an effect for a subscription that must not see it");
            }
        }
    }
}

#[test]
fn every_fault_that_a_lab_offers_can_strike() {
    let mut runner = Runner::new();
    for lab in short_labs() {
        for fault in &lab.faults {
            let strikes = contexts(&lab).iter().any(|set| {
                let plan = Plan::new(Arc::clone(&lab), set, std::slice::from_ref(&fault.id)).unwrap();
                (0..20).any(|seed| runner.run(&plan, Seed(seed)).is_witness)
            });
            assert!(strikes, "{}: {} never strikes", lab.id, fault.id);
        }
    }
}

#[test]
fn every_setting_that_a_lab_offers_makes_a_difference() {
    let mut runner = Runner::new();
    let mut differs = |lab: &Arc<Lab>, context: &Chosen, [one, other]: [(String, String); 2]| {
        let sets = [one, other].map(|choice| [&context[..], &[choice]].concat());
        // Where nobody starts nothing can be seen.
        let starts = sets.iter().all(|set| lab.refusal(set).is_none());
        let [one, other] = sets.map(|set| if starts { plans_by_fault(lab, &set) } else { Vec::new() });
        one.iter().zip(&other).any(|(plan, flipped)| {
            let mut digest = |plan, seed| runner.run(plan, Seed(seed)).digest;
            (0..5).any(|seed| digest(plan, seed) != digest(flipped, seed))
        })
    };
    for lab in short_labs() {
        for setting in &lab.settings {
            // A number in a range offers no values to try.
            for value in setting.values.iter().filter(|value| **value != setting.default) {
                let pair = [&setting.default, value].map(|value| (setting.spec.name.to_owned(), value.clone()));
                let noticed = contexts(&lab).iter().any(|context| differs(&lab, context, pair.clone()));
                assert!(noticed, "{}: no run notices {} = {value}", lab.id, setting.spec.name);
            }
        }
    }
}

#[test]
fn every_subscription_of_a_lab_has_something_to_see() {
    for lab in short_labs() {
        let entitlement = &lab.wiring.entitlement;
        for subscription in 0..entitlement.subscriptions() {
            let sees =
                (0..lab.workload.messages as usize).any(|message| entitlement.row(message, subscription).is_some());
            let name = lab.wiring.names.text(lab.wiring.subscriptions[usize::from(subscription)]);
            assert!(sees, "{}: no message is for {name}", lab.id);
        }
    }
}

#[test]
fn every_text_of_a_lab_is_there_in_both_languages() {
    for lab in short_labs() {
        let faults = lab.faults.iter().map(|fault| &fault.title);
        let claims = lab.claims.iter().map(|claim| &claim.says);
        let tasks = lab.tasks.iter().map(|task| &task.ask);
        let asks = lab.predicts.iter().map(|predict| &predict.ask);
        let options = lab.predicts.iter().flat_map(|predict| &predict.options);
        let options = options.flat_map(|option| [&option.text, &option.why]);
        let texts = [&lab.title, &lab.incident].into_iter().chain(faults).chain(claims).chain(tasks);
        for text in texts.chain(asks).chain(options) {
            for language in Language::ALL {
                assert!(!text.in_language(language).trim().is_empty(), "{}: {text:?}", lab.id);
            }
        }
    }
}
