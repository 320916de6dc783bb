//! The settings pane: what the learner may toggle, and what the selected setting
//! decides. A value that no engine offers says so.

use ratatui::layout::Rect;

use crate::lab::cast::model_of;
use crate::lab::settings::is_idle;
use crate::lab::{Lab, LabSetting};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::List;

use super::setup::{Setup, value_name};

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
    let glyphs = ui.glyphs();
    let names = lab.settings.iter().map(|setting| ui.width(setting.spec.name)).max().unwrap_or(0) as u16;
    let model_now = lab.models.chosen(lab.setting("model").map_or("", |_| setup.value("model")));
    let pattern = lab.setting("pattern").map_or("saga", |_| setup.value("pattern"));
    let mut y = area.y;
    for (at, setting) in lab.settings.iter().enumerate() {
        if y >= area.bottom() {
            return;
        }
        let chosen = focused && at == list.selected;
        mark(canvas, area, y, chosen);
        let value = setup.value(setting.spec.name);
        let changed = if value == setting.default { " " } else { glyphs.bullet };
        let ink = if chosen { Ink::Strong } else { Ink::Text };
        canvas.print(area.x, y, names, setting.spec.name, ink);
        canvas.print(area.x + names + 1, y, 1, changed, Ink::Accent);
        let unreal = if unreal(setting, value, ui).is_some() { " *" } else { "" };
        let shown = format!("[{}]{unreal}", value_name(value, ui));
        // A setting of the other model changes nothing, nor one of another pattern.
        let is_dead =
            model_of(setting.spec.name).is_some_and(|model| model != model_now) || is_idle(setting.spec.name, pattern);
        let shown = if is_dead { format!("({})", value_name(value, ui)) } else { shown };
        let ink = match (value, unreal) {
            _ if is_dead => Ink::Muted,
            (_, " *") => Ink::Warn,
            ("false" | "off", _) => Ink::Muted,
            _ => Ink::Accent,
        };
        canvas.print(area.x + names + 3, y, area.width.saturating_sub(names + 3), &shown, ink);
        y += 1;
    }
    if let Some(held) = task {
        y += 1;
        if y >= area.bottom() {
            return;
        }
        let chosen = focused && list.selected == lab.settings.len();
        mark(canvas, area, y, chosen);
        let text = if held {
            format!("{} {}", glyphs.check, ui.say("守住了：回去", "it holds: go back"))
        } else {
            format!("{} {}", glyphs.play, ui.say("攻击：换 200 个种子跑", "attack: run 200 seeds"))
        };
        canvas.print(area.x, y, area.width, &text, Ink::Accent);
        y += 1;
    }
    if let Some(setting) = lab.settings.get(list.selected) {
        about(canvas, Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area }, lab, setting, setup);
    }
}

fn mark(canvas: &mut Canvas<'_>, area: Rect, y: u16, chosen: bool) {
    if chosen {
        canvas.tint(Rect { x: area.x.saturating_sub(1), y, width: area.width + 2, height: 1 }, Ink::Selected);
        canvas.print(area.x.saturating_sub(1), y, 1, canvas.ui.glyphs().pointer, Ink::Accent);
    }
}

/// The line that says no engine offers this value.
pub fn unreal(setting: &LabSetting, value: &str, ui: &Ui) -> Option<&'static str> {
    let (_, text) = setting.spec.unreal.iter().find(|(known, _)| *known == value)?;
    Some(text.in_language(ui.language))
}

/// Whether a saga is chosen, and nothing that fails would become a dead letter.
fn is_deaf(lab: &Lab, setup: &Setup) -> bool {
    let is = |name, value| lab.setting(name).is_some() && setup.value(name) == value;
    is("pattern", "saga") && (is("dead_letter", "off") || is("on_exception", "requeue"))
}

fn about(canvas: &mut Canvas<'_>, area: Rect, lab: &Lab, setting: &LabSetting, setup: &Setup) {
    let ui = canvas.ui;
    let mut lines: Vec<(String, Ink)> = Vec::new();
    let mut add = |text: &str, ink| lines.extend(ui.wrap(text, area.width).into_iter().map(|line| (line, ink)));
    if let Some(text) = unreal(setting, setup.value(setting.spec.name), ui) {
        add(&format!("* {text}"), Ink::Warn);
    }
    if let Some(model) = model_of(setting.spec.name) {
        let chosen = lab.models.chosen(lab.setting("model").map_or("", |_| setup.value("model")));
        if model != chosen {
            add(
                ui.say(
                    "现在选的不是这种 broker，这一项不起作用",
                    "Of the other kind of broker: it changes nothing now",
                ),
                Ink::Warn,
            );
        }
    }
    if lab.setting("pattern").is_some() && is_idle(setting.spec.name, setup.value("pattern")) {
        add(ui.say("现在选的 pattern 用不着这一项", "The pattern chosen now has no use for it"), Ink::Warn);
    }
    if setting.spec.name == "pattern" && is_deaf(lab, setup) {
        add(
            ui.say(
                "现在不会有死信，补偿程序什么也听不到：on_exception 设成 reject，再打开 dead_letter",
                "No dead letters now, so the compensation hears of nothing: it takes on_exception = reject and dead_letter",
            ),
            Ink::Warn,
        );
    }
    add(setting.spec.about.in_language(ui.language), Ink::Muted);
    add(&setting.spec.real_in(ui.language), Ink::Code);
    for (row, (line, ink)) in lines.iter().enumerate() {
        let y = area.y + row as u16;
        if y < area.bottom() {
            canvas.print(area.x, y, area.width, line, *ink);
        }
    }
}
