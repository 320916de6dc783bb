//! Probes: labs under settings and faults of which the course does not speak, and
//! what must hold of every such run.

pub mod log;
pub mod queue;

use std::path::Path;
use std::sync::Arc;

use super::properties;
use crate::event::Kind;
use crate::lab::{Expression, Lab, Outcome, Plan, Runner, Session};
use crate::random::Seed;
use crate::source::Source;
use crate::time::{Span, Time};

/// One lab under one set of settings and faults.
#[derive(Debug, PartialEq, Eq)]
pub struct Probe {
    /// A lab of the course, or one of the two beside this file.
    pub lab: &'static str,
    pub set: &'static [(&'static str, &'static str)],
    pub faults: &'static [&'static str],
    pub keeps: Keeps,
}

/// What must hold, besides balanced books and quiet in the end.
#[derive(Debug, PartialEq, Eq)]
pub enum Keeps {
    /// What any queue does, read off the history. And whoever watches a run must not
    /// change how it is judged.
    AQueue,
    /// A condition on the totals of a run.
    Totals(&'static str),
    /// What was confirmed is lost only if a mirror that is not in step was promoted,
    /// and the node said so.
    SilenceLosesNothing,
}

/// A lab of the course, or of the bank.
pub fn lab(id: &str) -> Arc<Lab> {
    let text = match id {
        "probe-queue" => include_str!("probe/queue.toml").to_owned(),
        "probe-cluster" => include_str!("probe/cluster.toml").to_owned(),
        _ => {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs").join(format!("{id}.toml"));
            std::fs::read_to_string(path).unwrap()
        }
    };
    Arc::new(Lab::parse(&Source::new(id.to_owned(), text)).unwrap())
}

impl Probe {
    /// The first seed whose run is wrong, and why.
    pub fn notice(&self, seeds: u64) -> Option<(u64, String)> {
        let set: Vec<_> = self.set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let faults: Vec<_> = self.faults.iter().map(|&text| text.to_owned()).collect();
        let plan = Arc::new(Plan::new(lab(self.lab), &set, &faults).unwrap());
        let mut runner = Runner::new();
        (0..seeds).find_map(|seed| Some((seed, self.wrong(&plan, Seed(seed), &mut runner)?)))
    }

    fn wrong(&self, plan: &Arc<Plan>, seed: Seed, runner: &mut Runner) -> Option<String> {
        let mut was_said = false;
        let outcome = runner.watch(plan, seed, &mut |event| {
            was_said |= matches!(event.kind, Kind::MirrorPromoted { synchronised: false });
        });
        if outcome.violation.is_some() {
            return outcome.violation;
        }
        if outcome.is_undecided {
            return Some("it was not quiet in the end".to_owned());
        }
        match self.keeps {
            Keeps::AQueue => watched(plan, seed, &outcome),
            Keeps::Totals(text) => {
                let holds = Expression::parse(text).unwrap().holds(&outcome.totals);
                (!holds).then(|| format!("`{text}` does not hold"))
            }
            Keeps::SilenceLosesNothing => {
                let lost = outcome.totals.lost_after_ok;
                (lost > 0 && !was_said).then(|| format!("{lost} confirmed messages are gone, and no node said why"))
            }
        }
    }
}

/// What is wrong with a run that is looked at on its way, if anything is.
fn watched(plan: &Arc<Plan>, seed: Seed, outcome: &Outcome) -> Option<String> {
    let mut session = Session::new(plan.clone(), seed);
    for look in 1..=10 {
        session.advance(Time::ZERO + Span::from_millis(150 * look));
    }
    session.finish();
    if session.totals() != outcome.totals {
        return Some(format!(
            "a run that is watched ends with {:?}, one that is not with {:?}",
            session.totals(),
            outcome.totals
        ));
    }
    properties::wrong(session.events(), plan).err()
}
