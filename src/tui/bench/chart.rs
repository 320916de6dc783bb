//! The backlog as a chart: what waits in each queue, and below it what is handed
//! out, from the start of the run to now, on the same squeezed axis as the
//! timeline. What is still to come is not drawn: it would give the run away.
//! Where nothing may move, and in few rows, the same stands there in words.

use ratatui::layout::Rect;

use crate::event::{Event, Kind};
use crate::picture::LaneLabel;
use crate::protocol::Name;
use crate::text::Language;
use crate::time::{Span, Time};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::backlog::Held;
use super::run::Run;
use super::scene::Scene;

/// The rows of a band: its words, its axis, and enough bars to see a shape.
const LEAST_ROWS: u16 = 5;
/// The cells for the numbers of the axis.
const SCALE: u16 = 6;

/// Draws the backlog into `area`, which has no frame of its own.
pub fn chart(canvas: &mut Canvas<'_>, area: Rect, run: &Run, scene: &Scene) {
    let ui = canvas.ui;
    let queues = &run.backlog.queues;
    if queues.is_empty() || area.height == 0 {
        let text = ui.say("这次运行没有队列。", "No queue in this run.");
        canvas.print(area.x, area.y, area.width, text, Ink::Muted);
        return;
    }
    if ui.options.reduced_motion || area.height < LEAST_ROWS || area.width < 30 {
        return words(canvas, area, run, scene);
    }
    let bands = (area.height / LEAST_ROWS).min(3).min(queues.len() as u16);
    let rows = area.height / bands;
    for (at, (queue, most)) in (0..bands).zip(queues) {
        let band = Rect { y: area.y + at * rows, height: rows, ..area };
        draw_band(canvas, band, run, scene, *queue, (*most).max(1));
    }
}

fn draw_band(canvas: &mut Canvas<'_>, area: Rect, run: &Run, scene: &Scene, queue: Name, most: u64) {
    let now = run.session.now();
    head(canvas, area, run, scene, queue, most);
    let cells = area.width.saturating_sub(SCALE);
    let bars = Rect { x: area.x + SCALE, y: area.y + 1, width: cells, height: area.height.saturating_sub(2) };
    canvas.print_right(area.x, bars.x - 1, bars.y, &most.to_string(), Ink::Muted);
    canvas.print_right(area.x, bars.x - 1, bars.bottom(), "0", Ink::Muted);
    let last = run.column(now, cells);
    for column in 0..=last {
        let (from, to) = (run.time_at(column, cells), run.time_at(column + 1, cells).min(now));
        let held = if column == last { held_now(scene, queue) } else { run.backlog.most(queue, from, to) };
        draw_bar(canvas, Rect { x: bars.x + column, width: 1, ..bars }, held, most);
    }
    axis(canvas, Rect { y: bars.bottom(), height: 1, ..bars }, run, last);
}

/// One column: what is handed out below, what waits above it, in eighths of a cell.
fn draw_bar(canvas: &mut Canvas<'_>, area: Rect, held: Held, most: u64) {
    let glyphs = canvas.ui.glyphs();
    let whole = u64::from(area.height) * 8;
    let scaled = |count: u64| (count * whole).div_ceil(most).min(whole);
    let (all, out) = (scaled(held.sum()), scaled(held.unacked));
    for row in 0..area.height {
        let bottom = u64::from(row) * 8;
        let level = all.saturating_sub(bottom).min(8) as usize;
        let y = area.bottom() - 1 - row;
        if level == 0 {
            break;
        }
        // A cell counts as handed out if most of it is.
        if out >= bottom + (level as u64).div_ceil(2) {
            canvas.print(area.x, y, 1, glyphs.shade, Ink::Warn);
        } else {
            canvas.print(area.x, y, 1, glyphs.levels[level - 1], Ink::Memory);
        }
    }
}

