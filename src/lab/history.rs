//! A history: every event of a run in order, each linked to the last event of
//! the same copy. It can be cut back to an earlier moment, which is how a run
//! is rewound.

use crate::event::{CopyId, Event, EventId, MessageId};

#[derive(Clone, Debug, Default)]
pub struct History {
    events: Vec<Event>,
    /// The last event of each copy, by message: a message has few copies.
    last: Vec<Vec<(CopyId, EventId)>>,
}

impl History {
    /// Adds an event, linked to the last one of its copy. A copy that a broker
    /// or a resend made begins where its message was last seen.
    pub fn push(&mut self, mut event: Event) -> EventId {
        let id = EventId(u32::try_from(self.events.len()).unwrap_or(u32::MAX));
        event.prior = None;
        if let Some(copy) = event.copy {
            event.prior = self.set_last(copy, Some(id));
        }
        self.events.push(event);
        id
    }

    /// Forgets everything from the event at `length` on.
    pub fn truncate(&mut self, length: usize) {
        while self.events.len() > length {
            let Some(event) = self.events.pop() else { return };
            let Some(copy) = event.copy else { continue };
            self.set_last(copy, event.prior);
        }
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

    pub fn clear(&mut self) {
        self.events.clear();
        self.last.clear();
    }

    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

/// One message's life: the events of all its copies, in order.
#[must_use]
pub fn biography(events: &[Event], message: MessageId) -> Vec<EventId> {
    (0..).zip(events).filter(|(_, event)| event.message() == Some(message)).map(|(id, _)| EventId(id)).collect()
}
