//! What screens may ask of the rest of the house. Screens know neither the
//! course on disk nor the labs: the host hands them data and builds the screens
//! that they ask for.

use super::home::HomeModel;
use super::reader::Marks;
use super::screen::Action;
use super::ui::Ui;

/// How a lab opens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LabMode {
    #[default]
    Run,
    /// Beside a second run with these settings flipped.
    Twin { flip: Vec<(String, String)> },
    /// As a task: change settings until the invariant holds.
    Task { task: String },
    /// A prediction that comes back, with a seed that this learner has not seen.
    Review { predict: String, seed: u64 },
}

/// A lab, opened with the settings and the fault that a lesson names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabRequest {
    pub lab: String,
    pub set: Vec<(String, String)>,
    pub fault: Option<String>,
    pub mode: LabMode,
}

/// How sure a learner was, asked with every prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    Guess,
    Fairly,
    Certain,
}

/// Something to keep in the learner's progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Memory {
    /// A prediction before its run. The option counts from zero.
    Predicted {
        lab: String,
        predict: String,
        option: usize,
        /// Not said yet: then it is asked where the lab opens.
        confidence: Option<Confidence>,
    },
    /// An answer to a quiz or a "what did you see?". The option counts from zero.
    Answered {
        lesson: String,
        question: String,
        option: usize,
        right: bool,
    },
    /// Where the learner is in a lesson: the block at the top of the page, which
    /// is the same in both languages.
    Place {
        lesson: String,
        block: usize,
        step: String,
    },
    /// A step was read to its end.
    StepDone {
        lesson: String,
        step: String,
    },
    /// A prediction whose run is known: the option counts from zero.
    PredictionJudged {
        lab: String,
        predict: String,
        option: usize,
        confidence: Confidence,
        right: bool,
        /// The option that the run proved right, if one of them is.
        proved: Option<usize>,
        seed: u64,
    },
    /// A lab ran to its end.
    LabRun {
        lab: String,
    },
    /// These settings kept a task's invariant over every seed that was tried.
    TaskSolved {
        lab: String,
        task: String,
        settings: Vec<(String, String)>,
    },
    /// The first minute is over.
    FirstLight,
    Language(crate::text::Language),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    OpenLesson {
        lesson: String,
        /// A step to open it at; else where the learner left it.
        step: Option<String>,
    },
    OpenLab(LabRequest),
    OpenNotebook,
    /// What a sentence's claim says, and how it was checked.
    ShowClaim {
        lab: String,
        claim: String,
    },
    Remember(Memory),
}

pub trait Host {
    /// Answers a request, usually with the screen to push.
    fn ask(&mut self, request: Request, ui: &Ui) -> Action;

    /// What the learner has done in a lesson.
    fn marks(&mut self, lesson: &str) -> Marks;

    /// The course as the home screen shows it, with the progress of the moment.
    fn home(&mut self) -> HomeModel;
}
