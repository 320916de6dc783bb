//! The sweep as a table or as JSON.

use serde_json::json;

use super::Context;
use super::arguments::SweepChoice;
use super::error::Failure;
use super::run::pairs;
use crate::trial::{Grid, Row, pool, sweep};

impl Context {
    pub fn sweep(&mut self, choice: &SweepChoice) -> Result<u8, Failure> {
        let lab = self.course.lab(&choice.lab)?;
        let grid = Grid { set: pairs(&choice.set)?, faults: choice.fault.clone() };
        let threads = choice.threads.map_or_else(pool::cores, usize::from);
        let width = lab.faults.iter().map(|fault| fault.id.len()).max().unwrap_or_default();
        let mut failure = None;
        if !choice.json {
            self.out.line(HEAD)?;
        }
        let rows = sweep(&lab, &grid, choice.seeds, threads, |row| {
            if choice.json {
                return true;
            }
            let shown = self.out.line(text(row, width)).and_then(|()| self.out.done(0));
            failure = shown.err();
            failure.is_none()
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        if choice.json {
            self.out.json(&json!({ "rows": rows }))?;
        }
        self.out.done(0)?;
        match rows.iter().find_map(|row| row.violation.as_ref()) {
            Some(violation) => Err(Failure::Undecided(format!("the books do not balance: {violation}"))),
            None if rows.iter().any(|row| row.undecided > 0) => {
                Err(Failure::Undecided("some runs were not quiet in the end".to_owned()))
            }
            None => Ok(0),
        }
    }
}

/// Runs with any of a kind, then the mean of a run's longest outage and of the
/// time that producers were held back, in milliseconds.
const HEAD: &str = "   runs   witn.    LOST!     LOST  refused      DUP    REORD  (runs with any)  UNAVAIL    BLOCK (ms)  fault, settings";

/// `width`: of the longest fault's id.
fn text(row: &Row, width: usize) -> String {
    let with = row.runs_with;
    let settings: Vec<String> = row.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let fault = row.fault.as_deref().unwrap_or("-");
    format!(
        "{:>7} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8}                   {:>7} {:>8}       {fault:<width$}  {}",
        row.runs,
        row.witnesses,
        with.lost_after_ok,
        with.lost,
        with.refused,
        with.duplicates,
        with.reordered,
        row.totals.unavailable_ms / row.runs.max(1),
        row.totals.blocked_ms / row.runs.max(1),
        settings.join(" ")
    )
}
