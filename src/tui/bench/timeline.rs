//! The timeline: one line from the start to the last thing that matters, faults
//! marked on it, and a cursor. Dull time is squeezed, and it says so.

use ratatui::layout::Rect;

use crate::event::Kind;
use crate::text::Language;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;

use crate::tui::ui::Ui;

use super::run::Run;

pub fn timeline(canvas: &mut Canvas<'_>, area: Rect, run: &Run) {
    let ui = canvas.ui;
    let glyphs = ui.glyphs();
    let name = ui.say("时间线 ", "time ");
    let end = end(run, area.width, ui);
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
        let (sign, ink) = fault_sign(event.kind, ui);
        canvas.print(from + run.column(event.time, cells), area.y, 1, sign, ink);
    }
    for event in run.squeezed().filter(|event| event.time <= run.last_matter()) {
        let x = from + run.column(event.time, cells);
        canvas.print(x.saturating_sub(1).max(from), area.y, 1, glyphs.ellipsis, Ink::Muted);
    }
    canvas.print(from + now, area.y, 1, glyphs.full, Ink::Accent);
    canvas.print(right, area.y, area.right().saturating_sub(right), &end, Ink::Muted);
}

/// The sign of a fault, and of what mends it, wherever time runs from left to right.
pub fn fault_sign(kind: Kind, ui: &Ui) -> (&'static str, Ink) {
    if matches!(kind, Kind::Fault(fault) if fault.mends()) {
        (ui.glyphs().up, Ink::Good)
    } else {
        (ui.glyphs().lightning, Ink::Bad)
    }
}

/// The time of the last thing that matters, and how much quiet follows it.
fn end(run: &Run, width: u16, ui: &Ui) -> String {
    let last = run.last_matter();
    let quiet = run.end().since(last).as_millis();
    if quiet < 1000 || width < 60 {
        return format!(" {last}s");
    }
    let (seconds, tenths) = (quiet / 1000, quiet % 1000 / 100);
    match ui.language {
        Language::Zh => format!(" {last}s（其后 {seconds}.{tenths}s 无事，略）"),
        Language::En => format!(" {last}s (then {seconds}.{tenths}s quiet, skipped)"),
    }
}
