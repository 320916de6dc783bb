//! Labs with several producers, queues and subscriptions: what must hold of every
//! run, and what an author is told of a file that cannot be read.

use std::sync::Arc;

use super::*;
use crate::random::Seed;
use crate::setting::{Demand, Values};
use crate::source::Source;

/// A lab file whose tables of nodes, queues and workload are given.
fn text(tables: &str) -> String {
    let settings = "[settings.confirms]\ndefault = \"async\"\n[settings.persistent]\ndefault = true\n";
    sample::text(&format!("{tables}\n{settings}"))
}

fn lab(tables: &str) -> Arc<Lab> {
    sample::lab(text(tables))
}

/// Two subscriptions on one key, one of which shares another key; the third key
/// of the round is for nobody.
const SHOP: &str = r#"
[topology]
broker = "queue"
nodes = 1
producers = 2
consumers = 3
[[queues]]
name = "stock"
bind = ["order.placed"]
consumers = 1
[[queues]]
name = "points"
bind = ["order.placed", "order.paid"]
consumers = 2
[workload]
messages = 60
rate = "200/s for 100ms, then 100/s"
keys = 4
routing = ["order.placed", "order.paid", "order.viewed"]
"#;

fn outcomes(lab: &Arc<Lab>, set: &[(&str, &str)], faults: &[&str]) -> Vec<Outcome> {
    let plan = sample::plan(lab, set, faults);
    let mut runner = Runner::new();
    (0..40).map(|seed| runner.run(&plan, Seed(seed))).collect()
}

#[test]
fn every_subscription_gets_what_it_is_entitled_to_and_nothing_else() {
    for outcome in outcomes(&lab(SHOP), &[], &[]) {
        let totals = outcome.totals;
        assert_eq!((outcome.violation, outcome.is_undecided), (None, false));
        assert_eq!((totals.attempted, totals.entitled, totals.told_ok), (60, 80, 60));
        assert_eq!((totals.applied, totals.nowhere, totals.stray, totals.duplicates), (60, 20, 0, 0));
        assert_eq!((totals.blocked_ms, totals.unconnected_ms), (0, 0));
        assert!(totals.unavailable_ms < 100, "an answer takes no longer than a round trip");
    }
}

#[test]
fn a_queue_that_its_consumers_declare_misses_what_was_published_before_they_came() {
    let points = "name = \"points\"\n";
    let late = SHOP.replace(points, &format!("{points}declared_by_consumers = true\n"));
    let absent = ["crash consumer-2 + consumer-3 at 1ms, restart after 500ms"];
    for (tables, faults, misses) in
        [(&late, &[][..], false), (&late, &absent[..], true), (&SHOP.to_owned(), &absent[..], false)]
    {
        for outcome in outcomes(&lab(tables), &[], faults) {
            let totals = outcome.totals;
            assert_eq!((outcome.violation, outcome.is_undecided), (None, false));
            assert_eq!((totals.lost_after_ok > 0, totals.lost, totals.pending), (misses, 0, 0), "{faults:?}");
        }
    }
}

/// A shop that has, or may have, an outbox.
const OUTBOX: &str = r#"
[topology]
broker = "queue"
nodes = 1
producers = 1
consumers = 1
[workload]
messages = 10
rate = "50/s"
[settings.outbox]
default = false
"#;

#[test]
fn what_a_shop_committed_before_it_crashed_is_published_if_there_is_an_outbox() {
    let lab = lab(OUTBOX);
    let crash = ["crash producer-1 after message 5 is-recorded, restart after 500ms"];
    for outcome in outcomes(&lab, &[("outbox", "false")], &crash) {
        assert_eq!((outcome.violation, outcome.totals.lost), (None, 1), "committed, and never published");
    }
    for outcome in outcomes(&lab, &[("outbox", "true")], &crash) {
        assert_eq!((outcome.violation, outcome.totals.lost, outcome.totals.lost_after_ok), (None, 0, 0));
        assert_eq!(outcome.totals.applied, outcome.totals.attempted);
    }
}

#[test]
fn the_books_balance_whatever_happens_to_broker_and_clients() {
    let lab = lab(SHOP);
    for fault in [
        "crash broker-1 within 200ms after message 20 reaches broker-1, restart after 2s",
        "power-cut broker-1 within 200ms after message 20 reaches broker-1, restart after 2s",
        "crash consumer-2 + consumer-3 after message 20 occurs, restart after 1s",
        "crash producer-1 after message 20 occurs, restart after 100ms",
        "isolate broker-1 at 300ms, for 20s",
        "isolate consumer-1 from brokers at 300ms, for 20s",
    ] {
        for outcome in outcomes(&lab, &[], &[fault]) {
            assert_eq!(outcome.violation, None, "{fault}");
            assert!(outcome.is_witness && !outcome.is_undecided, "{fault}");
            assert_eq!(outcome.totals.lost, 0, "{fault}: a producer that lives sends again");
        }
    }
}

