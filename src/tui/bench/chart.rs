//! The backlog as a chart: what waits in each queue, and below it what is handed
//! out; of a log, the lag of each group in each partition. It runs from the start of
//! the run to now, on the same squeezed axis as the timeline, and with its signs. What
//! is still to come is not drawn: it would give the run away. Many share the room in
//! lower rows, and what does not fit is scrolled to.
//! Where nothing may move, and in few rows, the same stands there in words.

mod words;

use ratatui::layout::Rect;

use crate::event::{Event, Kind};
use crate::protocol::Name;
use crate::text::Language;
use crate::time::{Span, Time};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::backlog::{Held, Series, held_now};
use super::run::Run;
use super::scene::Scene;
use super::timeline::fault_sign;

/// The rows of a band with words above it: those, its axis, and enough bars to see a
/// shape.
const LEAST_ROWS: u16 = 4;
/// The rows below which nothing but words makes sense.
const LEAST_HEIGHT: u16 = 5;
/// The cells for the numbers of the axis.
const SCALE: u16 = 6;
/// The cells between two times below the axis.
const BETWEEN_TIMES: u16 = 13;

/// How a chart shares its rows among what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Each has its words above it and an axis of its own.
    is_tall: bool,
    /// Rows of each.
    rows: u16,
    /// How many stand in the chart at once.
    pub shown: usize,
}

impl Share {
    #[must_use]
    pub fn of(height: u16, count: usize) -> Self {
        let count = (count as u16).max(1);
        // One row is for the times.
        let each = height.saturating_sub(1) / count;
        if each >= LEAST_ROWS {
            return Self { is_tall: true, rows: each, shown: usize::from(count) };
        }
        // And two for what the bars mean and for the axis.
        let room = height.saturating_sub(3).max(1);
        let rows = (room / count).max(1);
        Self { is_tall: false, rows, shown: usize::from(count.min(room / rows)) }
    }
}

/// Draws the backlog into `area`, which has no frame of its own, from the series at
/// `top` on.
pub fn chart(canvas: &mut Canvas<'_>, area: Rect, run: &Run, scene: &Scene, top: usize) {
    let ui = canvas.ui;
    let all = &run.backlog.series;
    if all.is_empty() || area.height == 0 {
        let text = ui.say("这次运行没有队列。", "No queue in this run.");
        canvas.print(area.x, area.y, area.width, text, Ink::Muted);
        return;
    }
    if ui.options.reduced_motion || area.height < LEAST_HEIGHT || area.width < 30 {
        return words::words(canvas, area, run, scene);
    }
    let share = Share::of(area.height, all.len());
    let now = held_now(&scene.nodes, is_log(scene));
    let now_of = |series| now.iter().find(|(known, _)| *known == series).map(|(_, held)| *held);
    let shown = all.iter().skip(top).take(share.shown);
    if share.is_tall {
        for (at, (series, most)) in (0..).zip(shown) {
            let band = Rect { y: area.y + at * share.rows, height: share.rows, ..area };
            // Partitions share their work: their bars are to be compared.
            let scale = if is_log(scene) { run.backlog.peak() } else { *most };
            head(canvas, band, run, scene, *series, now_of(*series), *most);
            let cells = area.width.saturating_sub(SCALE);
            let bars = Rect { x: area.x + SCALE, y: band.y + 1, width: cells, height: share.rows - 2 };
            canvas.print_right(area.x, bars.x - 1, bars.y, &scale.max(1).to_string(), Ink::Muted);
            canvas.print_right(area.x, bars.x - 1, bars.bottom(), "0", Ink::Muted);
            draw_bars(canvas, bars, run, *series, now_of(*series), scale.max(1));
            axis(canvas, Rect { y: bars.bottom(), height: 1, ..bars }, run);
        }
        let below = Rect { x: area.x + SCALE, y: area.bottom() - 1, width: area.width - SCALE, height: 1 };
        return times(canvas, below, run);
    }
    legend(canvas, area, run, scene, all.len().saturating_sub(share.shown));
    let label = |series: Series, held: Option<Held>| format!("{}  {}", name(scene, series), amount(held, scene, ui));
    let most = |(series, most): &(Series, u64)| label(*series, Some(Held { ready: *most, unacked: 0 }));
    let widest = all.iter().map(|one| ui.width(&most(one))).max().unwrap_or(0) as u16;
    let left = (widest + 1).min(area.width / 2);
    let place = Rect { x: area.x + left, width: area.width - left, ..area };
    for (at, (series, _)) in (0..).zip(shown) {
        let y = area.y + 1 + at * share.rows;
        // Air, so that no bar touches the one above it.
        let bars = Rect { y, height: share.rows - u16::from(share.rows > 1), ..place };
        canvas.print(area.x, bars.bottom() - 1, left - 1, &label(*series, now_of(*series)), Ink::Text);
        draw_bars(canvas, bars, run, *series, now_of(*series), run.backlog.peak().max(1));
    }
    let y = area.y + 1 + share.rows * share.shown as u16;
    axis(canvas, Rect { y, height: 1, ..place }, run);
    times(canvas, Rect { y: y + 1, height: 1, ..place }, run);
}

const fn is_log(scene: &Scene) -> bool {
    scene.topology.controllers > 0
}

/// What waits somewhere, in a number or two. Nothing is not the same as unknown.
fn amount(held: Option<Held>, scene: &Scene, ui: &Ui) -> String {
    match held {
        None => ui.glyphs().dash.to_owned(),
        Some(held) if is_log(scene) => held.ready.to_string(),
        Some(held) if held.unacked == 0 => held.ready.to_string(),
        Some(held) => format!("{}+{}", held.ready, held.unacked),
    }
}

