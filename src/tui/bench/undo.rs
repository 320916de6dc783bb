//! Taking back what was changed by hand, one step after another: a setting, a
//! seed, a scheduled fault, or a live fault that forked the run.

use crate::time::Time;
use crate::tui::screen::Action;
use crate::tui::ui::Ui;

use super::Bench;
use super::run::LiveFault;
use super::setup::{Setup, value_name};

/// What one step back brings.
pub enum Step {
    /// The run as it was set up before, with its live faults.
    Setup { before: Setup, live: Vec<LiveFault> },
    /// The run before the last live fault.
    Fork,
}

/// As many steps as anyone goes back.
const MOST: usize = 100;

impl Bench {
    pub(super) fn remember_step(&mut self, step: Step) {
        if self.steps.len() >= MOST {
            self.steps.remove(0);
        }
        self.steps.push(step);
    }

    pub(super) fn undo(&mut self, ui: &Ui) -> Action {
        let at = if self.run.is_at_end() { Time::MAX } else { self.run.session.now() };
        let text = match self.steps.pop() {
            None => ui.say("没有可撤销的改动", "there is no change to undo").to_owned(),
            Some(Step::Fork) => {
                if self.is_long() {
                    self.recompute(|run, watch| run.undo_fork(watch));
                } else {
                    self.run.undo_fork(&mut |_| true);
                }
                self.bet = None;
                self.begin();
                ui.say("已撤销刚才注入的故障", "the injected fault is taken back").to_owned()
            }
            Some(Step::Setup { before, live }) => {
                let text = told(&before, &self.setup, ui);
                self.setup = before;
                self.rebuild(at, &live);
                if let Some(task) = &mut self.task {
                    task.forget();
                }
                text
            }
        };
        Action::Notice(text)
    }
}

/// What is as it was before.
fn told(before: &Setup, now: &Setup, ui: &Ui) -> String {
    let back: Vec<_> = before
        .set
        .iter()
        .filter(|(name, value)| now.value(name) != value)
        .map(|(name, value)| format!("{name} = {}", value_name(value, ui)))
        .collect();
    let undone = ui.say("已撤销", "undone");
    if back.is_empty() {
        return undone.to_owned();
    }
    format!("{undone}{}{}", ui.say("：", ": "), back.join(ui.say("，", ", ")))
}