#[test]
fn a_message_that_a_wrong_binding_kept_away_is_lost_to_that_subscription_alone() {
    let wrong = SHOP.replace("bind = [\"order.placed\"]", "bind = [\"order.plcaed\"]\nmust_see = [\"order.placed\"]");
    for outcome in outcomes(&lab(&wrong), &[], &[]) {
        assert_eq!((outcome.totals.lost_after_ok, outcome.totals.applied), (20, 40));
    }
}

#[test]
fn an_outage_is_as_long_as_the_broker_is_away() {
    let fault = "crash broker-1 at 300ms, restart after 3s";
    for outcome in outcomes(&lab(SHOP), &[], &[fault]) {
        let totals = outcome.totals;
        for time in [totals.unavailable_ms, totals.unconnected_ms] {
            assert!((3_000..5_000).contains(&time), "{time}");
        }
        assert_eq!(totals.blocked_ms, 0);
    }
}

#[test]
fn a_watched_run_tells_the_rows_of_every_message() {
    let plan = Arc::new(Plan::new(lab(SHOP), &[], &[]).unwrap());
    let mut session = Session::new(plan, Seed(3));
    assert_eq!(session.totals().ends(), 0);
    session.advance(crate::time::Time::from_millis(300));
    let midway = session.totals();
    assert_eq!(midway.ends(), midway.entitled);
    session.finish();
    assert_eq!((session.fates().len(), session.rows().len()), (60, 80));
    assert_eq!(session.rows()[..4], [Fate::Applied, Fate::Applied, Fate::Applied, Fate::Nowhere]);
    assert_eq!(session.plan().name(session.plan().lab.wiring.queues[1].name), "points");
}

#[test]
fn a_file_that_cannot_be_meant_is_answered_with_its_place() {
    let once = |from: &str, to: &str| text(&SHOP.replacen(from, to, 1));
    for (text, place, hint) in [
        (once("nodes = 1", "nodes = 8"), "8", "1 to 7"),
        (once("consumers = 3", "consumers = 2"), "\"points\"", "as many as the topology has"),
        (once("consumers = 3", "consumers = 4"), "", "for each queue"),
        (once("consumers = 3", "consumers = 3\nconnect = \"near\""), "\"near\"", "spread"),
        (
            once("consumers = 3", "consumers = 3\nown_broker = { producer-9 = \"broker-1\" }"),
            "producer-9",
            "producer-2",
        ),
        (once("consumers = 3", "consumers = 3\ndatabase = \"cloud\""), "\"cloud\"", "reliable"),
        (once("name = \"points\"", "name = \"stock\""), "\"stock\"", "name of its own"),
        (once("consumers = 2", "consumers = 2\ndead_letters_of = \"stork\""), "\"stork\"", "stands after"),
        (once("consumers = 2", "consumers = 2\nsettings = { prefect = 1 }"), "prefect", "prefetch"),
        (once("200/s for 100ms, then 100/s", "200/s, then 100/s"), "\"200/s, then 100/s\"", "5000/s for 10s"),
        (once("[[queues]]", "[exchange]\nname = \"shop\"\ntype = \"tropic\"\n[[queues]]"), "\"tropic\"", "topic"),
        (
            once("[[queues]]", "[exchange]\nname = \"stock\"\ntype = \"topic\"\n[[queues]]"),
            "\"stock\"",
            "name of its own",
        ),
    ] {
        let troubles = Lab::parse(&Source::new("test.toml", text.clone())).expect_err(place);
        let shown = troubles[0].render(false);
        assert!(shown.contains(hint), "{place}: {shown}");
        let carets = shown.matches('^').count();
        assert!(place.is_empty() || carets == place.len() && shown.contains(place), "{place}: {shown}");
    }
}

/// Three brokers, clients everywhere, one classic queue.
const CLUSTER: &str = r#"
[topology]
broker = "queue"
nodes = 3
producers = 2
consumers = 3
[workload]
messages = 40
rate = "100/s"
"#;

