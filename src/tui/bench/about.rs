//! All that there is to say of a setting: what it decides, what the real engine
//! calls it, its values, and whether it changes anything now. The settings pane
//! shows as much of it as it has room for; the card shows it whole, and scrolls.

use ratatui::layout::{Rect, Size};

use crate::lab::{Idle, Lab, LabSetting};
use crate::tui::canvas::Canvas;
use crate::tui::keys::Move;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{Scroll, centred, clear_around, panel, scrollbar};

use super::choice;
use super::settings_pane::unreal;
use super::setup::{Setup, value_name};

/// Whether a setting changes nothing at this moment, and why.
#[must_use]
pub fn idle(setting: &LabSetting, lab: &Lab, setup: &Setup, ui: &Ui) -> Option<&'static str> {
    let chosen = |name: &str| lab.setting(name).map(|_| setup.value(name));
    Some(match lab.idle(setting.spec.name, chosen)? {
        Idle::OtherModel => {
            ui.say("现在选的不是这种 broker，这一项不起作用", "Of the other kind of broker: it changes nothing now")
        }
        Idle::Pattern => ui.say("现在选的 pattern 用不着这一项", "The pattern chosen now has no use for it"),
        Idle::WithoutAcksAll => ui.say(
            "acks 不是 all：默认开着的幂等自动关了（自己写了 true，生产者会启动不了）",
            "Without acks=all the default idempotence is off (a written one keeps the producer from starting)",
        ),
    })
}

/// What a saga that is chosen still lacks: without dead letters it hears of no failure.
fn missing(setting: &LabSetting, lab: &Lab, setup: &Setup, ui: &Ui) -> Option<&'static str> {
    let is = |name, value| lab.setting(name).is_some() && setup.value(name) == value;
    let is_deaf = is("pattern", "saga") && (is("dead_letter", "off") || is("on_exception", "requeue"));
    (setting.spec.name == "pattern" && is_deaf).then(|| {
        ui.say(
            "现在不会有死信，补偿程序什么也听不到：on_exception 设成 reject，再打开 dead_letter",
            "No dead letters now, so the compensation hears of nothing: it takes on_exception = reject and dead_letter",
        )
    })
}

/// What matters most of a setting, the most urgent first.
pub fn paragraphs(setting: &LabSetting, lab: &Lab, setup: &Setup, ui: &Ui) -> Vec<(String, Ink)> {
    let warning = unreal(setting, setup.value(setting.spec.name), ui).map(|text| format!("* {text}"));
    let idle = idle(setting, lab, setup, ui).map(str::to_owned);
    let missing = missing(setting, lab, setup, ui).map(str::to_owned);
    let warnings = [warning, idle, missing].into_iter().flatten().map(|text| (text, Ink::Warn));
    let real = (setting.spec.real.in_language(ui.language).to_owned(), Ink::Code);
    let about = match choice::told(setting, setup.value(setting.spec.name), ui.language) {
        Some([chosen, others]) => vec![(chosen, Ink::Text), (others, Ink::Muted)],
        None => vec![(setting.spec.about.in_language(ui.language).to_owned(), Ink::Muted)],
    };
    warnings.chain(about).chain([real]).collect()
}

/// The card of one setting.
pub struct About {
    setting: usize,
    title: String,
    lines: Vec<(String, Ink)>,
    scroll: Scroll,
}

/// The longest line that is read easily.
const WIDEST: u16 = 76;
/// The cells of a card that are not text: frame and air, on both sides.
const EDGES: u16 = 6;

impl About {
    /// A card about the setting at a place in the lab's list.
    #[must_use]
    pub fn new(setting: usize) -> Self {
        Self { setting, title: String::new(), lines: Vec::new(), scroll: Scroll::default() }
    }

    pub fn go(&mut self, step: Move) {
        self.scroll.go(step);
    }

    pub fn arrange(&mut self, size: Size, lab: &Lab, setup: &Setup, ui: &Ui) {
        let at = self.setting.min(lab.settings.len().saturating_sub(1));
        let Some(setting) = lab.settings.get(at) else { return };
        let cells = size.width.saturating_sub(EDGES + 2).min(WIDEST);
        setting.spec.name.clone_into(&mut self.title);
        self.lines.clear();
        let mut add = |text: &str, ink| self.lines.extend(ui.wrap(text, cells).into_iter().map(|line| (line, ink)));
        for (text, ink) in paragraphs(setting, lab, setup, ui) {
            // In the pane the explanation is quiet; here it is what one came for.
            add(&text, if ink == Ink::Muted { Ink::Text } else { ink });
            add("", Ink::Text);
        }
        add(ui.say("它的值", "Its values"), Ink::Heading);
        let now = setup.value(setting.spec.name);
        if setting.values.is_empty() {
            add(&format!("  {}", setting.describe()), Ink::Text);
        }
        for value in &setting.values {
            let mark = if value == now { ui.glyphs().pointer } else { " " };
            let default = if *value == setting.default { ui.say("（默认）", " (default)") } else { "" };
            let remark = unreal(setting, value, ui).map(|text| format!("  * {text}")).unwrap_or_default();
            let ink = if value == now { Ink::Strong } else { Ink::Text };
            add(&format!("{mark} {}{default}{remark}", value_name(value, ui)), ink);
        }
        let rows = usize::from(size.height).saturating_sub(6).max(1);
        self.scroll.fit(self.lines.len(), rows.min(self.lines.len()));
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, screen: Rect) {
        let cells = self.lines.iter().map(|(line, _)| canvas.ui.width(line)).max().unwrap_or(0) as u16;
        let rows = self.scroll.height as u16;
        let area = centred(screen, Size::new(cells + EDGES, rows + 4));
        clear_around(canvas, area);
        let inside = panel(canvas, area, &self.title, Ink::Focus);
        let place = Rect { x: inside.x + 1, y: inside.y + 1, width: inside.width.saturating_sub(1), height: rows };
        for (row, (line, ink)) in self.lines.iter().skip(self.scroll.top).take(self.scroll.height).enumerate() {
            let y = place.y + row as u16;
            if y < inside.bottom() {
                canvas.print(place.x, y, place.width, line, *ink);
            }
        }
        scrollbar(canvas, area.right().saturating_sub(2), place, &self.scroll);
    }
}