fn axis(canvas: &mut Canvas<'_>, area: Rect, run: &Run, now: u16) {
    let glyphs = canvas.ui.glyphs();
    canvas.repeat(area.x, area.y, now, glyphs.rule, Ink::Accent);
    canvas.repeat(area.x + now, area.y, area.width - now, glyphs.rule, Ink::Border);
    for event in run.faults() {
        if event.time <= run.session.now() {
            let x = area.x + run.column(event.time, area.width);
            canvas.print(x, area.y, 1, glyphs.lightning, Ink::Bad);
        }
    }
    canvas.print(area.x + now, area.y, 1, glyphs.full, Ink::Accent);
}

/// `orders  # waiting 23  = out 2   most 40   in 40/s  out 10/s`.
fn head(canvas: &mut Canvas<'_>, area: Rect, run: &Run, scene: &Scene, queue: Name, most: u64) {
    let ui = canvas.ui;
    let glyphs = ui.glyphs();
    let held = held_now(scene, queue);
    let waiting = format!("  {} {} {}", glyphs.block, ui.say("排队", "waiting"), held.ready);
    let out = format!("  {} {} {}", glyphs.shade, ui.say("未确认", "handed out"), held.unacked);
    let peak = format!("  {} {most}", ui.say("最多", "most"));
    let mut pieces = vec![
        (scene.queue_name(queue).to_owned(), Ink::Strong),
        (waiting, Ink::Memory),
        (out, Ink::Warn),
        (peak, Ink::Muted),
    ];
    if run.backlog.queues.len() == 1 {
        pieces.push((flow(run.session.events(), scene.topology.controllers > 0, run.session.now(), ui), Ink::Muted));
    }
    let mut x = area.x;
    for (text, ink) in pieces {
        let cells = ui.width(&text) as u16;
        if x + cells <= area.right() {
            x = canvas.print(x, area.y, cells, &text, ink);
        }
    }
}

/// What the queue holds at the moment of the scene: samples lie beside it.
fn held_now(scene: &Scene, queue: Name) -> Held {
    let lanes = scene.nodes.iter().flat_map(|node| &node.picture.lanes);
    let held = lanes.filter(|lane| lane.label == LaneLabel::Queue(queue));
    let held = held.map(|lane| Held { ready: lane.ready, unacked: lane.unacked });
    held.max_by_key(|held| held.sum()).unwrap_or_default()
}

/// How many came and how many were finished in the last second.
fn flow(events: &[Event], is_log: bool, now: Time, ui: &Ui) -> String {
    let recent = || events.iter().rev().take_while(|event| now.since(event.time) < Span::from_secs(1));
    let came = recent().filter(|event| event.kind == Kind::Enqueued).count();
    // Nobody takes a record out of a log: what is done is applied.
    let is_end = |kind| if is_log { matches!(kind, Kind::Applied { .. }) } else { kind == Kind::Acked };
    let went = recent().filter(|event| is_end(event.kind)).count();
    match ui.language {
        Language::Zh => format!("  最近一秒：进 {came}，出 {went}"),
        Language::En => format!("  in the last second: {came} in, {went} out"),
    }
}

/// The same in words: a line a moment.
fn words(canvas: &mut Canvas<'_>, area: Rect, run: &Run, scene: &Scene) {
    let ui = canvas.ui;
    let shown: Vec<_> = run.backlog.queues.iter().take(3).collect();
    let times = run.backlog.times(usize::from(area.height), run.session.now());
    for (row, time) in (0..).zip(times) {
        let said = shown.iter().map(|(queue, _)| {
            let held = run.backlog.at(*queue, time);
            let name = if shown.len() > 1 { format!("{} ", scene.queue_name(*queue)) } else { String::new() };
            let (waiting, out) = (ui.say("排队", "waiting"), ui.say("未确认", "handed out"));
            format!("{name}{waiting} {}  {out} {}", held.ready, held.unacked)
        });
        let text = said.collect::<Vec<_>>().join("   ");
        canvas.print_right(area.x, area.x + 8, area.y + row, &format!("{time}s"), Ink::Muted);
        let room = area.width.saturating_sub(10);
        canvas.print(area.x + 10, area.y + row, room, &ui.fit(&text, room), Ink::Text);
    }
}
