//! A lab as its file says it, checked as far as one file can be: names resolve,
//! values are admitted, sentences and expressions can be read. Whether its
//! claims hold is for `trial`.

mod read;
mod shape;

use std::fmt;

use super::cast::spec_named;
use super::expression::Expression;
use super::model::{Model, Models};
use super::sentence::{self, Scope};
use super::topology::{Connect, Topology};
use super::wiring::Wiring;
use super::workload::Workload;
use crate::protocol::log::MOST_PARTITIONS;
use crate::random::Digest;
use crate::setting::SettingSpec;
use crate::source::{Source, Trouble};
use crate::text::CourseText;

/// The setting that says how many partitions a topic begins with.
const PARTITIONS: &str = "partitions";

/// A scenario.
#[derive(Clone, Debug)]
pub struct Lab {
    pub id: String,
    /// The lesson it belongs to.
    pub lesson: String,
    pub title: CourseText,
    pub incident: CourseText,
    /// On which model of a broker it can run.
    pub models: Models,
    pub topology: Topology,
    /// What the sentences of its faults can speak of, whatever the settings.
    pub scope: Scope,
    /// To which brokers each client connects.
    pub connect: Connect,
    /// The database has a log on a disk that faults can reach; otherwise it is
    /// reliable.
    pub database_on_disk: bool,
    pub wiring: Wiring,
    pub workload: Workload,
    /// Settings that differ from the rooms' defaults and cannot be toggled.
    pub fixed: Vec<(&'static str, String)>,
    pub settings: Vec<LabSetting>,
    pub faults: Vec<LabFault>,
    pub predicts: Vec<Predict>,
    pub claims: Vec<Claim>,
    pub tasks: Vec<Task>,
    /// Its claims are checked over no more seeds than this: a run of millions of
    /// messages takes half a minute, and is much like any other, as what is drawn
    /// evens out.
    pub check_seeds: Option<u64>,
    /// Of the file's text: a token names it.
    pub hash: Digest,
}

/// A setting that a learner may toggle in this lab.
#[derive(Clone, Debug)]
pub struct LabSetting {
    pub spec: &'static SettingSpec,
    /// The values offered here, as text. Empty for a number in a range.
    pub values: Vec<String>,
    pub default: String,
    /// A sweep tries all of its values; otherwise it stays at the default, unless
    /// it is set.
    pub varies: bool,
}

/// A fault that the lab offers by name.
#[derive(Clone, Debug)]
pub struct LabFault {
    pub id: String,
    pub title: CourseText,
    /// What goes wrong; several sentences are parted by `;`.
    pub sentence: String,
}

/// A question that is asked before the run.
#[derive(Clone, Debug)]
pub struct Predict {
    pub id: String,
    pub ask: CourseText,
    pub given: Vec<(String, String)>,
    pub fault: Option<String>,
    pub options: Vec<PredictOption>,
}

#[derive(Clone, Debug)]
pub struct PredictOption {
    pub id: String,
    pub text: CourseText,
    pub why: CourseText,
    /// The run decides whether this option was right.
    pub right: Expression,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// In every run.
    Always,
    /// In at least one.
    Sometimes,
}

impl fmt::Display for Quantifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "always",
            Self::Sometimes => "sometimes",
        })
    }
}

/// A sentence about consequences that a machine checks over many seeds.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: String,
    pub given: Vec<(String, String)>,
    pub fault: Option<String>,
    pub quantifier: Quantifier,
    pub expression: Expression,
    pub says: CourseText,
}

/// "Keep it alive": any settings that meet the invariant pass.
#[derive(Clone, Debug)]
pub struct Task {
    pub id: String,
    pub ask: CourseText,
    pub start: Vec<(String, String)>,
    pub fault: Option<String>,
    pub keep: Expression,
    pub reference: Vec<(String, String)>,
}

impl Lab {
    /// Reads a lab file.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn parse(source: &Source) -> Result<Self, Vec<Trouble>> {
        read::read(source)
    }

    #[must_use]
    pub fn fault(&self, id: &str) -> Option<&LabFault> {
        self.faults.iter().find(|fault| fault.id == id)
    }

    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&LabSetting> {
        self.settings.iter().find(|setting| setting.spec.name == name)
    }

    /// Whether the file says anything about a setting, to be toggled or not.
    #[must_use]
    pub fn names_setting(&self, name: &str) -> bool {
        self.setting(name).is_some() || self.fixed.iter().any(|(fixed, _)| *fixed == name)
    }

    #[must_use]
    pub fn claim(&self, id: &str) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.id == id)
    }

    #[must_use]
    pub fn predict(&self, id: &str) -> Option<&Predict> {
        self.predicts.iter().find(|predict| predict.id == id)
    }

    #[must_use]
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }
}

impl LabFault {
    /// Whether a sentence is one of this fault's.
    #[must_use]
    pub fn says(&self, sentence: &str) -> bool {
        sentence::parts(&self.sentence).any(|(_, one)| one == sentence)
    }
}

impl LabSetting {
    /// Whether this lab offers the value.
    #[must_use]
    pub fn admits(&self, value: &str) -> bool {
        self.spec.values.admit(value) && (self.values.is_empty() || self.values.iter().any(|known| known == value))
    }

    /// The values worth trying one after another. A number in a range has a few that
    /// are far enough apart to matter.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        if !self.values.is_empty() {
            return self.values.clone();
        }
        let mut numbers: Vec<u64> = self.default.parse().into_iter().collect();
        numbers.extend([0, 1, 10, 100, 1000].into_iter().filter(|number| self.admits(&number.to_string())));
        numbers.sort_unstable();
        numbers.dedup();
        numbers.iter().map(u64::to_string).collect()
    }

    /// The values in words, for an error message.
    #[must_use]
    pub fn describe(&self) -> String {
        if self.values.is_empty() { self.spec.values.describe() } else { self.values.join(", ") }
    }
}

/// What sentences can speak of in a lab with these settings, whichever are chosen.
fn scope_of(models: Models, topology: Topology, settings: &[LabSetting], fixed: &[(&'static str, String)]) -> Scope {
    if !models.offer(Model::Log) {
        return Scope::queues(topology);
    }
    let number = |text: &String| text.parse::<u16>().unwrap_or(1);
    let setting = settings.iter().find(|setting| setting.spec.name == PARTITIONS);
    let (fewest, most) = match (setting, fixed.iter().find(|(name, _)| *name == PARTITIONS)) {
        (Some(setting), _) if setting.values.is_empty() => (1, MOST_PARTITIONS),
        (Some(setting), _) => {
            let values = || setting.values.iter().map(number);
            (values().min().unwrap_or(1), values().max().unwrap_or(1))
        }
        (None, Some((_, value))) => (number(value), number(value)),
        (None, None) => {
            let default = spec_named(PARTITIONS).and_then(|spec| spec.default.parse().ok()).unwrap_or(1);
            (default, default)
        }
    };
    Scope::topic(topology, fewest, most)
}
