//! The bottom line: the keys that matter now, drawn from the key map itself.

use ratatui::layout::Rect;

use crate::tui::canvas::Canvas;
use crate::tui::keys::{DIGIT_KEYS, ENTRY_KEYS, Hint, Key, Shown};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

/// Draws as many of the screen's hints as fit, and always the common ones
/// (help, back) at the right.
pub fn footer(canvas: &mut Canvas<'_>, area: Rect, hints: &[Hint], common: &[Hint]) {
    if area.height == 0 {
        return;
    }
    let ui = canvas.ui;
    let fixed: Vec<_> = common.iter().filter(|hint| hint.shown == Shown::Footer).map(|hint| label(hint, ui)).collect();
    let fixed_cells: usize = fixed.iter().map(|(key, name)| ui.width(key) + ui.width(name) + 4).sum();
    let mut at = (area.right() as usize).saturating_sub(fixed_cells).max(usize::from(area.x) + 1) as u16;
    let room_end = at;
    for (key, name) in &fixed {
        at = draw(canvas, at, area.right(), area.y, key, name) + 3;
    }
    at = area.x + 1;
    for hint in hints.iter().filter(|hint| hint.shown == Shown::Footer) {
        let (key, name) = label(hint, ui);
        let cells = (ui.width(&key) + ui.width(name) + 1) as u16;
        if at.saturating_add(cells) + 2 > room_end {
            continue;
        }
        at = draw(canvas, at, room_end, area.y, &key, name) + 3;
    }
}

fn label(hint: &Hint, ui: &Ui) -> (String, &'static str) {
    (keys_of(hint, ui, 1), hint.name.in_language(ui.language))
}

/// The names of a hint's first keys; arrows stand together without a space.
pub(super) fn keys_of(hint: &Hint, ui: &Ui, most: usize) -> String {
    // The keys of a list's entries are one thing to read: 1–9 a–h.
    if let (true, [Key::Char(first), .., Key::Char(last)]) = (is_row(hint.keys), hint.keys) {
        let dash = ui.glyphs().dash;
        return match last {
            '0' => format!("{first}{dash}9 0"),
            'a' => format!("{first}{dash}9 0 a"),
            'b'..='z' => format!("{first}{dash}9 0 a{dash}{last}"),
            _ => format!("{first}{dash}{last}"),
        };
    }
    let names: Vec<_> = hint.keys.iter().take(most).map(|key| key.name(ui.glyphs(), ui.language)).collect();
    names.join(" ")
}

/// Whether the keys are those of a list's entries, or ten digits.
fn is_row(keys: &[Key]) -> bool {
    keys.len() > 1 && (ENTRY_KEYS.starts_with(keys) || keys == DIGIT_KEYS)
}

fn draw(canvas: &mut Canvas<'_>, x: u16, end: u16, y: u16, key: &str, name: &str) -> u16 {
    let at = canvas.print(x, y, end.saturating_sub(x), key, Ink::Accent);
    let at = canvas.print(at, y, end.saturating_sub(at), " ", Ink::Text);
    canvas.print(at, y, end.saturating_sub(at), name, Ink::Muted)
}
