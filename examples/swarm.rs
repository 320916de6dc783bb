//! A swarm: very many small runs, each with faults drawn from its own seed, and
//! a check of what must hold. Small scopes find most of what large ones find,
//! and a million of them take minutes.
//!
//! ```text
//! cargo run --release --example swarm -- --runs 1000000 [--seed S] [--threads N] [--scope all|raft|queue|log]
//! ```
//!
//! It ends with 1 when a run breaks a promise (and prints its seed and how to run
//! it again), or when the runs met too little for their silence to mean anything.

#[path = "swarm/arguments.rs"]
mod arguments;
#[path = "swarm/log.rs"]
mod log;
#[path = "swarm/queue.rs"]
mod queue;
#[path = "swarm/raft.rs"]
mod raft;
#[path = "swarm/scope.rs"]
mod scope;
#[path = "swarm/tally.rs"]
mod tally;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use arguments::Arguments;
use scope::Scope;
use tally::Tally;

/// What can be swarmed, by name.
const SCOPES: &[(&str, &dyn Scope)] = &[("raft", &raft::Groups), ("queue", &queue::Queue), ("log", &log::Log)];

/// Runs that one thread takes at a time.
const SHARE: u64 = 256;
/// Failures after which going on tells nothing new.
const ENOUGH: usize = 10;

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let result = Arguments::read(std::env::args().skip(1)).and_then(|arguments| {
        let names: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
        let is_chosen = |name: &str| arguments.scope == "all" || arguments.scope == name;
        let chosen: Vec<_> = SCOPES.iter().filter(|(name, _)| is_chosen(name)).collect();
        if chosen.is_empty() {
            return Err(format!("there is no scope \"{}\"; there is: all, {}", arguments.scope, names.join(", ")));
        }
        // Several scopes share the runs.
        let runs = arguments.runs.div_ceil(chosen.len() as u64);
        let mut is_good = true;
        for (name, scope) in chosen {
            let tally = swarm(*scope, &arguments, runs);
            tally.print(&mut out, name, &scope.counted()).map_err(|error| error.to_string())?;
            is_good &= tally.is_good(&scope.counted());
        }
        Ok(is_good)
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // Nobody is left to tell if this fails.
            let _ = writeln!(io::stderr(), "swarm: {error}");
            ExitCode::from(2)
        }
    }
}

fn swarm(scope: &dyn Scope, arguments: &Arguments, runs: u64) -> Tally {
    let next = AtomicU64::new(arguments.seed);
    let end = arguments.seed + runs;
    let failures = AtomicU64::new(0);
    std::thread::scope(|threads| {
        let work = || {
            let mut runner = scope.runner();
            let mut tally = Tally::default();
            while failures.load(Ordering::Relaxed) < ENOUGH as u64 {
                let first = next.fetch_add(SHARE, Ordering::Relaxed);
                if first >= end {
                    break;
                }
                for seed in first..end.min(first + SHARE) {
                    let outcome = runner(seed);
                    if !outcome.troubles.is_empty() {
                        failures.fetch_add(1, Ordering::Relaxed);
                    }
                    tally.add(seed, outcome);
                }
            }
            tally
        };
        let helpers: Vec<_> = (0..arguments.threads).map(|_| threads.spawn(work)).collect();
        let tallies = helpers.into_iter().filter_map(|helper| helper.join().ok());
        tallies.fold(Tally::default(), Tally::joined)
    })
}
