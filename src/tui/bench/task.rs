//! "Keep it alive": the learner changes settings until no seed breaks the
//! invariant. Any settings that hold pass; a seed that breaks it is loaded, so
//! that it can be looked at.

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::lab::Lab;
use crate::random::Seed;
use crate::time::Time;
use crate::trial;
use crate::tui::canvas::Canvas;
use crate::tui::host::Memory;
use crate::tui::screen::Action;
use crate::tui::theme::Ink;
use crate::tui::widget::List;

use super::Bench;
use super::job::Job;
use super::layout::Pane;
use super::predict::Page;
use super::setup::Setup;

/// How many seeds an attack tries.
pub const SEEDS: u64 = 200;

/// How an attack ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    Survived,
    /// The first seed that breaks it.
    Broken(Seed),
}

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
            let result = match trial::check::attack(&lab, &task, &set, seeds, 1) {
                Ok(Some(seed)) => Attack::Broken(seed),
                Ok(None) => Attack::Survived,
                Err(_) => return,
            };
            desk.report(result);
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
            Attack::Broken(seed) => {
                self.setup.seed = seed;
                let fault = self.lab.tasks.get(index).and_then(|task| task.fault.clone());
                self.setup = self.setup.clone().with_fault(fault.as_deref());
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
