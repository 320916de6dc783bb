//! A list with one selected entry, walked by arrows, `j k g G d u` and digits.

use std::ops::Range;

use crate::tui::keys::{Key, Move};

use super::scroll::Scroll;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    pub selected: usize,
    pub length: usize,
    scroll: Scroll,
}

impl List {
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { length, ..Self::default() }
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

    /// Selects by a digit counted from 1. True if there is such an entry.
    pub fn digit(&mut self, key: Key) -> bool {
        match key.digit() {
            Some(digit) if (1..=self.length).contains(&digit) => {
                self.select(digit - 1);
                true
            }
            _ => false,
        }
    }
}
