//! "Keep it alive": the learner changes settings until no seed breaks the
//! invariant. Any settings that hold pass; a seed that breaks it is loaded, so
//! that it can be looked at.

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::lab::{Lab, Task};
use crate::text::{Language, plain};
use crate::time::Time;
use crate::trial::check::{Attack, attack};
use crate::tui::canvas::Canvas;
use crate::tui::host::Memory;
use crate::tui::screen::Action;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::List;

use super::Bench;
use super::job::Job;
use super::layout::Pane;
use super::ledger;
use super::predict::Page;
use super::setup::Setup;

/// How many seeds an attack tries.
pub const SEEDS: u64 = 200;

/// The lines that an exercise may take to say what it asks.
const MOST_ASKED: usize = 3;

pub struct TaskState {
    /// Which of the lab's tasks.
    pub task: usize,
    job: Option<Job<Attack>>,
    pub result: Option<Attack>,
    /// It was chosen on the bench, and not in a lesson: leaving it leaves the lab
    /// where it is.
    pub began_here: bool,
}

impl TaskState {
    #[must_use]
    pub const fn new(task: usize) -> Self {
        Self { task, job: None, result: None, began_here: false }
    }

    #[must_use]
    pub const fn is_attacking(&self) -> bool {
        self.job.is_some()
    }

    /// Another setting: what was found no longer holds.
    pub fn forget(&mut self) {
        self.job = None;
        self.result = None;
    }

    /// Runs the setup with the task's fault over many seeds.
    pub fn attack(&mut self, lab: &Arc<Lab>, setup: &Setup, seeds: u64) {
        let Some(task) = lab.tasks.get(self.task).cloned() else { return };
        let (lab, set) = (Arc::clone(lab), setup.set.clone());
        self.result = None;
        self.job = Some(Job::begin(move |desk| {
            // The bench offers no settings that are not the lab's.
            desk.report(attack(&lab, &task, &set, seeds, 1).unwrap_or(Attack::Void));
        }));
    }

    /// The result, once, when it is there.
    pub fn take(&mut self) -> Option<Attack> {
        let found = self.job.as_mut()?.take();
        let Some(result) = found.first().copied() else {
            if self.job.as_ref().is_some_and(|job| job.is_done) {
                self.job = None;
            }
            return None;
        };
        self.job = None;
        self.result = Some(result);
        Some(result)
    }
}

impl Bench {
    /// What the exercise asks, and how it stands.
    pub(super) fn task_lines(&self, width: u16, ui: &Ui) -> Vec<(String, Ink)> {
        let Some(state) = &self.task else { return Vec::new() };
        let Some(task) = self.lab.tasks.get(state.task) else { return Vec::new() };
        let glyphs = ui.glyphs();
        let mut ask = ui.wrap(&plain(task.ask.in_language(ui.language)), width);
        if ask.len() > MOST_ASKED {
            // How the attack went stands below and must not be pushed out of sight.
            ask.truncate(MOST_ASKED);
            ask[MOST_ASKED - 1].push_str(glyphs.ellipsis);
        }
        let mut lines: Vec<_> = ask.into_iter().map(|line| (line, Ink::Strong)).collect();
        let (text, ink) = match (state.is_attacking(), state.result, ui.language) {
            (true, _, Language::Zh) => (format!("正在用 {} 个种子攻击……", self.seeds), Ink::Muted),
            (true, _, Language::En) => (format!("attacking with {} seeds", self.seeds), Ink::Muted),
            (_, Some(Attack::Survived), Language::Zh) => {
                (format!("{} 守住了！{} 个种子都没有攻破它。", glyphs.check, self.seeds), Ink::Good)
            }
            (_, Some(Attack::Survived), Language::En) => {
                (format!("{} It holds! None of {} seeds broke it.", glyphs.check, self.seeds), Ink::Good)
            }
            (_, Some(Attack::Broken(seed)), Language::Zh) => {
                (format!("{} 种子 {} 攻破了它，已经放到台上：看看怎么破的。", glyphs.cross, seed.0), Ink::Bad)
            }
            (_, Some(Attack::Broken(seed)), Language::En) => {
                (format!("{} Seed {} breaks it; it is on the bench: see how.", glyphs.cross, seed.0), Ink::Bad)
            }
            (_, Some(Attack::Missed { witnesses }), Language::Zh) => (
                format!("{} 不算数：{} 个种子里，故障只有 {witnesses} 次碰上了消息。", glyphs.cross, self.seeds),
                Ink::Warn,
            ),
            (_, Some(Attack::Missed { witnesses }), Language::En) => (
                format!(
                    "{} Proves nothing: the fault met messages in {witnesses} of {} runs.",
                    glyphs.cross, self.seeds
                ),
                Ink::Warn,
            ),
            (_, Some(Attack::Void), Language::Zh) => {
                (format!("{} 不算数：有的运行停不下来，说明不了什么。", glyphs.cross), Ink::Warn)
            }
            (_, Some(Attack::Void), Language::En) => {
                (format!("{} Proves nothing: some runs did not come to rest.", glyphs.cross), Ink::Warn)
            }
            (false, None, Language::Zh) => ("改设置，再按 a 攻击。".to_owned(), Ink::Muted),
            (false, None, Language::En) => ("Flip settings, then press a to attack.".to_owned(), Ink::Muted),
        };
        lines.push((text, ink));
        if matches!(state.result, Some(Attack::Broken(_))) {
            lines.extend(self.overtime(task, ui).map(|text| (text, Ink::Bad)));
        }
        lines
    }

