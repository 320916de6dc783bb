//! The top line: where one is, and what is worth knowing there.

use ratatui::layout::Rect;

use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;

/// Draws the path of titles, the last one bold, and the status at the right. If
/// there is no room, the first titles go first.
pub fn header(canvas: &mut Canvas<'_>, area: Rect, path: &[String], status: &str) {
    if area.height == 0 {
        return;
    }
    let ui = canvas.ui;
    let status_cells = ui.width(status) as u16;
    let status_room = if status_cells + 12 > area.width { 0 } else { status_cells + 3 };
    let room = usize::from(area.width.saturating_sub(status_room + 2));
    let mut first = 0;
    let cells = |first: usize| path[first..].iter().map(|title| ui.width(title) + 3).sum::<usize>();
    while first + 1 < path.len() && cells(first) > room + 3 {
        first += 1;
    }
    let mut at = area.x + 1;
    let end = area.x + 1 + room as u16;
    for (index, title) in path.iter().enumerate().skip(first) {
        let last = index + 1 == path.len();
        let title = ui.fit(title, end.saturating_sub(at));
        at = canvas.print(at, area.y, end.saturating_sub(at), &title, if last { Ink::Title } else { Ink::Muted });
        if !last {
            at = canvas.print(at, area.y, end.saturating_sub(at), " / ", Ink::Border);
        }
    }
    if status_room > 0 {
        canvas.print_right(at, area.right() - 1, area.y, status, Ink::Muted);
    }
}
