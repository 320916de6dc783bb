//! The picture of the bench.

use ratatui::layout::Rect;

use crate::text::Language;
use crate::trial::check::Attack;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{panel, scrollbar, tabs};

use super::faults::Moment;
use super::keymap::shortcut;
use super::layout::{Pane, Places};
use super::menu::menu;
use super::setup::value_name;
use super::{Bench, Over, chart, events, ledger, settings_pane, task, timeline, topology, verdict};

impl Bench {
    /// `seed 42   3.214s   1x`, and what was skipped.
    pub(super) fn status_line(&self, ui: &Ui) -> String {
        let glyphs = ui.glyphs();
        let (now, player) = match &self.over {
            Over::Twin(twin) => (twin.now(), &twin.player),
            _ => (self.run.session.now(), &self.player),
        };
        let sign = if player.playing { glyphs.play } else { glyphs.pause };
        let skipped = player.skipped(now).map(|span| {
            let seconds = span.as_millis().div_ceil(100);
            format!("{} {}.{} s   ", glyphs.right, seconds / 10, seconds % 10)
        });
        let seed = ui.say("种子", "seed");
        let skipped = skipped.unwrap_or_default();
        format!("{skipped}{seed} {}   {now}s   {sign} {}{}", self.setup.seed.0, player.speed(), glyphs.times)
    }

    fn places(&self, area: Rect, ui: &Ui) -> Places {
        let width = area.width.saturating_sub(2);
        let most = 6;
        let result = self.result_lines(width, ui).len().min(most) as u16;
        let task = self.task_lines(width, ui).len() as u16;
        let rows = topology::rows(self.scene.topology);
        let worth = self.run.backlog.is_worth_showing();
        let places = Places::of(area, self.pane, rows, task, result);
        places.with_settings(settings_pane::width(&self.lab, ui)).with_backlog(self.pane, worth)
    }

