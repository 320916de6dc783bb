//! The picture of a page: the text in a column that is comfortable to read, the
//! outline beside it when there is room, the search line at the bottom.

use ratatui::layout::{Position, Rect};

use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::widget::scrollbar;

use super::outline::Outline;
use super::page::Line;
use super::search::Search;
use super::{Inner, Reader};

/// Forty Han characters, or eighty letters.
const WIDEST_TEXT: u16 = 80;
/// From here on the outline stands beside the page.
const OUTLINE_FROM: u16 = 116;

/// Where things stand on the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub text: Rect,
    /// Empty without room.
    outline: Rect,
}

pub(super) fn plan(area: Rect) -> Plan {
    let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let outline_width = if area.width >= OUTLINE_FROM { (area.width / 4).min(34) } else { 0 };
    // Three columns at the left hold the bar of what has the keys, three at the
    // right the scrollbar.
    let width = area.width.saturating_sub(outline_width + 6).min(WIDEST_TEXT);
    let x = area.x + (area.width.saturating_sub(outline_width + width + 6)) / 2;
    Plan {
        text: Rect { x: x + outline_width + 3, width, ..area },
        outline: Rect { x: x + 1, width: outline_width.saturating_sub(1), ..area },
    }
}

impl Reader {
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let plan = plan(area);
        let text = plan.text;
        let search = if let Inner::Search(search) = &self.inner { Some(search) } else { None };
        for row in 0..text.height {
            let at = self.scroll.top + usize::from(row);
            let Some(line) = self.page.lines.get(at) else { break };
            let y = text.y + row;
            self.paint_bar(canvas, text.x, y, line, at);
            paint_line(canvas, text, y, line, self.is_active(line.block));
            if let Some(search) = search {
                paint_matches(canvas, text, y, line, at, search, self.is_active(line.block));
            }
        }
        scrollbar(canvas, text.right() + 1, text, &self.scroll);
        if plan.outline.width > 0 {
            let here = self.page.block_at(self.scroll.top + 2).unwrap_or(0);
            Outline::new(self.lesson(), here).view_beside(canvas, plan.outline, &self.marks);
        }
        match &self.inner {
            Inner::Contents(outline) => outline.view(canvas, area, &self.marks),
            Inner::Links(links) => links.view(canvas, area),
            Inner::Search(search) => paint_search(canvas, area, search),
            Inner::Page => {}
        }
    }

    fn is_active(&self, block: usize) -> bool {
        self.page.active.binary_search(&block).is_ok()
    }

    /// The bar left of what can be answered or opened; lit if it has the keys.
    fn paint_bar(&self, canvas: &mut Canvas<'_>, x: u16, y: u16, line: &Line, row: usize) {
        let inside = self.page.rows_of(line.block).is_some_and(|rows| rows.contains(&row));
        if !inside || !self.is_active(line.block) {
            return;
        }
        let glyphs = canvas.ui.glyphs();
        let focused = self.focus == Some(line.block);
        canvas.print(x, y, 1, glyphs.bar, if focused { Ink::Focus } else { Ink::Border });
        let first = self.page.rows_of(line.block).is_some_and(|rows| rows.start == row);
        if focused && first {
            canvas.print(x.saturating_sub(2), y, 1, glyphs.pointer, Ink::Accent);
        }
    }
}

const fn indent(active: bool) -> u16 {
    if active { super::ask::INDENT as u16 } else { 0 }
}

fn paint_line(canvas: &mut Canvas<'_>, text: Rect, y: u16, line: &Line, active: bool) {
    let mut at = text.x + indent(active);
    for piece in &line.pieces {
        at = canvas.print(at, y, text.right().saturating_sub(at), &piece.text, piece.ink);
    }
}

fn paint_matches(canvas: &mut Canvas<'_>, text: Rect, y: u16, line: &Line, row: usize, search: &Search, active: bool) {
    let content = line.text();
    for stretch in search.on_row(row) {
        let (Some(before), Some(found)) = (content.get(..stretch.start), content.get(stretch.start..stretch.end))
        else {
            continue;
        };
        let x = text.x + indent(active) + canvas.ui.width(before) as u16;
        canvas.print(x, y, text.right().saturating_sub(x), found, Ink::Match);
    }
}

/// The line where a search is typed, over the last row of the page.
fn paint_search(canvas: &mut Canvas<'_>, area: Rect, search: &Search) {
    let Some(y) = area.bottom().checked_sub(1).filter(|_| area.height > 0) else { return };
    let ui = canvas.ui;
    canvas.clear(Rect { y, height: 1, ..area });
    let (current, all) = search.count();
    let count = match (search.query.is_empty(), all) {
        (true, _) => String::new(),
        (false, 0) => ui.say("没有找到", "nothing found").to_owned(),
        (false, _) if search.typing => format!("{all}"),
        (false, _) => format!("{current}/{all}"),
    };
    let end = canvas.print_right(area.x + area.width / 2, area.right() - 1, y, &count, Ink::Muted);
    let at = canvas.print(area.x + 1, y, 2, "/ ", Ink::Accent);
    let room = end.saturating_sub(at + 2);
    // The end of a long query is what is being typed.
    let mut shown = search.query.as_str();
    while ui.width(shown) > usize::from(room) {
        shown = &shown[shown.chars().next().map_or(shown.len(), char::len_utf8)..];
    }
    let at = canvas.print(at, y, room, shown, Ink::Text);
    if search.typing {
        canvas.cursor = Some(Position::new(at.min(area.right() - 1), y));
    }
}
