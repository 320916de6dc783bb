//! The timeline: one line from the start to the end, faults marked on it, and a
//! cursor. Dull time is squeezed.

use ratatui::layout::Rect;

use crate::event::{FaultKind, Kind};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;

use super::run::Run;

pub fn timeline(canvas: &mut Canvas<'_>, area: Rect, run: &Run) {
    let ui = canvas.ui;
    let glyphs = ui.glyphs();
    let name = ui.say("时间线 ", "time ");
    let end = format!(" {}s", run.end());
    let from = canvas.print(area.x, area.y, area.width, name, Ink::Strong);
    let right = area.right().saturating_sub(ui.width(&end) as u16);
    let cells = right.saturating_sub(from);
    if cells < 4 {
        return;
    }
    let now = run.column(run.session.now(), cells);
    canvas.repeat(from, area.y, now, glyphs.rule, Ink::Accent);
    canvas.repeat(from + now, area.y, cells - now, glyphs.rule, Ink::Border);
    for event in run.faults() {
        let mends = matches!(
            event.kind,
            Kind::Fault(FaultKind::Restart | FaultKind::Resume | FaultKind::DiskHeals | FaultKind::LinkHeals)
        );
        let (sign, ink) = if mends { (glyphs.up, Ink::Good) } else { (glyphs.lightning, Ink::Bad) };
        canvas.print(from + run.column(event.time, cells), area.y, 1, sign, ink);
    }
    canvas.print(from + now, area.y, 1, glyphs.full, Ink::Accent);
    canvas.print(right, area.y, area.right().saturating_sub(right), &end, Ink::Muted);
}
