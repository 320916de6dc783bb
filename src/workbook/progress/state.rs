//! The content of `progress.json`, and how two of them become one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::text::Language;

/// Everything a learner has done. Times are seconds since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Of the format. A new field is a new version, because an older program
    /// would drop what it does not know.
    pub version: u32,
    /// Goes up by one with every write.
    pub revision: u64,
    #[serde(default, with = "language_code", skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The first minute is over: the program begins at home from now on.
    #[serde(default)]
    pub first_light_done: bool,
    /// By lesson id.
    #[serde(default)]
    pub lessons: BTreeMap<String, LessonProgress>,
    /// Oldest first.
    #[serde(default)]
    pub predictions: Vec<Prediction>,
    /// By `lesson/question`: the latest answer.
    #[serde(default)]
    pub answers: BTreeMap<String, QuizAnswer>,
    /// By `lab/task`: the latest settings that passed.
    #[serde(default)]
    pub tasks: BTreeMap<String, Solution>,
    /// By lab id: how often it ran to its end.
    #[serde(default)]
    pub labs_run: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonProgress {
    /// The steps that were reached, by their headings' ids.
    #[serde(default)]
    pub steps: BTreeSet<String>,
    #[serde(default)]
    pub finished: bool,
    /// Where the learner stopped reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// A lesson may have been edited since: the step holds when the block does not.
    pub block: usize,
    pub step: String,
    pub at: u64,
}

/// What somebody said would happen, and whether it did.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    pub at: u64,
    pub lab: String,
    pub predict: String,
    pub option: String,
    /// 1 a guess, 2 likely, 3 sure.
    pub confidence: u8,
    pub right: bool,
    pub seed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuizAnswer {
    /// Counted from zero.
    pub option: usize,
    pub right: bool,
    pub at: u64,
}

/// Settings that passed a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Solution {
    pub settings: BTreeMap<String, String>,
    pub at: u64,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            revision: 0,
            language: None,
            first_light_done: false,
            lessons: BTreeMap::new(),
            predictions: Vec::new(),
            answers: BTreeMap::new(),
            tasks: BTreeMap::new(),
            labs_run: BTreeMap::new(),
        }
    }
}

impl Progress {
    pub const VERSION: u32 = 1;

    /// Takes in another learner's file, or one's own from another machine.
    /// Merging the same file twice is merging it once: so runs are not added up,
    /// the greater count stays.
    pub fn merge(&mut self, other: &Self) {
        self.language = self.language.or(other.language);
        self.first_light_done |= other.first_light_done;
        for (id, theirs) in &other.lessons {
            let ours = self.lessons.entry(id.clone()).or_default();
            ours.steps.extend(theirs.steps.iter().cloned());
            ours.finished |= theirs.finished;
            if later(theirs.place.as_ref().map(|place| place.at), ours.place.as_ref().map(|place| place.at)) {
                ours.place.clone_from(&theirs.place);
            }
        }
        let mut predictions: BTreeSet<Prediction> = self.predictions.drain(..).collect();
        predictions.extend(other.predictions.iter().cloned());
        self.predictions = predictions.into_iter().collect();
        for (id, theirs) in &other.answers {
            if later(Some(theirs.at), self.answers.get(id).map(|ours| ours.at)) {
                self.answers.insert(id.clone(), theirs.clone());
            }
        }
        for (id, theirs) in &other.tasks {
            if later(Some(theirs.at), self.tasks.get(id).map(|ours| ours.at)) {
                self.tasks.insert(id.clone(), theirs.clone());
            }
        }
        for (id, theirs) in &other.labs_run {
            let ours = self.labs_run.entry(id.clone()).or_default();
            *ours = (*ours).max(*theirs);
        }
    }
}

/// Whether theirs is newer than ours; what is there is newer than nothing.
fn later(theirs: Option<u64>, ours: Option<u64>) -> bool {
    theirs > ours
}

/// A language as its code.
mod language_code {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::text::Language;

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
    pub fn serialize<S: Serializer>(language: &Option<Language>, to: S) -> Result<S::Ok, S::Error> {
        match language {
            Some(language) => to.serialize_some(language.code()),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Language>, D::Error> {
        let code = Option::<String>::deserialize(from)?;
        code.map(|code| code.parse().map_err(serde::de::Error::custom)).transpose()
    }
}
