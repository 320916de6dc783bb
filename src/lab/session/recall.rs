//! Having again what a long history has forgotten. The nearest snapshot before it
//! is gone on from, beside the run, and only what is asked for is taken down.
//!
//! A ledger counts how often each message was heard of, and every snapshot has its
//! ledger. So for the life of one message only those stretches between two
//! snapshots are gone over in which something happened to it.

use std::ops::Range;

use super::{Moment, Session};
use crate::event::{Event, EventId, MessageId, Recorder};
use crate::lab::excerpt::Excerpt;
use crate::lab::ledger::Ledger;
use crate::lab::plan::Plan;
use crate::lab::run::Bookkeeper;
use crate::sim::Fault;

/// Takes down some of the events of a stretch that is gone over again.
struct Notes<'a> {
    ledger: &'a mut Ledger,
    /// The number of the next event.
    next: usize,
    numbers: Range<usize>,
    message: Option<MessageId>,
    taken: &'a mut Vec<(EventId, Event)>,
}

impl Recorder for Notes<'_> {
    fn record(&mut self, event: Event) -> Option<EventId> {
        self.ledger.fold(&event);
        let id = EventId(u32::try_from(self.next).unwrap_or(u32::MAX));
        let is_wanted = self.message.is_none() || event.message() == self.message;
        if is_wanted && self.numbers.contains(&self.next) {
            self.taken.push((id, event));
        }
        self.next += 1;
        Some(id)
    }
}

impl Bookkeeper for Notes<'_> {
    fn ledger_mut(&mut self) -> &mut Ledger {
        self.ledger
    }
}

impl Moment {
    /// Learns of the live faults that were injected after it.
    pub(super) fn know(&mut self, live: &[Fault]) {
        for fault in &live[self.live.min(live.len())..] {
            self.world.inject(fault.clone());
        }
        self.live = live.len();
    }

    /// Goes on until the events with these numbers have happened, and no further
    /// than the step `until`; takes down those of one message, or all.
    fn go_over(
        &mut self,
        plan: &Plan,
        until: u64,
        numbers: Range<usize>,
        message: Option<MessageId>,
        taken: &mut Vec<(EventId, Event)>,
    ) {
        while self.steps < until && self.events < numbers.end {
            let next = self.events;
            let mut notes = Notes { ledger: &mut self.ledger, next, numbers: numbers.clone(), message, taken };
            if !self.conductor.step(plan, &mut self.world, &mut notes) {
                return;
            }
            self.events = notes.next;
            self.steps += 1;
        }
    }
}

impl Session {
    /// Makes sure that these events, by number, are at hand in the history, as far
    /// as they have happened.
    pub fn recall(&mut self, numbers: Range<usize>) {
        let numbers = numbers.start..numbers.end.min(self.history.len());
        if numbers.is_empty() || self.history.slice(numbers.clone()).is_some() {
            return;
        }
        let snapshot = self.snapshots.iter().rev().find(|moment| moment.events <= numbers.start);
        let Some(mut moment) = snapshot.or(self.snapshots.first()).cloned() else { return };
        moment.know(&self.live);
        // Whoever looks at these will look at those beside them next.
        let from = moment.events.max(numbers.start.saturating_sub(AROUND));
        let to = (numbers.end + AROUND).min(self.history.len());
        let mut taken = Vec::new();
        moment.go_over(&self.plan, self.at.steps, from..to, None, &mut taken);
        self.history.recall(from, taken.into_iter().map(|(_, event)| event).collect());
    }

    /// What the history has to say about a message. Of a long run, those parts are
    /// gone over again in which something happened to it.
    #[must_use]
    pub fn excerpt(&self, message: MessageId) -> Excerpt<'_> {
        if self.history.is_whole() {
            return Excerpt::whole(self.history.events());
        }
        let index = (message.0 as usize).wrapping_sub(1);
        let past = self.snapshots.iter().filter(|moment| moment.steps <= self.at.steps);
        let moments: Vec<&Moment> = past.chain([&self.at]).collect();
        let mut taken = self.history.spine().to_vec();
        for pair in moments.windows(2) {
            if pair[0].ledger.touched(index) != pair[1].ledger.touched(index) {
                let mut moment = pair[0].clone();
                moment.know(&self.live);
                moment.go_over(&self.plan, pair[1].steps, 0..self.history.len(), Some(message), &mut taken);
            }
        }
        taken.sort_by_key(|(id, _)| *id);
        Excerpt::of(taken)
    }

    /// How many happenings lie between the nearest snapshot before a time and the
    /// time itself, at most: what a seek to it has to go over again.
    #[must_use]
    pub fn distance(&self, to: crate::time::Time) -> u64 {
        let next = self.snapshots.iter().find(|moment| moment.now > to).map_or(self.at.steps, |moment| moment.steps);
        let last = self.snapshots.iter().rev().find(|moment| moment.now <= to).map_or(0, |moment| moment.steps);
        next.saturating_sub(last)
    }
}

/// How many events beside those asked for are had again with them.
const AROUND: usize = 512;
