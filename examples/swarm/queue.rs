//! A quorum queue on three brokers, with clients all round it: the whole lab, from
//! the producer to the database. Whatever a run draws, short of the disks of a
//! majority, what was confirmed is applied in the end, and nothing is left waiting
//! once everything is healed.

use std::sync::Arc;

use ackademy::lab::{Lab, Plan, Runner as LabRunner};
use ackademy::random::{Draw, Purpose, Seed};
use ackademy::source::Source;

use crate::scope::{Outcome, Runner, Scope};

pub struct Queue;

const LAB: &str = r#"
id = "swarm"
lesson = "05-rabbitmq-ha"
title = { zh = "仲裁队列", en = "A quorum queue" }
incident = { zh = "无", en = "none" }

[topology]
broker = "queue"
nodes = 3
producers = 1
consumers = 2
connect = "spread"

[workload]
messages = 16
rate = "every 60ms"
keys = 4

[fixed]
queue_type = "quorum"
durable = true
confirms = "async"
ack = "after-effect"
prefetch = 3
processing_ms = 40
heartbeat_ms = 2000
confirm_timeout_ms = 2000
"#;

/// What can go wrong, as the sentence's beginning. `{b}` and `{c}` are two brokers.
const FAULTS: [(&str, &str); 15] = [
    ("crash", "crash {b}"),
    ("power cut", "power-cut {b}"),
    ("power cut of all", "power-cut all brokers"),
    ("torn write", "torn-write {b}"),
    ("disk loss of one", "disk-loss {b}"),
    ("pause", "pause {b}"),
    ("isolation", "isolate {b}"),
    ("isolation of the leader", "isolate leader from brokers"),
    ("partition", "partition {b} {c}"),
    ("one-way cut", "one-way-cut {b} {c}"),
    ("slow link", "delay {b} {c} by 300ms"),
    ("slow disk", "disk-slow {b} by 50x"),
    ("failed sync", "sync-error {b}"),
    ("connections cut", "cut {b} {c}"),
    ("consumer crash", "crash consumer-1"),
];

const EVENTS: [&str; 5] = ["confirmed", "a second election", "redelivered", "applied twice", "publisher waited 1 s"];

/// The sentences of a run's faults, and their kinds.
fn faults(draw: Draw) -> Vec<(&'static str, String)> {
    let count = 1 + draw.by(1).below(4);
    let mut has_lost_disk = false;
    let mut drawn = Vec::new();
    for which in 0..count {
        let draw = draw.by(2).by(which);
        let (name, beginning) = FAULTS[draw.by(3).below(FAULTS.len() as u64) as usize];
        if name == "disk loss of one" && std::mem::replace(&mut has_lost_disk, true) {
            continue;
        }
        let broker = 1 + draw.by(4).below(3);
        let other = 1 + (broker + draw.by(5).below(2)) % 3;
        let beginning =
            beginning.replace("{b}", &format!("broker-{broker}")).replace("{c}", &format!("broker-{other}"));
        let at = 250 + draw.by(6).below(1_200);
        let lasting = 50 + draw.by(7).below(4_000);
        let dies = ["crash", "power", "torn", "disk-loss"].iter().any(|word| beginning.starts_with(word));
        let end = match name {
            "connections cut" => String::new(),
            _ if dies => format!(", restart after {lasting}ms"),
            _ => format!(", for {lasting}ms"),
        };
        drawn.push((name, format!("{beginning} at {at}ms{end}")));
    }
    drawn
}

impl Scope for Queue {
    fn counted(&self) -> Vec<&'static str> {
        FAULTS.iter().map(|(name, _)| *name).chain(EVENTS).collect()
    }

    fn runner(&self) -> Runner<'_> {
        let lab = Lab::parse(&Source::new("swarm".to_owned(), LAB.to_owned()));
        let lab = Arc::new(lab.unwrap_or_else(|troubles| panic!("{troubles:?}")));
        let mut runner = LabRunner::new();
        Box::new(move |seed| {
            let faults = faults(Seed(seed).draw(Purpose::Workload));
            let sentences: Vec<String> = faults.iter().map(|(_, sentence)| sentence.clone()).collect();
            let plan = Plan::new(Arc::clone(&lab), &[], &sentences).unwrap_or_else(|error| panic!("{error}"));
            let outcome = runner.run(&plan, Seed(seed));
            let totals = outcome.totals;
            let mut troubles: Vec<String> = outcome.violation.into_iter().collect();
            let mut expect = |holds: bool, what: String| {
                if !holds {
                    troubles.push(format!("{what}; faults: {}", sentences.join("; ")));
                }
            };
            expect(!outcome.is_undecided, "it was not quiet in the end".to_owned());
            expect(totals.lost_after_ok == 0, format!("{} confirmed messages are gone", totals.lost_after_ok));
            expect(totals.lost == 0, format!("{} messages are gone though they are sent again", totals.lost));
            expect(totals.pending == 0, format!("{} messages still wait though all is healed", totals.pending));
            let mut met: Vec<&'static str> =
                faults.iter().filter(|_| outcome.is_witness).map(|(name, _)| *name).collect();
            let happened = [
                totals.told_ok > 0,
                totals.elections > 1,
                totals.redelivered > 0,
                totals.duplicates > 0,
                totals.unavailable_ms >= 1_000,
            ];
            met.extend(EVENTS.iter().zip(happened).filter(|(_, happened)| *happened).map(|(name, _)| *name));
            met.sort_unstable();
            met.dedup();
            Outcome { troubles, met }
        })
    }
}
