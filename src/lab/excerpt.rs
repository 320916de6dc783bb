//! What a history has to say about one message: its own events, and all that
//! concern no message, such as faults. It is a short history of its own, with its
//! own numbers, so that whoever reads whole histories can read it; of a history
//! that is whole it is simply the whole.

use std::borrow::Cow;

use crate::event::{Event, EventId};

#[derive(Clone, Debug)]
pub struct Excerpt<'a> {
    pub events: Cow<'a, [Event]>,
    /// The number of each event in the run; empty if they are the same.
    numbers: Vec<EventId>,
}

impl<'a> Excerpt<'a> {
    #[must_use]
    pub const fn whole(events: &'a [Event]) -> Self {
        Self { events: Cow::Borrowed(events), numbers: Vec::new() }
    }

    /// Events with their numbers, ascending. Links to events that are not among
    /// them are dropped.
    #[must_use]
    pub fn of(events: Vec<(EventId, Event)>) -> Excerpt<'static> {
        let numbers: Vec<EventId> = events.iter().map(|(id, _)| *id).collect();
        let place = |id: Option<EventId>| {
            let at = numbers.binary_search(&id?).ok()?;
            u32::try_from(at).ok().map(EventId)
        };
        let renumbered =
            |(_, event): (EventId, Event)| Event { cause: place(event.cause), prior: place(event.prior), ..event };
        Excerpt { events: events.into_iter().map(renumbered).collect::<Vec<_>>().into(), numbers }
    }

    /// The number that an event of the excerpt has in the run.
    #[must_use]
    pub fn number(&self, id: EventId) -> EventId {
        self.numbers.get(id.0 as usize).copied().unwrap_or(id)
    }
}
