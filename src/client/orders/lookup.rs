//! Looking orders up: whoever is asked later whether a fact happened answers out of
//! the database. A question whose answer stays away is forgotten with the
//! connection; the one who asked will ask again.

use std::collections::VecDeque;

use super::{Orders, Signal};
use crate::event::CopyId;
use crate::node::Outputs;
use crate::protocol::store::Method;
use crate::time::Time;

/// Questions on their way.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookups {
    /// With the request, and since when it waits; oldest first.
    asked: VecDeque<(u64, Time, CopyId)>,
}

impl Lookups {
    /// Since when the database owes an answer.
    pub fn waiting_since(&self) -> Option<Time> {
        self.asked.front().map(|(_, since, _)| *since)
    }

    pub fn forget(&mut self) {
        self.asked.clear();
    }
}

impl Orders {
    /// Asks whether the order that a copy tells of is there. Without a connection
    /// nothing is asked.
    pub fn look_up(&mut self, now: Time, copy: CopyId, out: &mut Outputs) {
        let Some(connection) = self.link.connection() else { return };
        self.requests += 1;
        self.lookups.asked.push_back((self.requests, now, copy));
        out.send(connection, Method::Find { request: self.requests, message: copy.message }, Some(copy));
        self.expect_answer(now, out);
    }

    pub(super) fn found(&mut self, answered: u64, is_there: bool) -> Signal {
        match self.lookups.asked.front().copied() {
            Some((request, _, copy)) if request == answered => {
                self.lookups.asked.pop_front();
                Signal::LookedUp { copy, is_there }
            }
            _ => Signal::None,
        }
    }
}