    /// The time that a run took too much of: no count says so.
    fn overtime(&self, task: &Task, ui: &Ui) -> Option<String> {
        let (measure, took, asked) = task.keep.broken(self.run.totals())?;
        let name = ledger::name_of_time(measure)?.in_language(ui.language);
        let (took, asked) = (ledger::seconds(took), ledger::seconds(asked));
        Some(match ui.language {
            Language::Zh => format!("  {name}：{took}；要求以 {asked} 为界"),
            Language::En => format!("  {name} {took}; the bound is {asked}"),
        })
    }

    /// Sets the bench up for one of the lab's exercises.
    pub(super) fn begin_task(&mut self, index: usize) -> Action {
        let Some(task) = self.lab.tasks.get(index).cloned() else { return Action::Ignored };
        self.task = None;
        let start = Setup { seed: self.setup.seed, ..Setup::of(&self.lab) };
        self.change(start.with(&self.lab, &task.start).with_fault(task.fault.as_deref()), Time::ZERO);
        // What an exercise begins with is no change of the learner's.
        self.steps.clear();
        self.opened = self.setup.clone();
        self.task = Some(TaskState { began_here: true, ..TaskState::new(index) });
        self.pane = Pane::Settings;
        self.settings.select(0);
        Action::Redraw
    }

    /// Takes in how an attack went.
    pub(super) fn take_attack(&mut self) -> bool {
        let Some(task) = &mut self.task else { return false };
        let Some(result) = task.take() else { return false };
        let index = task.task;
        match result {
            Attack::Survived => {
                // An Enter now must not flip a setting back.
                self.settings.select(self.lab.settings.len());
                if let Some(known) = self.lab.tasks.get(index) {
                    let (lab, task) = (self.lab.id.clone(), known.id.clone());
                    self.solved.push(task.clone());
                    self.memories.push(Memory::TaskSolved { lab, task, settings: self.setup.set.clone() });
                }
            }
            Attack::Missed { .. } | Attack::Void => {}
            Attack::Broken(seed) => {
                self.setup.seed = seed;
                let fault = self.lab.tasks.get(index).and_then(|task| task.fault.clone());
                // The fault of the exercise is no change of the learner's.
                let is_own = self.setup.faults == self.opened.faults;
                self.setup = self.setup.clone().with_fault(fault.as_deref());
                if is_own {
                    self.opened.faults.clone_from(&self.setup.faults);
                }
                self.rebuild(Time::MAX, &[]);
            }
        }
        true
    }
}

/// The exercises of a lab, to choose from.
pub fn view(canvas: &mut Canvas<'_>, area: Rect, lab: &Lab, list: &List, solved: &[String]) {
    let ui = canvas.ui;
    let mut page = Page::new(ui, area);
    page.blank();
    page.text(
        ui.say("改设置，直到换 200 个种子也攻不破。", "Flip settings until none of 200 seeds breaks your promise."),
        Ink::Muted,
    );
    page.blank();
    for (at, task) in lab.tasks.iter().enumerate() {
        let done = if solved.contains(&task.id) { format!("{} ", ui.glyphs().check) } else { String::new() };
        let ask = format!("{done}{}", task.ask.in_language(ui.language));
        page.option(at, &ask, at == list.selected, Ink::Text);
    }
    page.blank();
    page.text(
        ui.say("按数字选一个；q 回到实验台。", "Choose one by its digit; q leads back to the bench."),
        Ink::Muted,
    );
    page.draw(canvas, area, ui.say("练习：守住它", "Exercises: keep it alive"));
}
