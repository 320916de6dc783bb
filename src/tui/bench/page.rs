//! Pages of text in a frame: incidents, questions, exercises, verdicts.

use ratatui::layout::{Rect, Size};

use crate::text::plain;
use crate::tui::canvas::Canvas;
use crate::tui::keys::ENTRY_KEYS;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{centred, entry_sign, panel};

/// Lines of text with inks, wrapped to a readable width.
pub struct Page<'a> {
    ui: &'a Ui,
    width: u16,
    rows: Vec<Vec<(String, Ink)>>,
}

/// The longest line that is read easily.
const READABLE: u16 = 84;

impl<'a> Page<'a> {
    #[must_use]
    pub fn new(ui: &'a Ui, area: Rect) -> Self {
        Self { ui, width: area.width.saturating_sub(8).min(READABLE), rows: Vec::new() }
    }

    pub fn blank(&mut self) {
        self.rows.push(Vec::new());
    }

    pub fn text(&mut self, text: &str, ink: Ink) {
        for line in self.ui.wrap(text, self.width) {
            self.rows.push(vec![(line, ink)]);
        }
    }

    /// Paragraphs apart by an empty line, one after the last.
    pub fn paragraphs(&mut self, text: &str, ink: Ink) {
        for paragraph in text.trim().split("\n\n") {
            self.text(&plain(paragraph), ink);
            self.blank();
        }
    }

    pub fn option(&mut self, at: usize, text: &str, chosen: bool, ink: Ink) {
        let pointer = if chosen { self.ui.glyphs().pointer } else { " " };
        let ink = if chosen { Ink::Strong } else { ink };
        for (row, line) in self.ui.wrap(&plain(text), self.width.saturating_sub(5)).into_iter().enumerate() {
            self.rows.push(if row == 0 {
                vec![
                    (format!("{pointer} "), Ink::Accent),
                    (format!("{} ", entry_sign(&ENTRY_KEYS, at)), Ink::Accent),
                    (format!(" {line}"), ink),
                ]
            } else {
                vec![(format!("     {line}"), ink)]
            });
        }
    }

    /// The rows without a frame.
    #[must_use]
    pub const fn height(&self) -> u16 {
        self.rows.len() as u16
    }

    pub fn print(&self, canvas: &mut Canvas<'_>, area: Rect) {
        for (row, pieces) in self.rows.iter().enumerate() {
            let y = area.y + row as u16;
            if y >= area.bottom() {
                return;
            }
            let pieces: Vec<_> = pieces.iter().map(|(text, ink)| (text.as_str(), *ink)).collect();
            canvas.print_all(area.x, y, area.width, &pieces);
        }
    }

    /// In a frame in the middle of `area`.
    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, title: &str) {
        let place = centred(area, Size::new(self.width + 8, (self.height() + 3).max(area.height.min(12))));
        let inside = panel(canvas, place, title, Ink::Focus);
        self.print(canvas, Rect { x: inside.x + 2, width: inside.width.saturating_sub(2), ..inside });
    }
}
