//! Claims and tasks, checked over seeds. A claim counts only if enough of its
//! runs are witnesses: a fault that never fired proves nothing.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::pool::run_seeds;
use crate::lab::{ChoiceError, Claim, Lab, Outcome, Plan, Predict, Quantifier, Task, Totals};
use crate::random::Seed;

/// Witnesses that a claim needs, unless fewer seeds were asked for.
pub const WITNESSES: u64 = 100;

/// Witnesses without which no attack is survived: a tenth of what a check wants, as an
/// attack has fewer seeds and anybody's settings.
const HITS: u64 = WITNESSES / 10;

/// How far the search for one run that shows a `sometimes` claim goes, if the
/// seeds that were asked for hold none.
pub const SEARCH: u64 = 1_000;

/// Over how many seeds, and on how many threads, the runs of a lab are looked at if
/// so many were asked for. A lab of millions says itself how many seeds are enough;
/// it takes most of a gigabyte, so there is one run at a time.
#[must_use]
pub fn limits(lab: &Lab, seeds: u64, threads: usize) -> (u64, usize) {
    match lab.check_seeds {
        Some(most) => (seeds.min(most), 1),
        None => (seeds, threads),
    }
}

/// How a check came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    /// The lowest seed that shows it, if one run can.
    Fails {
        seed: Option<Seed>,
        why: String,
    },
}

/// One claim or task, checked.
#[derive(Clone, Debug)]
pub struct Finding {
    /// `claim power-cut-loses-confirmed`, `task survive-crash`.
    pub subject: String,
    pub seeds: u64,
    pub witnesses: u64,
    /// Runs in which the expression held, and the lowest such seed.
    pub holding: u64,
    pub example: Option<Seed>,
    /// What its runs took: happenings that worlds handled.
    pub inputs: u64,
    pub verdict: Verdict,
}

/// Runs a plan and counts where an expression holds.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    holding: u64,
    first: Option<Seed>,
    first_against: Option<Seed>,
}

impl Count {
    fn see(&mut self, seed: Seed, holds: bool) {
        let lower = |known: Option<Seed>| Some(known.map_or(seed, |known| known.min(seed)));
        if holds {
            self.holding += 1;
            self.first = lower(self.first);
        } else {
            self.first_against = lower(self.first_against);
        }
    }
}

#[derive(Default)]
struct Evidence {
    count: Count,
    seeds: u64,
    witnesses: u64,
    inputs: u64,
    problem: Option<String>,
}

impl Evidence {
    /// Adds what later seeds showed.
    fn add(&mut self, later: Self) {
        self.count.holding += later.count.holding;
        self.count.first = self.count.first.or(later.count.first);
        self.count.first_against = self.count.first_against.or(later.count.first_against);
        self.seeds += later.seeds;
        self.witnesses += later.witnesses;
        self.inputs += later.inputs;
        self.problem = self.problem.take().or(later.problem);
    }
}

/// Looks at one more share of seeds: in how many of the witnesses something holds.
fn gather(plan: &Plan, holds: impl Fn(&Totals) -> bool + Sync, seeds: Range<u64>, threads: usize) -> Evidence {
    let count = Mutex::new(Count::default());
    let visit = |seed: Seed, outcome: &Outcome| {
        if outcome.is_witness {
            let holds = holds(&outcome.totals);
            count.lock().unwrap_or_else(PoisonError::into_inner).see(seed, holds);
        }
    };
    let mut visits = vec![&visit; threads.max(1)];
    let number = seeds.end - seeds.start;
    let tally = run_seeds(plan, seeds.start, number, threads, &mut visits);
    let problem = match tally.violation {
        Some((seed, why)) => Some(format!("the books of seed {} do not balance: {why}", seed.0)),
        None if tally.undecided > 0 => Some(format!("{} runs were not quiet in the end", tally.undecided)),
        None => None,
    };
    let count = count.into_inner().unwrap_or_else(PoisonError::into_inner);
    Evidence { count, seeds: number, witnesses: tally.witnesses, inputs: tally.inputs, problem }
}

/// Looks at `seeds` seeds, and for a claim about some run at more and more, until
/// one shows it. What is rare is no less true, and costs only itself.
fn gather_for(claim: &Claim, plan: &Plan, seeds: u64, threads: usize) -> Evidence {
    let holds = |totals: &Totals| claim.expression.holds(totals);
    let mut evidence = gather(plan, holds, 0..seeds, threads);
    let is_missing = |evidence: &Evidence| evidence.count.first.is_none() && evidence.problem.is_none();
    let most = limits(&plan.lab, SEARCH, threads).0;
    while claim.quantifier == Quantifier::Sometimes && is_missing(&evidence) && evidence.seeds < most {
        let next = evidence.seeds..(evidence.seeds * 2).clamp(1, most);
        evidence.add(gather(plan, holds, next, threads));
    }
    evidence
}

/// Checks one claim of a lab.
///
/// # Errors
/// If its settings or fault are not the lab's.
pub fn check_claim(lab: &Arc<Lab>, claim: &Claim, seeds: u64, threads: usize) -> Result<Finding, ChoiceError> {
    let faults: Vec<String> = claim.fault.iter().cloned().collect();
    let plan = Plan::new(lab.clone(), &claim.given, &faults)?;
    let (seeds, threads) = limits(lab, seeds, threads);
    let evidence = gather_for(claim, &plan, seeds, threads);
    let needed = WITNESSES.min(seeds);
    let seeds = evidence.seeds;
    let fails = |seed, why: String| Verdict::Fails { seed, why };
    let verdict = match (&evidence.problem, claim.quantifier, evidence.count) {
        (Some(problem), ..) => fails(None, problem.clone()),
        _ if evidence.witnesses < needed => {
            fails(None, format!("only {} of {seeds} runs are witnesses, and {needed} are needed", evidence.witnesses))
        }
        (_, Quantifier::Always, Count { first_against: Some(seed), .. }) => {
            fails(Some(seed), format!("seed {} is a run in which `{}` does not hold", seed.0, claim.expression))
        }
        (_, Quantifier::Sometimes, Count { first: None, .. }) => {
            fails(None, format!("`{}` holds in none of {} witnesses", claim.expression, evidence.witnesses))
        }
        _ => Verdict::Holds,
    };
    Ok(finding(format!("claim {}", claim.id), &evidence, verdict))
}

