//! One graded run: the workload, then healing, then quiet, then an audit that
//! applies nothing. No history is kept, and the world and the ledger are used
//! again for the next run.

use super::audit::audit;
use super::cast::{Cast, cast};
use super::file::Lab;
use super::ledger::Ledger;
use super::model::Model;
use super::plan::Plan;
use super::totals::Totals;
use crate::event::{Event, EventId, Recorder};
use crate::node::Node;
use crate::picture::{Figure, Picture};
use crate::random::{Digest, Seed};
use crate::sim::{Action, World};
use crate::time::{Span, Time};

/// How long a healed cluster may take to find its leaders again.
const CLUSTER_GRACE: Span = Span::from_secs(30);
/// What has moved no message for this long will not move one any more.
const HOPELESS: Span = Span::from_secs(600);

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

/// Where a run is on its way to the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The workload, and the faults as they come.
    Workload,
    /// Everything is healed; consumers go on until quiet.
    Healed,
    /// Quiet, and a log has records that a group has still to be handed: what a
    /// dead member had is given to others only when its session ends.
    Idling,
    Quiet,
    /// The time was up first.
    Undecided,
}

/// Conducts a world through its phases.
#[derive(Clone, Copy, Debug)]
pub struct Conductor {
    pub phase: Phase,
    /// In a cluster quiet is no sign that nothing will happen: a silent node is
    /// taken for dead only after a while (up to 75 s by Erlang's net tick), and
    /// until then nothing but housekeeping goes on. So a fault that lasts is not
    /// healed at the first quiet moment, and what was healed has time to be noticed.
    waits: bool,
    is_log: bool,
    /// The last thing that happened to any message, when the books were last looked
    /// into.
    looked: Option<Time>,
    grace: Span,
    healed: Time,
    heal_by: Time,
    end_by: Time,
}

impl Conductor {
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        // Whoever is down for good makes everyone else try again for ever, so
        // such a run is healed soon; otherwise a run heals when it is quiet.
        let lasts = plan.faults.iter().any(|fault| fault.lasting.is_none());
        let is_log = plan.model == Model::Log;
        let is_cluster = plan.lab.topology.brokers > 1 || is_log;
        let waits = is_cluster && plan.faults.iter().any(|fault| fault.lasting.is_none() && endures(&fault.action));
        let grace = if is_cluster { CLUSTER_GRACE } else { Span::ZERO };
        let patience = if lasts { Span::from_secs(90) } else { Span::from_secs(900) };
        let backlog =
            Span::from_millis(plan.settings.number("processing_ms").saturating_mul(plan.messages() as u64 * 4));
        let heal_by = plan.workload_ends() + patience + backlog;
        let end_by = heal_by + Span::from_secs(3600) + backlog;
        Self { phase: Phase::Workload, waits, is_log, looked: None, grace, healed: Time::ZERO, heal_by, end_by }
    }

    /// Takes the next happening, or heals. False once the run is over.
    pub fn step<B: Bookkeeper>(&mut self, plan: &Plan, world: &mut World<Cast>, books: &mut B) -> bool {
        match self.phase {
            Phase::Workload => {
                let is_late = world.next_time().is_none_or(|next| next > self.heal_by);
                let is_quiet = world.is_quiet() && !self.waits;
                if is_quiet || is_late {
                    if is_late && !is_quiet {
                        world.run_until(self.heal_by, books);
                    }
                    world.heal(books);
                    self.healed = world.now();
                    self.phase = Phase::Healed;
                    return true;
                }
                world.step(books)
            }
            Phase::Healed if self.is_log && self.is_settled(world) => {
                self.phase = Phase::Idling;
                true
            }
            Phase::Healed => {
                let is_over = self.is_settled(world) || self.is_hopeless(world);
                self.goes_on(is_over, world) && world.step(books)
            }
            Phase::Idling if self.has_news(world) => {
                self.looked = Some(world.last_message());
                audit(world, plan, books.ledger_mut());
                let is_over = !books.ledger_mut().is_pending();
                self.goes_on(is_over, world)
            }
            Phase::Idling => self.goes_on(world.idle() > HOPELESS, world) && world.step(books),
            Phase::Quiet | Phase::Undecided => false,
        }
    }

    /// Ends the run if it is over, or out of room or time.
    fn goes_on(&mut self, is_over: bool, world: &World<Cast>) -> bool {
        if is_over {
            self.phase = Phase::Quiet;
        } else if world.overflowed() || world.next_time().is_none_or(|next| next > self.end_by) {
            self.phase = Phase::Undecided;
        }
        !self.is_over()
    }

    /// Quiet again, and something has happened to a message since the books were
    /// looked into.
    fn has_news(&self, world: &World<Cast>) -> bool {
        world.is_quiet() && self.looked != Some(world.last_message())
    }

    /// When the next happening is, healing included, which comes at once when
    /// all is quiet.
    #[must_use]
    pub fn next_time(&self, world: &World<Cast>) -> Option<Time> {
        match self.phase {
            Phase::Quiet | Phase::Undecided => None,
            Phase::Healed if self.is_settled(world) => Some(world.now()),
            Phase::Idling if self.has_news(world) => Some(world.now()),
            Phase::Workload if world.is_quiet() && !self.waits => Some(world.now()),
            Phase::Workload => Some(world.next_time().map_or(self.heal_by, |next| next.min(self.heal_by))),
            Phase::Healed | Phase::Idling => world.next_time(),
        }
    }

    /// Quiet, and for long enough since the healing.
    fn is_settled(&self, world: &World<Cast>) -> bool {
        let until = self.healed + self.grace;
        world.is_quiet() && (self.grace.is_zero() || world.next_time().is_none_or(|next| next > until))
    }

    /// Everything is healed, and everyone tries again and again in vain: a cluster
    /// that lost the disks of a majority never serves again.
    fn is_hopeless(&self, world: &World<Cast>) -> bool {
        world.now().since(self.healed) > HOPELESS && world.idle() > HOPELESS
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Quiet | Phase::Undecided)
    }
}

/// Whether a fault without an end goes on until it is healed.
fn endures(action: &Action) -> bool {
    !matches!(
        action,
        Action::Cut { .. }
            | Action::BitRot(_)
            | Action::LoseFrame { .. }
            | Action::Throw { .. }
            | Action::Restart(_)
            | Action::SyncError(_)
    )
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
