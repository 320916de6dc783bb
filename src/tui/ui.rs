//! What all screens share: the language, how things look, and the options that
//! hold for the whole interface.

use ratatui::style::Style;

use crate::lesson::{Measure, wrap};
use crate::text::{Language, Text};

use super::glyphs::{ASCII, Glyphs, UNICODE};
use super::theme::{Ink, Theme};

/// Choices that come from the command line, the environment and the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Frames and marks in ASCII.
    pub ascii: bool,
    /// The terminal gives ambiguous characters two cells. Implies `ascii`.
    pub wide: bool,
    /// Nothing moves; what changes, changes at once.
    pub reduced_motion: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ui {
    pub language: Language,
    pub theme: Theme,
    pub options: Options,
}

impl Ui {
    #[must_use]
    pub const fn new(language: Language, theme: Theme, options: Options) -> Self {
        Self { language, theme, options }
    }

    #[must_use]
    pub fn glyphs(&self) -> &'static Glyphs {
        if self.options.ascii || self.options.wide { &ASCII } else { &UNICODE }
    }

    #[must_use]
    pub fn style(&self, ink: Ink) -> Style {
        self.theme.style(ink)
    }

    #[must_use]
    pub const fn measure(&self) -> Measure {
        Measure::new(self.options.wide)
    }

    /// How many cells a text takes.
    #[must_use]
    pub fn width(&self, text: &str) -> usize {
        self.measure().width(text)
    }

    /// The text cut to at most `cells`, with a mark where it was cut.
    #[must_use]
    pub fn fit(&self, text: &str, cells: u16) -> String {
        self.measure().truncate(text, usize::from(cells))
    }

    /// The text in lines of at most `cells`.
    #[must_use]
    pub fn wrap(&self, text: &str, cells: u16) -> Vec<String> {
        let lines = wrap(text, usize::from(cells.max(2)), self.measure());
        lines.into_iter().map(|line| text[line].to_owned()).collect()
    }

    /// The texts in as many lines as there is room for. A text that is cut says so.
    #[must_use]
    pub fn cut(&self, texts: &[String], most: usize, cells: u16) -> Vec<String> {
        let mut lines = Vec::new();
        for text in texts {
            let whole = self.wrap(text, cells);
            let room = most.saturating_sub(lines.len());
            let is_cut = room > 0 && whole.len() > room;
            lines.extend(whole.into_iter().take(room));
            if is_cut && let Some(last) = lines.last_mut() {
                let ellipsis = self.glyphs().ellipsis;
                let room = cells.saturating_sub(self.width(ellipsis) as u16);
                *last = format!("{}{ellipsis}", self.wrap(last, room).swap_remove(0));
            }
        }
        lines
    }

    /// The text in the language of the moment.
    #[must_use]
    pub const fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        Text { zh, en }.in_language(self.language)
    }
}
