//! What the coordinator calls the points service for. A Try is called once: if it
//! fails, is not answered in time, or loses its connection, the order is decided
//! against. Confirm and Cancel are called until they are answered, on the next
//! connection if need be. A connection on which an answer stays away is given up;
//! what is still on the road on it may arrive all the same.

use super::order::Stage;
use super::{CALL, Coordinator};
use crate::event::{Closed, CopyId, Kind, call_detail};
use crate::node::Outputs;
use crate::protocol::service::{Answer, Method};
use crate::time::{Span, Time};

/// The wait after a Confirm or a Cancel at which the handler threw.
const AGAIN: Span = Span::from_millis(200);

impl Coordinator {
    /// Makes the call of an order's stage, unless it was made.
    pub(super) fn call(&mut self, now: Time, place: u32, out: &mut Outputs) {
        if let (Some(connection), Some(order)) = (self.participant.connection(), self.orders.get_mut(&place))
            && let (Some(call), None) = (order.stage.call(), order.asked)
            && (order.stage == Stage::Try || order.since <= now)
        {
            self.requests += 1;
            order.asked = Some((self.requests, now));
            let fact = self.options.workload.fact(place as usize);
            let copy = CopyId { message: fact.message, attempt: 1, branch: 0 };
            let kind = if order.stage == Stage::Try { Kind::Sent } else { Kind::Called };
            out.note_with(kind, Some(copy), call_detail(call));
            out.send(connection, Method::Call { request: self.requests, call, copy, fact }, Some(copy));
        }
        self.arm_calls(out);
    }

    pub(super) fn call_all(&mut self, now: Time, out: &mut Outputs) {
        let places: Vec<u32> = self.orders.keys().copied().collect();
        for place in places {
            self.call(now, place, out);
        }
    }

    pub(super) fn hear_participant(&mut self, now: Time, method: Method, out: &mut Outputs) {
        let Method::Answer { request, answer, .. } = method else { return };
        let asked = |order: &super::Order| {
            order.stage.call().is_some() && order.asked.is_some_and(|(asked, _)| asked == request)
        };
        let Some((&place, order)) = self.orders.iter_mut().find(|(_, order)| asked(order)) else { return };
        match (order.stage, answer) {
            (Stage::Try, answer) => self.enter(now, place, Stage::Decide(answer == Answer::Done), out),
            (_, Answer::Failed) => {
                order.asked = None;
                order.since = now + AGAIN;
                self.arm_calls(out);
            }
            (Stage::Settle(confirms), _) => self.enter(now, place, Stage::End(confirms), out),
            _ => {}
        }
    }

    /// When something is due about the calls: a Try that waits too long, connected or
    /// not; an answer that stays away; a call to be made again.
    fn next_due(&self) -> Option<Time> {
        let timeout = self.options.call_timeout;
        let due = |order: &super::Order| match (order.stage, order.asked) {
            (Stage::Try, _) => Some(order.since + timeout),
            (Stage::Settle(_), Some((_, asked))) => Some(asked + timeout),
            (Stage::Settle(_), None) => Some(order.since).filter(|_| self.participant.connection().is_some()),
            _ => None,
        };
        self.orders.values().filter_map(due).min()
    }

    fn arm_calls(&mut self, out: &mut Outputs) {
        let due = self.next_due();
        if due != self.call_timer {
            self.call_timer = due;
            match due {
                Some(due) => out.set_timer(CALL, due),
                None => out.cancel_timer(CALL),
            }
        }
    }

    pub(super) fn calls_due(&mut self, now: Time, out: &mut Outputs) {
        self.call_timer = None;
        let timeout = self.options.call_timeout;
        let silent = self.orders.values().filter(|order| order.stage.call().is_some());
        let silent = silent.filter_map(|order| order.asked).any(|(_, asked)| asked + timeout <= now);
        if silent {
            self.participant.fail(now, Closed::Orderly, out);
            self.participant_lost(now, out);
        }
        let late = |order: &super::Order| order.stage == Stage::Try && order.since + timeout <= now;
        let late: Vec<u32> = self.orders.iter().filter(|(_, order)| late(order)).map(|(place, _)| *place).collect();
        for place in late {
            out.note(Kind::Unanswered, Some(self.copy(place)));
            self.enter(now, place, Stage::Decide(false), out);
        }
        self.call_all(now, out);
        self.arm_calls(out);
    }

    /// What was called and not answered may or may not have been done.
    pub(super) fn participant_lost(&mut self, now: Time, out: &mut Outputs) {
        let called: Vec<u32> =
            self.orders.iter().filter(|(_, order)| order.asked.is_some()).map(|(at, _)| *at).collect();
        for place in called {
            match self.orders[&place].stage {
                Stage::Try => {
                    out.note(Kind::Unanswered, Some(self.copy(place)));
                    self.enter(now, place, Stage::Decide(false), out);
                }
                Stage::Settle(confirms) => self.enter(now, place, Stage::Settle(confirms), out),
                _ => {}
            }
        }
    }
}
