//! A list with one selected entry. Every list of the workbook is walked by the
//! same keys ([`MOVES`](crate::tui::keys::MOVES); the wheel sends arrows), and an
//! entry that shows a key is chosen by it at once.

use std::ops::Range;

use ratatui::layout::Rect;

use crate::text::Text;
use crate::tui::canvas::Canvas;
use crate::tui::keys::{ENTRY_KEYS, Hint, Key, MOVES, Move, Shown, command, hints};
use crate::tui::theme::Ink;

use super::scroll::Scroll;

/// What a key did to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The selection moved.
    Moved,
    /// The selected entry is wanted.
    Chosen,
    /// The key means nothing to a list.
    Nothing,
}

const CHOOSE: &[Key] = &[Key::Enter, Key::Char(' ')];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    pub selected: usize,
    pub length: usize,
    scroll: Scroll,
    /// How many entries have keys of their own, if not as many as there are keys.
    most_keys: Option<usize>,
    /// The space chooses nothing.
    is_question: bool,
}

impl List {
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { length, ..Self::default() }
    }

    /// The answers to a question. A space is pressed by habit, to play or to turn the
    /// page, and so it chooses none of them.
    #[must_use]
    pub fn of_answers(length: usize) -> Self {
        Self { is_question: true, ..Self::new(length) }
    }

    /// A list of which only the first entries have keys: there is nothing to choose
    /// in haste, or letters mean something else.
    #[must_use]
    pub fn with_keys(length: usize, most: usize) -> Self {
        Self { most_keys: Some(most), ..Self::new(length) }
    }

    /// Takes a new length and height, keeping the selection inside.
    pub fn fit(&mut self, length: usize, height: usize) {
        self.length = length;
        self.selected = self.selected.min(length.saturating_sub(1));
        self.scroll.fit(length, height);
        self.scroll.reveal(self.selected);
    }

    /// The place of the list in what is longer than the screen.
    #[must_use]
    pub const fn scroll(&self) -> &Scroll {
        &self.scroll
    }

    /// The entries in sight.
    #[must_use]
    pub fn visible(&self) -> Range<usize> {
        self.scroll.top..(self.scroll.top + self.scroll.height).min(self.length)
    }

    pub fn select(&mut self, entry: usize) {
        self.selected = entry.min(self.length.saturating_sub(1));
        self.scroll.reveal(self.selected);
    }

    pub fn go(&mut self, step: Move) {
        let last = self.length.saturating_sub(1);
        let page = self.scroll.height.saturating_sub(1).max(1);
        let half = (self.scroll.height / 2).max(1);
        let target = match step {
            Move::Up => self.selected.saturating_sub(1),
            Move::Down => self.selected + 1,
            Move::HalfUp => self.selected.saturating_sub(half),
            Move::HalfDown => self.selected + half,
            Move::PageUp => self.selected.saturating_sub(page),
            Move::PageDown => self.selected + page,
            Move::Top => 0,
            Move::Bottom => last,
        };
        self.select(target.min(last));
    }

    /// Takes a key: a move, Enter, or the key of an entry.
    pub fn press(&mut self, key: Key) -> Step {
        if let Some(step) = command(MOVES, key) {
            self.go(step);
            return Step::Moved;
        }
        if self.choosing().contains(&key) || self.pick(key) { Step::Chosen } else { Step::Nothing }
    }

    const fn choosing(&self) -> &'static [Key] {
        if self.is_question { &[Key::Enter] } else { CHOOSE }
    }

    /// What [`List::press`] answers to.
    #[must_use]
    pub fn hints(&self) -> Vec<Hint> {
        let footer = |keys, zh, en| Hint { keys, name: Text { zh, en }, shown: Shown::Footer };
        let mut all = vec![footer(self.choosing(), "选定", "choose")];
        if !self.keys().is_empty() {
            all.push(footer(self.keys(), "直接选", "choose at once"));
        }
        all.extend(hints(MOVES));
        all
    }

    /// The keys that choose an entry of this list.
    #[must_use]
    pub fn keys(&self) -> &'static [Key] {
        &ENTRY_KEYS[..self.length.min(self.most_keys.unwrap_or(usize::MAX)).min(ENTRY_KEYS.len())]
    }

    /// Selects the entry that has this key. False if none has.
    pub fn pick(&mut self, key: Key) -> bool {
        let entry = self.keys().iter().position(|known| *known == key);
        entry.inspect(|entry| self.select(*entry)).is_some()
    }
}

/// The sign of a key that chooses an entry; nothing for entries beyond the keys.
#[must_use]
pub fn entry_sign(keys: &[Key], entry: usize) -> String {
    match keys.get(entry) {
        Some(Key::Char(sign)) => sign.to_string(),
        _ => String::new(),
    }
}

/// Marks the row of a selected entry: a tint that reaches one column beyond the
/// text at either side, and the pointer in the left one.
pub fn mark_selected(canvas: &mut Canvas<'_>, row: Rect) {
    let x = row.x.saturating_sub(1);
    canvas.tint(Rect { x, y: row.y, width: row.width + 2, height: 1 }, Ink::Selected);
    canvas.print(x, row.y, 1, canvas.ui.glyphs().pointer, Ink::Accent);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::GLOBALS;

    #[test]
    fn a_key_of_an_entry_walks_no_list_and_does_nothing_else() {
        for key in ENTRY_KEYS {
            assert!(command(MOVES, key).is_none() && command(GLOBALS, key).is_none(), "{key:?}");
        }
    }

    #[test]
    fn the_tenth_entry_has_a_key_and_one_beyond_the_last_has_none() {
        let mut list = List::new(12);
        list.fit(12, 5);
        assert!(list.pick(Key::Char('0')) && list.selected == 9);
        assert!(list.pick(Key::Char('c')) && list.selected == 11);
        assert!(list.visible().contains(&11), "what is chosen is in sight");
        assert!(!list.pick(Key::Char('e')) && list.selected == 11);
    }
}
