//! Faults that lose a frame with a certain message: many frames carry several, and
//! whichever of them is named, its frame is meant.

use std::sync::Arc;

use super::sample::{self, plan};
use super::*;
use crate::event::{FaultKind, Kind, Tier};
use crate::random::Seed;

/// Batches of up to five, in transactions or not.
const LOG: &str = r#"
[topology]
broker = "log"
brokers = 1
producers = 1
consumers = 1
[workload]
messages = 20
rate = "500/s"
keys = 5
[fixed]
replication_factor = 1
partitions = 2
batch_records = 5
linger_ms = 20
acks = "all"
offset_reset = "earliest"
offset_commit = "after"
session_ms = 600000
[settings.transactions]
default = true
"#;

/// Publishes that are synced, and so confirmed, many at a time.
const QUEUE: &str = r#"
[topology]
broker = "queue"
nodes = 1
producers = 1
consumers = 1
[workload]
messages = 20
rate = "5000/s"
[fixed]
durable = true
persistent = true
sync = "before-confirm"
ack = "after-effect"
[settings.confirms]
values = ["async", "tx"]
default = "async"
"#;

/// Runs with the fault for each message in turn, and looks at the run.
fn each(lab: &Arc<Lab>, set: &[(&str, &str)], lose: &str, look: impl Fn(&Session, u32)) {
    for message in 1..=20 {
        let fault = format!("{lose} for message {message}");
        let mut session = Session::new(Arc::new(plan(lab, set, &[&fault])), Seed(u64::from(message)));
        session.finish();
        let events: Vec<_> = session.events().to_vec();
        let lost = events.iter().find(|event| event.kind == Kind::Fault(FaultKind::FrameLost));
        let lost = lost.unwrap_or_else(|| panic!("{fault} with {set:?} never struck"));
        assert_eq!(lost.message().map(|id| id.0), Some(message), "{fault}: the life of the message tells of it");
        look(&session, message);
    }
}

#[test]
fn a_lost_batch_is_lost_whichever_of_its_messages_is_named() {
    let lab = sample::lab(sample::text(LOG));
    for transactions in ["true", "false"] {
        let set = [("transactions", transactions)];
        let most = std::cell::Cell::new(0);
        each(&lab, &set, "lose-produce from producer-1 to broker-1", |session, message| {
            let is_lost = |event: &&crate::event::Event| event.kind == Kind::Destroyed(Tier::Network);
            let lost: Vec<u32> =
                session.events().iter().filter(is_lost).filter_map(|event| Some(event.message()?.0)).collect();
            assert!(lost.contains(&message), "{lost:?}");
            most.set(most.get().max(lost.len()));
            let totals = session.totals();
            assert_eq!((totals.lost, totals.duplicates, totals.told_ok), (0, 0, 20), "sent again: {totals:?}");
        });
        assert!(most.get() >= 2, "all of a batch go: {most:?}");
        each(&lab, &set, "lose-produced from broker-1 to producer-1", |session, _| {
            let totals = session.totals();
            assert_eq!((totals.lost, totals.duplicates, totals.told_ok), (0, 0, 20), "known by its number: {totals:?}");
        });
    }
}

#[test]
fn so_are_fetched_batches_and_commits_that_go_past_several_records() {
    let lab = sample::lab(sample::text(LOG));
    for lose in ["lose-fetched from broker-1 to consumer-1", "lose-commit from consumer-1 to broker-1"] {
        each(&lab, &[], lose, |session, _| assert_eq!(session.totals().applied, 20, "{lose}"));
    }
}

#[test]
fn and_a_confirm_for_all_tags_up_to_one() {
    let lab = sample::lab(sample::text(QUEUE));
    for confirms in ["async", "tx"] {
        each(&lab, &[("confirms", confirms)], "lose-confirm from broker-1 to producer-1", |_, _| {});
    }
}
