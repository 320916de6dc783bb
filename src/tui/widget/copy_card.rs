//! A text to take along. It was offered to the terminal's clipboard by OSC 52,
//! which terminals take or drop without a word; so it is shown as well, on lines
//! of its own, to be selected by hand.

use ratatui::layout::{Rect, Size};

use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;

use super::panel::{centred, clear_around, panel};

pub fn copy_card(canvas: &mut Canvas<'_>, screen: Rect, text: &str) {
    let ui = canvas.ui;
    let room = screen.width.saturating_sub(8).clamp(10, 90);
    let lines = ui.wrap(text, room);
    let about = ui.wrap(
        ui.say(
            "已交给终端的剪贴板。有的终端不接收，也不会告诉我们；那就用鼠标选中上面的文字。",
            "Offered to the terminal's clipboard. Some terminals drop it without saying so: then select the text above.",
        ),
        room,
    );
    let cells = lines.iter().chain(&about).map(|line| ui.width(line)).max().unwrap_or(0) as u16;
    let area = centred(screen, Size::new(cells + 6, (lines.len() + about.len()) as u16 + 5));
    clear_around(canvas, area);
    let inside = panel(canvas, area, ui.say("带走", "To take along"), Ink::Focus);
    let mut y = inside.y + 1;
    for (line, ink) in lines.iter().map(|line| (line, Ink::Code)) {
        canvas.print(inside.x, y, inside.width, line, ink);
        y += 1;
    }
    y += 1;
    for line in &about {
        if y >= inside.bottom() {
            break;
        }
        canvas.print(inside.x, y, inside.width, line, Ink::Muted);
        y += 1;
    }
}
