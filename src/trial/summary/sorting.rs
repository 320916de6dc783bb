//! Sorting rows into lines: a tree that asks for one setting after another, until
//! what is left came to the same. The pattern and the model are asked for first, as
//! they say which of the others mean anything.

use std::collections::BTreeMap;

use super::{Column, Line};
use crate::lab::settings::comes_first;
use crate::trial::sweep::Row;

pub(super) struct Sorting<'a> {
    rows: &'a [Row],
    columns: &'a [Column],
    settings: &'a [&'a str],
    /// The classes of each row, by column.
    classes: Vec<Vec<u8>>,
}

/// Rows that came to the same, or a setting and what there is below each of its
/// values; values below which all is alike are one.
#[derive(Debug)]
enum Tree {
    Same(Vec<usize>),
    Split(String, Vec<(String, Tree)>),
}

/// Rows by the value of a setting.
type Parts = Vec<(String, Vec<usize>)>;

impl<'a> Sorting<'a> {
    pub(super) fn new(rows: &'a [Row], columns: &'a [Column], settings: &'a [&'a str]) -> Self {
        let classes = rows.iter().map(|row| columns.iter().map(|column| column.class(row)).collect()).collect();
        Self { rows, columns, settings, classes }
    }

    /// The lines of these rows.
    pub(super) fn lines(&self, places: Vec<usize>) -> Vec<Line> {
        let mut lines = Vec::new();
        self.collect(self.tree(places), &mut Vec::new(), &mut lines);
        lines
    }

    fn collect(&self, tree: Tree, path: &mut Vec<(String, String)>, lines: &mut Vec<Line>) {
        match tree {
            Tree::Same(rows) => lines.push(self.line(rows, path.clone())),
            Tree::Split(name, parts) => {
                for (value, tree) in parts {
                    path.push((name.clone(), value));
                    self.collect(tree, path, lines);
                    path.pop();
                }
            }
        }
    }

    fn line(&self, rows: Vec<usize>, settings: Vec<(String, String)>) -> Line {
        let range = |column: &Column| {
            let counts = || rows.iter().map(|at| column.of(&self.rows[*at]));
            (counts().min().unwrap_or(0), counts().max().unwrap_or(0))
        };
        let cells = self.columns.iter().map(range).collect();
        Line { settings, rows, cells }
    }

    fn tree(&self, places: Vec<usize>) -> Tree {
        if self.mix(&places) == 0 {
            return Tree::Same(places);
        }
        let Some((name, parts)) = self.best(&places) else { return Tree::Same(places) };
        let mut joined: Vec<(String, Tree)> = Vec::new();
        for (value, places) in parts {
            let tree = self.tree(places);
            match joined.iter_mut().find(|(_, known)| self.is_alike(known, &tree)) {
                Some((values, known)) => {
                    *values = format!("{values}|{value}");
                    known.take(tree);
                }
                None => joined.push((value, tree)),
            }
        }
        match joined.len() {
            1 => joined.remove(0).1,
            _ => Tree::Split(name.to_owned(), joined),
        }
    }

    fn is_alike(&self, one: &Tree, other: &Tree) -> bool {
        match (one, other) {
            (Tree::Same(one), Tree::Same(other)) => self.classes[one[0]] == self.classes[other[0]],
            (Tree::Split(one, here), Tree::Split(other, there)) => {
                let is_alike = |((one, here), (other, there)): (&(String, Tree), &(String, Tree))| {
                    one == other && self.is_alike(here, there)
                };
                one == other && here.len() == there.len() && here.iter().zip(there).all(is_alike)
            }
            _ => false,
        }
    }

    /// The setting to ask for next: the one that leaves the least mixed; the first of
    /// several.
    fn best(&self, places: &[usize]) -> Option<(&'a str, Parts)> {
        let parted = self.settings.iter().map(|name| (*name, self.parts(places, name)));
        let left = |parts: &Parts| parts.iter().map(|(_, places)| self.mix(places)).sum::<u64>();
        parted.filter(|(_, parts)| parts.len() > 1).min_by_key(|(name, parts)| (!comes_first(name), left(parts)))
    }

    fn parts(&self, places: &[usize], name: &str) -> Parts {
        let mut parts: Parts = Vec::new();
        for at in places {
            let value = self.rows[*at].value(name).unwrap_or_default();
            match parts.iter_mut().find(|(known, _)| known == value) {
                Some((_, places)) => places.push(*at),
                None => parts.push((value.to_owned(), vec![*at])),
            }
        }
        parts
    }

    /// How mixed the results of rows are: zero if they are all the same. (Gini's
    /// impurity, by the number of rows, in thousandths.)
    fn mix(&self, places: &[usize]) -> u64 {
        let mut kinds: BTreeMap<&[u8], u64> = BTreeMap::new();
        for at in places {
            *kinds.entry(&self.classes[*at]).or_default() += 1;
        }
        let all = places.len() as u64;
        let pure: u64 = kinds.values().map(|count| count * count).sum();
        (all * all - pure) * 1000 / all.max(1)
    }
}

impl Tree {
    /// Takes the rows of a tree that is alike.
    fn take(&mut self, other: Self) {
        match (self, other) {
            (Self::Same(rows), Self::Same(more)) => rows.extend(more),
            (Self::Split(_, parts), Self::Split(_, more)) => {
                parts.iter_mut().zip(more).for_each(|((_, tree), (_, other))| tree.take(other));
            }
            _ => {}
        }
    }
}
