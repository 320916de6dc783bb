//! The ledger: what became of every message, as a sum that must come out even,
//! and as a strip with a cell a message. The signs of the strip are those of the
//! sum, which is their legend.

use ratatui::layout::Rect;

use crate::lab::{Defect, Fate, Measure, Totals};
use crate::text::Text;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::scene::Scene;

const FATES: [Fate; 9] = [
    Fate::Applied,
    Fate::LostAfterOk,
    Fate::Lost,
    Fate::Refused,
    Fate::DeadLettered,
    Fate::Pending,
    Fate::InFlight,
    Fate::Nowhere,
    Fate::NotYet,
];

/// A fate's sign, name and ink.
pub fn look(fate: Fate, ui: &Ui) -> (&'static str, &'static str, Ink) {
    let glyphs = ui.glyphs();
    match fate {
        Fate::NotYet => (glyphs.dot, ui.say("还没发生", "to come"), Ink::Muted),
        Fate::InFlight => (glyphs.frame, ui.say("在路上", "under way"), Ink::Network),
        Fate::Applied => (glyphs.block, ui.say("已处理", "applied"), Ink::Good),
        Fate::Pending => (glyphs.shade, ui.say("待处理", "pending"), Ink::Memory),
        Fate::DeadLettered => ("D", ui.say("死信", "dead-lettered"), Ink::Warn),
        Fate::LostAfterOk => ("!", ui.say("丢失（已回 ok）", "LOST! (told ok)"), Ink::Lost),
        Fate::Lost => (glyphs.times, ui.say("丢失（没回 ok）", "lost (not told ok)"), Ink::Bad),
        Fate::Refused => (glyphs.dash, ui.say("被拒", "refused"), Ink::Warn),
        Fate::Nowhere => (glyphs.dash, ui.say("没人要", "for nobody"), Ink::Muted),
    }
}

/// A fate's look in a scene: what nobody took may be cancelled, and not refused; what
/// has not occurred by the end never will.
fn look_in(fate: Fate, scene: &Scene, ui: &Ui) -> (&'static str, &'static str, Ink) {
    let (sign, name, ink) = look(fate, ui);
    let name = match fate {
        Fate::Refused => scene.given_up.in_language(ui.language),
        Fate::NotYet if scene.finished => ui.say("不会发生了", "never came"),
        _ => name,
    };
    (sign, name, ink)
}

/// How bad a fate is, so that one lost message among many is never hidden.
pub(super) const fn weight(fate: Fate) -> u8 {
    match fate {
        Fate::Applied | Fate::Nowhere => 1,
        Fate::NotYet => 2,
        Fate::InFlight => 3,
        Fate::Pending => 4,
        Fate::DeadLettered => 5,
        Fate::Refused => 6,
        Fate::Lost => 7,
        Fate::LostAfterOk => 8,
    }
}

/// The sum: `20 = applied 3 + LOST! 17`, then what is counted beside it.
pub fn sum(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene) {
    let ui = canvas.ui;
    let mut x = canvas.print(area.x, area.y, area.width, &format!("{} =", whole(scene, ui)), Ink::Strong);
    let mut first = true;
    for fate in FATES {
        let count = scene.count(fate);
        if count == 0 {
            continue;
        }
        let (sign, name, ink) = look_in(fate, scene, ui);
        let plus = if first { " " } else { " + " };
        first = false;
        let count = count.to_string();
        let pieces =
            [(plus, Ink::Muted), (sign, ink), (" ", ink), (name, Ink::Text), (" ", ink), (&count, Ink::Strong)];
        x = canvas.print_all(x, area.y, area.right().saturating_sub(x), &pieces);
    }
    for (text, ink) in beside(&scene.totals, scene.finished, ui) {
        let text = format!("  {} {text}", ui.glyphs().vertical);
        if x + ui.width(&text) as u16 <= area.right() {
            x = canvas.print(x, area.y, area.right().saturating_sub(x), &text, ink);
        }
    }
}

/// What the fates add up to: the messages, each as often as subscriptions must
/// see it.
fn whole(scene: &Scene, ui: &Ui) -> String {
    let (messages, rows) = (scene.messages, scene.rows);
    if rows == messages as u64 { rows.to_string() } else { format!("{messages} {} {rows}", ui.glyphs().right) }
}

/// What may be counted beside the fates and is no defect, after those that are.
const BESIDE: [(Measure, Text); 8] = [
    (Measure::Compensated, Text { zh: "已撤销", en: "undone" }),
    (Measure::UnavailableMs, Text { zh: "最长不可用", en: "longest outage" }),
    (Measure::UnconnectedMs, Text { zh: "最长连不上", en: "longest unconnected" }),
    (Measure::BlockedMs, Text { zh: "被挡住", en: "blocked" }),
    (Measure::StalledMs, Text { zh: "最长停滞", en: "longest stall" }),
    (Measure::Skipped, Text { zh: "识别为重复", en: "skipped" }),
    (Measure::Redelivered, Text { zh: "重投", en: "redelivered" }),
    (Measure::Elections, Text { zh: "重选 leader", en: "re-elections" }),
];

/// Times that are only told where something is asked of them.
const ASKED: [(Measure, Text); 2] = [
    (Measure::AnsweredMs, Text { zh: "全部答复", en: "all answered after" }),
    (Measure::DrainedMs, Text { zh: "全部处理完", en: "all worked on after" }),
];

