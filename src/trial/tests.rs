//! How far a check looks.

use std::path::Path;
use std::sync::Arc;

use super::Grid;
use super::check::{Attack, SEARCH, Verdict, attack, check_claim};
use crate::lab::{Claim, Expression, Lab, Quantifier, Task};
use crate::source::Source;

fn lab() -> Arc<Lab> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs/first-loss.toml");
    Arc::new(Lab::parse(&Source::new("first-loss.toml", std::fs::read_to_string(path).unwrap())).unwrap())
}

fn claim(quantifier: Quantifier, text: &str) -> Claim {
    let claim = lab().claims[0].clone();
    Claim { quantifier, expression: Expression::parse(text).unwrap(), ..claim }
}

#[test]
fn only_a_claim_about_some_run_is_searched_for_and_only_until_one_is_found() {
    let never = "applied > 20";
    for (quantifier, text, seeds, holds) in [
        (Quantifier::Sometimes, "applied < 20", 10, true),
        (Quantifier::Sometimes, never, SEARCH, false),
        (Quantifier::Always, never, 10, false),
    ] {
        let finding = check_claim(&lab(), &claim(quantifier, text), 10, 1).unwrap();
        assert_eq!((finding.seeds, finding.verdict == Verdict::Holds), (seeds, holds), "{quantifier} {text}");
        assert!(finding.inputs > 0);
    }
}

/// An exercise is solved by runs that were attacked, and by no others.
#[test]
fn an_attack_that_never_struck_proves_nothing() {
    let lab = lab();
    let task = lab.tasks[0].clone();
    let safe: Vec<_> = task.start.iter().chain(&task.reference).cloned().collect();
    assert_eq!(attack(&lab, &task, &safe, 50, 1), Ok(Attack::Survived));
    assert!(matches!(attack(&lab, &task, &task.start, 50, 1), Ok(Attack::Broken(_))));
    let late = Task { fault: Some("crash broker-1 after message 20 is-dead-lettered".to_owned()), ..task };
    assert_eq!(attack(&lab, &late, &safe, 50, 1), Ok(Attack::Missed { witnesses: 0 }));
}

/// One workload on both models: each setting of one model varies with it alone.
const EITHER: &str = r#"id = "test"
lesson = "07-producer-consumer"
title = { zh = "", en = "" }
incident = { zh = "", en = "" }
[topology]
broker = "queue-or-log"
nodes = 1
producers = 1
consumers = 1
[workload]
messages = 1
rate = "1/s"
[settings.ack]
default = "after-effect"
[settings.acks]
default = "all"
[settings.model]
default = "queue"
"#;

#[test]
fn a_sweep_does_not_vary_what_is_dead() {
    let lab = Arc::new(Lab::parse(&Source::new("test.toml", EITHER)).unwrap());
    let plans = Grid::default().plans(&lab).unwrap();
    assert_eq!(plans.len(), 3 + 3, "three values of `ack` on queues, three of `acks` on logs");
    let mut chosen: Vec<_> = plans.iter().map(|(_, plan)| plan.chosen.clone()).collect();
    chosen.sort();
    chosen.dedup();
    assert_eq!(chosen.len(), plans.len());
}

/// Each pattern has settings of its own, and its own way of sending.
const PATTERNS: &str = r#"id = "test"
lesson = "03-what-it-costs"
title = { zh = "", en = "" }
incident = { zh = "", en = "" }
[topology]
broker = "queue"
nodes = 1
producers = 1
consumers = 1
[workload]
messages = 1
rate = "1/s"
[settings.outbox]
default = false
[settings.guard]
default = "mark"
[settings.pattern]
default = "none"
"#;

#[test]
fn a_sweep_does_not_vary_what_a_pattern_has_no_use_for() {
    let lab = Arc::new(Lab::parse(&Source::new("test.toml", PATTERNS)).unwrap());
    let plans = Grid::default().plans(&lab).unwrap();
    let of = |pattern: &str| plans.iter().filter(|(_, plan)| plan.settings.word("pattern") == pattern).count();
    assert_eq!(["none", "saga", "tcc", "half-message"].map(of), [2, 2, 3, 1], "outbox; outbox; guard; neither");
    let dead = |plan: &crate::lab::Plan| ["outbox", "guard"].map(|name| plan.is_dead(name));
    let tcc = plans.iter().find(|(_, plan)| plan.settings.word("pattern") == "tcc");
    assert_eq!((dead(&plans[0].1), tcc.map(|(_, plan)| dead(plan))), ([false, true], Some([true, false])));
}

/// Transactions, with what a producer that has them needs.
const TRANSACTIONS: &str = r#"id = "test"
lesson = "09-kafka-in-use"
title = { zh = "", en = "" }
incident = { zh = "", en = "" }
[topology]
broker = "log"
nodes = 1
producers = 1
consumers = 1
[workload]
messages = 1
rate = "1/s"
[settings.acks]
default = "all"
[settings.transactions]
default = false
"#;

#[test]
fn a_sweep_leaves_out_what_nobody_starts_with() {
    let lab = Arc::new(Lab::parse(&Source::new("test.toml", TRANSACTIONS)).unwrap());
    let plans = Grid::default().plans(&lab).unwrap();
    let with = |transactions: &str| {
        let plans = plans.iter().filter(|(_, plan)| plan.settings.word("transactions") == transactions);
        plans.map(|(_, plan)| plan.settings.word("acks")).collect::<Vec<_>>()
    };
    assert_eq!((with("false"), with("true")), (vec!["0", "1", "all"], vec!["all"]));
    let set = [("transactions", "true"), ("acks", "1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let error = Grid { set: set.to_vec(), ..Grid::default() }.plans(&lab).unwrap_err();
    assert!(error.to_string().contains("ConfigException"), "asked for by name, it says why: {error}");
}