/// `orders`; of a log `p0`, with the group if there are several.
fn name(scene: &Scene, series: Series) -> String {
    let queue = scene.queue_name(series.queue);
    if series.group == Name::EMPTY || scene.groups.len() < 2 {
        return queue.to_owned();
    }
    format!("{} {queue}", scene.group_name(series.group))
}

/// What the bars mean where there is one line for all of them, and how many are out
/// of sight.
fn legend(canvas: &mut Canvas<'_>, area: Rect, run: &Run, scene: &Scene, hidden: usize) {
    let ui = canvas.ui;
    let glyphs = ui.glyphs();
    let peak = run.backlog.peak();
    let mut pieces = if is_log(scene) {
        vec![(format!("{} lag", glyphs.block), Ink::Memory)]
    } else {
        vec![
            (format!("{} {}", glyphs.block, ui.say("排队", "waiting")), Ink::Memory),
            (format!("  + {} {}", glyphs.shade, ui.say("未确认", "handed out")), Ink::Warn),
        ]
    };
    pieces.push((format!("   {} {peak}", ui.say("满格是", "a full bar is")), Ink::Muted));
    let more = match (hidden, ui.language) {
        (0, _) => String::new(),
        (_, Language::Zh) => format!("还有 {hidden} 条（{}{}）", glyphs.up, glyphs.down),
        (_, Language::En) => format!("{hidden} more ({}{})", glyphs.up, glyphs.down),
    };
    let end = area.right().saturating_sub(ui.width(&more) as u16);
    canvas.print(end, area.y, area.width, &more, Ink::Accent);
    print_whole(canvas, Rect { width: end.saturating_sub(area.x), ..area }, &pieces);
}

/// Prints the pieces that fit whole.
fn print_whole(canvas: &mut Canvas<'_>, area: Rect, pieces: &[(String, Ink)]) {
    let mut x = area.x;
    for (text, ink) in pieces {
        let cells = canvas.ui.width(text) as u16;
        if x + cells <= area.right() {
            x = canvas.print(x, area.y, cells, text, *ink);
        }
    }
}

fn draw_bars(canvas: &mut Canvas<'_>, bars: Rect, run: &Run, series: Series, now_held: Option<Held>, scale: u64) {
    let now = run.session.now();
    let last = run.column(now, bars.width);
    for column in 0..=last {
        let (from, to) = (run.time_at(column, bars.width), run.time_at(column + 1, bars.width).min(now));
        // Samples lie beside the moment of the scene.
        let held = if column == last { now_held } else { run.backlog.most(series, from, to) };
        let place = Rect { x: bars.x + column, width: 1, ..bars };
        held.into_iter().for_each(|held| draw_bar(canvas, place, held, scale));
    }
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

fn axis(canvas: &mut Canvas<'_>, area: Rect, run: &Run) {
    let glyphs = canvas.ui.glyphs();
    let now = run.column(run.session.now(), area.width);
    canvas.repeat(area.x, area.y, now, glyphs.rule, Ink::Accent);
    canvas.repeat(area.x + now, area.y, area.width - now, glyphs.rule, Ink::Border);
    for event in run.faults().filter(|event| event.time <= run.session.now()) {
        let (sign, ink) = fault_sign(event.kind, canvas.ui);
        canvas.print(area.x + run.column(event.time, area.width), area.y, 1, sign, ink);
    }
    canvas.print(area.x + now, area.y, 1, glyphs.full, Ink::Accent);
}

/// Below the axis: what time it is at a place. Dull time is squeezed, so the steps are
/// not even.
fn times(canvas: &mut Canvas<'_>, area: Rect, run: &Run) {
    for x in (0..area.width).step_by(usize::from(BETWEEN_TIMES)) {
        let tenths = run.time_at(x, area.width).since(Time::ZERO).as_millis() / 100;
        let text = format!("{}{}.{}s", canvas.ui.glyphs().vertical, tenths / 10, tenths % 10);
        if x + canvas.ui.width(&text) as u16 <= area.width {
            canvas.print(area.x + x, area.y, area.width - x, &text, Ink::Muted);
        }
    }
}

/// `orders  # waiting 23  = out 2   most 40   in 40/s  out 10/s`.
fn head(canvas: &mut Canvas<'_>, area: Rect, run: &Run, scene: &Scene, series: Series, held: Option<Held>, most: u64) {
    let ui = canvas.ui;
    let glyphs = ui.glyphs();
    let number = |count: Option<u64>| count.map_or(glyphs.dash.to_owned(), |count| count.to_string());
    let ready = number(held.map(|held| held.ready));
    let mut pieces = vec![(name(scene, series), Ink::Strong)];
    if is_log(scene) {
        pieces.push((format!("  {} lag {ready}", glyphs.block), Ink::Memory));
    } else {
        let out = number(held.map(|held| held.unacked));
        pieces.push((format!("  {} {} {ready}", glyphs.block, ui.say("排队", "waiting")), Ink::Memory));
        pieces.push((format!("  {} {} {out}", glyphs.shade, ui.say("未确认", "handed out")), Ink::Warn));
    }
    pieces.push((format!("  {} {most}", ui.say("最多", "most")), Ink::Muted));
    if run.backlog.series.len() == 1 {
        pieces.push((flow(run.session.events(), is_log(scene), run.session.now(), ui), Ink::Muted));
    }
    print_whole(canvas, area, &pieces);
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
