//! How fast labs run. An event is one input that the world handled.
//!
//! - `pipeline`: 10,000 messages of 32 bytes (publish, append, confirm, deliver,
//!   apply, ack) over 1 ms links with jitter, with 1, 32 and 512 in flight, with
//!   the history on and off, beside a bare heap that pops and pushes as often.
//!   `quorum pipeline`: the same through a quorum queue on three nodes.
//!   `log pipeline`: through a log of three brokers with three replicas.
//! - `runs`: a 50-message lab with a fault, graded: runs a second on one core.
//! - `labs`: the same for every lab of the course, with its first fault.
//! - `seek`: to any time of a lab that has been computed, back and forth.
//! - `run`: a lab from its file to its grade, as `ackademy run` does it.

#![allow(clippy::disallowed_macros, reason = "what is measured is read by people")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::sync::Arc;

use ackademy::lab::{Lab, Plan, Runner, Session};
use ackademy::random::{Purpose, Seed};
use ackademy::source::Source;
use ackademy::time::Time;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn lab(text: &str) -> Arc<Lab> {
    Arc::new(Lab::parse(&Source::new("bench.toml", text)).expect("the bench's lab can be read"))
}

/// A lab of this topology, workload and settings, and nothing else.
fn bare(topology: &str, workload: &str, fixed: &str) -> Arc<Lab> {
    lab(&format!(
        r#"
id = "bench"
lesson = "00-method"
title = {{ zh = "", en = "" }}
incident = {{ zh = "", en = "" }}
[topology]
{topology}
[workload]
{workload}
payload = "32B"
[fixed]
{fixed}"#
    ))
}

fn queue(nodes: u16, messages: u32, rate: &str, rest: &str) -> Arc<Lab> {
    bare(
        &format!("broker = \"queue\"\nnodes = {nodes}\nproducers = 1\nconsumers = 1"),
        &format!("messages = {messages}\nrate = \"{rate}\""),
        &format!("persistent = true\nconfirms = \"async\"\nprefetch = 512\n{rest}"),
    )
}

fn file(id: &str) -> (String, Arc<Lab>) {
    let path = format!("{}/labs/{id}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).expect("the lab is there");
    let parsed = lab(&text);
    (text, parsed)
}

/// Pops and pushes `inputs` times with as many entries as a run has in flight.
fn bare_heap(inputs: u64, window: u64) -> u64 {
    let mut heap = BinaryHeap::new();
    for entry in 0..window {
        heap.push(Reverse(u128::from(entry) << 64 | u128::from(entry)));
    }
    let mut sum = 0;
    for input in 0..inputs {
        let Some(Reverse(key)) = heap.pop() else { break };
        let latency = Seed(1).draw(Purpose::Test).by(input).below(400_000) + 1_000_000;
        heap.push(Reverse(key + (u128::from(latency) << 64)));
        sum += (key >> 64) as u64;
    }
    sum
}

fn pipeline(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(20);
    for window in [1_u64, 32, 512] {
        let lab = queue(1, 10_000, "1000000/s", &format!("processing_ms = 0\nwindow = {window}\n"));
        let plan = Arc::new(Plan::new(lab, &[], &[]).expect("the plan stands"));
        let mut runner = Runner::new();
        let outcome = runner.run(&plan, Seed(1));
        assert_eq!(outcome.totals.applied, 10_000);
        eprintln!("pipeline, {window} in flight: {} inputs for 10,000 messages", outcome.inputs);
        group.throughput(Throughput::Elements(outcome.inputs));
        group.bench_function(format!("{window} in flight"), |bench| bench.iter(|| runner.run(&plan, Seed(1))));
        group.bench_function(format!("{window} in flight, with history"), |bench| {
            bench.iter(|| {
                let mut session = Session::new(plan.clone(), Seed(1));
                session.finish();
                session.digest()
            });
        });
        group.bench_function(format!("{window} in flight, bare heap"), |bench| {
            bench.iter(|| bare_heap(outcome.inputs, window));
        });
    }
    group.finish();
}

fn replicated(criterion: &mut Criterion, name: &str, cases: Vec<(String, Arc<Lab>)>) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20);
    for (case, lab) in cases {
        let plan = Arc::new(Plan::new(lab, &[], &[]).expect("the plan stands"));
        let mut runner = Runner::new();
        let outcome = runner.run(&plan, Seed(1));
        assert_eq!(outcome.totals.applied, 10_000);
        eprintln!("{name}, {case}: {} inputs for 10,000 messages", outcome.inputs);
        group.throughput(Throughput::Elements(outcome.inputs));
        group.bench_function(case, |bench| bench.iter(|| runner.run(&plan, Seed(1))));
    }
    group.finish();
}

