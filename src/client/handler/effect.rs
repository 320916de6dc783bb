//! Writing an effect to the database, and what its answer or its silence leads to.

use super::mark::Question;
use super::{Handler, Phase, Signal, Work};
use crate::event::{Closed, Kind};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::store::{Method, Outcome, Transaction};
use crate::time::Time;

impl Handler {
    /// Sends the effect in hand to the database, if it is ready and the database
    /// is there.
    pub(super) fn write(&mut self, now: Time, lane: usize, out: &mut Outputs) {
        let Some(connection) = self.store.connection() else { return };
        let Some(Work { delivery, phase: Phase::Waiting(fact) }) = self.hands[lane] else { return };
        self.requests += 1;
        let (request, copy, subscription) = (self.requests, delivery.copy, self.options.subscription);
        let method = match self.writes() {
            None => Method::Apply { request, copy, fact, subscription },
            Some(writes) => {
                let transaction = Transaction::about(copy, fact, subscription).with(writes);
                Method::Transact { request, transaction }
            }
        };
        out.send(connection, method, Some(copy));
        self.hands[lane] = Some(Work { delivery, phase: Phase::Writing { fact, request, since: now } });
        self.expect_answer(now, out);
    }

    /// A service answers.
    pub(super) fn hear(&mut self, now: Time, connection: ConnectionId, method: Method, out: &mut Outputs) -> Signal {
        match method {
            Method::Applied { request } => self.written(now, connection, request, Outcome::Committed, out),
            Method::Transacted { request, outcome } => self.written(now, connection, request, outcome, out),
            Method::Reply { request, reply } => self.answered(now, connection, request, reply, out),
            _ => Signal::None,
        }
    }

    /// The database says how a write ended: committed, or found to be a repeat.
    fn written(
        &mut self,
        now: Time,
        connection: ConnectionId,
        answered: u64,
        outcome: Outcome,
        out: &mut Outputs,
    ) -> Signal {
        if self.store.connection() != Some(connection) {
            return Signal::None;
        }
        let is_it = |work: &Work| matches!(work.phase, Phase::Writing { request, .. } if request == answered);
        let Some((lane, delivery)) = self.find(is_it) else { return Signal::None };
        if outcome != Outcome::Committed {
            out.note(Kind::Skipped, Some(delivery.copy));
        }
        if self.options.dedupe.marks_after() && self.cache.is_some() {
            self.ask(now, lane, delivery, Question::Mark, out);
            return Signal::None;
        }
        self.hands[lane] = None;
        Signal::Done(lane, delivery)
    }

    /// The lane whose work this is, and its message.
    pub(super) fn find(&self, is_it: impl Fn(&Work) -> bool) -> Option<(usize, super::Delivery)> {
        let lane = self.hands.iter().position(|hand| hand.as_ref().is_some_and(&is_it))?;
        self.hands[lane].map(|work| (lane, work.delivery))
    }

    /// Has a service been silent for too long?
    pub(super) fn answer_due(&mut self, now: Time, out: &mut Outputs) {
        self.answer_timer_set = false;
        let since = |work: &Work| match work.phase {
            Phase::Writing { since, .. } | Phase::Asking { asked: Some((_, since)), .. } => Some((since, *work)),
            _ => None,
        };
        let oldest = self.hands.iter().flatten().filter_map(since).min_by_key(|(since, _)| *since);
        let Some((since, work)) = oldest else { return };
        let due = since + self.options.store_timeout;
        if due > now {
            self.answer_timer_set = true;
            out.set_timer(self.timers.answer, due);
        } else if matches!(work.phase, Phase::Writing { .. }) {
            self.store.fail(now, Closed::Orderly, out);
            self.store_lost();
        } else {
            self.cache_failed(now, out);
        }
    }

    /// An unanswered write will be repeated.
    pub(super) fn store_lost(&mut self) {
        for work in self.hands.iter_mut().flatten() {
            if let Phase::Writing { fact, .. } = work.phase {
                work.phase = Phase::Waiting(fact);
            }
        }
    }
}
