//! A swarm: very many small runs, each with faults drawn from its own seed, and a
//! check of what must hold. Small scopes find most of what large ones find, and a
//! million of them take minutes.
//!
//! A [`Scope`] says what is run and what must hold; it counts what its runs met as
//! well, because the silence of runs that met nothing means nothing. The bank of
//! flaws sends each wrong way to be a broker through the same scopes.

mod hazard;
mod log;
mod queue;
mod raft;
mod rig;
mod tally;

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

pub use tally::Tally;

/// What one run came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// What must not have happened, and did.
    pub troubles: Vec<String>,
    /// What it met, of [`Scope::counted`].
    pub met: Vec<&'static str>,
}

/// Makes the run of a seed. It may keep buffers between runs, and nothing else.
pub type Run<'a> = Box<dyn FnMut(u64) -> Report + 'a>;

/// Something to run a million times.
pub trait Scope: Sync {
    /// How it is called on the command line.
    fn name(&self) -> &'static str;

    /// Everything of which a swarm must meet enough.
    fn counted(&self) -> Vec<&'static str>;

    /// One for each thread.
    fn runner(&self) -> Run<'_>;
}

/// Everything that can be swarmed.
pub const SCOPES: [&dyn Scope; 3] = [&raft::Groups, &queue::QuorumQueue, &log::ReplicatedLog];

/// Runs that one thread takes at a time.
const SHARE: usize = 256;
/// Failures after which going on tells nothing new.
const ENOUGH: u64 = 10;

/// Runs a scope with every seed, on so many threads, until enough has failed.
#[must_use]
pub fn swarm(scope: &dyn Scope, seeds: &[u64], threads: usize) -> Tally {
    let mut shares = seeds.chunks(SHARE).collect::<Vec<_>>();
    shares.reverse();
    let shares = std::sync::Mutex::new(shares);
    let failures = AtomicU64::new(0);
    let work = || {
        let mut run = scope.runner();
        let mut tally = Tally::default();
        while failures.load(Ordering::Relaxed) < ENOUGH {
            let Some(share) = shares.lock().ok().and_then(|mut shares| shares.pop()) else { break };
            for seed in share {
                // A run that panics has failed as well, and says nothing of the next.
                let report = panic::catch_unwind(AssertUnwindSafe(|| run(*seed))).unwrap_or_else(|_| {
                    run = scope.runner();
                    Report { troubles: vec!["it panicked".to_owned()], met: Vec::new() }
                });
                failures.fetch_add(u64::from(!report.troubles.is_empty()), Ordering::Relaxed);
                tally.add(*seed, report);
            }
        }
        tally
    };
    thread::scope(|scope| {
        let helpers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let tallies = helpers.into_iter().filter_map(|helper| helper.join().ok());
        tallies.fold(Tally::default(), Tally::joined)
    })
}
