//! The help overlay. It lists what the key map holds and nothing else, so it
//! cannot be wrong.

use ratatui::layout::{Rect, Size};

use crate::tui::canvas::Canvas;
use crate::tui::keys::{Hint, Key, MOVES, command, hints};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::footer::keys_of;
use super::panel::{centred, clear_around, panel};
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

    /// Takes the hints that there are and the room there is.
    pub fn arrange(&mut self, screen: Rect, own: &[Hint], common: &[Hint]) {
        let rows = columns(screen, own, common).iter().map(Vec::len).max().unwrap_or(0);
        let height = screen.height.saturating_sub(4);
        self.scroll.fit(rows, rows.min(usize::from(height)));
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, screen: Rect, own: &[Hint], common: &[Hint]) {
        let ui = canvas.ui;
        let columns: Vec<Vec<_>> = columns(screen, own, common)
            .iter()
            .map(|hints| hints.iter().map(|hint| label(hint, ui)).collect())
            .collect();
        let widths: Vec<(u16, u16)> = columns.iter().map(|labels| widths(labels, ui)).collect();
        let cells: u16 = widths.iter().map(|(keys, names)| keys + names + GAP + BETWEEN).sum();
        let rows = columns.iter().map(Vec::len).max().unwrap_or(0).min(usize::from(u16::MAX) - 4) as u16;
        let area = centred(screen, Size::new((cells + 6).max(30), rows + 4));
        clear_around(canvas, area);
        let inside = panel(canvas, area, ui.say("按键", "Keys"), Ink::Focus);
        let mut x = inside.x + 1;
        for (labels, (keys_cells, names_cells)) in columns.iter().zip(widths) {
            let rows = inside.y + 1..inside.bottom().saturating_sub(1);
            for (y, (keys, name)) in rows.zip(labels.iter().skip(self.scroll.top)) {
                let end = (x + keys_cells).min(inside.right());
                canvas.print_right(x, end, y, keys, Ink::Accent);
                let from = end + GAP;
                canvas.print(from, y, inside.right().saturating_sub(from), name, Ink::Text);
            }
            x = x.saturating_add(keys_cells + GAP + names_cells + BETWEEN);
        }
        let track = Rect::new(inside.x, inside.y + 1, inside.width, inside.height.saturating_sub(2));
        scrollbar(canvas, area.right().saturating_sub(2), track, &self.scroll);
    }
}

/// Between a key and its name, and between two columns.
const GAP: u16 = 3;
const BETWEEN: u16 = 4;

/// The screen's own keys, and beside or below them those that all screens share.
fn columns(screen: Rect, own: &[Hint], common: &[Hint]) -> Vec<Vec<Hint>> {
    let moves = hints(MOVES);
    let is_move = |hint: &&Hint| moves.iter().any(|step| step.keys == hint.keys);
    let special: Vec<_> = own.iter().filter(|hint| !is_move(hint)).copied().collect();
    let shared: Vec<_> = own.iter().filter(is_move).chain(common).copied().collect();
    if screen.width >= 72 && !special.is_empty() { vec![special, shared] } else { vec![[special, shared].concat()] }
}

fn label(hint: &Hint, ui: &Ui) -> (String, &'static str) {
    (keys_of(hint, ui, 4), hint.name.in_language(ui.language))
}

fn widths(labels: &[(String, &'static str)], ui: &Ui) -> (u16, u16) {
    let keys = labels.iter().map(|(keys, _)| ui.width(keys)).max().unwrap_or(0);
    let names = labels.iter().map(|(_, name)| ui.width(name)).max().unwrap_or(0);
    (keys as u16, names as u16)
}
