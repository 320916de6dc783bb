//! Labs on a log: what must hold of every run, and what an author is told.

use std::sync::Arc;

use super::sample::plan;
use super::*;
use crate::random::Seed;
use crate::source::Source;

fn lab(tables: &str) -> Arc<Lab> {
    sample::lab(sample::text(tables))
}

/// Two groups, each of which must see everything.
const SHOP: &str = r#"
[topology]
broker = "log"
brokers = 3
producers = 2
consumers = 3
[[groups]]
name = "stock"
consumers = 1
[[groups]]
name = "points"
consumers = 2
[workload]
messages = 60
rate = "100/s"
keys = 6
[fixed]
offset_reset = "earliest"
[settings.acks]
default = "all"
[settings.offset_commit]
default = "after"
[settings.min_insync]
default = 2
"#;

const FAULTS: [&str; 10] = [
    "crash leader within 200ms after message 20 is-appended, restart after 4s",
    "power-cut all brokers within 200ms after message 20 is-appended, restart after 4s",
    "disk-loss leader within 200ms after message 20 is-appended, restart after 4s",
    "torn-write leader within 200ms after message 20 is-appended, restart after 4s",
    "isolate leader from brokers + controllers after message 20 is-appended, for 20s",
    "isolate a follower after message 20 is-appended, for 20s",
    "pause active controller after message 20 is-appended, for 20s",
    "crash consumer-2 within 200ms after message 20 is-committed, restart after 5s",
    "pause consumer-2 within 200ms after message 20 is-committed, for 60s",
    "crash producer-1 within 200ms after message 20 is-committed, restart after 5s",
];

#[test]
fn every_group_reads_everything_and_the_run_ends_soon() {
    let lab = lab(SHOP);
    let mut runner = Runner::new();
    for seed in 0..20 {
        let outcome = runner.run(&plan(&lab, &[], &[]), Seed(seed));
        let totals = outcome.totals;
        assert_eq!(outcome.violation, None);
        assert!(!outcome.is_undecided);
        assert_eq!((totals.attempted, totals.told_ok, totals.entitled), (60, 60, 120), "seed {seed}");
        assert_eq!((totals.applied, totals.duplicates, totals.reordered), (120, 0, 0), "seed {seed}");
        assert!(outcome.end.as_millis() < 60_000, "nothing is left to wait for: {}", outcome.end);
    }
}

#[test]
fn an_outbox_keeps_what_was_told_ok_and_sends_again_what_it_had_no_answer_for() {
    let lab = lab(&format!("{SHOP}[settings.outbox]\ndefault = false\n"));
    let mut runner = Runner::new();
    for (fault, must_repeat) in [
        ("crash producer-1 within 150ms after message 21 occurs, restart after 500ms", false),
        ("crash producer-1 after message 21 is-appended, restart after 500ms", true),
        ("isolate producer-1 from brokers within 150ms after message 21 occurs, for 200s", false),
    ] {
        for seed in 0..6 {
            let outcome = runner.run(&plan(&lab, &[("outbox", "true")], &[fault]), Seed(seed));
            let totals = outcome.totals;
            assert_eq!(outcome.violation, None, "{fault}, seed {seed}");
            assert!(outcome.is_witness && !outcome.is_undecided, "{fault}, seed {seed}");
            assert_eq!((totals.lost_after_ok, totals.pending, totals.told_unknown), (0, 0, 0), "{fault}, seed {seed}");
            assert!(totals.duplicates > 0 || !must_repeat, "numbered by another producer id: seed {seed}");
        }
    }
}

#[test]
fn the_books_balance_whatever_happens_to_a_log() {
    let lab = lab(SHOP);
    let mut runner = Runner::new();
    for fault in FAULTS {
        for acks in ["1", "all"] {
            for seed in 0..3 {
                let outcome = runner.run(&plan(&lab, &[("acks", acks)], &[fault]), Seed(seed));
                assert_eq!(outcome.violation, None, "{fault}, seed {seed}");
                assert!(!outcome.is_undecided, "{fault}, seed {seed}");
                let totals = outcome.totals;
                assert_eq!(totals.pending, 0, "{fault}, acks={acks}, seed {seed}: {totals:?}");
                if acks == "all" && !fault.contains("all brokers") {
                    assert_eq!(totals.lost_after_ok, 0, "{fault}, seed {seed}: {totals:?}");
                }
            }
        }
    }
}

/// A producer whose facts go in transactions, three at a time.
const TRANSACTIONS: &str = r#"
[topology]
broker = "log"
brokers = 3
producers = 1
consumers = 2
[workload]
messages = 20
rate = "100/s"
keys = 5
[fixed]
transactions = true
isolation = "read_committed"
partitions = 3
batch_records = 3
offset_reset = "earliest"
offset_commit = "after"
"#;

#[test]
fn one_transaction_follows_the_other_and_all_of_them_are_read() {
    let lab = lab(TRANSACTIONS);
    let mut runner = Runner::new();
    for seed in 0..20 {
        let outcome = runner.run(&plan(&lab, &[], &[]), Seed(seed));
        let totals = outcome.totals;
        assert_eq!((outcome.violation, outcome.is_undecided), (None, false), "seed {seed}");
        assert_eq!((totals.attempted, totals.told_ok), (20, 20), "seed {seed}");
        assert_eq!((totals.applied, totals.duplicates, totals.reordered), (20, 0, 0), "seed {seed}");
        assert!(outcome.end.as_millis() < 60_000, "nothing is left to wait for: {}", outcome.end);
    }
}