    pub(super) fn lay_out(&mut self, ui: &Ui) {
        let size = self.size;
        let places = self.places(Rect::new(0, 0, size.width, size.height), ui);
        let rows = usize::from(places.events.height.saturating_sub(2)).max(1);
        self.events.fit(self.run.session.history().len(), rows);
        self.run.session.recall(self.events.visible());
        let length = self.lab.settings.len() + usize::from(self.task.is_some());
        let shown = settings_pane::rows_of_list(places.settings.height.saturating_sub(2), length, self.task.is_some());
        self.settings.fit(length, shown);
        let series = self.run.backlog.series.len();
        let share = chart::Share::of(places.backlog.height.saturating_sub(2), series);
        self.series.fit(series, share.shown);
        match &mut self.over {
            Over::Asking(asking) => asking.arrange(size, &self.lab, ui),
            Over::Faults(menu) => menu.arrange(size),
            Over::Life(life) => life.arrange(size),
            Over::About(card) => card.arrange(size, &self.lab, &self.setup, ui),
            Over::Sweep(sweep) => sweep.arrange(size),
            Over::Menu(list) | Over::Flip(list) | Over::Tasks(list) => {
                let length = list.length;
                list.fit(length, usize::from(size.height).saturating_sub(4).max(1));
            }
            _ => {}
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) {
        match &self.over {
            Over::Asking(asking) => return asking.view(canvas, area, &self.lab),
            Over::Tasks(list) => return task::view(canvas, area, &self.lab, list, &self.solved),
            Over::Twin(twin) => return twin.view(canvas, area, &self.lab),
            Over::Sweep(sweep) => return sweep.view(canvas, area, &self.lab),
            _ => {}
        }
        self.draw_panes(canvas, area);
        let ui = canvas.ui;
        match &self.over {
            Over::Nothing => self.computing.iter().for_each(|computing| computing.view(canvas, area)),
            Over::Verdict(bet) => {
                if let Some(outcome) = self.told() {
                    verdict::verdict(canvas, area, &self.lab, *bet, outcome, self.run.totals());
                }
            }
            Over::Menu(list) => {
                let key = |command| {
                    let key = shortcut(command).filter(|key| key.digit().is_none());
                    key.map(|key| key.name(ui.glyphs(), ui.language))
                };
                let entries = self.menu();
                let names =
                    entries.iter().map(|(command, name)| (name.in_language(ui.language).to_owned(), key(*command)));
                menu(canvas, area, ui.say("操作", "Actions"), list, &names.collect::<Vec<_>>());
            }
            Over::Flip(list) => {
                let name = |(name, value): &(String, String)| {
                    let now = value_name(self.setup.value(name), ui);
                    let helps = self
                        .told()
                        .and_then(|told| told.cure.as_ref())
                        .is_some_and(|(cure, to)| cure == name && to == value);
                    let mark = helps.then(|| ui.say("有区别", "saves them").to_owned());
                    (format!("{name}: {now} {} {}", ui.glyphs().right, value_name(value, ui)), mark)
                };
                let names: Vec<_> = self.flips().iter().map(name).collect();
                menu(canvas, area, ui.say("对照：只改一个设置", "Twin run: flip one setting"), list, &names);
            }
            Over::Faults(menu) => {
                let is_over = self.run.is_at_end();
                let at = if is_over { self.run.last_busy() } else { self.run.session.now() };
                menu.view(canvas, area, &self.lab, &self.setup, Moment { at, is_over });
            }
            Over::Life(life) => life.view(canvas, area, self.scene.topology),
            Over::About(card) => card.view(canvas, area),
            _ => {}
        }
    }

    fn draw_panes(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let ui = canvas.ui;
        let places = self.places(area, ui);
        if places.tabs.height > 0 {
            let names = [
                ui.say("拓扑", "topology"),
                ui.say("设置", "settings"),
                ui.say("事件", "events"),
                ui.say("积压", "backlog"),
            ];
            tabs(canvas, places.tabs, &names, self.pane.index());
        }
        print_lines(canvas, places.task, &self.task_lines(places.task.width, ui));
        self.draw_topology(canvas, places.topology);
        if places.settings.height > 1 {
            let focused = self.pane == Pane::Settings;
            let inside = panel(canvas, places.settings, ui.say("设置", "Settings"), frame(focused));
            let inside = Rect { y: inside.y, ..inside };
            settings_pane::settings(
                canvas,
                inside,
                &self.lab,
                &self.setup,
                &self.settings,
                focused,
                self.task.as_ref().map(|task| task.result == Some(Attack::Survived)),
            );
        }
        self.draw_ledger(canvas, places.ledger);
        timeline::timeline(canvas, places.timeline, &self.run);
        print_lines(canvas, places.result, &self.result_lines(places.result.width, ui));
        self.draw_events(canvas, places.events);
        if places.backlog.height > 1 {
            let title = if self.scene.topology.controllers > 0 {
                ui.say("积压：lag = 日志末尾 - 已提交位移", "Backlog: lag = log end - committed offset")
            } else {
                ui.say("积压：排队 + 已投递未确认", "Backlog: waiting + handed out")
            };
            let inside = panel(canvas, places.backlog, title, frame(self.pane == Pane::Backlog));
            chart::chart(canvas, inside, &self.run, &self.scene, self.series.top);
        }
    }

    fn draw_topology(&self, canvas: &mut Canvas<'_>, area: Rect) {
        if area.height < 2 {
            return;
        }
        let ui = canvas.ui;
        let inside = panel(canvas, area, ui.say("拓扑", "Topology"), frame(self.pane == Pane::Topology));
        let faults = self.fault_lines(ui);
        let notes =
            (faults.len() as u16).min(inside.height.saturating_sub(topology::rows(self.scene.topology) - 1)).min(3);
        topology::topology(canvas, Rect { height: inside.height - notes, ..inside }, &self.scene);
        for (row, (title, sentence)) in faults.iter().take(usize::from(notes)).enumerate() {
            let y = inside.bottom() - notes + row as u16;
            let x = canvas.print(inside.x, y, inside.width, &ui.fit(title, inside.width), Ink::Warn) + 2;
            let room = inside.right().saturating_sub(x);
            canvas.print(x, y, room, &ui.fit(sentence, room), Ink::Muted);
        }
    }

    /// The faults that are scheduled or were injected: what they are called, and
    /// the sentence that says when they strike.
    fn fault_lines(&self, ui: &Ui) -> Vec<(String, String)> {
        let sign = ui.glyphs().lightning;
        let faults = self.lab.faults.iter().filter(|fault| self.setup.faults.contains(&fault.id));
        let scheduled = faults.map(|fault| {
            let title = fault.title.in_language(ui.language);
            (format!("{sign} {title}"), fault.sentence.clone())
        });
        let live = self.run.live.iter().map(|fault| {
            (format!("{sign} {}s  {}", fault.at, super::faults::action_name(&fault.action, ui)), String::new())
        });
        live.chain(scheduled).collect()
    }

    fn draw_ledger(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let ui = canvas.ui;
        let inside = if area.height >= 4 { panel(canvas, area, ui.say("账本", "Ledger"), Ink::Border) } else { area };
        ledger::sum(canvas, inside, &self.scene);
        let strip = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
        let message = if self.pane == Pane::Events { self.selected_message() } else { None };
        ledger::strip(canvas, strip, &self.scene, message.map(|message| (message.0 as usize).wrapping_sub(1)));
    }

    fn draw_events(&self, canvas: &mut Canvas<'_>, area: Rect) {
        if area.height < 2 {
            return;
        }
        let ui = canvas.ui;
        let focused = self.pane == Pane::Events;
        let inside = panel(canvas, area, ui.say("事件", "Events"), frame(focused));
        let history = self.run.session.history();
        if history.is_empty() {
            let text = if self.run.is_surveyed {
                ui.say("按空格开始，或用左右键一步一步走。", "Press space to begin, or step with the arrows.")
            } else {
                ui.say("这次运行还没有算出来：按空格开始算。", "This run is not there yet: press space to compute it.")
            };
            canvas.print(inside.x, inside.y, inside.width, &ui.fit(text, inside.width), Ink::Muted);
            return;
        }
        let selected = focused.then_some(self.events.selected);
        let shown = self.events.visible();
        let events = history.slice(shown.clone()).unwrap_or_default();
        events::list(canvas, inside, events, self.scene.topology, shown, selected);
        let track = Rect { width: 1, ..inside };
        scrollbar(canvas, area.right().saturating_sub(1), track, self.events.scroll());
    }

    /// What a finished run says, why, and what to press next.
    fn result_lines(&self, width: u16, ui: &Ui) -> Vec<(String, Ink)> {
        let Some(told) = self.told() else { return Vec::new() };
        let mut lines = vec![(ui.fit(&told.headline, width), told.ink)];
        let cut = |texts: &[String], most: usize| ui.cut(texts, most, width);
        lines.extend(cut(&told.beside, 1).into_iter().map(|line| (line, Ink::Warn)));
        let room = if told.beside.is_empty() { 2 } else { 1 };
        lines.extend(cut(&told.why, room).into_iter().map(|line| (line, Ink::Text)));
        let ink = if told.cure.is_some() { Ink::Good } else { Ink::Muted };
        lines.extend(cut(told.advice.as_slice(), 2).into_iter().map(|line| (line, ink)));
        let exercises = match (self.lab.tasks.is_empty() || self.task.is_some(), ui.language) {
            (true, _) => "",
            (false, Language::Zh) => "e 做练习；",
            (false, Language::En) => "e exercises; ",
        };
        let next = match (told.message.is_some(), ui.language) {
            (true, Language::Zh) => format!("接下来：2 选设置，回车改；{exercises}t 对照；f 加减故障；s 全部组合"),
            (true, Language::En) => {
                format!("Next: 2 settings, enter flips; {exercises}t twin; f faults; s combinations")
            }
            (false, Language::Zh) => format!("接下来：n 换个种子；{exercises}f 加减故障；t 对照；s 全部组合"),
            (false, Language::En) => format!("Next: n another seed; {exercises}f faults; t twin; s combinations"),
        };
        lines.push((ui.fit(&next, width), Ink::Muted));
        lines
    }
}

const fn frame(focused: bool) -> Ink {
    if focused { Ink::Focus } else { Ink::Border }
}

fn print_lines(canvas: &mut Canvas<'_>, area: Rect, lines: &[(String, Ink)]) {
    for (row, (line, ink)) in lines.iter().take(usize::from(area.height)).enumerate() {
        canvas.print(area.x, area.y + row as u16, area.width, line, *ink);
    }
}
