//! The fault schedule: the faults of a run as data, which of them fired and
//! when, and what the others wait for. It is part of every snapshot.
//!
//! A fault with a time fires once everything else up to that time has happened;
//! of several at one time, the one laid out first. That makes a fault injected
//! by hand between two happenings the same as one laid out for that time.

use super::fault::{Fault, When};
use crate::event::{Event, EventId, Kind, NodeId, detail_queue};
use crate::protocol::Name;
use crate::random::{Purpose, Seed};
use crate::time::{Span, Time};

/// A fault whose time is known.
#[derive(Clone, Copy, Debug)]
struct Timed {
    time: Time,
    index: u16,
    cause: Option<EventId>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    faults: Vec<Fault>,
    fired: Vec<Option<Time>>,
    /// In descending order, so that the next is the last.
    timed: Vec<Timed>,
    /// How many inputs come before, and the fault; in descending order.
    counted: Vec<(u64, u16)>,
    /// Faults that wait for a trigger, and how often it must still fire.
    watching: Vec<(u16, u32)>,
    /// Who was last elected, or promoted, to lead a queue. Few queues have leaders.
    leaders: Vec<(Name, NodeId)>,
    seed: u64,
}

impl Schedule {
    pub fn lay_out(&mut self, faults: &[Fault], seed: Seed) {
        self.faults.clear();
        self.fired.clear();
        self.timed.clear();
        self.counted.clear();
        self.watching.clear();
        self.leaders.clear();
        self.seed = seed.0;
        for fault in faults {
            self.add(fault.clone());
        }
    }

    pub fn add(&mut self, fault: Fault) {
        let index = self.faults.len() as u16;
        match fault.when {
            When::At(time) => self.insert(Timed { time, index, cause: None }),
            When::BeforeInput(inputs) => {
                let place = self.counted.partition_point(|other| *other > (inputs, index));
                self.counted.insert(place, (inputs, index));
            }
            When::After { nth, .. } => self.watching.push((index, nth.max(1))),
        }
        self.faults.push(fault);
        self.fired.push(None);
    }

    pub fn fault(&self, index: u16) -> &Fault {
        &self.faults[usize::from(index)]
    }

    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    pub fn fired(&self, index: usize) -> Option<Time> {
        self.fired.get(index).copied().flatten()
    }

    pub fn mark_fired(&mut self, index: u16, time: Time) {
        self.fired[usize::from(index)].get_or_insert(time);
    }

    /// The time of the next fault that has one; [`Time::MAX`] if none has.
    pub fn next_time(&self) -> Time {
        self.timed.last().map_or(Time::MAX, |timed| timed.time)
    }

    /// How many inputs come before the next fault that counts them.
    pub fn next_count(&self) -> u64 {
        self.counted.last().map_or(u64::MAX, |(inputs, _)| *inputs)
    }

    pub fn pop_timed(&mut self) -> Option<(Time, u16, Option<EventId>)> {
        self.timed.pop().map(|timed| (timed.time, timed.index, timed.cause))
    }

    pub fn pop_counted(&mut self) -> Option<u16> {
        self.counted.pop().map(|(_, index)| index)
    }

    /// Whether any fault waits for an event.
    pub fn is_watching(&self) -> bool {
        !self.watching.is_empty()
    }

    /// Who leads a queue, as far as any event has told.
    pub fn leader(&self, queue: Name) -> Option<NodeId> {
        self.leaders.iter().find(|(known, _)| *known == queue).map(|(_, node)| *node)
    }

    /// Remembers that a node leads a queue now.
    pub fn set_leader(&mut self, queue: Name, node: NodeId) {
        match self.leaders.iter_mut().find(|(known, _)| *known == queue) {
            Some((_, leader)) => *leader = node,
            None => self.leaders.push((queue, node)),
        }
    }

    /// Shows an event to the faults that wait for one.
    pub fn observe(&mut self, event: &Event, id: Option<EventId>) {
        let mut at = 0;
        while at < self.watching.len() {
            let (index, remaining) = self.watching[at];
            let When::After { trigger, delay, within, .. } = self.faults[usize::from(index)].when else { break };
            let wanted = trigger.node.is_none_or(|node| node == event.node)
                && trigger.message.is_none_or(|message| event.message() == Some(message))
                && same_kind(trigger.kind, event.kind)
                && !is_about_metadata(event);
            if wanted && remaining > 1 {
                self.watching[at].1 -= 1;
            } else if wanted {
                let drawn = Seed(self.seed).draw(Purpose::FaultMoment).by(u64::from(index)).span(Span::ZERO, within);
                self.insert(Timed { time: event.time + delay + drawn, index, cause: id });
                self.watching.remove(at);
                continue;
            }
            at += 1;
        }
    }

    /// Gives up what has not fired and is not tied to a place in this very run;
    /// in the order in which it was laid out.
    pub fn give_up(&mut self) -> Vec<u16> {
        let mut missed: Vec<u16> = self.timed.drain(..).map(|timed| timed.index).collect();
        missed.extend(self.watching.drain(..).map(|(index, _)| index));
        missed.sort_unstable();
        missed
    }

    fn insert(&mut self, timed: Timed) {
        let place = self.timed.partition_point(|other| (other.time, other.index) > (timed.time, timed.index));
        self.timed.insert(place, timed);
    }
}

/// Who leads the cluster's own metadata concerns no fault of a lab.
fn is_about_metadata(event: &Event) -> bool {
    matches!(event.kind, Kind::LeaderElected | Kind::SteppedDown) && detail_queue(event.detail) == Name::EMPTY
}

/// Whether two kinds are the same for a trigger. It cannot know whether a
/// delivery is the first or an effect new, so it does not ask.
#[must_use]
pub fn same_kind(one: Kind, other: Kind) -> bool {
    match (one, other) {
        (Kind::Delivered { .. }, Kind::Delivered { .. })
        | (Kind::Applied { .. }, Kind::Applied { .. })
        | (Kind::MirrorPromoted { .. }, Kind::MirrorPromoted { .. }) => true,
        _ => one == other,
    }
}
