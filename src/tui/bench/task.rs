//! "Keep it alive": the learner changes settings until no seed breaks the
//! invariant. Any settings that hold pass; a seed that breaks it is loaded, so
//! that it can be looked at.

use std::sync::Arc;

use crate::lab::Lab;
use crate::random::Seed;
use crate::time::Time;
use crate::trial;
use crate::tui::host::Memory;

use super::Bench;
use super::job::Job;
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
}

impl TaskState {
    #[must_use]
    pub const fn new(task: usize) -> Self {
        Self { task, job: None, result: None }
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
