//! One graded run: the workload, then healing, then quiet, then an audit that
//! applies nothing. No history is kept, and the world and the ledger are used
//! again for the next run.

use super::audit::audit;
use super::cast::{Cast, cast};
use super::conductor::{Conductor, Phase};
use super::file::Lab;
use super::ledger::Ledger;
use super::plan::Plan;
use super::totals::Totals;
use crate::event::{Event, EventId, Recorder};
use crate::node::Node;
use crate::picture::{Figure, Picture};
use crate::random::{Digest, Seed};
use crate::sim::World;
use crate::time::Time;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub totals: Totals,
    pub digest: Digest,
    /// Every fault of the plan fired, and messages were exposed to one. A plan
    /// without faults exposes its messages to its settings alone.
    pub is_witness: bool,
    /// It was not quiet in the end.
    pub is_undecided: bool,
    /// The books do not balance: the run is void.
    pub violation: Option<String>,
    /// What the world handled.
    pub inputs: u64,
    pub end: Time,
}

/// A recorder with a ledger among its books.
pub trait Bookkeeper: Recorder {
    fn ledger_mut(&mut self) -> &mut Ledger;
}

impl Bookkeeper for Ledger {
    fn ledger_mut(&mut self) -> &mut Ledger {
        self
    }
}

impl Recorder for Ledger {
    #[inline(always)]
    fn record(&mut self, event: Event) -> Option<EventId> {
        self.fold(&event);
        None
    }
}

/// A ledger, and somebody who looks on.
struct Watched<'a> {
    ledger: &'a mut Ledger,
    watch: &'a mut dyn FnMut(&Event),
}

impl Recorder for Watched<'_> {
    fn record(&mut self, event: Event) -> Option<EventId> {
        (self.watch)(&event);
        self.ledger.fold(&event);
        None
    }
}

impl Bookkeeper for Watched<'_> {
    fn ledger_mut(&mut self) -> &mut Ledger {
        self.ledger
    }
}

/// Runs plans, one after another, in the same buffers.
#[derive(Debug, Default)]
pub struct Runner {
    world: World<Cast>,
    ledger: Ledger,
    picture: Picture,
}

impl Runner {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a plan to its end and grades it.
    pub fn run(&mut self, plan: &Plan, seed: Seed) -> Outcome {
        begin(plan, seed, &mut self.world, &mut self.ledger);
        let mut conductor = Conductor::new(plan);
        while conductor.step(plan, &mut self.world, &mut self.ledger) {}
        self.grade(plan, conductor.phase == Phase::Undecided)
    }

    /// The same, and somebody is shown every event as it happens.
    pub fn watch(&mut self, plan: &Plan, seed: Seed, watch: &mut dyn FnMut(&Event)) -> Outcome {
        begin(plan, seed, &mut self.world, &mut self.ledger);
        let mut conductor = Conductor::new(plan);
        let mut books = Watched { ledger: &mut self.ledger, watch };
        while conductor.step(plan, &mut self.world, &mut books) {}
        self.grade(plan, conductor.phase == Phase::Undecided)
    }

    /// The nodes as the last run left them, for checks that look inside.
    pub fn nodes(&self) -> impl Iterator<Item = &Cast> {
        self.world.nodes().map(|(_, node)| node)
    }

    /// The ledger of the last run.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn grade(&mut self, plan: &Plan, is_undecided: bool) -> Outcome {
        grade(plan, &self.world, &mut self.ledger, &mut self.picture, is_undecided)
    }
}

/// Judges a run that is over.
pub(super) fn grade(
    plan: &Plan,
    world: &World<Cast>,
    ledger: &mut Ledger,
    picture: &mut Picture,
    is_undecided: bool,
) -> Outcome {
    audit(world, plan, ledger);
    let totals = ledger.totals();
    let (fired, exposed) = ledger.faults();
    let all_fired = fired >= plan.faults.len();
    Outcome {
        totals,
        digest: ledger.digest(),
        is_witness: if plan.faults.is_empty() { totals.attempted > 0 } else { all_fired && exposed },
        is_undecided,
        violation: ledger.imbalance().or_else(|| violation(world, &plan.lab, &totals, picture)),
        inputs: world.inputs(),
        end: world.now(),
    }
}

/// Sets a world and a ledger to the beginning of a run.
pub(super) fn begin(plan: &Plan, seed: Seed, world: &mut World<Cast>, ledger: &mut Ledger) {
    world.start(&plan.profile, cast(plan, seed), &plan.faults, seed);
    ledger.begin(&plan.books);
}

/// Whether the books balance with the world: every row has exactly one end, and
/// the ledger's effects are the database's own.
fn violation(world: &World<Cast>, lab: &Lab, totals: &Totals, picture: &mut Picture) -> Option<String> {
    let ends = totals.ends();
    if ends != totals.entitled {
        return Some(format!("{} rows of the ledger have occurred, but {ends} ends are in it", totals.entitled));
    }
    picture.clear();
    world.node(lab.topology.database()).picture(picture);
    let effects = picture.figures.iter().find_map(|figure| match figure {
        Figure::Applied(effects) => Some(*effects),
        _ => None,
    });
    let counted = totals.applied + totals.duplicates + totals.stray;
    if effects.unwrap_or(0) != counted {
        return Some(format!("the database has {} effects, the ledger {counted}", effects.unwrap_or(0)));
    }
    None
}
