//! What a screen may see of a run.

use std::ops::Range;

use super::Session;
use crate::event::{MessageId, NodeId, Tier};
use crate::lab::audit::audit;
use crate::lab::conductor::Phase;
use crate::lab::ledger::Fate;
use crate::lab::model::Model;
use crate::lab::run::{Outcome, grade};
use crate::lab::totals::Totals;
use crate::node::Node;
use crate::picture::{Picture, Place, Role, Status};
use crate::sim::{Flight, LinkState};

impl Session {
    /// The fate of every message now, by message number less one: the worst of its
    /// rows. Before the end a row is in flight while any copy of its message exists.
    /// Empty on the way of a long run: see [`Session::fate`] and [`Session::worst`].
    #[must_use]
    pub fn fates(&self) -> &[Fate] {
        &self.fates
    }

    /// The fate of every row now; [`Entitlement`](crate::lab::entitlement::Entitlement)
    /// of the plan's books says which row is whose. Empty on the way of a long run.
    #[must_use]
    pub fn rows(&self) -> &[Fate] {
        &self.rows
    }

    /// The fate of one message now.
    #[must_use]
    pub fn fate(&self, message: MessageId) -> Fate {
        let index = (message.0 as usize).wrapping_sub(1);
        match self.fates.get(index) {
            Some(fate) => *fate,
            None if index < self.plan.messages() => self.at.ledger.running_worst(index),
            None => Fate::NotYet,
        }
    }

    /// The worst fate among messages, by their numbers less one, as `weight` sees it.
    #[must_use]
    pub fn worst(&self, messages: Range<usize>, weight: impl Fn(Fate) -> u8) -> Option<Fate> {
        if let Some(fates) = self.fates.get(messages.clone()) {
            return fates.iter().copied().max_by_key(|fate| weight(*fate));
        }
        let mut worst: Option<Fate> = None;
        self.at.ledger.running_fates(messages, |fate| {
            worst = Some(worst.filter(|worst| weight(*worst) >= weight(fate)).unwrap_or(fate));
        });
        worst
    }

    /// How many rows have come to each fate, by its place among the fates.
    #[must_use]
    pub fn counts(&self) -> [u64; Fate::COUNT] {
        let mut counts = [0; Fate::COUNT];
        if !self.rows.is_empty() {
            self.rows.iter().for_each(|fate| counts[*fate as usize] += 1);
            return counts;
        }
        let totals = self.totals();
        counts[Fate::Applied as usize] = totals.applied;
        counts[Fate::InFlight as usize] = totals.pending;
        counts[Fate::Nowhere as usize] = totals.nowhere;
        counts[Fate::NotYet as usize] = self.row_count().saturating_sub(totals.entitled);
        counts
    }