fn quorum_pipeline(criterion: &mut Criterion) {
    let rest = "processing_ms = 0\ndurable = true\nqueue_type = \"quorum\"\nwindow =";
    let case = |window| {
        let lab = queue(3, 10_000, "100000/s", &format!("{rest} {window}\n"));
        (format!("3 nodes, {window} in flight"), lab)
    };
    replicated(criterion, "quorum pipeline", [32, 512].map(case).into());
}

fn log_pipeline(criterion: &mut Criterion) {
    let case = |batch| {
        let topology = "broker = \"log\"\nbrokers = 3\nproducers = 1\nconsumers = 3";
        let workload = "messages = 10000\nrate = \"100000/s\"\nkeys = 100";
        let fixed = format!("processing_ms = 0\nbatch_records = {batch}\noffset_reset = \"earliest\"\n");
        (format!("3 brokers, {batch} a batch"), bare(topology, workload, &fixed))
    };
    replicated(criterion, "log pipeline", [1, 100].map(case).into());
}

fn runs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("runs");
    let lab = queue(1, 50, "every 25ms", "processing_ms = 20\n");
    for fault in ["crash", "power-cut"] {
        let sentence = format!("{fault} broker-1 within 100ms after message 30 reaches broker-1, restart after 2s");
        let plan = Plan::new(lab.clone(), &[], &[sentence]).expect("the plan stands");
        let mut runner = Runner::new();
        let mut seed = 0;
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("50 messages, {fault}"), |bench| {
            bench.iter(|| {
                seed += 1;
                runner.run(&plan, Seed(seed))
            });
        });
    }
    group.finish();
}

fn labs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("labs");
    group.sample_size(20).throughput(Throughput::Elements(1));
    let entries = fs::read_dir(format!("{}/labs", env!("CARGO_MANIFEST_DIR"))).expect("the labs are there");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    let mut ids: Vec<String> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    ids.sort();
    for id in ids {
        let (_, lab) = file(&id);
        if lab.check_seeds.is_some() {
            // What a run of millions costs is measured by `examples/millions.rs`.
            continue;
        }
        let faults: Vec<String> = lab.faults.iter().take(1).map(|fault| fault.id.clone()).collect();
        let plan = Plan::new(lab, &[], &faults).expect("the plan stands");
        let mut runner = Runner::new();
        let mut seed = 0;
        group.bench_function(id, |bench| {
            bench.iter(|| {
                seed += 1;
                runner.run(&plan, Seed(seed))
            });
        });
    }
    group.finish();
}

fn seek(criterion: &mut Criterion) {
    let (_, lab) = file("lost-in-broker-rabbit");
    let plan = Arc::new(Plan::new(lab, &[], &["power-cut".to_owned()]).expect("the plan stands"));
    let mut session = Session::new(plan, Seed(42));
    session.finish();
    let end = session.end().expect("the run has ended").as_millis();
    let mut turn = 0;
    criterion.bench_function("seek to a random time", |bench| {
        bench.iter(|| {
            turn += 1;
            session.seek(Time::from_millis(Seed(3).draw(Purpose::Test).by(turn).below(end)));
        });
    });
    criterion.bench_function("step back", |bench| {
        bench.iter(|| {
            if session.events().len() < 50 {
                session.finish();
            }
            session.step_back();
        });
    });
}

fn run(criterion: &mut Criterion) {
    let (text, _) = file("lost-in-broker-rabbit");
    criterion.bench_function("a lab from its file to its grade", |bench| {
        bench.iter(|| {
            let plan = Plan::new(lab(&text), &[], &["power-cut".to_owned()]).expect("the plan stands");
            Runner::new().run(&plan, Seed(42))
        });
    });
}

criterion_group!(benches, pipeline, quorum_pipeline, log_pipeline, runs, labs, seek, run);
criterion_main!(benches);
