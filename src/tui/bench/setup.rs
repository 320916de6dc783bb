//! What a run is made of: settings, faults from the start, a seed. Changing any
//! of it makes another run.

use std::sync::Arc;

use crate::lab::{Lab, LabSetting, Plan};
use crate::random::Seed;
use crate::tui::ui::Ui;

/// The seed that a lab opens with: everyone sees the same first run.
pub const FIRST_SEED: Seed = Seed(42);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Every setting that the learner may toggle, in the lab's order.
    pub set: Vec<(String, String)>,
    /// Ids of the lab's faults that are scheduled.
    pub faults: Vec<String>,
    pub seed: Seed,
}

impl Setup {
    /// The lab's own settings, and its first fault.
    #[must_use]
    pub fn of(lab: &Lab) -> Self {
        let set = lab.settings.iter().map(|setting| (setting.spec.name.to_owned(), setting.default.clone())).collect();
        let faults = lab.faults.first().map(|fault| fault.id.clone()).into_iter().collect();
        Self { set, faults, seed: FIRST_SEED }
    }

    /// The same with some settings changed, as far as the lab has them and the
    /// values are its own.
    #[must_use]
    pub fn with(mut self, lab: &Lab, changes: &[(String, String)]) -> Self {
        for (name, value) in changes {
            let known = lab.settings.iter().find(|setting| setting.spec.name == name);
            if known.is_some_and(|setting| setting.admits(value)) {
                self.put(name, value);
            }
        }
        self
    }

    /// The same for changes that must have their way: a setting that they cannot be
    /// together with goes back to the lab's own, along with all others.
    #[must_use]
    pub fn giving_way(self, lab: &Lab, changes: &[(String, String)]) -> Self {
        let with = self.clone().with(lab, changes);
        if lab.refusal(&with.set).is_none() {
            return with;
        }
        Self { set: Self::of(lab).set, ..self }.with(lab, changes)
    }

    /// The same with just this fault, or with none.
    #[must_use]
    pub fn with_fault(mut self, fault: Option<&str>) -> Self {
        self.faults = fault.map(str::to_owned).into_iter().collect();
        self
    }

    pub fn put(&mut self, name: &str, value: &str) {
        if let Some(entry) = self.set.iter_mut().find(|(known, _)| known == name) {
            value.clone_into(&mut entry.1);
        }
    }

    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.set.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The next value of a setting, round and round.
    #[must_use]
    pub fn next_value(&self, setting: &LabSetting) -> Option<String> {
        let now = self.value(setting.spec.name);
        let values = setting.steps();
        let at = values.iter().position(|value| value == now).map_or(0, |at| at + 1);
        values.get(at % values.len().max(1)).cloned()
    }

    pub fn toggle_fault(&mut self, id: &str) {
        if self.faults.iter().any(|fault| fault == id) {
            self.faults.retain(|fault| fault != id);
        } else {
            self.faults.push(id.to_owned());
        }
    }

    /// The plan, or nothing if the lab does not admit this.
    #[must_use]
    pub fn plan(&self, lab: &Arc<Lab>) -> Option<Arc<Plan>> {
        Plan::new(Arc::clone(lab), &self.set, &self.faults).ok().map(Arc::new)
    }
}

/// A setting's value as people say it.
#[must_use]
pub fn value_name<'a>(value: &'a str, ui: &Ui) -> &'a str {
    match value {
        "true" | "on" => ui.say("开", "on"),
        "false" | "off" => ui.say("关", "off"),
        other => other,
    }
}
