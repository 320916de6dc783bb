//! Writing an effect to the store, and what its answer or its silence leads to.

use super::{ANSWER, AckPolicy, Consumer, Phase, Work};
use crate::event::Closed;
use crate::node::{ConnectionId, Outputs};
use crate::protocol::store;
use crate::time::Time;

impl Consumer {
    /// Sends the effect in hand to the store, if it is ready and the store is there.
    pub(super) fn write(&mut self, now: Time, out: &mut Outputs) {
        let Some(connection) = self.store.connection() else { return };
        let Some(Work { delivery, phase: Phase::Waiting(fact) }) = self.in_hand else { return };
        self.requests += 1;
        let request = self.requests;
        let subscription = self.options.subscription;
        let apply = store::Method::Apply { request, copy: delivery.copy, fact, subscription };
        out.send(connection, apply, Some(delivery.copy));
        self.in_hand = Some(Work { delivery, phase: Phase::Writing { fact, request, since: now } });
        if !self.answer_timer_set {
            self.answer_timer_set = true;
            out.set_timer(ANSWER, now + self.options.store_timeout);
        }
    }

    /// The store says that a write is committed.
    pub(super) fn applied(&mut self, now: Time, connection: ConnectionId, answered: u64, out: &mut Outputs) {
        if self.store.connection() != Some(connection) {
            return;
        }
        let Some(Work { delivery, phase: Phase::Writing { request, .. } }) = self.in_hand else { return };
        if request != answered {
            return;
        }
        if self.options.ack == AckPolicy::AfterEffect {
            self.acknowledge(now, delivery, out);
        }
        self.begin(now, out);
    }

    /// Has the store been silent for too long?
    pub(super) fn answer_due(&mut self, now: Time, out: &mut Outputs) {
        self.answer_timer_set = false;
        let Some(Work { phase: Phase::Writing { since, .. }, .. }) = self.in_hand else { return };
        let due = since + self.options.store_timeout;
        if due <= now {
            self.store.fail(now, Closed::Orderly, out);
            self.store_lost();
        } else {
            self.answer_timer_set = true;
            out.set_timer(ANSWER, due);
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
