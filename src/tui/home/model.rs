//! What the home screen knows of the course and of the learner.

use crate::text::CourseText;

/// How far a learner is with a lesson.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LessonState {
    /// It is in the plan of the course, but not written yet.
    #[default]
    Coming,
    New,
    Begun,
    Done,
}

/// How far a learner is with a lab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabState {
    #[default]
    New,
    /// It was run.
    Run,
    /// Its task is solved.
    Solved,
}

/// A lab on the map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabTile {
    pub id: String,
    pub title: CourseText,
    pub state: LabState,
}

/// A lesson on the map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LessonTile {
    /// With its number in front: `11-no-loss`.
    pub id: String,
    pub title: CourseText,
    /// The problem it answers, as one clause.
    pub about: CourseText,
    /// Reading time.
    pub minutes: u32,
    pub state: LessonState,
    /// Steps read, and all steps.
    pub steps: (usize, usize),
    pub labs: Vec<LabTile>,
}

impl LessonTile {
    /// The number in front of the id.
    #[must_use]
    pub fn number(&self) -> &str {
        self.id.split('-').next().unwrap_or_default()
    }
}

/// Where the learner stopped last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resume {
    pub lesson: String,
    /// The title of the step, for the eye.
    pub step: CourseText,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HomeModel {
    pub lessons: Vec<LessonTile>,
    /// None on a first visit.
    pub resume: Option<Resume>,
    /// The lab that a first visit begins with.
    pub first_lab: String,
    /// Predictions made, and those that were right.
    pub predictions: (usize, usize),
    /// Wrong predictions that are due again.
    pub due: usize,
}
