//! The names of panes that a small screen shows one at a time.

use ratatui::layout::Rect;

use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;

/// Draws one row of numbered names, the open one marked by weight and brackets.
pub fn tabs(canvas: &mut Canvas<'_>, area: Rect, names: &[&str], open: usize) {
    if area.height == 0 {
        return;
    }
    let mut at = area.x + 1;
    for (index, name) in names.iter().enumerate() {
        let (text, ink) = if index == open {
            (format!("[{} {name}]", index + 1), Ink::Accent)
        } else {
            (format!(" {} {name} ", index + 1), Ink::Muted)
        };
        at = canvas.print(at, area.y, area.right().saturating_sub(at), &text, ink) + 1;
    }
}
