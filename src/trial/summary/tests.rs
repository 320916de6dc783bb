//! Lines of a summary: nothing is left out, and nothing is named that makes no
//! difference.

use super::*;
use crate::lab::{Measure, Totals};

fn row(fault: Option<&str>, settings: &[(&str, &str)], lost: u64, twice: u64) -> Row {
    let runs_with = Totals { lost, duplicates: twice, ..Totals::default() };
    Row {
        settings: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        fault: fault.map(str::to_owned),
        runs: 100,
        witnesses: 100,
        undecided: 0,
        distinct_digests: 1,
        totals: Totals::default(),
        runs_with,
        runs_against: runs_with,
        violation: None,
    }
}

fn grid(result: impl Fn(&str, &str, &str) -> (u64, u64)) -> Vec<Row> {
    let mut rows = Vec::new();
    for (a, b, c) in
        ["1", "2"].iter().flat_map(|a| ["x", "y", "z"].iter().flat_map(move |b| ["p", "q"].map(|c| (*a, *b, c))))
    {
        let (lost, twice) = result(a, b, c);
        rows.push(row(Some("crash"), &[("a", a), ("b", b), ("c", c)], lost, twice));
    }
    rows
}

/// A line: what it has in common, how many rows it is, its cells.
type Told = (String, usize, Vec<(u64, u64)>);

fn told(block: &Block) -> Vec<Told> {
    let path =
        |line: &Line| line.settings.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
    block.lines.iter().map(|line| (path(line), line.rows.len(), line.cells.clone())).collect()
}

#[test]
fn settings_that_make_no_difference_are_not_named() {
    let blocks = summary(&grid(|_, b, _| if b == "y" { (100, 0) } else { (0, 3) }), &["a", "b", "c"]);
    assert_eq!(blocks.len(), 1);
    let [some, all, none] = [(3, 3), (100, 100), (0, 0)];
    assert_eq!(told(&blocks[0]), [("b=x|z".to_owned(), 8, vec![none, some]), ("b=y".to_owned(), 4, vec![all, none])]);
    let alike = summary(&grid(|_, _, _| (0, 0)), &["a", "b", "c"]);
    assert!(alike[0].columns.is_empty());
    assert_eq!(told(&alike[0]), [(String::new(), 12, Vec::new())]);
}

#[test]
fn what_matters_only_together_is_split_twice_and_ranges_are_kept() {
    let mixed = grid(|a, _, c| match (a, c) {
        ("2", "q") => (0, 0),
        ("2", _) => (100, 0),
        _ => (0, 100),
    });
    let lines = told(&summary(&mixed, &["a", "b", "c"])[0]);
    let [none, all] = [(0, 0), (100, 100)];
    let expected = [("a=1", 6, [none, all]), ("a=2 c=p", 3, [all, none]), ("a=2 c=q", 3, [none, none])];
    let expected = expected.map(|(path, rows, cells)| (path.to_owned(), rows, cells.to_vec()));
    assert_eq!(lines, expected);
    let near = grid(|a, _, c| {
        (
            if c == "p" {
                0
            } else if a == "1" {
                30
            } else {
                40
            },
            0,
        )
    });
    let lines = told(&summary(&near, &["a", "b", "c"])[0]);
    assert_eq!(lines, [("c=p".to_owned(), 6, vec![none]), ("c=q".to_owned(), 6, vec![(30, 40)])]);
}

/// Values below which the same settings make the same difference are one.
#[test]
fn values_that_are_alike_in_all_that_follows_are_joined() {
    let rows = grid(|_, b, c| {
        if b == "z" {
            (0, 0)
        } else if c == "p" {
            (100, 0)
        } else {
            (0, 100)
        }
    });
    let lines = told(&summary(&rows, &["b", "c", "a"])[0]);
    assert_eq!(lines.iter().map(|(path, ..)| path.as_str()).collect::<Vec<_>>(), ["b=x|y c=p", "b=x|y c=q", "b=z"]);
    assert_eq!(lines.iter().map(|(_, rows, _)| *rows).collect::<Vec<_>>(), [4, 4, 4]);
}

/// Every row is in one line of its fault's block, with counts within the line's.
#[test]
fn nothing_is_left_out() {
    let mut rows = grid(|a, b, c| ((a.len() + b.len()) as u64 * 7, u64::from(c == "p") * 100));
    rows.push(row(None, &[("a", "1"), ("b", "x"), ("c", "p")], 0, 0));
    let blocks = summary(&rows, &["a", "b", "c"]);
    let mut seen: Vec<usize> =
        blocks.iter().flat_map(|block| block.lines.iter().flat_map(|line| line.rows.clone())).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..rows.len()).collect::<Vec<_>>());
    for block in &blocks {
        for line in &block.lines {
            for (column, (least, most)) in block.columns.iter().zip(&line.cells) {
                assert!(line.rows.iter().all(|at| (*least..=*most).contains(&column.of(&rows[*at]))));
            }
        }
    }
    assert!(
        blocks[0]
            .columns
            .iter()
            .any(|column| matches!(column, Column::Defect(defect) if defect.measure == Measure::Duplicates))
    );
}
