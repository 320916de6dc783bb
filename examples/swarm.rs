//! A swarm: very many small runs, each with faults drawn from its own seed, and
//! a check of what must hold.
//!
//! ```text
//! cargo run --release --example swarm -- --runs 1000000 [--seed S] [--threads N] [--scope all|raft|queue|log]
//! ```
//!
//! A million runs of one scope take several minutes; a terminal is told how far
//! they are. It ends with 1 when a run breaks a promise (and prints its seed and how to run
//! it again), or when the runs met too little for their silence to mean anything.

#[path = "swarm/arguments.rs"]
mod arguments;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use ackademy::trial::swarm::{SCOPES, Tally, swarm};
use arguments::Arguments;

/// Runs after which somebody who watches hears how far it is.
const PART: usize = 4_096;

fn main() -> ExitCode {
    match run(&mut io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // Nobody is left to tell if this fails.
            let _ = writeln!(io::stderr(), "swarm: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(out: &mut impl Write) -> Result<bool, String> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let is_chosen = |name: &str| arguments.scope == "all" || arguments.scope == name;
    let chosen: Vec<_> = SCOPES.iter().filter(|scope| is_chosen(scope.name())).collect();
    if chosen.is_empty() {
        let names = SCOPES.map(|scope| scope.name()).join(", ");
        return Err(format!("there is no scope \"{}\"; there is: all, {names}", arguments.scope));
    }
    // Several scopes share the runs.
    let runs = arguments.runs.div_ceil(chosen.len() as u64);
    let seeds: Vec<u64> = (arguments.seed..arguments.seed + runs).collect();
    let is_watched = io::stderr().is_terminal();
    let mut is_good = true;
    for scope in chosen {
        let mut tally = Tally::default();
        for part in seeds.chunks(PART) {
            tally = tally.joined(swarm(*scope, part, arguments.threads));
            if tally.has_failed_enough() {
                break;
            }
            if is_watched {
                // Nobody needs to hear it.
                let (name, done, broken) = (scope.name(), tally.runs(), tally.failures());
                let _ = write!(io::stderr(), "\r{name}: {done} of {runs} runs, {broken} broke a promise ");
            }
        }
        if is_watched {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
        tally.print(out, *scope).map_err(|error| error.to_string())?;
        is_good &= tally.is_good(*scope);
    }
    Ok(is_good)
}
