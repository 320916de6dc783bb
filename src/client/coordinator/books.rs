//! What the coordinator asks of its own database: the transactions of each stage,
//! and after a restart, which orders are open.

use super::order::Stage;
use super::{ANSWER, Coordinator};
use crate::event::{Closed, CopyId, MessageId};
use crate::node::Outputs;
use crate::protocol::store::{ENDED, LOG, Method, Outcome, Transaction};
use crate::time::{Span, Time};

/// How long the database may take until its connection is suspect.
const PATIENCE: Span = Span::from_secs(5);

impl Coordinator {
    /// Looks into the log first: what it has open is from before.
    pub(super) fn database_opened(&mut self, now: Time, out: &mut Outputs) {
        self.look(now, out);
        let places: Vec<u32> = self.orders.keys().copied().collect();
        for place in places {
            self.ask_database(now, place, out);
        }
    }

    fn look(&mut self, now: Time, out: &mut Outputs) {
        let Some(connection) = self.database.connection() else { return };
        if self.must_look && self.looking.is_none() {
            self.requests += 1;
            self.looking = Some((self.requests, now));
            out.send(connection, Method::FindOpen { request: self.requests, step: LOG, before: ENDED }, None);
            self.expect_answer(now, out);
        }
    }

    /// Sends the transaction of an order's stage, unless it was sent.
    pub(super) fn ask_database(&mut self, now: Time, place: u32, out: &mut Outputs) {
        let Some(connection) = self.database.connection() else { return };
        let Some(order) = self.orders.get_mut(&place) else { return };
        if !order.stage.is_for_database() || order.asked.is_some() {
            return;
        }
        self.requests += 1;
        order.asked = Some((self.requests, now));
        let fact = self.options.workload.fact(place as usize);
        let copy = CopyId { message: fact.message, attempt: 1, branch: 0 };
        let transaction = Transaction::about(copy, fact, self.options.subscription).with(order.stage.writes());
        out.send(connection, Method::Transact { request: self.requests, transaction }, Some(copy));
        self.expect_answer(now, out);
    }

    pub(super) fn hear_database(&mut self, now: Time, method: Method, out: &mut Outputs) {
        match method {
            Method::Transacted { request, outcome } => {
                let asked = |order: &super::Order| order.asked.is_some_and(|(asked, _)| asked == request);
                let found = self.orders.iter().find(|(_, order)| asked(order));
                if let Some((place, stage)) = found.map(|(place, order)| (*place, order.stage)) {
                    self.written(now, place, stage, outcome, out);
                }
            }
            Method::Open { request, rows } if self.looking.is_some_and(|(asked, _)| asked == request) => {
                self.looking = None;
                self.must_look = false;
                for (message, state) in rows {
                    self.take_up(now, message, state, out);
                }
            }
            _ => {}
        }
    }

    /// A transaction is committed, or it was before this process knew.
    fn written(&mut self, now: Time, place: u32, stage: Stage, outcome: Outcome, out: &mut Outputs) {
        match stage {
            Stage::Begin => self.enter(now, place, Stage::Try, out),
            Stage::Decide(confirms) if outcome == Outcome::Committed => {
                self.tell(place, confirms, out);
                self.enter(now, place, Stage::Settle(confirms), out);
            }
            // It was decided before, perhaps otherwise: the log knows.
            Stage::Decide(_) => {
                self.orders.remove(&place);
                self.must_look = true;
                self.look(now, out);
            }
            Stage::End(_) | Stage::Try | Stage::Settle(_) => {
                self.orders.remove(&place);
            }
        }
    }

    /// An order that the log has open, and of which this process knows nothing.
    fn take_up(&mut self, now: Time, message: MessageId, state: u8, out: &mut Outputs) {
        let Some(place) = self.options.workload.place_of(message).map(|place| place as u32) else { return };
        if self.orders.contains_key(&place) {
            return;
        }
        let stage = Stage::of_row(state);
        if let Stage::Settle(confirms) = stage {
            // Whether its customer heard is not known either.
            self.tell(place, confirms, out);
        }
        self.enter(now, place, stage, out);
    }

    fn waiting_since(&self) -> Option<Time> {
        let of_orders = self.orders.values().filter(|order| order.stage.is_for_database());
        let asked = of_orders.filter_map(|order| order.asked).chain(self.looking);
        asked.map(|(_, since)| since).min()
    }

    fn expect_answer(&mut self, now: Time, out: &mut Outputs) {
        if !self.answer_timer_set {
            self.answer_timer_set = true;
            out.set_timer(ANSWER, now + PATIENCE);
        }
    }

    /// Has the database been silent for too long?
    pub(super) fn answer_due(&mut self, now: Time, out: &mut Outputs) {
        self.answer_timer_set = false;
        let Some(since) = self.waiting_since() else { return };
        if since + PATIENCE <= now {
            self.database.fail(now, Closed::Orderly, out);
            self.database_lost();
        } else {
            self.answer_timer_set = true;
            out.set_timer(ANSWER, since + PATIENCE);
        }
    }

    /// What was not answered will be asked again.
    pub(super) fn database_lost(&mut self) {
        self.looking = None;
        for order in self.orders.values_mut().filter(|order| order.stage.is_for_database()) {
            order.asked = None;
        }
    }
}
