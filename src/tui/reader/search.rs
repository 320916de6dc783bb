//! Finding words on a page. Lines are wrapped, so a word may stand on two of
//! them: the search reads each block as one text.

use crate::tui::keys::{self, Binding, Hint, Key, MOVES};

use super::page::Page;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Next,
    Previous,
    Type,
}

pub(super) const KEYMAP: &[Binding<Command>] = &[
    Binding::footer(&[Key::Char('n'), Key::Enter, Key::Right], Command::Next, "下一处", "next"),
    Binding::footer(&[Key::Char('N'), Key::Char('p'), Key::Left], Command::Previous, "上一处", "previous"),
    Binding::footer(&[Key::Char('/')], Command::Type, "改", "change"),
];

#[derive(Clone, Copy, Debug)]
enum Typing {
    Accept,
    Delete,
}

const TYPING: &[Binding<Typing>] = &[
    Binding::footer(&[Key::Enter], Typing::Accept, "查找", "search"),
    Binding::footer(&[Key::Backspace], Typing::Delete, "删除", "delete"),
];

/// A stretch of one row, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub row: usize,
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Search {
    pub query: String,
    /// Whether the query is being typed.
    pub typing: bool,
    /// Each match, as the stretches of rows that it covers.
    matches: Vec<Vec<Stretch>>,
    current: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self { query: String::new(), typing: true, matches: Vec::new(), current: 0 }
    }
}

/// Longer than anything one looks for.
const LONGEST_QUERY: usize = 200;

impl Search {
    pub fn hints(&self) -> Vec<Hint> {
        if self.typing { keys::hints(TYPING) } else { [keys::hints(KEYMAP), keys::hints(MOVES)].concat() }
    }

    pub fn type_text(&mut self, text: &str) {
        let room = LONGEST_QUERY.saturating_sub(self.query.len());
        self.query.extend(text.chars().filter(|character| !character.is_control()).take(room / 4));
    }

    /// Looks through the whole page.
    pub fn find(&mut self, page: &Page) {
        self.matches = find(page, &self.query);
        self.current = self.current.min(self.matches.len().saturating_sub(1));
    }

    /// Makes the first match at or below a row the current one.
    pub fn begin_at(&mut self, row: usize) {
        self.current = self.matches.iter().position(|stretches| stretches[0].row >= row).unwrap_or(0);
    }

    pub fn step(&mut self, forward: bool) {
        let count = self.matches.len().max(1);
        self.current = (self.current + if forward { 1 } else { count - 1 }) % count;
    }

    /// The row of the current match.
    pub fn row(&self) -> Option<usize> {
        self.matches.get(self.current).map(|stretches| stretches[0].row)
    }

    /// The number of the current match, from 1, and how many there are.
    pub fn count(&self) -> (usize, usize) {
        ((self.current + 1).min(self.matches.len()), self.matches.len())
    }

    /// The stretches of one row.
    pub fn on_row(&self, row: usize) -> impl Iterator<Item = Stretch> + '_ {
        self.matches.iter().flatten().copied().filter(move |stretch| stretch.row == row)
    }
}

fn find(page: &Page, query: &str) -> Vec<Vec<Stretch>> {
    let query = query.to_ascii_lowercase();
    if query.is_empty() {
        return Vec::new();
    }
    let mut matches = Vec::new();
    let mut row = 0;
    while row < page.lines.len() {
        let block = page.lines[row].block;
        let rows = page.lines[row..].iter().take_while(|line| line.block == block).count();
        find_in_rows(page, row..row + rows, &query, &mut matches);
        row += rows;
    }
    matches
}

fn find_in_rows(page: &Page, rows: std::ops::Range<usize>, query: &str, matches: &mut Vec<Vec<Stretch>>) {
    // The text of the block, and where in it each row begins.
    let mut text = String::new();
    let mut starts = Vec::new();
    for row in rows.clone() {
        let line = page.lines[row].text();
        // Where a Latin text was broken there was a space.
        let latin = |character: Option<char>| character.is_some_and(|character| character.is_ascii());
        if latin(text.chars().next_back()) && latin(line.chars().next()) {
            text.push(' ');
        }
        starts.push((row, text.len(), line.len()));
        text.push_str(&line);
    }
    text.make_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = text[from..].find(query) {
        let (start, end) = (from + at, from + at + query.len());
        let stretches: Vec<_> = starts
            .iter()
            .filter(|(_, first, length)| *first < end && first + length > start)
            .map(|(row, first, length)| Stretch {
                row: *row,
                start: start.saturating_sub(*first),
                end: (end - first).min(*length),
            })
            .collect();
        if !stretches.is_empty() {
            matches.push(stretches);
        }
        from = end;
    }
}
