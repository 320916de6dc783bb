//! What a screen may see of a run.

use super::Session;
use crate::event::{EventId, MessageId, NodeId, Tier};
use crate::lab::audit::audit;
use crate::lab::history;
use crate::lab::ledger::Fate;
use crate::lab::model::Model;
use crate::lab::totals::Totals;
use crate::node::Node;
use crate::picture::{Picture, Place, Role, Status};
use crate::sim::{Flight, LinkState};

impl Session {
    /// The fate of every message now, by message number less one: the worst of its
    /// rows. Before the end a row is in flight while any copy of its message exists.
    #[must_use]
    pub fn fates(&self) -> &[Fate] {
        &self.fates
    }

    /// The fate of every row now; [`Entitlement`](crate::lab::entitlement::Entitlement)
    /// of the plan's books says which row is whose.
    #[must_use]
    pub fn rows(&self) -> &[Fate] {
        &self.rows
    }

    /// The counts now; final once the run is finished.
    #[must_use]
    pub fn totals(&self) -> Totals {
        if self.is_finished() {
            return self.at.ledger.totals();
        }
        let mut totals = self.at.ledger.totals();
        totals.clear_ends();
        self.rows.iter().for_each(|fate| totals.count(*fate));
        totals
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
            world.disk(node).copies(world.now(), &mut |copy, tier| {
                let fate = self.fates.get((copy.message.0 as usize).wrapping_sub(1));
                if fate != Some(&Fate::Applied) {
                    picture.hold(copy, Place::Tier(tier));
                }
            });
        }
        for (_, place) in &mut picture.copies {
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

    /// One message's life so far.
    #[must_use]
    pub fn biography(&self, message: MessageId) -> Vec<EventId> {
        history::biography(self.history.events(), message)
    }

    /// Judges every message anew.
    pub(super) fn refresh(&mut self) {
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