/// What a measured time is called; nothing for a count.
pub fn name_of_time(measure: Measure) -> Option<Text> {
    let mut known = BESIDE.iter().chain(&ASKED).filter(|(known, _)| known.name().ends_with("_ms"));
    known.find(|(known, _)| *known == measure).map(|(_, name)| *name)
}

/// A length of time in seconds.
pub fn seconds(ms: u64) -> String {
    format!("{}.{}s", ms / 1000, ms % 1000 / 100)
}

/// What is counted beside the fates: what is not zero, in the order of what hurts
/// most. Repeats and disorder are said anyway if there is nothing else to say.
fn beside(totals: &Totals, finished: bool, ui: &Ui) -> Vec<(String, Ink)> {
    let is_end = |measure| FATES.iter().any(|fate| measure_of(*fate) == Some(measure));
    // What is half done or reserved in the middle of a run is only on its way.
    let is_open = |measure| matches!(measure, Measure::HalfDone | Measure::Frozen | Measure::Stale | Measure::Residue);
    let defects = totals.defects().filter(|(defect, _)| !is_end(defect.measure));
    let defects = defects.filter(|(defect, _)| finished || !is_open(defect.measure));
    let mut told: Vec<_> =
        defects.map(|(defect, count)| (defect.measure, defect.name.in_language(ui.language), count)).collect();
    let others = BESIDE.iter().map(|(measure, name)| (*measure, name.in_language(ui.language), totals.get(*measure)));
    told.extend(others.filter(|(measure, _, count)| *count > usual(*measure)));
    if told.is_empty() {
        let known = [Measure::Duplicates, Measure::Reordered].into_iter().filter_map(Defect::of);
        told.extend(known.map(|defect| (defect.measure, defect.name.in_language(ui.language), 0)));
    }
    let say = |(measure, name, count): (Measure, &str, u64)| {
        let is_time = measure.name().ends_with("_ms");
        let shown = if is_time { seconds(count) } else { count.to_string() };
        (format!("{name} {shown}"), if count > 0 { Ink::Warn } else { Ink::Muted })
    };
    told.into_iter().map(say).collect()
}

/// How much of it there is in every run: a little waiting, and one first election.
fn usual(measure: Measure) -> u64 {
    if measure.name().ends_with("_ms") { 999 } else { u64::from(measure == Measure::Elections) }
}

/// The measure that a fate is counted by.
const fn measure_of(fate: Fate) -> Option<Measure> {
    match fate {
        Fate::LostAfterOk => Some(Measure::LostAfterOk),
        Fate::Lost => Some(Measure::Lost),
        Fate::Refused => Some(Measure::Refused),
        Fate::DeadLettered => Some(Measure::DeadLettered),
        Fate::Pending => Some(Measure::Pending),
        _ => None,
    }
}

/// A cell a message; several messages share a cell if there are too many, and
/// the worst of them is shown. `chosen` is the message that the eye is on.
pub fn strip(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene, chosen: Option<usize>) {
    let cells = usize::from(area.width);
    let all = scene.fates.len();
    if all == 0 || cells == 0 || area.height == 0 {
        return;
    }
    let chosen = chosen.map(|message| message * all / scene.messages.max(1));
    // Few messages may have room for two cells each.
    let wide = if all * 3 <= cells {
        3
    } else if all * 2 <= cells {
        2
    } else {
        1
    };
    let shown = all.min(cells);
    for cell in 0..shown {
        let from = cell * all / shown;
        let to = ((cell + 1) * all / shown).max(from + 1);
        let Some(fate) = scene.fates[from..to].iter().copied().max_by_key(|fate| weight(*fate)) else { continue };
        let (sign, _, ink) = look(fate, canvas.ui);
        let x = area.x + (cell * wide) as u16;
        canvas.print(x, area.y, 1, sign, ink);
        if wide == 3 {
            canvas.print(x + 1, area.y, 1, sign, ink);
        }
        if chosen.is_some_and(|message| (from..to).contains(&message)) {
            canvas.tint(Rect::new(x, area.y, (wide as u16 - 1).max(1), 1), Ink::Match);
        }
    }
}

/// The sum in signs alone, for half a screen.
pub fn short_sum(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene) {
    let ui = canvas.ui;
    let mut x = canvas.print(area.x, area.y, area.width, &format!("{} =", whole(scene, ui)), Ink::Strong);
    let mut plus = " ";
    for fate in FATES {
        let count = scene.count(fate);
        if count > 0 {
            let (sign, _, ink) = look(fate, ui);
            let count = format!(" {count}");
            let pieces = [(plus, Ink::Muted), (sign, ink), (&count, Ink::Strong)];
            x = canvas.print_all(x, area.y, area.right().saturating_sub(x), &pieces);
            plus = " + ";
        }
    }
    for (text, ink) in beside(&scene.totals, scene.finished, ui).into_iter().filter(|(_, ink)| *ink == Ink::Warn) {
        let text = format!("  {text}");
        if x + ui.width(&text) as u16 <= area.right() {
            x = canvas.print(x, area.y, area.right().saturating_sub(x), &text, ink);
        }
    }
}
