//! A sweep: every combination of a lab's settings and faults over many seeds, as
//! a table of what became of the messages.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::check::limits;
use super::pool::{Tally, tally};
use crate::lab::settings::comes_first;
use crate::lab::{ChoiceError, Lab, LabSetting, Plan, Totals};
use crate::setting::Values;

/// Which combinations to run.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// Settings held at a value; every other setting of the lab varies.
    pub set: Vec<(String, String)>,
    /// Only these faults, by id or as sentences, `none` for no fault; empty: none, then each of the
    /// lab's.
    pub faults: Vec<String>,
}

/// One combination over all seeds.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    #[serde(serialize_with = "as_map")]
    pub settings: Vec<(String, String)>,
    pub fault: Option<String>,
    pub runs: u64,
    pub witnesses: u64,
    pub undecided: u64,
    pub distinct_digests: u64,
    pub totals: Totals,
    /// In how many runs each count was above zero.
    pub runs_with: Totals,
    /// In how many runs each count counted against the run: see [`crate::lab::DEFECTS`].
    #[serde(skip)]
    pub runs_against: Totals,
    /// Books that did not balance, with the seed: the row is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation: Option<String>,
}

fn as_map<S: Serializer>(settings: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(settings.iter().map(|(name, value)| (name, value)))
}

impl Grid {
    /// The plans of all combinations, fault by fault, in a fixed order. Settings with
    /// which nobody starts are left out, unless none is left then.
    ///
    /// # Errors
    /// If a setting or fault is not the lab's.
    pub fn plans(&self, lab: &Arc<Lab>) -> Result<Vec<(Option<String>, Plan)>, ChoiceError> {
        let faults: Vec<Option<String>> = if self.faults.is_empty() {
            std::iter::once(None).chain(lab.faults.iter().map(|fault| Some(fault.id.clone()))).collect()
        } else {
            self.faults.iter().map(|fault| Some(fault.clone()).filter(|fault| fault != "none")).collect()
        };
        let mut combinations = self.combinations(lab);
        if combinations.iter().any(|settings| lab.refusal(settings).is_none()) {
            combinations.retain(|settings| lab.refusal(settings).is_none());
        }
        let mut plans = Vec::new();
        for fault in &faults {
            for settings in &combinations {
                let faults: Vec<String> = fault.iter().cloned().collect();
                plans.push((fault.clone(), Plan::new(lab.clone(), settings, &faults)?));
            }
        }
        Ok(plans)
    }

    /// Every value of every setting that is not held. Numbers stay at their
    /// default: a range is no handful of values. So do settings that change nothing
    /// beside those chosen before.
    fn combinations(&self, lab: &Lab) -> Vec<Vec<(String, String)>> {
        let mut combinations = vec![self.set.clone()];
        // The model and the pattern first: they say which of the others mean anything.
        let is_first = |setting: &&LabSetting| comes_first(setting.spec.name);
        let rest = lab.settings.iter().filter(|setting| !is_first(setting));
        for setting in lab.settings.iter().filter(is_first).chain(rest) {
            let is_held = self.set.iter().any(|(name, _)| name == setting.spec.name);
            let is_range = matches!(setting.spec.values, Values::Count { .. } | Values::Millis { .. });
            if is_held || !setting.varies || (is_range && setting.values.is_empty()) {
                continue;
            }
            let grown = combinations.iter().flat_map(|combination| {
                let word =
                    |name: &str| combination.iter().find(|(known, _)| known == name).map(|(_, word)| word.as_str());
                let values: &[String] = match lab.idle(setting.spec.name, word) {
                    Some(_) => std::slice::from_ref(&setting.default),
                    None => &setting.values,
                };
                values.iter().map(|value| {
                    let mut grown = combination.clone();
                    grown.push((setting.spec.name.to_owned(), value.clone()));
                    grown
                })
            });
            combinations = grown.collect();
        }
        combinations
    }
}

impl Row {
    /// The value of one of its settings, if it has that.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn new(plan: &Plan, fault: Option<String>, tally: &Tally) -> Self {
        Self {
            settings: plan.chosen.clone(),
            fault,
            runs: tally.runs,
            witnesses: tally.witnesses,
            undecided: tally.undecided,
            distinct_digests: tally.digests.len() as u64,
            totals: tally.totals,
            runs_with: tally.runs_with,
            runs_against: tally.runs_against,
            violation: tally.violation.as_ref().map(|(seed, why)| format!("seed {}: {why}", seed.0)),
        }
    }
}

/// Runs a grid; `done` sees every row as it is finished and may stop the sweep
/// by returning false.
///
/// # Errors
/// If a setting or fault is not the lab's.
pub fn sweep(
    lab: &Arc<Lab>,
    grid: &Grid,
    seeds: u64,
    threads: usize,
    mut done: impl FnMut(&Row) -> bool,
) -> Result<Vec<Row>, ChoiceError> {
    let mut rows = Vec::new();
    let (seeds, threads) = limits(lab, seeds, threads);
    for (fault, plan) in grid.plans(lab)? {
        let row = Row::new(&plan, fault, &tally(&plan, 0, seeds, threads));
        let goes_on = done(&row);
        rows.push(row);
        if !goes_on {
            break;
        }
    }
    Ok(rows)
}
