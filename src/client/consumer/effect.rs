//! Writing an effect to the database, and what its answer or its silence leads to.

use super::mark::Question;
use super::{ANSWER, Consumer, Phase, Work};
use crate::event::{Closed, Kind};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::store::{Method, Outcome, Transaction};
use crate::time::Time;

impl Consumer {
    /// Sends the effect in hand to the database, if it is ready and the database
    /// is there.
    pub(super) fn write(&mut self, now: Time, out: &mut Outputs) {
        let Some(connection) = self.store.connection() else { return };
        let Some(Work { delivery, phase: Phase::Waiting(fact) }) = self.in_hand else { return };
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
        self.in_hand = Some(Work { delivery, phase: Phase::Writing { fact, request, since: now } });
        self.expect_answer(now, out);
    }

    /// A service answers.
    pub(super) fn hear(&mut self, now: Time, connection: ConnectionId, method: Method, out: &mut Outputs) {
        match method {
            Method::Applied { request } => self.written(now, connection, request, Outcome::Committed, out),
            Method::Transacted { request, outcome } => self.written(now, connection, request, outcome, out),
            Method::Reply { request, reply } => self.answered(now, connection, request, reply, out),
            _ => {}
        }
    }

    /// The database says how a write ended: committed, or found to be a repeat.
    fn written(&mut self, now: Time, connection: ConnectionId, answered: u64, outcome: Outcome, out: &mut Outputs) {
        if self.store.connection() != Some(connection) {
            return;
        }
        let Some(Work { delivery, phase: Phase::Writing { request, .. } }) = self.in_hand else { return };
        if request != answered {
            return;
        }
        if outcome != Outcome::Committed {
            out.note(Kind::Skipped, Some(delivery.copy));
        }
        if self.options.dedupe.marks_after() && self.cache.is_some() {
            self.ask(now, delivery, Question::Mark, out);
        } else {
            self.settle(now, delivery, out);
        }
    }

    /// Has a service been silent for too long?
    pub(super) fn answer_due(&mut self, now: Time, out: &mut Outputs) {
        self.answer_timer_set = false;
        let since = match self.in_hand.map(|work| work.phase) {
            Some(Phase::Writing { since, .. } | Phase::Asking { asked: Some((_, since)), .. }) => since,
            _ => return,
        };
        let due = since + self.options.store_timeout;
        if due > now {
            self.answer_timer_set = true;
            out.set_timer(ANSWER, due);
        } else if matches!(self.in_hand, Some(Work { phase: Phase::Writing { .. }, .. })) {
            self.store.fail(now, Closed::Orderly, out);
            self.store_lost();
        } else {
            self.cache_failed(now, out);
        }
    }

    /// An unanswered write will be repeated.
    pub(super) fn store_lost(&mut self) {
        if let Some(Work { phase, .. }) = &mut self.in_hand
            && let Phase::Writing { fact, .. } = *phase
        {
            *phase = Phase::Waiting(fact);
        }
    }
}
