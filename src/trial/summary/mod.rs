//! What the rows of a sweep have in common. A lab of eight settings has a hundred
//! combinations with each of its faults, and most of the settings make no difference
//! to most of the faults. A summary says fault by fault which of them do: it splits
//! the rows by the setting that tells their results apart best, and again, until the
//! rows of a line came to the same.
//!
//! Two rows came to the same if each count was above zero in none, in all, or in about
//! as many of their runs. Nothing is left out: a line says how many combinations it
//! stands for and the least and the most of their counts, and it has the rows.

mod column;
mod sorting;
#[cfg(test)]
mod tests;

use super::sweep::Row;
pub use column::Column;
use sorting::Sorting;

/// The rows of one fault.
#[derive(Clone, Debug)]
pub struct Block {
    pub fault: Option<String>,
    pub combinations: usize,
    /// Only those in which any row has anything.
    pub columns: Vec<Column>,
    pub lines: Vec<Line>,
}

/// Rows that came to the same.
#[derive(Clone, Debug)]
pub struct Line {
    /// What they have in common and the others have not: names, and the values apart
    /// by `|`. Empty if there are no others.
    pub settings: Vec<(String, String)>,
    /// Places in the rows that the summary was made of.
    pub rows: Vec<usize>,
    /// The least and the most of each column.
    pub cells: Vec<(u64, u64)>,
}

impl Block {
    /// A line for each row, with all of the settings that differ between rows.
    pub fn unfold(&mut self, rows: &[Row]) {
        let mut places: Vec<usize> = self.lines.iter().flat_map(|line| line.rows.iter().copied()).collect();
        places.sort_unstable();
        let varies = |name: &str| places.iter().any(|at| rows[*at].value(name) != rows[places[0]].value(name));
        let line = |at: &usize| Line {
            settings: rows[*at].settings.iter().filter(|(name, _)| varies(name)).cloned().collect(),
            rows: vec![*at],
            cells: self.columns.iter().map(|column| (column.of(&rows[*at]), column.of(&rows[*at]))).collect(),
        };
        self.lines = places.iter().map(line).collect();
    }
}

/// The summary of a sweep, fault by fault, in the order of its rows. `settings` are
/// the names of the lab's settings, in its order.
#[must_use]
pub fn summary(rows: &[Row], settings: &[&str]) -> Vec<Block> {
    let mut faults: Vec<(&Option<String>, Vec<usize>)> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match faults.iter_mut().find(|(fault, _)| **fault == row.fault) {
            Some((_, places)) => places.push(at),
            None => faults.push((&row.fault, vec![at])),
        }
    }
    faults.into_iter().map(|(fault, places)| block(rows, fault.clone(), places, settings)).collect()
}

fn block(rows: &[Row], fault: Option<String>, places: Vec<usize>, settings: &[&str]) -> Block {
    let columns: Vec<Column> =
        Column::all().filter(|column| places.iter().any(|at| column.of(&rows[*at]) > 0)).collect();
    let combinations = places.len();
    let lines = Sorting::new(rows, &columns, settings).lines(places);
    Block { fault, combinations, columns, lines }
}
