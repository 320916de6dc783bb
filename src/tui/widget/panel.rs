//! A frame with a title.

use ratatui::layout::{Rect, Size};

use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;

/// Draws a frame around `area` with a title in its top edge, and returns what is
/// inside, one column of air at either side. `ink` is [`Ink::Border`], or
/// [`Ink::Focus`] for the pane that has the keys.
pub fn panel(canvas: &mut Canvas<'_>, area: Rect, title: &str, ink: Ink) -> Rect {
    let glyphs = canvas.ui.glyphs();
    if area.width < 2 || area.height < 2 {
        return Rect::new(area.x, area.y, 0, 0);
    }
    let (left, right) = (area.left(), area.right() - 1);
    let (top, bottom) = (area.top(), area.bottom() - 1);
    canvas.repeat(left, top, area.width, glyphs.horizontal, ink);
    canvas.repeat(left, bottom, area.width, glyphs.horizontal, ink);
    canvas.repeat_down(left, top, area.height, glyphs.vertical, ink);
    canvas.repeat_down(right, top, area.height, glyphs.vertical, ink);
    canvas.print(left, top, 1, glyphs.top_left, ink);
    canvas.print(right, top, 1, glyphs.top_right, ink);
    canvas.print(left, bottom, 1, glyphs.bottom_left, ink);
    canvas.print(right, bottom, 1, glyphs.bottom_right, ink);
    if !title.is_empty() && area.width > 6 {
        let room = area.width - 6;
        let title = canvas.ui.fit(title, room);
        let title_ink = if ink == Ink::Focus { Ink::Accent } else { Ink::Strong };
        let after = canvas.print(left + 2, top, area.width - 4, " ", ink);
        let after = canvas.print(after, top, right - after, &title, title_ink);
        canvas.print(after, top, right.saturating_sub(after), " ", ink);
    }
    Rect::new(left + 2, top + 1, area.width.saturating_sub(4), area.height - 2)
}

/// The place for something of this size in the middle of `area`, no larger than
/// the area itself.
#[must_use]
pub fn centred(area: Rect, size: Size) -> Rect {
    let width = size.width.min(area.width);
    let height = size.height.min(area.height);
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}

/// Empties the place of an overlay, with a column of air at either side, so that
/// what lies below does not touch its frame.
pub fn clear_around(canvas: &mut Canvas<'_>, area: Rect) {
    let x = area.x.saturating_sub(1);
    let right = area.right().saturating_add(1).min(canvas.area().right());
    canvas.clear(Rect { x, width: right.saturating_sub(x), ..area });
}
