//! What a reader is given: the lesson in both languages, the predictions and
//! labs that it mentions, and what the learner has answered so far.

use std::collections::{BTreeMap, BTreeSet};

use crate::lesson::Lesson;
use crate::lesson::block::PredictBlock;
use crate::text::{CourseText, Language};

use crate::tui::home::LabState;
use crate::tui::host::Confidence;

/// One option of a prediction. May hold inline Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub text: CourseText,
    /// Said once the outcome is known.
    pub why: CourseText,
}

/// A lab's prediction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PredictCard {
    pub ask: CourseText,
    pub options: Vec<Choice>,
}

/// What a page says of a lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabCard {
    pub title: CourseText,
    /// Faults by id, as the lab names them.
    pub faults: BTreeMap<String, CourseText>,
    /// What tasks ask, by id.
    pub tasks: BTreeMap<String, CourseText>,
}

/// A prediction that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predicted {
    /// Counted from zero.
    pub option: usize,
    /// `None` until it is said.
    pub confidence: Option<Confidence>,
    /// Whether it was right; `None` until its run.
    pub right: Option<bool>,
    /// The option that the run proved right, as far as that is known.
    pub proved: Option<usize>,
}

/// What the learner has done in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// By lab and prediction.
    pub predictions: BTreeMap<(String, String), Predicted>,
    /// The option chosen for a question, by its id.
    pub answers: BTreeMap<String, usize>,
    pub labs: BTreeMap<String, LabState>,
    /// Ids of steps read to their end.
    pub steps_done: BTreeSet<String>,
}

impl Marks {
    pub(super) fn predicted(&self, block: &PredictBlock) -> Option<&Predicted> {
        self.predictions.get(&(block.lab.value.clone(), block.predict.value.clone()))
    }
}

/// A lesson, ready to be read.
#[derive(Clone, Debug)]
pub struct ReaderModel {
    /// With its number in front: `11-no-loss`.
    pub id: String,
    pub zh: Lesson,
    pub en: Lesson,
    /// By lab and prediction.
    pub predictions: BTreeMap<(String, String), PredictCard>,
    pub labs: BTreeMap<String, LabCard>,
    /// The block where the learner left it.
    pub place: Option<usize>,
}

impl ReaderModel {
    #[must_use]
    pub const fn lesson(&self, language: Language) -> &Lesson {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }

    #[must_use]
    pub(super) fn number(&self) -> &str {
        self.id.split('-').next().unwrap_or_default()
    }

    /// The block of the other language that stands where `block` stands in this
    /// one. Both files have the same steps; between them the number of
    /// paragraphs may differ, so the step is kept before all else.
    pub(super) fn same_block(&self, block: usize, from: Language) -> usize {
        let (here, there) = (self.lesson(from), self.lesson(from.other()));
        let last = there.blocks.len().saturating_sub(1);
        if here.blocks.len() == there.blocks.len() {
            return block.min(last);
        }
        let (steps, others) = (here.steps(), there.steps());
        let Some(index) = steps.iter().rposition(|step| step.block <= block) else { return block.min(last) };
        let Some(same) = others.iter().find(|step| step.id == steps[index].id) else { return block.min(last) };
        let end = others.iter().find(|step| step.block > same.block).map_or(last, |next| next.block - 1);
        (same.block + block - steps[index].block).min(end)
    }
}
