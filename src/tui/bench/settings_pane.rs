//! The settings pane: what the learner may toggle, and what the selected setting
//! decides. A value that no engine offers says so. Where the pane is too low for
//! all of it, the list scrolls, and the rest of the explanation is one key away.

use ratatui::layout::Rect;

use crate::lab::{Lab, LabSetting};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{List, mark_selected, scrollbar};

use super::about;
use super::setup::{Setup, value_name};

/// The rows that an explanation is left with if the list fits above it, and if the
/// list has to scroll in any case.
const LEAST_ABOUT: usize = 2;
const ABOUT: usize = 4;

/// How many entries of the list stand in a pane of this height (inside its frame)
/// at once.
#[must_use]
pub fn rows_of_list(height: u16, entries: usize, has_task: bool) -> usize {
    let height = usize::from(height);
    // An empty row stands above the explanation, and one above the row of a task.
    let air = 1 + usize::from(has_task);
    if height == 0 || entries + air + LEAST_ABOUT <= height {
        return entries;
    }
    entries.min(height.saturating_sub(1 + ABOUT).max(3))
}

/// The width of a pane that shows every name and every value whole.
#[must_use]
pub fn width(lab: &Lab, ui: &Ui) -> u16 {
    let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0) as u16;
    let names = widest(&mut lab.settings.iter().map(|setting| ui.width(setting.spec.name)));
    let values = lab.settings.iter().flat_map(|setting| &setting.values);
    // In brackets, with the star of a value that no engine offers; and the frame.
    names + 3 + widest(&mut values.map(|value| ui.width(value_name(value, ui)) + 4)) + 4
}

/// Draws the settings into a pane. `task` adds a row that begins the
/// attack, or leads back once the settings have held.
pub fn settings(
    canvas: &mut Canvas<'_>,
    area: Rect,
    lab: &Lab,
    setup: &Setup,
    list: &List,
    focused: bool,
    task: Option<bool>,
) {
    let ui = canvas.ui;
    let names = lab.settings.iter().map(|setting| ui.width(setting.spec.name)).max().unwrap_or(0) as u16;
    let mut y = area.y;
    for at in list.visible() {
        // The row of a task stands apart, if all rows are in sight.
        let apart = at == lab.settings.len() && at > 0 && list.visible().len() == list.length;
        y += u16::from(apart);
        if y >= area.bottom() {
            return;
        }
        let row = Rect { y, height: 1, ..area };
        let chosen = focused && at == list.selected;
        if chosen {
            mark_selected(canvas, row);
        }
        match lab.settings.get(at) {
            Some(setting) => view_setting(canvas, row, names, setting, lab, setup, chosen),
            None => view_task(canvas, row, task == Some(true)),
        }
        y += 1;
    }
    let track = Rect { height: y.saturating_sub(area.y), ..area };
    scrollbar(canvas, area.right(), track, list.scroll());
    if let Some(setting) = lab.settings.get(list.selected) {
        let below = Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area };
        view_about(canvas, below, lab, setting, setup);
    }
}

fn view_setting(
    canvas: &mut Canvas<'_>,
    row: Rect,
    names: u16,
    setting: &LabSetting,
    lab: &Lab,
    setup: &Setup,
    chosen: bool,
) {
    let ui = canvas.ui;
    let value = setup.value(setting.spec.name);
    let changed = if value == setting.default { " " } else { ui.glyphs().bullet };
    canvas.print(row.x, row.y, names, setting.spec.name, if chosen { Ink::Strong } else { Ink::Text });
    canvas.print(row.x + names + 1, row.y, 1, changed, Ink::Accent);
    let is_unreal = unreal(setting, value, ui).is_some();
    let name = value_name(value, ui);
    let (shown, ink) = match value {
        _ if about::idle(setting, lab, setup, ui).is_some() => (format!("({name})"), Ink::Muted),
        _ if is_unreal => (format!("[{name}] *"), Ink::Warn),
        "false" | "off" => (format!("[{name}]"), Ink::Muted),
        _ => (format!("[{name}]"), Ink::Accent),
    };
    canvas.print(row.x + names + 3, row.y, row.width.saturating_sub(names + 3), &shown, ink);
}

fn view_task(canvas: &mut Canvas<'_>, row: Rect, held: bool) {
    let (ui, glyphs) = (canvas.ui, canvas.ui.glyphs());
    let (sign, text) = if held {
        (glyphs.check, ui.say("守住了：回去", "it holds: go back"))
    } else {
        (glyphs.play, ui.say("攻击：换 200 个种子跑", "attack: run 200 seeds"))
    };
    canvas.print_all(row.x, row.y, row.width, &[(sign, Ink::Accent), (" ", Ink::Accent), (text, Ink::Accent)]);
}

/// The line that says no engine offers this value.
pub fn unreal(setting: &LabSetting, value: &str, ui: &Ui) -> Option<&'static str> {
    let (_, text) = setting.spec.unreal.iter().find(|(known, _)| *known == value)?;
    Some(text.in_language(ui.language))
}

/// As much of the explanation as there is room for; what is cut says how to read
/// the rest.
fn view_about(canvas: &mut Canvas<'_>, area: Rect, lab: &Lab, setting: &LabSetting, setup: &Setup) {
    let ui = canvas.ui;
    let texts = about::paragraphs(setting, lab, setup, ui);
    let lines =
        texts.iter().flat_map(|(text, ink)| ui.wrap(text, area.width).into_iter().map(move |line| (line, *ink)));
    let mut lines: Vec<_> = lines.collect();
    let rows = usize::from(area.height);
    if lines.len() > rows && rows > 0 {
        lines.truncate(rows - 1);
        lines.push((ui.say("i 全文", "i for the rest").to_owned(), Ink::Accent));
    }
    for ((line, ink), y) in lines.iter().zip(area.y..area.bottom()) {
        canvas.print(area.x, y, area.width, line, *ink);
    }
}
