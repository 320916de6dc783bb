//! A list of names over the bench, some with a word beside them.

use ratatui::layout::{Rect, Size};

use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::widget::{List, centred, clear_around, entry_sign, mark_selected, panel, scrollbar};

/// Draws it in the middle of the screen.
pub fn menu(canvas: &mut Canvas<'_>, screen: Rect, title: &str, list: &List, names: &[(String, Option<String>)]) {
    let ui = canvas.ui;
    let cells = |(name, beside): &(String, Option<String>)| {
        ui.width(name) + beside.as_ref().map_or(0, |beside| ui.width(beside) + 2)
    };
    let widest = names.iter().map(cells).max().unwrap_or(0).max(ui.width(title));
    let rows = list.visible();
    let area = centred(screen, Size::new(widest as u16 + 14, rows.len() as u16 + 2));
    clear_around(canvas, area);
    let inside = panel(canvas, area, title, Ink::Focus);
    for (row, at) in rows.enumerate() {
        let y = inside.y + row as u16;
        if y >= inside.bottom() {
            break;
        }
        let chosen = at == list.selected;
        if chosen {
            mark_selected(canvas, Rect { y, height: 1, ..inside });
        }
        canvas.print(inside.x + 1, y, 1, &entry_sign(list.keys(), at), Ink::Accent);
        canvas.print(
            inside.x + 4,
            y,
            inside.width.saturating_sub(4),
            &names[at].0,
            if chosen { Ink::Strong } else { Ink::Text },
        );
        if let Some(beside) = &names[at].1 {
            canvas.print_right(inside.x, inside.right(), y, beside, Ink::Muted);
        }
    }
    scrollbar(canvas, area.right().saturating_sub(1), inside, list.scroll());
}
