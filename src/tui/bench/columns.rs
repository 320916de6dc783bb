//! The columns of the table of all combinations. Names are whole wherever they
//! can be: names of settings stand in two rows in turn, so that each may reach
//! over its neighbour's column, and counts that no run had take no room.

use ratatui::layout::Rect;

use crate::lab::{Lab, Measure};
use crate::trial::Row;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::setup::value_name;

/// The rows of the head.
pub const HEAD: u16 = 2;
/// The cells of a count.
const COUNT: u16 = 8;

/// What may be counted, and the ink of a count that is not zero. The first three
/// are always shown.
const COUNTS: [(Measure, Ink); 6] = [
    (Measure::LostAfterOk, Ink::Lost),
    (Measure::Lost, Ink::Bad),
    (Measure::Duplicates, Ink::Warn),
    (Measure::Refused, Ink::Warn),
    (Measure::Reordered, Ink::Warn),
    (Measure::DeadLettered, Ink::Warn),
];

/// Where the columns of the table stand.
pub struct Columns {
    settings: Vec<u16>,
    fault: u16,
    counts: Vec<(Measure, Ink)>,
}

impl Columns {
    pub fn of(lab: &Lab, rows: &[Row], area: Rect, ui: &Ui) -> Self {
        let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0) as u16 + 2;
        let two_rows = lab.settings.len() > 1;
        let mut settings: Vec<_> = lab
            .settings
            .iter()
            .map(|setting| {
                let values = setting.values.iter().map(|value| ui.width(value_name(value, ui)));
                // In two rows half of a name may stand over the next column.
                let name = ui.width(setting.spec.name) / if two_rows { 2 } else { 1 };
                width(&mut values.chain([name]))
            })
            .collect();
        let had = |measure: Measure| rows.iter().any(|row| row.runs_with.get(measure) > 0);
        let shown = COUNTS.into_iter().enumerate().filter(|(at, (measure, _))| *at < 3 || had(*measure));
        let counts: Vec<_> = shown.map(|(_, count)| count).collect();
        let faults = lab.faults.iter().map(|fault| ui.width(fault.title.in_language(ui.language)));
        let mut fault = width(&mut faults.chain([ui.width(ui.say("没有故障", "no fault"))]));
        // Faults are cut first, then settings, counts never.
        let free = area.width.saturating_sub(counts.len() as u16 * COUNT);
        let wanted: u16 = settings.iter().sum();
        fault = fault.min(free.saturating_sub(wanted).max(14)).min(free);
        let free = free - fault;
        if wanted > free {
            settings.iter_mut().for_each(|cells| *cells = (*cells * free / wanted.max(1)).max(4));
        }
        Self { settings, fault, counts }
    }

    pub fn head(&self, canvas: &mut Canvas<'_>, area: Rect, lab: &Lab) {
        let ui = canvas.ui;
        let low = area.y + HEAD - 1;
        let mut x = area.x;
        let end = area.x + self.settings.iter().sum::<u16>();
        let last = self.settings.len().saturating_sub(1);
        for (at, (setting, cells)) in lab.settings.iter().zip(&self.settings).enumerate() {
            // The last one stands high, where nothing follows it; a low one ends
            // where the next low one or the fault begins.
            let is_low = (last - at) % 2 == 1;
            let next = self.settings.get(at + 1).copied().unwrap_or(0);
            let room = if at == last { area.right().saturating_sub(x) } else { (cells + next).min(end - x) };
            let room = room.saturating_sub(1);
            canvas.print(x, if is_low { low } else { area.y }, room, &ui.fit(setting.spec.name, room), Ink::Heading);
            x += cells;
        }
        canvas.print(x, low, self.fault, ui.say("故障", "fault"), Ink::Heading);
        x += self.fault;
        for (measure, _) in &self.counts {
            canvas.print_right(x, (x + COUNT).min(area.right()), low, name(*measure, ui), Ink::Heading);
            x += COUNT;
        }
    }

    /// In how many of the runs there was any.
    pub fn row(&self, canvas: &mut Canvas<'_>, area: Rect, lab: &Lab, row: &Row) {
        let ui = canvas.ui;
        let mut x = area.x;
        for (setting, cells) in lab.settings.iter().zip(&self.settings) {
            let value = row.settings.iter().find(|(name, _)| name == setting.spec.name).map_or("", |(_, value)| value);
            let ink = if matches!(value, "false" | "off") { Ink::Muted } else { Ink::Text };
            canvas.print(x, area.y, *cells - 1, &ui.fit(value_name(value, ui), *cells - 1), ink);
            x += cells;
        }
        let fault = row.fault.as_ref().map_or(ui.say("没有故障", "no fault"), |id| {
            lab.faults
                .iter()
                .find(|fault| fault.id == *id)
                .map_or(id.as_str(), |fault| fault.title.in_language(ui.language))
        });
        let room = self.fault.saturating_sub(1);
        canvas.print(x, area.y, room, &ui.fit(fault, room), Ink::Text);
        x += self.fault;
        for (measure, ink) in &self.counts {
            let count = row.runs_with.get(*measure);
            let text = if count == 0 { ui.glyphs().dot.to_owned() } else { format!("{count}/{}", row.runs) };
            let ink = if count == 0 { Ink::Muted } else { *ink };
            canvas.print_right(x, (x + COUNT).min(area.right()), area.y, &text, ink);
            x += COUNT;
        }
    }
}

fn name(measure: Measure, ui: &Ui) -> &'static str {
    match measure {
        Measure::LostAfterOk => "LOST!",
        Measure::Lost => ui.say("丢失", "lost"),
        Measure::Duplicates => ui.say("重复", "twice"),
        Measure::Refused => ui.say("被拒", "refused"),
        Measure::Reordered => ui.say("乱序", "order"),
        Measure::DeadLettered => ui.say("死信", "dead"),
        other => other.name(),
    }
}
