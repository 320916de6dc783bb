//! A place in something longer than the screen.

use ratatui::layout::Rect;

use crate::tui::canvas::Canvas;
use crate::tui::keys::Move;
use crate::tui::theme::Ink;

/// The first visible row, and what is needed to keep it inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    pub top: usize,
    /// All rows.
    pub length: usize,
    /// Visible rows.
    pub height: usize,
}

impl Scroll {
    /// The last row that can be at the top.
    #[must_use]
    pub const fn last_top(&self) -> usize {
        self.length.saturating_sub(self.height)
    }

    /// Takes new measures and stays inside them.
    pub fn fit(&mut self, length: usize, height: usize) {
        self.length = length;
        self.height = height;
        self.top = self.top.min(self.last_top());
    }

    /// Moves; true if that changed anything. A page keeps two rows in view, so
    /// that the eye finds its place.
    pub fn go(&mut self, step: Move) -> bool {
        let before = self.top;
        let page = self.height.saturating_sub(2).max(1);
        let half = (self.height / 2).max(1);
        self.top = match step {
            Move::Up => before.saturating_sub(1),
            Move::Down => before + 1,
            Move::HalfUp => before.saturating_sub(half),
            Move::HalfDown => before + half,
            Move::PageUp => before.saturating_sub(page),
            Move::PageDown => before + page,
            Move::Top => 0,
            Move::Bottom => usize::MAX,
        }
        .min(self.last_top());
        self.top != before
    }

    /// Brings row `row` in sight, moving no more than needed.
    pub fn reveal(&mut self, row: usize) {
        if row < self.top {
            self.top = row;
        } else if self.height > 0 && row >= self.top + self.height {
            self.top = row + 1 - self.height;
        }
        self.top = self.top.min(self.last_top());
    }

    /// How much has been seen, in percent.
    #[must_use]
    pub const fn percent(&self) -> usize {
        if self.last_top() == 0 { 100 } else { self.top * 100 / self.last_top() }
    }
}

/// Draws a scrollbar down the column `x`; nothing if everything is in sight.
pub fn scrollbar(canvas: &mut Canvas<'_>, x: u16, area: Rect, scroll: &Scroll) {
    let rows = usize::from(area.height);
    if scroll.length <= scroll.height || rows == 0 {
        return;
    }
    let glyphs = canvas.ui.glyphs();
    let thumb = (rows * scroll.height / scroll.length).clamp(1, rows);
    let above = (rows - thumb) * scroll.top / scroll.last_top().max(1);
    canvas.repeat_down(x, area.y, area.height, glyphs.scroll_track, Ink::Border);
    canvas.repeat_down(x, area.y + above as u16, thumb as u16, glyphs.scroll_thumb, Ink::Muted);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STEPS: [Move; 8] =
        [Move::Up, Move::Down, Move::HalfUp, Move::HalfDown, Move::PageUp, Move::PageDown, Move::Top, Move::Bottom];

    proptest! {
        #[test]
        fn never_leaves_the_text(length in 0usize..500, height in 0usize..80, steps in prop::collection::vec(0usize..8, 0..40)) {
            let mut scroll = Scroll::default();
            scroll.fit(length, height);
            for step in steps {
                scroll.go(STEPS[step]);
                prop_assert!(scroll.top <= scroll.last_top());
                prop_assert!(scroll.percent() <= 100);
            }
            for row in 0..length {
                scroll.reveal(row);
                prop_assert!(height == 0 || (scroll.top..scroll.top + height).contains(&row));
            }
        }
    }
}
