//! Asking a witness, all on this thread: a flaw is on in one thread only.

use super::probe;
use super::variant::Witness;
use crate::lab::{Claim, Lab, Quantifier};
use crate::trial::check::{Finding, Verdict, WITNESSES, check_claim, check_task};
use crate::trial::swarm::SCOPES;
use std::sync::Arc;

/// Seeds of a lab's claims, in rounds: most flaws show at once.
const ROUNDS: [u64; 3] = [5, 60, 1_000];

/// What a witness has seen.
#[derive(Debug)]
pub struct Notice {
    /// How many seeds it took.
    pub seeds: u64,
    pub why: String,
}

impl Witness {
    /// The first thing that is wrong, within so many seeds.
    pub fn notice(&self, seeds: u64) -> Option<Notice> {
        match self {
            Self::Swarm(name) => {
                let scope = SCOPES.into_iter().find(|scope| scope.name() == *name)?;
                let mut run = scope.runner();
                (0..seeds).find_map(|seed| {
                    let why = run(seed).troubles.into_iter().next()?;
                    Some(Notice { seeds: seed + 1, why: format!("seed {seed}: {why}") })
                })
            }
            Self::Lab(id) => {
                let lab = probe::lab(id);
                let mut rounds: Vec<u64> = ROUNDS.iter().copied().filter(|round| *round < seeds).collect();
                rounds.push(seeds);
                rounds.into_iter().find_map(|seeds| Some(Notice { seeds, why: failing(&lab, seeds)? }))
            }
            Self::Probe(probe) => {
                let (seed, why) = probe.notice(seeds)?;
                Some(Notice { seeds: seed + 1, why: format!("seed {seed}: {why}") })
            }
            Self::Unit { .. } => None,
        }
    }
}

/// The first claim or task of a lab that does not hold. What holds always is tried
/// first: a search for a run that shows something may be long.
fn failing(lab: &Arc<Lab>, seeds: u64) -> Option<String> {
    let of = |quantifier: Quantifier| lab.claims.iter().filter(move |claim| claim.quantifier == quantifier);
    let claim = |claim: &Claim| why(check_claim(lab, claim, seeds, 1).unwrap(), seeds);
    of(Quantifier::Always)
        .find_map(claim)
        .or_else(|| lab.tasks.iter().find_map(|task| why(check_task(lab, task, seeds, 1).unwrap(), seeds)))
        .or_else(|| of(Quantifier::Sometimes).find_map(claim))
}

/// A fault that never fired proves nothing of what would have come of it.
fn why(finding: Finding, seeds: u64) -> Option<String> {
    let has_fired = finding.witnesses >= WITNESSES.min(seeds);
    match finding.verdict {
        Verdict::Fails { seed: None, .. } if !has_fired => None,
        Verdict::Holds => None,
        Verdict::Fails { why, .. } => Some(format!("{}: {why}", finding.subject)),
    }
}