/// A consumer that is gone for good: the other one of its group is handed its
/// partitions when its session ends, and the run waits for that.
#[test]
fn what_a_dead_consumer_had_is_handed_to_another_before_the_audit() {
    let lab = lab(SHOP);
    let mut runner = Runner::new();
    let crash = "crash consumer-2 within 200ms after message 20 is-committed, restart after 400s";
    for seed in 0..5 {
        let totals = runner.run(&plan(&lab, &[], &[crash]), Seed(seed)).totals;
        assert_eq!((totals.applied, totals.pending), (120, 0), "seed {seed}: {totals:?}");
        assert!(totals.rebalances >= 3, "seed {seed}: {totals:?}");
    }
}

#[test]
fn a_watched_run_of_a_log_is_the_same_run() {
    let lab = lab(SHOP);
    for fault in FAULTS {
        let plan = Arc::new(plan(&lab, &[], &[fault]));
        let outcome = Runner::new().run(&plan, Seed(7));
        let mut session = Session::new(plan, Seed(7));
        for millis in [8_100, 9_000, 8_300, 15_000, 60_000, 10_000] {
            session.seek(crate::time::Time::from_millis(millis));
        }
        session.finish();
        assert_eq!(session.digest(), outcome.digest, "{fault}");
        assert_eq!(session.totals(), outcome.totals, "{fault}");
    }
}

const EITHER: &str = r#"
[topology]
broker = "queue-or-log"
nodes = 1
producers = 1
consumers = 2
[workload]
messages = 40
rate = "100/s"
keys = 4
[fixed]
offset_reset = "earliest"
[settings.model]
default = "queue"
[settings.prefetch]
values = [1, 10]
default = 10
[settings.offset_commit]
values = ["after", "before"]
default = "after"
[settings.processing_ms]
values = [5, 10]
default = 5
"#;

#[test]
fn one_workload_runs_on_either_model() {
    let lab = lab(EITHER);
    for model in ["queue", "log"] {
        let outcome = Runner::new().run(&plan(&lab, &[("model", model)], &[]), Seed(1));
        assert_eq!((outcome.totals.applied, outcome.violation), (40, None), "{model}");
    }
    for (model, dead) in [("queue", [false, true, false]), ("log", [true, false, false])] {
        let plan = plan(&lab, &[("model", model)], &[]);
        assert_eq!(["prefetch", "offset_commit", "processing_ms"].map(|name| plan.is_dead(name)), dead, "{model}");
    }
}

#[test]
fn a_setting_or_a_table_of_the_other_model_is_answered_with_its_place() {
    let topology = "[topology]\nbroker = \"log\"\nnodes = 1\nproducers = 1\nconsumers = 1\n";
    let workload = "[workload]\nmessages = 1\nrate = \"1/s\"\n";
    let queue = topology.replace("\"log\"", "\"queue\"");
    let either = topology.replace("\"log\"", "\"queue-or-log\"");
    let claim = "[[claims]]\nid = \"x\"\ngiven = { model = \"log\", prefetch = 1 }\nalways = \"lost == 0\"\nsays = { zh = \"\", en = \"\" }\n";
    let both = "[settings.model]\ndefault = \"log\"\n[settings.prefetch]\ndefault = 1\n";
    for (tables, at, reason) in [
        (format!("{topology}{workload}[fixed]\nprefetch = 1\n"), "prefetch", "setting of a queue"),
        (format!("{topology}{workload}[fixed]\nsession_ms = 2000\n"), "2000", "session_ms"),
        (format!("{queue}{workload}[settings.acks]\ndefault = \"all\"\n"), "acks", "setting of a log"),
        (format!("{queue}[[groups]]\nname = \"g\"\n{workload}"), "\"g\"", "of a log"),
        (format!("{topology}[[queues]]\nname = \"g\"\n{workload}"), "\"g\"", "of RabbitMQ"),
        (format!("{either}{workload}"), "\"queue-or-log\"", "model"),
        (format!("{topology}{workload}[settings.model]\n"), "\"log\"", "model"),
        (format!("{either}{workload}{both}{claim}"), "prefetch = 1 }", "about a log"),
        (topology.replace("\"log\"", "\"kafka\"") + workload, "\"kafka\"", "no broker"),
        (topology.to_owned() + "controllers = 5\n" + workload, "5", "controllers"),
    ] {
        let text = sample::text(&tables);
        let troubles = Lab::parse(&Source::new("test.toml", text.clone())).expect_err(&tables);
        assert!(troubles.iter().any(|trouble| trouble.to_string().contains(reason)), "{at}: {}", troubles[0]);
    }
}

#[test]
fn a_fault_names_partitions_that_the_lab_can_have() {
    let (third, fourth) = ("crash leader of partition 2 at 2s", "crash leader of partition 3 at 2s");
    let of = |tables: &str, faults: &[&str]| {
        let faults: Vec<String> = faults.iter().map(|&fault| fault.to_owned()).collect();
        Plan::new(lab(tables), &[], &faults)
    };
    assert!(of(SHOP, &[third]).is_ok());
    let error = of(SHOP, &[fourth]).unwrap_err();
    assert_eq!((&error.text[error.span], error.hint.en.as_str()), ("3", "there are partitions 0 to 2"));
    assert!(of(SHOP, &["add-partitions 6 at 1s", fourth]).is_ok());
    // What a setting may come to can be named; where it has not, the fault is missed.
    let settings = format!("{SHOP}[settings.partitions]\nvalues = [1, 4]\ndefault = 1\n");
    let plan = of(&settings, &[fourth]).unwrap();
    let mut session = Session::new(Arc::new(plan), Seed(3));
    session.finish();
    assert_eq!(missed_faults(&session), [0]);
    assert!(of(EITHER, &[third]).is_err() && of(EITHER, &["add-partitions 6 at 1s"]).is_err(), "these are queues");
}
