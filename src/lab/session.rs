//! One run, kept and shown: it goes forward, back and to any moment, and takes
//! live faults. Rewinding is the nearest snapshot and re-execution, so nothing is
//! ever undone by hand; a run that is gone over again has the same digest.
//!
//! The events of a long run do not all fit into its [`History`]: what it has
//! forgotten is had again the same way (`recall`). Snapshots then lie so close
//! together that going over what is between two of them takes no time to speak of.

mod control;
mod recall;
mod view;

use std::sync::Arc;

use super::cast::Cast;
use super::conductor::Conductor;
use super::history::History;
use super::ledger::{Fate, Ledger};
use super::plan::Plan;
use super::run::{Bookkeeper, begin};
use super::totals::Totals;
use crate::event::{Event, EventId, Recorder};
use crate::random::{Digest, Seed};
use crate::sim::{Fault, World};
use crate::time::Time;

/// Happenings between snapshots at first. They thin out as a run gets longer, so
/// that their number stays bounded.
const SNAPSHOT_EVERY: u64 = 512;
const SNAPSHOTS_AT_MOST: usize = 64;
/// The same for a long run: of thirty million happenings, say, so that some hundred
/// thousand lie between two.
const SNAPSHOTS_OF_A_LONG_RUN: usize = 192;

/// A run under way.
#[derive(Clone, Debug)]
pub struct Session {
    plan: Arc<Plan>,
    seed: Seed,
    at: Moment,
    history: History,
    snapshots: Vec<Moment>,
    snapshot_every: u64,
    /// Live faults, in the order of their moments.
    live: Vec<Fault>,
    /// The live faults before each fork.
    forks: Vec<Vec<Fault>>,
    /// By message, and by row of the ledger. Empty on the way of a long run.
    fates: Vec<Fate>,
    rows: Vec<Fate>,
    /// When the run ends, once that is known, and what a long one came to.
    end: Option<Time>,
    result: Option<Totals>,
}

/// Everything that a moment of a run consists of, but for its history, which is
/// cut to length instead.
#[derive(Clone, Debug)]
struct Moment {
    world: World<Cast>,
    conductor: Conductor,
    ledger: Ledger,
    events: usize,
    now: Time,
    /// How many happenings it took to get here, healing included.
    steps: u64,
    /// How many live faults its schedule knows.
    live: usize,
}

/// Records into the history and the ledger at once.
struct Both<'a> {
    history: &'a mut History,
    ledger: &'a mut Ledger,
}

impl Recorder for Both<'_> {
    fn record(&mut self, event: Event) -> Option<EventId> {
        self.ledger.fold(&event);
        Some(self.history.push(event))
    }
}

impl Bookkeeper for Both<'_> {
    fn ledger_mut(&mut self) -> &mut Ledger {
        self.ledger
    }
}

impl Session {
    /// A run at time zero.
    #[must_use]
    pub fn new(plan: Arc<Plan>, seed: Seed) -> Self {
        Self::with_live_faults(plan, seed, Vec::new())
    }

    /// A run at time zero whose live faults are known, as from a token.
    #[must_use]
    pub fn with_live_faults(plan: Arc<Plan>, seed: Seed, live: Vec<Fault>) -> Self {
        let history = if plan.is_long() { History::default() } else { History::unbounded() };
        Self::with_history(plan, seed, live, history)
    }

    fn with_history(plan: Arc<Plan>, seed: Seed, live: Vec<Fault>, history: History) -> Self {
        let mut at = Moment {
            world: World::new(),
            conductor: Conductor::new(&plan),
            ledger: Ledger::default(),
            events: 0,
            now: Time::ZERO,
            steps: 0,
            live: live.len(),
        };
        begin(&plan, seed, &mut at.world, &mut at.ledger);
        for fault in &live {
            at.world.inject(fault.clone());
        }
        let mut session = Self {
            plan,
            seed,
            snapshots: vec![at.clone()],
            at,
            history,
            snapshot_every: SNAPSHOT_EVERY,
            live,
            forks: Vec::new(),
            fates: Vec::new(),
            rows: Vec::new(),
            end: None,
            result: None,
        };
        session.refresh();
        session
    }

    /// The same for whoever never goes back: it takes less memory.
    #[must_use]
    pub fn without_snapshots(mut self) -> Self {
        self.snapshot_every = u64::MAX;
        self
    }

    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    #[must_use]
    pub fn seed(&self) -> Seed {
        self.seed
    }

    #[must_use]
    pub fn now(&self) -> Time {
        self.at.now
    }

    /// Healed, quiet, audited.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.at.conductor.is_over()
    }

    /// When the run ends, once it has been there.
    #[must_use]
    pub fn end(&self) -> Option<Time> {
        self.end
    }

    /// The live faults, each with its moment.
    #[must_use]
    pub fn live_faults(&self) -> &[Fault] {
        &self.live
    }

    #[must_use]
    pub fn digest(&self) -> Digest {
        self.at.ledger.digest()
    }

    /// The events so far; of a long run those of the last while, see
    /// [`Session::history`].
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.history.events()
    }

    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.at.ledger
    }
}

#[cfg(test)]
mod long_tests;
#[cfg(test)]
mod tests;
