//! "Keep it alive": the learner changes settings until no seed breaks the
//! invariant. Any settings that hold pass; a seed that breaks it is loaded, so
//! that it can be looked at.

use std::sync::Arc;

use crate::lab::{Lab, Session};
use crate::random::Seed;

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
        let Some(task) = lab.tasks.get(self.task) else { return };
        let Some(plan) = setup.clone().with_fault(task.fault.as_deref()).plan(lab) else { return };
        let keep = task.keep.clone();
        self.result = None;
        self.job = Some(Job::begin(move |desk| {
            for seed in (0..seeds).map(Seed) {
                if !desk.is_wanted() {
                    return;
                }
                let mut session = Session::new(Arc::clone(&plan), seed);
                session.finish();
                if !keep.holds(&session.totals()) {
                    desk.report(Attack::Broken(seed));
                    return;
                }
            }
            desk.report(Attack::Survived);
        }));
    }

    /// The result, once, when it is there.
    pub fn take(&mut self) -> Option<Attack> {
        let found = self.job.as_mut()?.take();
        let result = found.first().copied()?;
        self.job = None;
        self.result = Some(result);
        Some(result)
    }
}