/// Checks that a task starts unsolved and that its reference answer passes.
///
/// # Errors
/// If its settings or fault are not the lab's.
pub fn check_task(lab: &Arc<Lab>, task: &Task, seeds: u64, threads: usize) -> Result<Finding, ChoiceError> {
    let faults: Vec<String> = task.fault.iter().cloned().collect();
    let start = Plan::new(lab.clone(), &task.start, &faults)?;
    let answer: Vec<_> = task.start.iter().chain(&task.reference).cloned().collect();
    let solved = Plan::new(lab.clone(), &answer, &faults)?;
    let (seeds, threads) = limits(lab, seeds, threads);
    let keeps = |totals: &Totals| task.keep.holds(totals);
    let before = gather(&start, keeps, 0..seeds, threads);
    let after = gather(&solved, keeps, 0..seeds, threads);
    let needed = WITNESSES.min(seeds);
    let verdict = if let Some(problem) = before.problem.as_ref().or(after.problem.as_ref()) {
        Verdict::Fails { seed: None, why: problem.clone() }
    } else if before.witnesses.min(after.witnesses) < needed {
        Verdict::Fails { seed: None, why: format!("fewer than {needed} of {seeds} runs are witnesses") }
    } else if before.count.first_against.is_none() {
        Verdict::Fails { seed: None, why: "it is solved before anyone touches it".to_owned() }
    } else if let Some(seed) = after.count.first_against {
        Verdict::Fails { seed: Some(seed), why: format!("its reference answer fails with seed {}", seed.0) }
    } else {
        Verdict::Holds
    };
    Ok(finding(format!("task {}", task.id), &after, verdict))
}

/// How an attack on a learner's settings ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    Survived,
    /// The first seed that breaks it.
    Broken(Seed),
    /// The fault met anything in too few runs for the others to prove something.
    Missed {
        witnesses: u64,
    },
    /// A run did not come to rest, or its books do not balance: it says nothing.
    Void,
}

/// Attacks settings with a task's fault at many seeds.
///
/// # Errors
/// If the settings are not the lab's.
pub fn attack(
    lab: &Arc<Lab>,
    task: &Task,
    set: &[(String, String)],
    seeds: u64,
    threads: usize,
) -> Result<Attack, ChoiceError> {
    let faults: Vec<String> = task.fault.iter().cloned().collect();
    let plan = Plan::new(lab.clone(), set, &faults)?;
    let (seeds, threads) = limits(lab, seeds, threads);
    let Evidence { count, witnesses, problem, .. } = gather(&plan, |totals| task.keep.holds(totals), 0..seeds, threads);
    Ok(match count.first_against {
        Some(seed) => Attack::Broken(seed),
        None if problem.is_some() => Attack::Void,
        None if witnesses < HITS.min(seeds) => Attack::Missed { witnesses },
        None => Attack::Survived,
    })
}

fn finding(subject: String, evidence: &Evidence, verdict: Verdict) -> Finding {
    let Evidence { count: Count { holding, first, .. }, seeds, witnesses, inputs, .. } = *evidence;
    Finding { subject, seeds, witnesses, holding, example: first, inputs, verdict }
}

/// Checks everything a lab says: its claims and its tasks, and that every
/// prediction has exactly one right answer in every run.
///
/// # Errors
/// If settings or faults are not the lab's.
pub fn check_lab(lab: &Arc<Lab>, seeds: u64, threads: usize) -> Result<Vec<Finding>, ChoiceError> {
    let mut findings = Vec::new();
    for claim in &lab.claims {
        findings.push(check_claim(lab, claim, seeds, threads)?);
    }
    for task in &lab.tasks {
        findings.push(check_task(lab, task, seeds, threads)?);
    }
    for predict in &lab.predicts {
        findings.push(check_predict(lab, predict, seeds, threads)?);
    }
    Ok(findings)
}

fn check_predict(lab: &Arc<Lab>, predict: &Predict, seeds: u64, threads: usize) -> Result<Finding, ChoiceError> {
    let faults: Vec<String> = predict.fault.iter().cloned().collect();
    let plan = Plan::new(lab.clone(), &predict.given, &faults)?;
    let (seeds, threads) = limits(lab, seeds, threads);
    let is_right = |totals: &Totals| predict.options.iter().filter(|option| option.right.holds(totals)).count() == 1;
    let evidence = gather(&plan, is_right, 0..seeds, threads);
    let needed = WITNESSES.min(seeds);
    let fails = |seed, why| Verdict::Fails { seed, why };
    let verdict = match (&evidence.problem, evidence.count.first_against) {
        (Some(problem), _) => fails(None, problem.clone()),
        _ if evidence.witnesses < needed => fails(None, format!("fewer than {needed} of {seeds} runs are witnesses")),
        (_, Some(seed)) => {
            fails(Some(seed), format!("seed {} is a run in which not exactly one option is right", seed.0))
        }
        _ => Verdict::Holds,
    };
    Ok(finding(format!("prediction {}", predict.id), &evidence, verdict))
}
