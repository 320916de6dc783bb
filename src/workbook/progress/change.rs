//! The ways progress changes. A change is small and says what happened, not
//! what the file should be afterwards, so it can be applied to whatever another
//! running program has written meanwhile.

use std::collections::BTreeMap;

use super::state::{Place, Prediction, Progress, QuizAnswer, Solution};
use crate::text::Language;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Language(Language),
    FirstLightDone,
    /// A step of a lesson came into view.
    Reached {
        lesson: String,
        step: String,
    },
    /// Reading stopped here.
    Left {
        lesson: String,
        place: Place,
    },
    Finished {
        lesson: String,
    },
    Predicted(Prediction),
    Answered {
        lesson: String,
        question: String,
        answer: QuizAnswer,
    },
    Solved {
        lab: String,
        task: String,
        settings: BTreeMap<String, String>,
        at: u64,
    },
    /// A lab ran to its end.
    Ran {
        lab: String,
    },
}

impl Change {
    pub(super) fn apply(&self, progress: &mut Progress) {
        match self.clone() {
            Self::Language(language) => progress.language = Some(language),
            Self::FirstLightDone => progress.first_light_done = true,
            Self::Reached { lesson, step } => {
                progress.lessons.entry(lesson).or_default().steps.insert(step);
            }
            Self::Left { lesson, place } => progress.lessons.entry(lesson).or_default().place = Some(place),
            Self::Finished { lesson } => progress.lessons.entry(lesson).or_default().finished = true,
            Self::Predicted(prediction) => progress.predictions.push(prediction),
            Self::Answered { lesson, question, answer } => {
                progress.answers.insert(format!("{lesson}/{question}"), answer);
            }
            Self::Solved { lab, task, settings, at } => {
                progress.tasks.insert(format!("{lab}/{task}"), Solution { settings, at });
            }
            Self::Ran { lab } => *progress.labs_run.entry(lab).or_default() += 1,
        }
    }
}