#[test]
fn a_cluster_serves_clients_on_every_node_and_its_runs_end() {
    let lab = lab(CLUSTER);
    for outcome in outcomes(&lab, &[], &[]) {
        assert_eq!((outcome.violation, outcome.is_undecided), (None, false));
        assert_eq!((outcome.totals.applied, outcome.totals.duplicates), (40, 0));
    }
    for fault in [
        "crash broker-1 within 200ms after message 20 occurs, restart after 3s",
        "crash broker-2 + broker-3 within 200ms after message 20 occurs, restart after 3s",
        "isolate broker-2 from brokers at 400ms, for 20s",
        "isolate broker-1 at 400ms",
        "pause broker-3 at 400ms, for 30s",
    ] {
        for outcome in outcomes(&lab, &[("confirms", "async")], &[fault]) {
            assert_eq!((outcome.violation, outcome.is_undecided), (None, false), "{fault}");
            assert_eq!(outcome.totals.lost_after_ok, 0, "{fault}");
            // Resends are bounded: after 90 s a producer has given up.
            assert!(outcome.totals.lost == 0 || !fault.contains(", "), "{fault}: {:?}", outcome.totals);
        }
    }
}

#[test]
fn an_alarm_blocks_every_producer_for_as_long_as_it_lasts_and_loses_nothing() {
    for outcome in outcomes(&lab(SHOP), &[], &["alarm memory broker-1 at 300ms, for 5s"]) {
        let totals = outcome.totals;
        assert_eq!((outcome.violation, totals.lost, totals.lost_after_ok), (None, 0, 0));
        assert!((9_000..=10_000).contains(&totals.blocked_ms), "two producers for 5 s each: {}", totals.blocked_ms);
        assert_eq!(totals.unconnected_ms, 0);
    }
}

/// Orders travel by headers; refunds are bound nowhere.
const BY_HEADERS: &str = r#"
[topology]
broker = "queue"
nodes = 1
producers = 1
consumers = 2
[exchange]
name = "shop"
type = "headers"
[[queues]]
name = "stock"
bind = ["all type=order"]
must_see = ["order"]
consumers = 1
[[queues]]
name = "refunds"
bind = []
must_see = ["refund"]
consumers = 1
[[queues]]
name = "unrouted"
takes_unrouted = true
subscription = "refunds"
[workload]
messages = 20
rate = "200/s"
routing = ["order", "refund"]
headers = ["type=order", "type=refund"]
[settings.alternate_exchange]
default = false
"#;

#[test]
fn what_cannot_be_routed_is_lost_unless_an_alternate_exchange_keeps_it() {
    for (alternate, lost, pending) in [("false", 10, 0), ("true", 0, 10)] {
        for outcome in outcomes(&lab(BY_HEADERS), &[("alternate_exchange", alternate)], &[]) {
            let Totals { applied, lost_after_ok, pending: waits, .. } = outcome.totals;
            assert_eq!((applied, lost_after_ok, waits), (10, lost, pending), "{alternate}");
        }
    }
}

/// A queue that is forwarded into two others, and what its consumers may do.
const FORWARDED: &str = r#"
[topology]
broker = "queue"
nodes = 1
producers = 1
consumers = 4
forwarders = 1
[[queues]]
name = "orders"
consumers = 2
[[queues]]
name = "left"
forwarded_from = "orders"
consumers = 1
[[queues]]
name = "right"
forwarded_from = "orders"
consumers = 1
[workload]
messages = 40
rate = "500/s"
keys = 4
[settings.forwarding]
default = true
[settings.consumers]
default = 0
"#;

#[test]
fn either_the_forwarder_works_or_the_consumers_of_its_queue_do() {
    let lab = lab(FORWARDED);
    let works = |set: &[(&str, &str)]| {
        let set: Vec<_> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let plan = Plan::new(lab.clone(), &set, &[]).unwrap();
        (0..4).map(|consumer| settings::works(&plan, consumer)).collect::<Vec<_>>()
    };
    assert_eq!(works(&[]), [false, false, true, true]);
    assert_eq!(works(&[("forwarding", "false")]), [true, true, false, false]);
    assert_eq!(works(&[("forwarding", "false"), ("consumers", "1")]), [true, false, false, false]);
    for forwarding in ["false", "true"] {
        for outcome in outcomes(&lab, &[("forwarding", forwarding)], &[]) {
            let Totals { applied, duplicates, lost, lost_after_ok, .. } = outcome.totals;
            assert_eq!((applied, duplicates, lost, lost_after_ok), (40, 0, 0, 0));
        }
    }
}

#[test]
fn what_asks_for_less_is_a_value_of_its_setting() {
    let mut known = 0;
    for spec in super::cast::settings_of() {
        let is_number = |word: &&str| word.parse::<u64>().is_ok();
        match (spec.demand, spec.values) {
            (Demand::LeastIs(least), values) => assert!(values.admit(least), "{}", spec.name),
            (Demand::Higher, Values::Words(words)) => assert!(words.iter().any(is_number), "{}", spec.name),
            (Demand::Higher, values) => assert!(matches!(values, Values::Count { .. }), "{}", spec.name),
            (Demand::Alike | Demand::Design | Demand::OwnDecision, _) => continue,
        }
        known += 1;
    }
    assert!(known >= 11, "{known}");
}