    /// How many rows there are, those of facts that are still to come included.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.plan.books.entitlement.rows(self.plan.messages()) as u64
    }

    /// The counts now; final once the run is finished.
    #[must_use]
    pub fn totals(&self) -> Totals {
        if self.is_finished() {
            return self.result.unwrap_or_else(|| self.at.ledger.totals());
        }
        if self.rows.is_empty() {
            return self.at.ledger.running_totals();
        }
        let mut totals = self.at.ledger.totals();
        totals.clear_ends();
        self.rows.iter().for_each(|fate| totals.count(*fate));
        totals
    }

    /// How many happenings it took to get here.
    #[must_use]
    pub fn happenings(&self) -> u64 {
        self.at.steps
    }

    /// The run as it is graded. To be asked of one that is finished.
    pub fn outcome(&mut self) -> Outcome {
        let is_undecided = self.at.conductor.phase == Phase::Undecided;
        grade(&self.plan, &self.at.world, &mut self.at.ledger, &mut Picture::default(), is_undecided)
    }

    /// How far it has come: facts that occurred and rows that were applied, of all
    /// there are.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        let (occurred, applied) = self.at.ledger.progress();
        (occurred + applied, self.plan.messages() as u64 + self.row_count())
    }

    /// Draws a node: its own picture, with what only the world knows filled in.
    pub fn picture(&self, node: NodeId, picture: &mut Picture) {
        let world = &self.at.world;
        picture.clear();
        world.node(node).picture(picture);
        if world.status(node) != Status::Up {
            picture.status = world.status(node);
        }
        // A process that is down has forgotten everything; its machine has not.
        if matches!(picture.status, Status::Crashed | Status::Off) {
            picture.copies.clear();
            picture.beyond.clear();
            picture.more = 0;
            // A queue is done with what was worked on; a log keeps it all the same.
            let is_log = self.plan.model == Model::Log;
            world.disk(node).copies(world.now(), &mut |copy, tier| {
                if is_log || self.fate(copy.message) != Fate::Applied {
                    picture.hold(copy, Place::Tier(tier));
                }
            });
        }
        let places = picture.copies.iter_mut().map(|(_, place)| place).chain(&mut picture.beyond);
        for place in places {
            if let Place::File { file, offset } = *place {
                let tier = if world.is_on_device(node, file, offset) { Tier::Disk } else { Tier::PageCache };
                *place = Place::Tier(tier);
            }
        }
    }

    /// The frames under way, in no particular order.
    pub fn flights(&self) -> impl Iterator<Item = Flight> {
        self.at.world.flights()
    }

    #[must_use]
    pub fn link_state(&self, from: NodeId, to: NodeId) -> LinkState {
        self.at.world.link_state(from, to)
    }

    #[must_use]
    pub fn status(&self, node: NodeId) -> Status {
        self.at.world.status(node)
    }

    /// Whether counters say what there is to say: every message that is still open
    /// must be somewhere, and whoever holds it must be there to be asked.
    pub(super) fn is_plain(&self) -> bool {
        let (plan, ledger, world) = (&self.plan, &self.at.ledger, &self.at.world);
        let is_broker = |node| plan.lab.topology.role(node) == Role::Broker;
        let answers = |node| match world.status(node) {
            Status::Up => true,
            // What is on its way into a process that stands still is in nobody's hands.
            Status::Paused => false,
            _ => !is_broker(node),
        };
        // Of several subscriptions one may miss what another gets, and no copy ends.
        plan.is_long()
            && plan.model == Model::Queue
            && plan.books.entitlement.subscriptions() == 1
            && ledger.is_unharmed()
            && (!self.is_finished() || ledger.open_rows() == 0)
            && world.nodes().all(|(node, _)| answers(node))
    }

    /// Judges every message anew.
    pub(super) fn refresh(&mut self) {
        if self.is_plain() {
            self.rows.clear();
            self.fates.clear();
            if self.is_finished() && self.result.is_none() {
                audit(&self.at.world, &self.plan, &mut self.at.ledger);
                self.result = Some(self.at.ledger.totals());
                // Everything is applied: nothing else is asked of it.
                self.at.ledger.forget_audit();
            }
            return;
        }
        let has_leaders = audit(&self.at.world, &self.plan, &mut self.at.ledger);
        self.rows.clear();
        for message in 1..=self.plan.messages() as u32 {
            self.rows.extend(self.at.ledger.fates(MessageId(message)));
        }
        if !self.is_finished() {
            self.find_copies(has_leaders);
        }
        let entitlement = &self.plan.books.entitlement;
        let worst = |message| {
            let rows = &self.rows[entitlement.rows_of(message)];
            rows.iter().copied().max_by_key(|fate| fate.severity()).unwrap_or_default()
        };
        self.fates.clear();
        self.fates.extend((0..self.plan.messages()).map(worst));
        if self.plan.is_long() && self.is_finished() {
            self.result = Some(self.at.ledger.totals());
        }
    }

    /// Takes every row for in flight that is not settled, and of whose message a
    /// copy exists anywhere. In a log that has its leaders, a record that nobody
    /// will be handed any more does not count.
    fn find_copies(&mut self, has_leaders: bool) {
        let rows = &mut self.rows;
        let plan = &self.plan;
        let is_log = plan.model == Model::Log;
        rows.iter_mut().filter(|fate| is_log && **fate == Fate::Pending).for_each(|fate| *fate = Fate::InFlight);
        let mut exists = |message: MessageId| {
            let message = (message.0 as usize).wrapping_sub(1);
            if message >= plan.messages() {
                return;
            }
            for fate in &mut rows[plan.books.entitlement.rows_of(message)] {
                if matches!(fate, Fate::Lost | Fate::LostAfterOk | Fate::Refused | Fate::Pending) {
                    *fate = Fate::InFlight;
                }
            }
        };
        let world = &self.at.world;
        let mut picture = Picture::default();
        for flight in world.flights() {
            flight.about.iter().for_each(|copy| exists(copy.message));
        }
        for (id, node) in world.nodes() {
            let is_broker = is_log && plan.lab.topology.role(id) == Role::Broker;
            match world.status(id) {
                Status::Up | Status::Paused if is_broker && has_leaders => {}
                _ if is_broker && !has_leaders => {
                    world.disk(id).copies(world.now(), &mut |copy, _| exists(copy.message))
                }
                Status::Up | Status::Paused => {
                    node.in_memory(&mut |copy| exists(copy.message));
                    node.holdings(&mut |holding| exists(holding.copy.message));
                    // A consumer at work may still apply what its broker has lost.
                    picture.clear();
                    node.picture(&mut picture);
                    picture.copies.iter().for_each(|(copy, _)| exists(copy.message));
                }
                // What a dead or recovering node will find again is still on its disk.
                _ => world.disk(id).copies(world.now(), &mut |copy, _| exists(copy.message)),
            }
        }
    }
}
