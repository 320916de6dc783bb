//! What would have saved a run: one setting changed, the same seed, the same faults.
//! Nothing is offered that was not tried out. A change that keeps a fault from
//! happening at all has mended nothing; one that trades the harm for another of its
//! kind, or for a worse one, neither.

use std::sync::Arc;

use super::culprit::missed_faults;
use super::defect::{Defect, Weight};
use super::file::LabSetting;
use super::session::Session;
use super::totals::{Measure, Totals};
use crate::setting::Demand;

/// A single change that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    pub name: String,
    pub value: String,
    /// What the run then comes to.
    pub totals: Totals,
}

/// How good a change is, the best first: whether it is another design, how bad the
/// worst is that it leaves, and how much there is of that.
type Left = (bool, Option<Weight>, u64);

/// The best single change of a setting for a finished run, tried out; nothing if
/// nothing is wrong, or if no single change helps.
///
/// A setting goes before another pattern, which is another design; then what leaves
/// less behind; then what a real engine offers.
#[must_use]
pub fn remedy(session: &Session) -> Option<Remedy> {
    let totals = session.totals();
    let weight = totals.weight().filter(|weight| *weight > Weight::Waits)?;
    let plan = session.plan();
    let settings = plan.lab.settings.iter().filter(|setting| !plan.is_dead(setting.spec.name));
    // To order less is no help against being told no, nor is it to never say no oneself.
    let settings = settings.filter(|setting| {
        weight > Weight::Told || !matches!(setting.spec.demand, Demand::Design | Demand::OwnDecision)
    });
    let mut changes: Vec<(&LabSetting, String)> =
        settings.flat_map(|setting| setting.steps().into_iter().map(move |value| (setting, value))).collect();
    changes.retain(|(setting, value)| value != plan.settings.word(setting.spec.name));
    changes.retain(|(setting, value)| !setting.spec.demand.is_weaker(plan.settings.word(setting.spec.name), value));
    // What may be the best comes first, so that the search can end there: to take back
    // what somebody changed, before all.
    let rank =
        |setting: &LabSetting, value: &str| (is_design(setting), is_unreal(setting, value), *value != setting.default);
    changes.sort_by_key(|(setting, value)| rank(setting, value));
    let mut best: Option<(Remedy, Left)> = None;
    for (setting, value) in changes {
        let is_design = is_design(setting);
        if best.as_ref().is_some_and(|(_, (known, ..))| is_design && !known) {
            break;
        }
        let Some(after) = tried(session, setting.spec.name, &value).filter(|after| helps(&totals, after)) else {
            continue;
        };
        let left = (is_design, after.weight(), sum(&after, after.weight()));
        if best.as_ref().is_none_or(|(_, known)| left < *known) {
            best = Some((Remedy { name: setting.spec.name.to_owned(), value, totals: after }, left));
        }
        if left.1.is_none() {
            break;
        }
    }
    best.map(|(remedy, _)| remedy)
}

fn is_design(setting: &LabSetting) -> bool {
    setting.spec.demand == Demand::Design
}

fn is_unreal(setting: &LabSetting, value: &str) -> bool {
    setting.spec.unreal.iter().any(|(unreal, _)| *unreal == value)
}

/// What the run comes to with a setting changed; nothing if it is then not decided,
/// or a fault that happened no longer does.
fn tried(session: &Session, name: &str, value: &str) -> Option<Totals> {
    let plan = session.plan().with_setting(name, value).ok()?;
    let mut other = session.with_plan(Arc::new(plan));
    other.finish();
    let missed = missed_faults(session);
    let still = missed_faults(&other);
    let outcome = other.outcome();
    let stands = !outcome.is_undecided && outcome.violation.is_none() && still.iter().all(|at| missed.contains(at));
    stands.then_some(outcome.totals)
}

/// Whether the worst is gone, nothing like it has come instead, and no less is done.
fn helps(before: &Totals, after: &Totals) -> bool {
    let Some((worst, _)) = before.defects().next() else { return false };
    let is_worse = |(defect, count): (&Defect, u64)| {
        defect.weight > worst.weight || (defect.weight == worst.weight && count > defect.count(before))
    };
    // What was refused, and done all the same, should not have been.
    let done = before.applied.saturating_sub(before.refused_yet_there);
    // Nor is it a cure to take back the no: it was the program's own decision.
    let keeps_word = worst.measure != Measure::RefusedYetThere || after.told_refused >= before.told_refused;
    keeps_word && worst.count(after) == 0 && !after.defects().any(is_worse) && after.applied + after.compensated >= done
}

/// How much there is of one weight.
fn sum(totals: &Totals, weight: Option<Weight>) -> u64 {
    totals.defects().filter(|(defect, _)| Some(defect.weight) == weight).map(|(_, count)| count).sum()
}
