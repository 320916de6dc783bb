//! Runs over seeds, on as many threads as the machine has cores.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::thread;

use crate::lab::{Outcome, Plan, Runner, Totals};
use crate::random::{Digest, Seed};

/// What many runs of one plan came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub runs: u64,
    pub witnesses: u64,
    pub undecided: u64,
    pub digests: BTreeSet<Digest>,
    pub totals: Totals,
    pub runs_with: Totals,
    pub runs_against: Totals,
    /// The lowest seed of a run whose books do not balance, and why.
    pub violation: Option<(Seed, String)>,
    /// Inputs handled, for benches.
    pub inputs: u64,
}

impl Tally {
    fn add(&mut self, seed: Seed, outcome: &Outcome) {
        self.runs += 1;
        self.witnesses += u64::from(outcome.is_witness);
        self.undecided += u64::from(outcome.is_undecided);
        self.digests.insert(outcome.digest);
        self.totals.add(&outcome.totals);
        self.runs_with.add_presence(&outcome.totals);
        self.runs_against.add_defects(&outcome.totals);
        self.inputs += outcome.inputs;
        if let Some(why) = &outcome.violation {
            let is_lower = self.violation.as_ref().is_none_or(|(known, _)| seed < *known);
            if is_lower {
                self.violation = Some((seed, why.clone()));
            }
        }
    }

    fn merge(&mut self, mut other: Self) {
        self.runs += other.runs;
        self.witnesses += other.witnesses;
        self.undecided += other.undecided;
        self.digests.append(&mut other.digests);
        self.totals.add(&other.totals);
        self.runs_with.add(&other.runs_with);
        self.runs_against.add(&other.runs_against);
        self.inputs += other.inputs;
        self.violation = match (self.violation.take(), other.violation) {
            (Some(one), Some(two)) => Some(if one.0 <= two.0 { one } else { two }),
            (one, two) => one.or(two),
        };
    }
}

/// As many threads as there are cores.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Runs `plan` with seeds `first..first + seeds` on `threads` threads. `visit`
/// sees every outcome, on the thread that made it.
pub fn run_seeds<V>(plan: &Plan, first: u64, seeds: u64, threads: usize, visits: &mut [V]) -> Tally
where
    V: FnMut(Seed, &Outcome) + Send,
{
    let threads = threads.clamp(1, visits.len().max(1)) as u64;
    if threads == 1 {
        return work(plan, (first..first + seeds).map(Seed), visits.first_mut());
    }
    let mut sum = Tally::default();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .zip(visits)
            .map(|(worker, visit)| {
                let share = (first..first + seeds).filter(move |seed| seed % threads == worker).map(Seed);
                scope.spawn(move || work(plan, share, Some(visit)))
            })
            .collect();
        for worker in workers {
            match worker.join() {
                Ok(tally) => sum.merge(tally),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    sum
}

/// Runs a plan over seeds and adds the outcomes up.
#[must_use]
pub fn tally(plan: &Plan, first: u64, seeds: u64, threads: usize) -> Tally {
    let mut nobody: Vec<fn(Seed, &Outcome)> = vec![|_, _| {}; threads.max(1)];
    run_seeds(plan, first, seeds, threads, &mut nobody)
}

fn work<V: FnMut(Seed, &Outcome)>(plan: &Plan, seeds: impl Iterator<Item = Seed>, mut visit: Option<&mut V>) -> Tally {
    let mut runner = Runner::new();
    let mut tally = Tally::default();
    for seed in seeds {
        let outcome = runner.run(plan, seed);
        tally.add(seed, &outcome);
        if let Some(visit) = &mut visit {
            visit(seed, &outcome);
        }
    }
    tally
}
