//! What screens paint on. Everything is clipped, so no size of terminal and no
//! text can make a screen panic, and a wide character that something else covers
//! by half is taken away whole.

use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption, CellWidth};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::glyphs::stand_in;
use super::theme::Ink;
use super::ui::Ui;

pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    pub ui: &'a Ui,
    /// Where the terminal's own cursor stands, if a text is being typed: input
    /// methods open their window there.
    pub cursor: Option<Position>,
}

impl<'a> Canvas<'a> {
    pub const fn new(buffer: &'a mut Buffer, ui: &'a Ui) -> Self {
        Self { buffer, ui, cursor: None }
    }

    #[must_use]
    pub const fn area(&self) -> Rect {
        self.buffer.area
    }

    #[must_use]
    pub fn style(&self, ink: Ink) -> Style {
        self.ui.style(ink)
    }

    /// Prints one line in a style, at most `cells` wide, and returns the column
    /// after it.
    pub fn print_styled(&mut self, x: u16, y: u16, cells: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        let end = x.saturating_add(cells).min(area.right());
        if y < area.top() || y >= area.bottom() || x < area.left() {
            return x;
        }
        let mut at = x;
        for grapheme in text.graphemes(true) {
            if grapheme.chars().any(char::is_control) {
                continue;
            }
            let cells = self.ui.measure().grapheme(grapheme) as u16;
            if cells == 0 {
                continue;
            }
            if at.saturating_add(cells) > end {
                break;
            }
            self.uncover(at, y);
            self.uncover(at + cells, y);
            self.put(at, y, grapheme, cells, style);
            for behind in at + 1..at + cells {
                let background = self.buffer[(at, y)].style();
                self.buffer[(behind, y)].reset();
                self.buffer[(behind, y)].set_style(background);
            }
            at += cells;
        }
        at
    }

    fn put(&mut self, x: u16, y: u16, grapheme: &str, cells: u16, style: Style) {
        let cell = &mut self.buffer[(x, y)];
        cell.set_diff_option(CellDiffOption::None);
        match stand_in(grapheme) {
            Some(sign) if self.ui.options.ascii && cells == 1 => cell.set_symbol(sign),
            _ => cell.set_symbol(grapheme),
        };
        cell.set_style(style);
        // The buffer counts an ambiguous character as one cell; this terminal
        // gives it two.
        if let (Some(forced), true) = (NonZeroU16::new(cells), cell.symbol().cell_width() != cells) {
            cell.set_diff_option(CellDiffOption::ForcedWidth(forced));
        }
    }

    /// Prints one line in an ink, at most `cells` wide, and returns the column
    /// after it.
    pub fn print(&mut self, x: u16, y: u16, cells: u16, text: &str, ink: Ink) -> u16 {
        self.print_styled(x, y, cells, text, self.ui.style(ink))
    }

    /// Prints pieces of different inks one after another.
    pub fn print_all(&mut self, x: u16, y: u16, cells: u16, pieces: &[(&str, Ink)]) -> u16 {
        let end = x.saturating_add(cells);
        let mut at = x;
        for (text, ink) in pieces {
            at = self.print(at, y, end.saturating_sub(at), text, *ink);
        }
        at
    }

    /// Prints so that the text ends before column `end`; it begins at `from` or
    /// later. Returns the column it begins at.
    pub fn print_right(&mut self, from: u16, end: u16, y: u16, text: &str, ink: Ink) -> u16 {
        let room = end.saturating_sub(from);
        let text = self.ui.fit(text, room);
        let at = end.saturating_sub(self.ui.width(&text) as u16).max(from);
        self.print(at, y, end.saturating_sub(at), &text, ink);
        at
    }

    /// Prints the text in the middle of a row of `area`.
    pub fn print_centred(&mut self, area: Rect, y: u16, text: &str, ink: Ink) {
        let text = self.ui.fit(text, area.width);
        let at = area.x + (area.width.saturating_sub(self.ui.width(&text) as u16)) / 2;
        self.print(at, y, area.right().saturating_sub(at), &text, ink);
    }

    /// Repeats a sign of one cell over `cells` columns.
    pub fn repeat(&mut self, x: u16, y: u16, cells: u16, sign: &str, ink: Ink) {
        for at in x..x.saturating_add(cells) {
            self.print(at, y, 1, sign, ink);
        }
    }

    /// Repeats a sign of one cell downwards.
    pub fn repeat_down(&mut self, x: u16, y: u16, rows: u16, sign: &str, ink: Ink) {
        for row in y..y.saturating_add(rows) {
            self.print(x, row, 1, sign, ink);
        }
    }

    /// Lays a style over what is there, without changing the text.
    pub fn tint(&mut self, area: Rect, ink: Ink) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, self.ui.style(ink));
    }

    /// Empties an area, for what is drawn over the screen.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            self.uncover(area.left(), y);
            self.uncover(area.right(), y);
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
    }

    /// If a wide character reaches over column `x` from the left, takes it away:
    /// a terminal cannot show half of it.
    fn uncover(&mut self, x: u16, y: u16) {
        let area = self.buffer.area;
        if x > area.left() && x < area.right() && self.buffer[(x - 1, y)].cell_width() > 1 {
            self.buffer[(x - 1, y)].set_symbol(" ").set_diff_option(CellDiffOption::None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;
    use crate::tui::theme::Theme;
    use crate::tui::ui::Options;

    fn line(buffer: &Buffer) -> String {
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn half_a_wide_character_is_never_left() {
        let ui = Ui::new(Language::Zh, Theme::Plain, Options::default());
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        let mut canvas = Canvas::new(&mut buffer, &ui);
        canvas.print(0, 0, 8, "消息丢失", Ink::Text);
        canvas.print(3, 0, 2, "ab", Ink::Text);
        // The second character lost its right half, the third its left one.
        assert_eq!(line(&buffer), "消  ab 失 ");
    }

    #[test]
    fn a_terminal_wide_for_ambiguous_characters_gets_two_cells_for_them() {
        let options = Options { wide: true, ..Options::default() };
        let ui = Ui::new(Language::Zh, Theme::Plain, options);
        let before = Buffer::empty(Rect::new(0, 0, 8, 1));
        let mut buffer = before.clone();
        let after = Canvas::new(&mut buffer, &ui).print(0, 0, 8, "“a”→b", Ink::Text);
        assert_eq!(after, 8);
        let drawn: Vec<_> = before.diff(&buffer).into_iter().map(|(x, _, cell)| (x, cell.symbol())).collect();
        assert_eq!(drawn, [(0, "“"), (2, "a"), (3, "”"), (5, "→"), (7, "b")]);
    }

    #[test]
    fn printing_is_clipped_everywhere() {
        let ui = Ui::new(Language::Zh, Theme::Dark, Options::default());
        for (width, height) in [(0, 0), (1, 1), (3, 2)] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            let mut canvas = Canvas::new(&mut buffer, &ui);
            for at in [0, 1, 2, 5, u16::MAX] {
                canvas.print(at, at, u16::MAX, "消息 lost", Ink::Lost);
                canvas.print_right(at, u16::MAX, at, "消息", Ink::Text);
                canvas.clear(Rect::new(at, at, 9, 9));
                canvas.tint(Rect::new(at, 0, 9, 9), Ink::Selected);
            }
        }
    }
}
