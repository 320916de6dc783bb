//! Three brokers with a replicated log, a controller, and clients all round them:
//! the whole lab, from the producer to the database. Settings are drawn as well as
//! faults, and what must hold depends on both.
//!
//! What is found is named as Jepsen names it: a *lost write* was acknowledged and
//! is gone; an *unseen* one is in the log and nobody is handed it; a *duplicate* is
//! twice in a log; an order that differs from that of the producer is a
//! *nonmonotonic poll*.

use std::collections::BTreeMap;
use std::sync::Arc;

use ackademy::lab::cast::Cast;
use ackademy::lab::{Lab, Plan, Runner as LabRunner};
use ackademy::node::Node;
use ackademy::picture::{PartitionPicture, Picture};
use ackademy::protocol::log::TopicPartition;
use ackademy::random::{Draw, Purpose, Seed};
use ackademy::source::Source;

use crate::scope::{Outcome, Runner, Scope};

pub struct Log;

const LAB: &str = r#"
id = "swarm"
lesson = "06-kafka-ha"
title = { zh = "日志", en = "A log" }
incident = { zh = "无", en = "none" }

[topology]
broker = "log"
brokers = 3
controllers = 1
producers = 1
consumers = 2

[workload]
messages = 16
rate = "every 60ms"
keys = 4

[fixed]
partitions = 2
replication_factor = 3
offset_reset = "earliest"
processing_ms = 20
replica_lag_ms = 1500
broker_session_ms = 1500
session_ms = 10000
request_timeout_ms = 2000

[settings.acks]
default = "all"

[settings.idempotence]
default = true

[settings.min_insync]
values = [1, 2]
default = 2

[settings.unclean_election]
default = false

[settings.eligible_leader_replicas]
default = true

[settings.offset_commit]
values = ["after", "auto"]
default = "after"

[settings.assignment]
default = "range"
"#;

/// What can go wrong, as the sentence's beginning. `{b}` and `{c}` are two brokers.
const FAULTS: [(&str, &str); 19] = [
    ("crash", "crash {b}"),
    ("crash of the leader", "crash leader"),
    ("power cut", "power-cut {b}"),
    ("power cut of all", "power-cut all brokers"),
    ("torn write", "torn-write {b}"),
    ("disk loss of one", "disk-loss {b}"),
    ("pause", "pause {b}"),
    ("isolation", "isolate {b}"),
    ("isolation of the leader", "isolate leader from brokers + controllers"),
    ("partition", "partition {b} {c}"),
    ("one-way cut", "one-way-cut {b} {c}"),
    ("slow link", "delay {b} {c} by 300ms"),
    ("slow disk", "disk-slow {b} by 50x"),
    ("full disk", "disk-full {b}"),
    ("connections cut", "cut {b} {c}"),
    ("producer cut", "cut producer-1 {b}"),
    ("controller crash", "crash controller-1"),
    ("consumer crash", "crash consumer-1"),
    ("consumer pause", "pause consumer-1"),
];
/// Faults that destroy what was written and not synced, or more.
const DESTRUCTIVE: [&str; 4] = ["power cut", "power cut of all", "torn write", "disk loss of one"];

const EVENTS: [&str; 7] = [
    "acknowledged",
    "a second election",
    "an unclean election",
    "in-sync replicas shrank",
    "rebalanced again",
    "applied twice",
    "promised to keep all",
];

