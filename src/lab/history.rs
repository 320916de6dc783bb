//! A history: the events of a run in order, each linked to the last event of the
//! same copy. It can be cut back to an earlier moment, which is how a run is
//! rewound.
//!
//! Events are counted from 0 and keep their numbers for good. The history of a long
//! run has a budget: one that grows beyond it forgets its oldest events, and is then a
//! *window*, whose first event has a number of its own. What is forgotten can be
//! had again by going over that part of the run once more, since the same run
//! always makes the same events (see `session`).
//!
//! Events that concern no message (faults, connections, elections) are few and
//! stay: they are what an explanation asks for, however long ago they were.

use crate::event::{CopyId, Event, EventId, MessageId};

/// How much the events of a long run's history may take, in bytes.
pub const BUDGET: usize = 8 << 20;

/// Once events were forgotten, the last event of a copy is remembered for so many
/// messages, by the lower part of their number.
const REMEMBERED: usize = 1 << 14;

#[derive(Clone, Debug)]
pub struct History {
    /// The number of the first event that is kept.
    first: usize,
    events: Vec<Event>,
    /// The last event of each copy, by message: a message has few copies. Empty
    /// once events were forgotten; then there is `recent`.
    last: Vec<Vec<(CopyId, EventId)>>,
    /// The last event of some copies. It may have been cut off since.
    recent: Vec<EventId>,
    /// Those of no message, with their numbers.
    spine: Vec<(EventId, Event)>,
    /// Events that were forgotten and had again.
    recalled: (usize, Vec<Event>),
    /// How many events are kept at most.
    room: usize,
}

impl Default for History {
    fn default() -> Self {
        Self::with_budget(BUDGET)
    }
}

impl History {
    /// An empty one that forgets nothing.
    #[must_use]
    pub fn unbounded() -> Self {
        Self::with_budget(usize::MAX)
    }

    /// An empty one that may take so many bytes.
    #[must_use]
    pub fn with_budget(bytes: usize) -> Self {
        let room = (bytes / size_of::<Event>()).max(4);
        Self {
            first: 0,
            events: Vec::new(),
            last: Vec::new(),
            recent: Vec::new(),
            spine: Vec::new(),
            recalled: (0, Vec::new()),
            room,
        }
    }

    /// Adds an event, linked to the last one of its copy. A copy that a broker
    /// or a resend made begins where its message was last seen.
    pub fn push(&mut self, mut event: Event) -> EventId {
        if self.events.len() >= self.room {
            self.forget(self.room / 2);
        }
        let id = EventId(u32::try_from(self.len()).unwrap_or(u32::MAX));
        event.prior = match event.copy {
            Some(copy) if self.recent.is_empty() => self.set_last(copy, Some(id)),
            Some(copy) => {
                let prior = std::mem::replace(&mut self.recent[slot(copy)], id);
                let is_it = |event: &&Event| event.copy == Some(copy);
                self.get(prior).filter(|_| prior < id).filter(is_it).map(|_| prior)
            }
            None => {
                self.spine.push((id, event));
                None
            }
        };
        if self.events.len() == self.events.capacity() {
            // Doubling would go beyond the budget.
            self.events.reserve_exact(self.events.len().clamp(256, 1 << 16));
        }
        self.events.push(event);
        id
    }

    /// Forgets the oldest events that are kept.
    fn forget(&mut self, count: usize) {
        if self.recent.is_empty() {
            self.recent = vec![EventId(u32::MAX); REMEMBERED];
            for (copy, id) in self.last.drain(..).flatten() {
                let known = &mut self.recent[slot(copy)];
                *known = if known.0 == u32::MAX { id } else { (*known).max(id) };
            }
            self.last = Vec::new();
        }
        self.events.drain(..count);
        self.first += count;
    }

    /// Forgets everything from the event with the number `length` on. If that is
    /// outside of the window, the window begins anew there, with nothing in it.
    pub fn truncate(&mut self, length: usize) {
        let spine = self.spine.partition_point(|(id, _)| (id.0 as usize) < length);
        self.spine.truncate(spine);
        if self.recent.is_empty() {
            while self.len() > length {
                let Some(event) = self.events.pop() else { return };
                let Some(copy) = event.copy else { continue };
                self.set_last(copy, event.prior);
            }
            return;
        }
        if length > self.len() {
            self.events.clear();
            self.first = length;
        }
        self.events.truncate(length.saturating_sub(self.first));
        if self.recalled.0 + self.recalled.1.len() > length {
            self.recalled.1.truncate(length.saturating_sub(self.recalled.0));
        }
        self.first = self.first.min(length);
    }

    /// Sets the last event of a copy, and returns the one before.
    fn set_last(&mut self, copy: CopyId, event: Option<EventId>) -> Option<EventId> {
        let message = copy.message.0 as usize;
        if message >= self.last.len() {
            self.last.resize(message + 1, Vec::new());
        }
        let copies = &mut self.last[message];
        let known = copies.iter().position(|(known, _)| *known == copy);
        match (known, event) {
            (Some(at), Some(event)) => Some(std::mem::replace(&mut copies[at].1, event)),
            (Some(at), None) => Some(copies.swap_remove(at).1),
            (None, Some(event)) => {
                copies.push((copy, event));
                None
            }
            (None, None) => None,
        }
    }

    /// Takes over events that were forgotten.
    pub(super) fn recall(&mut self, first: usize, events: Vec<Event>) {
        self.recalled = (first, events);
    }

    /// The window: all events, unless some were forgotten.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The number of the first event of the window.
    #[must_use]
    pub const fn first(&self) -> usize {
        self.first
    }

    /// How much it may take, in bytes.
    #[must_use]
    pub const fn budget(&self) -> usize {
        self.room.saturating_mul(size_of::<Event>())
    }

    /// Nothing was ever forgotten.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.recent.is_empty()
    }

    /// Events that stand together, by their numbers, if they are at hand.
    #[must_use]
    pub fn slice(&self, numbers: std::ops::Range<usize>) -> Option<&[Event]> {
        let of = |first: usize, events: &'_ [Event]| {
            let (from, to) = (numbers.start.checked_sub(first)?, numbers.end.checked_sub(first)?);
            (from <= to && to <= events.len()).then_some((from, to))
        };
        if let Some((from, to)) = of(self.first, &self.events) {
            return Some(&self.events[from..to]);
        }
        of(self.recalled.0, &self.recalled.1).map(|(from, to)| &self.recalled.1[from..to])
    }

    /// An event, if it is at hand.
    #[must_use]
    pub fn get(&self, id: EventId) -> Option<&Event> {
        let number = id.0 as usize;
        self.slice(number..number.checked_add(1)?).and_then(<[Event]>::first)
    }

    /// The events of no message, with their numbers.
    #[must_use]
    pub fn spine(&self) -> &[(EventId, Event)] {
        &self.spine
    }

    /// How many events there have been, the forgotten ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.first + self.events.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

const fn slot(copy: CopyId) -> usize {
    copy.message.0 as usize % REMEMBERED
}

/// One message's life: the events of all its copies, in order.
#[must_use]
pub fn biography(events: &[Event], message: MessageId) -> Vec<EventId> {
    (0..).zip(events).filter(|(_, event)| event.message() == Some(message)).map(|(id, _)| EventId(id)).collect()
}
