//! What a swarm has met, and whether that is enough.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{ENOUGH, Report, Scope};

/// Below this many runs, a rare thing may be missing by chance.
const RUNS_FOR_COVERAGE: u64 = 2_000;
/// Everything must be met in one of so many runs.
const ONE_IN: u64 = 100;

/// Counts over the runs of a scope.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    runs: u64,
    met: BTreeMap<&'static str, u64>,
    failures: Vec<(u64, Vec<String>)>,
}

impl Tally {
    pub fn add(&mut self, seed: u64, report: Report) {
        self.runs += 1;
        for name in report.met {
            *self.met.entry(name).or_default() += 1;
        }
        if !report.troubles.is_empty() {
            self.failures.push((seed, report.troubles));
        }
    }

    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        self.runs += other.runs;
        for (name, count) in other.met {
            *self.met.entry(name).or_default() += count;
        }
        self.failures.extend(other.failures);
        self.failures.sort_by_key(|(seed, _)| *seed);
        self
    }

    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// Runs that broke a promise.
    #[must_use]
    pub const fn failures(&self) -> usize {
        self.failures.len()
    }

    /// Whether going on would tell nothing new.
    #[must_use]
    pub const fn has_failed_enough(&self) -> bool {
        self.failures() >= ENOUGH as usize
    }

    fn is_met(&self, name: &str) -> bool {
        let count = self.met.get(name).copied().unwrap_or(0);
        self.runs < RUNS_FOR_COVERAGE || count * ONE_IN >= self.runs
    }

    /// Whether no promise was broken, and enough was met for that to mean anything.
    #[must_use]
    pub fn is_good(&self, scope: &dyn Scope) -> bool {
        self.failures.is_empty() && scope.counted().iter().all(|name| self.is_met(name))
    }

    /// Says what was met, what failed, and how to run that again.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn print(&self, out: &mut impl Write, scope: &dyn Scope) -> io::Result<()> {
        writeln!(out, "{} runs of {}", self.runs, scope.name())?;
        for name in scope.counted() {
            let count = self.met.get(name).copied().unwrap_or(0);
            let share = count as f64 * 100.0 / self.runs.max(1) as f64;
            let verdict = if self.is_met(name) { "" } else { "  too few" };
            writeln!(out, "  {share:5.1} %  {name}{verdict}")?;
        }
        for (seed, troubles) in &self.failures {
            writeln!(out, "\nseed {seed}:")?;
            for trouble in troubles.iter().take(8) {
                writeln!(out, "  {trouble}")?;
            }
            writeln!(
                out,
                "  again: cargo run --release --example swarm -- --scope {} --runs 1 --seed {seed} --threads 1",
                scope.name()
            )?;
        }
        writeln!(out, "\n{}", if self.is_good(scope) { "all promises kept" } else { "NOT GOOD" })
    }
}
