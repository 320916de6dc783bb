//! The help overlay. It lists what the key map holds and nothing else, so it
//! cannot be wrong.

use ratatui::layout::{Rect, Size};

use crate::tui::canvas::Canvas;
use crate::tui::keys::{Hint, Key, MOVES, command};
use crate::tui::measure;
use crate::tui::theme::Ink;

use super::footer::keys_of;
use super::panel::{centred, panel};
use super::scroll::{Scroll, scrollbar};

#[derive(Clone, Debug, Default)]
pub struct Help {
    scroll: Scroll,
}

impl Help {
    /// Scrolls. False if the key is none of the moves: then the overlay closes.
    pub fn key(&mut self, key: Key) -> bool {
        let Some(step) = command(MOVES, key) else { return false };
        self.scroll.go(step);
        true
    }

    /// Takes the number of rows there are and the room there is.
    pub fn arrange(&mut self, screen: Rect, hints: usize) {
        let height = usize::from(place(screen, hints, 0).height).saturating_sub(4);
        self.scroll.fit(hints, height);
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, screen: Rect, hints: &[Hint]) {
        let ui = canvas.ui;
        let labels: Vec<_> =
            hints.iter().map(|hint| (keys_of(hint, ui, 4), hint.name.in_language(ui.language))).collect();
        let keys_cells = labels.iter().map(|(keys, _)| measure::width(keys)).max().unwrap_or(0);
        let names_cells = labels.iter().map(|(_, name)| measure::width(name)).max().unwrap_or(0);
        let area = place(screen, hints.len(), keys_cells + names_cells + 11);
        canvas.clear(area);
        let inside = panel(canvas, area, ui.say("按键", "Keys"), Ink::Focus);
        for (row, (keys, name)) in labels.iter().skip(self.scroll.top).enumerate() {
            let y = inside.y + 1 + row as u16;
            if y + 1 >= inside.bottom() {
                break;
            }
            let end = inside.x + 1 + keys_cells as u16;
            canvas.print_right(inside.x, end.min(inside.right()), y, keys, Ink::Accent);
            canvas.print(end + 3, y, inside.right().saturating_sub(end + 3), name, Ink::Text);
        }
        let track = Rect::new(inside.x, inside.y + 1, inside.width, inside.height.saturating_sub(2));
        scrollbar(canvas, area.right().saturating_sub(2), track, &self.scroll);
    }
}

fn place(screen: Rect, rows: usize, cells: usize) -> Rect {
    let cells = cells.clamp(36, usize::from(u16::MAX)) as u16;
    centred(screen, Size::new(cells, (rows + 4).min(usize::from(u16::MAX)) as u16))
}
