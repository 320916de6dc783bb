//! How a lab opens on the bench: what a lesson, the home screen or the notebook
//! asks for.

use crate::lab::{Lab, Predict};
use crate::random::Seed;
use crate::tui::host::{Confidence, LabMode, LabRequest};

use super::setup::Setup;

/// How a lab opens on the bench.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BenchRequest {
    /// Settings other than the lab's defaults.
    pub set: Vec<(String, String)>,
    /// The fault to schedule; without one, the lab's first.
    pub fault: Option<String>,
    pub mode: LabMode,
    pub seed: Option<Seed>,
    /// Ask for a prediction first: this one, or the one that fits the fault.
    pub predict: Option<String>,
    /// A prediction that was made already, on the page of a lesson: the run
    /// begins at once and says how it went. Unless it was not said how sure one is:
    /// that is asked first.
    pub predicted: Option<(String, usize, Option<Confidence>)>,
    /// The lab was never opened before: its incident and prediction come first.
    pub first_time: bool,
    /// The lab's tasks that are solved, by id.
    pub solved: Vec<String>,
}

impl From<&LabRequest> for BenchRequest {
    fn from(request: &LabRequest) -> Self {
        let mut bench = Self {
            set: request.set.clone(),
            fault: request.fault.clone(),
            mode: request.mode.clone(),
            ..Self::default()
        };
        if let LabMode::Review { predict, seed } = &request.mode {
            bench.predict = Some(predict.clone());
            bench.seed = Some(Seed(*seed));
        }
        bench
    }
}

impl BenchRequest {
    /// The prediction that is asked for: the named one, else the one about the fault,
    /// else the lab's first.
    pub(super) fn predict_of(&self, lab: &Lab) -> Option<usize> {
        let find = |fits: &dyn Fn(&Predict) -> bool| lab.predicts.iter().position(fits);
        let named = self.predict.as_ref().and_then(|id| find(&|predict| predict.id == *id));
        let fitting = || self.fault.as_ref().and_then(|fault| find(&|predict| predict.fault.as_ref() == Some(fault)));
        named.or_else(fitting).or_else(|| find(&|_| true))
    }

    /// What the first run is made of. A task begins as the lab says, a prediction
    /// brings its own settings; what the request names comes last.
    pub(super) fn setup(&self, lab: &Lab) -> Setup {
        let mut setup = Setup::of(lab);
        if let LabMode::Task { task } = &self.mode
            && let Some(task) = lab.tasks.iter().find(|known| known.id == *task)
        {
            setup = setup.with(lab, &task.start).with_fault(task.fault.as_deref());
        }
        if let Some(predict) = self.predict.as_ref().and_then(|id| lab.predicts.iter().find(|known| known.id == *id)) {
            setup = setup.with(lab, &predict.given).with_fault(predict.fault.as_deref());
        }
        setup = setup.with(lab, &self.set);
        if let Some(fault) = self.fault.as_ref().filter(|id| lab.faults.iter().any(|known| known.id == **id)) {
            setup = setup.with_fault(Some(fault));
        }
        setup.seed = self.seed.unwrap_or(setup.seed);
        setup
    }
}