/// The sentences of a run's faults, and their kinds.
fn faults(draw: Draw) -> Vec<(&'static str, String)> {
    let count = 1 + draw.by(1).below(4);
    let mut drawn: Vec<(&'static str, String)> = Vec::new();
    for which in 0..count {
        let draw = draw.by(2).by(which);
        let (name, beginning) = FAULTS[draw.by(3).below(FAULTS.len() as u64) as usize];
        if name == "disk loss of one" && drawn.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let broker = 1 + draw.by(4).below(3);
        let other = 1 + (broker + draw.by(5).below(2)) % 3;
        let beginning =
            beginning.replace("{b}", &format!("broker-{broker}")).replace("{c}", &format!("broker-{other}"));
        // A log's workload begins after eight seconds: its group takes three to form.
        let at = 7_700 + draw.by(6).below(1_500);
        let lasting = 50 + draw.by(7).below(6_000);
        let dies = ["crash", "power", "torn", "disk-loss"].iter().any(|word| beginning.starts_with(word));
        let end = match name {
            "connections cut" | "producer cut" => String::new(),
            _ if dies => format!(", restart after {lasting}ms"),
            _ => format!(", for {lasting}ms"),
        };
        drawn.push((name, format!("{beginning} at {at}ms{end}")));
    }
    drawn
}

/// The settings of a run.
fn settings(draw: Draw) -> Vec<(String, String)> {
    let pick = |subject: u64, values: &[&str]| values[draw.by(subject).below(values.len() as u64) as usize].to_owned();
    let acks = pick(1, &["all", "all", "all", "1", "0"]);
    // Idempotence asks for acks = all, and is refused without.
    let idempotence = if acks == "all" { pick(2, &["true", "true", "false"]) } else { "false".to_owned() };
    [
        ("acks", acks),
        ("idempotence", idempotence),
        ("min_insync", pick(3, &["2", "2", "1"])),
        ("unclean_election", pick(4, &["false", "false", "false", "true"])),
        ("eligible_leader_replicas", pick(5, &["true", "false"])),
        ("offset_commit", pick(6, &["after", "auto"])),
        ("assignment", pick(7, &["range", "cooperative-sticky"])),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// What a replica holds below its high watermark, by offset.
type Records = BTreeMap<u64, u32>;

/// Looks at the logs as the run left them.
fn look_inside<'a>(nodes: impl Iterator<Item = &'a Cast>, once: bool) -> Vec<String> {
    let mut troubles = Vec::new();
    let mut known: BTreeMap<TopicPartition, (u64, Records)> = BTreeMap::new();
    let mut picture = Picture::default();
    for node in nodes {
        let Cast::LogBroker(broker) = node else { continue };
        picture.clear();
        broker.picture(&mut picture);
        for PartitionPicture { partition, is_in_sync, high_watermark, .. } in &picture.partitions {
            let mut records = Records::new();
            broker.records(*partition, 0, &mut |copy, offset| {
                records.insert(offset, copy.message.0);
            });
            let mut messages: Vec<u32> = records.values().copied().collect();
            messages.sort_unstable();
            let before = messages.len();
            messages.dedup();
            if once && messages.len() < before {
                troubles.push(format!("duplicate: a record is twice in partition {}", partition.partition));
            }
            if !is_in_sync {
                continue;
            }
            let (watermark, others) = known.entry(*partition).or_insert_with(|| (*high_watermark, records.clone()));
            let both = (*watermark).min(*high_watermark);
            if others.range(..both).ne(records.range(..both)) {
                troubles.push(format!("in-sync replicas of partition {} differ below {both}", partition.partition));
            }
        }
    }
    troubles
}

impl Scope for Log {
    fn counted(&self) -> Vec<&'static str> {
        FAULTS.iter().map(|(name, _)| *name).chain(EVENTS).collect()
    }

    fn runner(&self) -> Runner<'_> {
        let lab = Lab::parse(&Source::new("swarm".to_owned(), LAB.to_owned()));
        let lab = Arc::new(lab.unwrap_or_else(|troubles| panic!("{troubles:?}")));
        let mut runner = LabRunner::new();
        Box::new(move |seed| {
            let draw = Seed(seed).draw(Purpose::Workload);
            let (faults, set) = (faults(draw), settings(draw.by(9)));
            let sentences: Vec<String> = faults.iter().map(|(_, sentence)| sentence.clone()).collect();
            let plan = Plan::new(Arc::clone(&lab), &set, &sentences).unwrap_or_else(|error| panic!("{error}"));
            let outcome = runner.run(&plan, Seed(seed));
            let totals = outcome.totals;
            let is = |name: &str, value: &str| set.iter().any(|(n, v)| n == name && v == value);
            let destructive = faults.iter().filter(|(name, _)| DESTRUCTIVE.contains(name));
            // One machine may lose its power or its disk; with two, or all of them,
            // page caches are no promise.
            let is_mild =
                destructive.clone().count() <= 1 && !destructive.clone().any(|(name, _)| name.ends_with("all"));
            let has_two = is("min_insync", "2") && is("acks", "all") && is("unclean_election", "false");
            // Without eligible leader replicas the last replica standing may lose
            // what all had, if it loses its power.
            let is_kept = is_mild && (is("eligible_leader_replicas", "true") || destructive.count() == 0);
            let promises = has_two && is_kept;
            // A consumer that has read what was lost afterwards is ahead of the log,
            // and this one does not ask where an epoch ended (KIP-320).
            let may_be_ahead = !is_kept || totals.unclean_elections > 0;
            let mut troubles: Vec<String> = outcome.violation.into_iter().collect();
            troubles.extend(look_inside(runner.nodes(), is("idempotence", "true")));
            let mut expect = |holds: bool, what: String| {
                if !holds {
                    let set: Vec<String> = set.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    troubles.push(format!("{what}; settings: {}; faults: {}", set.join(" "), sentences.join("; ")));
                }
            };
            expect(!outcome.is_undecided, "it was not quiet in the end".to_owned());
            let unseen = if may_be_ahead { 0 } else { totals.pending };
            expect(unseen == 0, format!("unseen: {unseen} records wait though all is healed"));
            if promises {
                expect(totals.lost_after_ok == 0, format!("lost write: {} acknowledged records", totals.lost_after_ok));
                expect(totals.lost == 0, format!("{} records are gone though they are sent again", totals.lost));
                if is("idempotence", "true") {
                    expect(totals.reordered == 0, format!("nonmonotonic poll: {} records", totals.reordered));
                }
            }
            let mut met: Vec<&'static str> =
                faults.iter().filter(|_| outcome.is_witness).map(|(name, _)| *name).collect();
            let happened = [
                totals.told_ok > 0,
                totals.elections > 2,
                totals.unclean_elections > 0,
                totals.isr_shrinks > 0,
                totals.rebalances > 1,
                totals.duplicates > 0,
                promises,
            ];
            met.extend(EVENTS.iter().zip(happened).filter(|(_, happened)| *happened).map(|(name, _)| *name));
            met.sort_unstable();
            met.dedup();
            Outcome { troubles, met }
        })
    }
}
