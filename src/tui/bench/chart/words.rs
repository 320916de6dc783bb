//! The backlog for those who read rather than look, and where there is no room for
//! bars: a line a moment.

use ratatui::layout::Rect;

use crate::tui::bench::run::Run;
use crate::tui::bench::scene::Scene;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::{is_log, name};

/// What waited at moments all over the run.
pub fn words(canvas: &mut Canvas<'_>, area: Rect, run: &Run, scene: &Scene) {
    let ui = canvas.ui;
    let all = &run.backlog.series;
    let room = area.width.saturating_sub(10);
    for (row, time) in (0..).zip(run.backlog.times(usize::from(area.height), run.session.now())) {
        let said = all.iter().map(|(series, _)| {
            let name =
                if all.len() > 1 || is_log(scene) { format!("{} ", name(scene, *series)) } else { String::new() };
            match run.backlog.at(*series, time) {
                None => format!("{name}{}", ui.glyphs().dash),
                Some(held) if is_log(scene) => format!("{name}lag {}", held.ready),
                Some(held) => {
                    let (waiting, out) = (ui.say("排队", "waiting"), ui.say("未确认", "handed out"));
                    format!("{name}{waiting} {}  {out} {}", held.ready, held.unacked)
                }
            }
        });
        canvas.print_right(area.x, area.x + 8, area.y + row, &format!("{time}s"), Ink::Muted);
        let text = as_many_as_fit(said.collect(), room, ui);
        canvas.print(area.x + 10, area.y + row, room, &ui.fit(&text, room), Ink::Text);
    }
}

/// As many as fit, and how many are left out.
fn as_many_as_fit(said: Vec<String>, room: u16, ui: &Ui) -> String {
    let with = |count: usize| {
        let hidden = said.len() - count;
        let more = if hidden > 0 { format!("   +{hidden}") } else { String::new() };
        format!("{}{more}", said[..count].join("   "))
    };
    (1..=said.len()).rev().map(with).find(|text| ui.width(text) <= usize::from(room)).unwrap_or_else(|| with(1))
}
