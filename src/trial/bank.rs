//! The bank of flaws: proof that the proofs can fail. Each flaw is a way to get
//! the broker, the disk or the books wrong. With one turned on, a claim of a lab
//! or a property of a run must notice; with none, nothing may. A flaw that slips
//! through means that some promise of the course is checked by nobody.

mod properties;

use std::path::Path;
use std::sync::Arc;

use super::check::{Verdict, check_lab};
use crate::flaw::{self, Flaw};
use crate::lab::{Lab, Plan, Runner, Session};
use crate::random::Seed;
use crate::source::Source;
use crate::time::{Span, Time};

/// Seeds that every claim is run with.
const CLAIM_SEEDS: u64 = 60;
/// Seeds that every probe is run with, until something notices.
const PROBE_SEEDS: u64 = 1_000;
/// The same without a flaw, when nothing is to be found.
const QUIET_SEEDS: u64 = 60;

const FLAWS: [Flaw; 18] = [
    Flaw::ConfirmBeforeWrite,
    Flaw::SyncDoesNothing,
    Flaw::ChecksumSkipped,
    Flaw::ContinuesPastTornRecord,
    Flaw::RequeueAtBack,
    Flaw::CloseDropsUnacked,
    Flaw::RedeliveredNeverSet,
    Flaw::PrefetchIgnored,
    Flaw::AckOfWrongTag,
    Flaw::LedgerDropsRow,
    Flaw::AuditApplies,
    Flaw::AutoAckIgnored,
    Flaw::ConfirmsNothing,
    Flaw::RecoversAcked,
    Flaw::ReconcilerRenumbersFacts,
    Flaw::StepIgnoresState,
    Flaw::HalfShownAtOnce,
    Flaw::HalfForgottenAtRestart,
];

/// A lab, settings and faults under which the properties are looked at: the
/// corners that no lab of the course asks about.
struct Probe {
    lab: &'static str,
    set: &'static [(&'static str, &'static str)],
    faults: &'static [&'static str],
}

const PROBES: [Probe; 8] = [
    Probe { lab: "first-loss", set: &[("persistent", "true")], faults: &["crash"] },
    Probe { lab: "lost-in-broker-rabbit", set: &[], faults: &["crash broker-1 at 1150ms, restart after 1s"] },
    Probe { lab: "lost-in-broker-rabbit", set: &[("sync", "before-confirm")], faults: &["power-cut"] },
    Probe {
        lab: "lost-in-broker-rabbit",
        set: &[],
        faults: &["torn-write broker-1 within 300ms after message 30 reaches broker-1, restart after 2s"],
    },
    Probe {
        lab: "lost-in-broker-rabbit",
        set: &[("sync", "before-confirm")],
        faults: &["bit-rot broker-1 at 1100ms", "crash broker-1 at 1200ms, restart after 1s"],
    },
    Probe { lab: "lost-at-consumer-rabbit", set: &[("ack", "after-effect")], faults: &["throw"] },
    Probe { lab: "lost-at-consumer-rabbit", set: &[("ack", "after-effect")], faults: &["crash-before-effect"] },
    Probe { lab: "dup-producer", set: &[], faults: &["cut"] },
];

fn labs() -> Vec<Arc<Lab>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let source = Source::new(path.display().to_string(), std::fs::read_to_string(path).unwrap());
            Arc::new(Lab::parse(&source).unwrap())
        })
        // A flaw shows in a small run as well.
        .filter(|lab| lab.check_seeds.is_none())
        .collect()
}

/// The first claim, task or prediction of the course that does not hold. All on
/// this thread: a flaw is on in one thread only.
fn failing_claim(labs: &[Arc<Lab>]) -> Option<String> {
    labs.iter().find_map(|lab| {
        let findings = check_lab(lab, CLAIM_SEEDS, 1).unwrap();
        findings.into_iter().find_map(|finding| match finding.verdict {
            Verdict::Holds => None,
            Verdict::Fails { why, .. } => Some(format!("{}, {}: {why}", lab.id, finding.subject)),
        })
    })
}

impl Probe {
    fn plan(&self, labs: &[Arc<Lab>]) -> Arc<Plan> {
        let lab = labs.iter().find(|lab| lab.id == self.lab).unwrap();
        let set: Vec<_> = self.set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let faults: Vec<_> = self.faults.iter().map(|&text| text.to_owned()).collect();
        Arc::new(Plan::new(lab.clone(), &set, &faults).unwrap())
    }
}

/// What is wrong with one run, if anything is.
fn wrong(plan: &Arc<Plan>, seed: Seed, runner: &mut Runner) -> Option<String> {
    let outcome = runner.run(plan, seed);
    if outcome.violation.is_some() {
        return outcome.violation;
    }
    // Looking at a run on its way must not change how it is judged.
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

fn failing_property(labs: &[Arc<Lab>], seeds: u64) -> Option<String> {
    let plans: Vec<_> = PROBES.iter().map(|probe| probe.plan(labs)).collect();
    let mut runner = Runner::new();
    (0..seeds).map(Seed).find_map(|seed| {
        plans.iter().zip(&PROBES).find_map(|(plan, probe)| {
            let why = wrong(plan, seed, &mut runner)?;
            Some(format!("{} {:?} {:?}, seed {}: {why}", probe.lab, probe.set, probe.faults, seed.0))
        })
    })
}

#[test]
fn without_a_flaw_no_claim_and_no_property_fails() {
    let labs = labs();
    assert_eq!(failing_claim(&labs), None);
    assert_eq!(failing_property(&labs, QUIET_SEEDS), None);
}

#[test]
fn every_flaw_is_noticed() {
    let labs = labs();
    let slipped: Vec<_> = FLAWS
        .into_iter()
        .filter(|flaw| {
            let noticed = flaw::with(*flaw, || {
                failing_property(&labs, 3)
                    .or_else(|| failing_claim(&labs))
                    .or_else(|| failing_property(&labs, PROBE_SEEDS))
            });
            noticed.is_none()
        })
        .collect();
    assert!(slipped.is_empty(), "nothing noticed {slipped:?}");
}
