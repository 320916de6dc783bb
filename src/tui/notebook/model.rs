//! What the notebook is given: predictions that were made, and those that come
//! back.

use crate::text::CourseText;
use crate::tui::host::Confidence;

/// A prediction and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub lab: String,
    pub predict: String,
    /// The lab's title.
    pub title: CourseText,
    pub ask: CourseText,
    /// What was chosen, and why it is right or wrong.
    pub said: CourseText,
    pub why: CourseText,
    pub confidence: Confidence,
    pub right: bool,
    pub seed: u64,
}

/// A prediction that comes back, with a seed not seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub lab: String,
    pub predict: String,
    pub title: CourseText,
    pub ask: CourseText,
    pub seed: u64,
    /// Whole days until it is asked; zero is now.
    pub days: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotebookModel {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Due ones first.
    pub reviews: Vec<Due>,
    /// The lab to begin with, while there is nothing here.
    pub first_lab: String,
}

impl NotebookModel {
    /// How many predictions were made with this confidence, and how many of them
    /// were right.
    #[must_use]
    pub fn score(&self, confidence: Confidence) -> (usize, usize) {
        let mine = self.entries.iter().filter(|entry| entry.confidence == confidence);
        mine.fold((0, 0), |(made, right), entry| (made + 1, right + usize::from(entry.right)))
    }
}
