//! What a terminal below the smallest useful size shows. The state is kept, so
//! nothing is lost by making a window small for a moment.

use ratatui::layout::{Rect, Size};

use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;

/// The smallest useful size, in cells.
pub const MINIMUM: Size = Size::new(40, 12);

#[must_use]
pub const fn is_too_small(area: Rect) -> bool {
    area.width < MINIMUM.width || area.height < MINIMUM.height
}

pub fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let ui = canvas.ui;
    let times = ui.glyphs().times;
    let have = format!("{}{times}{}", area.width, area.height);
    let want = format!("{}{times}{}", MINIMUM.width, MINIMUM.height);
    let text = match ui.language {
        crate::text::Language::Zh => format!("窗口太小：{have}。请放大到 {want}。进度都在。"),
        crate::text::Language::En => {
            format!("The window is too small: {have}. Please enlarge it to {want}. Nothing is lost.")
        }
    };
    let lines = ui.wrap(&text, area.width);
    let first = (usize::from(area.height)).saturating_sub(lines.len()) / 2;
    for (row, line) in lines.iter().take(usize::from(area.height)).enumerate() {
        canvas.print_centred(area, area.y + (first + row) as u16, line, Ink::Text);
    }
}
