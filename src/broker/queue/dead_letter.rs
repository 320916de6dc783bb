//! Dead letters: what a queue gives up (expired, pushed out, rejected) is
//! published once more, to the queue's dead-letter exchange, with the same id.
//!
//! A classic queue does this at most once: nobody waits for a confirm, so a dead
//! letter that no queue takes, or that a full queue refuses, is gone in silence,
//! and so is everything if the exchange was never declared. The copy keeps its
//! `delivery_mode`, loses its `expiration` (or it would expire again at once), and
//! gains a line of `x-death`. One that comes back to a queue in which it died
//! before is dropped, if no consumer's rejection lies between: otherwise it
//! would go round for ever (`rabbit_dead_letter`, `mc`, August 2026).

use std::sync::Arc;

use super::QueueBroker;
use super::channel::Ticket;
use super::cluster::Place;
use super::entry::{EntryIndex, Particulars};
use crate::event::{CopyId, Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::queue::{DeadLetter, Death, DeathReason, Properties, Publish};
use crate::time::Time;

/// Where the branches of a second and later dead letter of one copy begin.
const BRANCHES: u16 = 0x100;

impl QueueBroker {
    /// A copy that is in no list any more is given up: dead-lettered, or dropped.
    pub(super) fn die(&mut self, index: EntryIndex, reason: DeathReason, now: Time, out: &mut Outputs) {
        let entry = &self.entries[index];
        let (copy, queue) = (entry.copy, entry.queue);
        match self.queues.list[queue as usize].arguments.dead_letter {
            None => out.note(Kind::Dropped(plain(reason)), Some(copy)),
            Some(to) => {
                if !self.dead_letter(index, to, reason, now, out) {
                    out.note(Kind::Dropped(Reason::DeadLetterUnroutable), Some(copy));
                }
            }
        }
        self.settle(index, now, out);
    }

    /// False: no queue gets it.
    fn dead_letter(
        &mut self,
        index: EntryIndex,
        to: DeadLetter,
        reason: DeathReason,
        now: Time,
        out: &mut Outputs,
    ) -> bool {
        let Some(Particulars { key, persistent, properties }) = self.entries.particulars(index).cloned() else {
            return false;
        };
        let entry = &self.entries[index];
        let (copy, source) = (entry.copy, self.queues.list[entry.queue as usize].name);
        let letter = Publish {
            exchange: to.exchange,
            key: to.key.unwrap_or(key),
            copy,
            mandatory: false,
            persistent,
            properties,
            payload: self.entries.payload(index),
        };
        let slot = self.clerk();
        self.publish_letter(slot, letter, (source, reason), None, now, out)
    }

    /// Publishes a message that died in a queue, on a channel of the broker's own.
    /// False: no queue gets it.
    pub(super) fn publish_letter(
        &mut self,
        slot: u32,
        letter: Publish,
        (source, reason): (Name, DeathReason),
        ticket: Option<Ticket>,
        now: Time,
        out: &mut Outputs,
    ) -> bool {
        let copy = letter.copy;
        let properties = Some(Arc::new(deceased(letter.properties.as_deref(), source, reason)));
        let letter = Publish { properties, ..letter };
        let mut routes = std::mem::take(&mut self.channels.death_routes);
        let known = self.route(&letter, &mut routes);
        if known && reason != DeathReason::Rejected && !flaw::is_on(Flaw::DeadLettersInCircles) {
            let deaths = letter.properties.as_ref().map_or(&[][..], |properties| &properties.deaths);
            routes.retain(|&target| !is_cycle(self.queues.list[target as usize].name, deaths));
        }
        let taken = known && !routes.is_empty();
        if taken {
            out.note(Kind::DeadLettered, Some(copy));
            for (&queue, hop) in routes.iter().zip(0..) {
                let copy = CopyId { branch: copy.branch + hop * BRANCHES, ..copy };
                let letter = Publish { copy, ..letter.clone() };
                match self.queues.list[queue as usize].place {
                    Place::At(_) if ticket.is_none() => self.pass_letter(queue, letter, now, out),
                    _ => self.pass_to(slot, queue, letter, ticket, now, out),
                }
            }
        }
        routes.clear();
        self.channels.death_routes = routes;
        taken
    }
}

/// The reason in a history, of a copy that goes nowhere.
const fn plain(reason: DeathReason) -> Reason {
    match reason {
        DeathReason::Expired => Reason::Expired,
        DeathReason::MaxLength => Reason::Overflowed,
        DeathReason::Rejected => Reason::Rejected,
        DeathReason::DeliveryLimit => Reason::DeliveryLimit,
    }
}

/// The properties of a dead letter.
fn deceased(properties: Option<&Properties>, queue: Name, reason: DeathReason) -> Properties {
    let mut properties = properties.cloned().unwrap_or_default();
    if !flaw::is_on(Flaw::DeadLetterKeepsExpiration) {
        properties.expiration = None;
    }
    let deaths = &mut properties.deaths;
    let before = deaths.iter().position(|death| death.queue == queue && death.reason == reason);
    let count = before.map_or(0, |at| deaths.remove(at).count) + 1;
    deaths.insert(0, Death { queue, reason, count });
    properties
}

/// Whether a message would come back, on its own, to a queue it died in before.
fn is_cycle(target: Name, deaths: &[Death]) -> bool {
    let Some(last) = deaths.iter().position(|death| death.queue == target) else { return false };
    deaths[..=last].iter().all(|death| death.reason != DeathReason::Rejected)
}
