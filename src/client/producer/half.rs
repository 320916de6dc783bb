//! Half messages, the producer's part (RocketMQ's `TransactionMQProducer`). The
//! message goes first, as a half that no consumer sees; once the broker has
//! confirmed it, the local transaction runs; then the broker is told to commit.
//!
//! That last word goes one way, and nothing is done about its loss: the broker asks
//! back, and whoever is asked looks the order up in the database. It is there, so
//! commit; or it is not, so roll back. A transaction that this very process has
//! still to finish is unknown, and the broker will ask again. So nothing needs to
//! be remembered: no table of messages, no relay.
//!
//! The price: without a broker no order can be placed, as the half comes first. And
//! a half whose confirm was lost is sent again; both copies belong to one order, and
//! both are committed in the end.
//!
//! What the answer to "does d happen?" is not: that b and c are undone if d fails.
//!
//! Source: apache/rocketmq, `DefaultMQProducerImpl.sendMessageInTransaction` and
//! `checkTransactionState`. Left out: a local transaction that says rollback, as
//! nothing in this shop can refuse an order.

use std::collections::VecDeque;

use super::Producer;
use super::orders::Orders;
use super::window::Held;
use crate::event::{Answer, CopyId};
use crate::node::Outputs;
use crate::protocol::queue::{Method, Verdict};
use crate::protocol::store;
use crate::time::Time;

/// Questions of the broker that the database is asked about.
#[derive(Clone, Debug, Default)]
pub(super) struct Halves {
    /// With the request, and since when it waits; oldest first.
    questions: VecDeque<(u64, Time, CopyId)>,
}

impl Halves {
    /// Since when the database owes an answer.
    pub fn waiting_since(&self) -> Option<Time> {
        self.questions.front().map(|(_, since, _)| *since)
    }

    /// The database is gone. The broker will ask again.
    pub fn forget_questions(&mut self) {
        self.questions.clear();
    }
}

impl Producer {
    /// Whether messages go out as halves.
    pub(super) fn sends_halves(&self) -> bool {
        self.orders.as_ref().is_some_and(|orders| orders.halves.is_some())
    }

    /// The local transaction of a half is committed: the customer may know, and so
    /// may the broker.
    pub(super) fn half_committed(&mut self, now: Time, held: Held, out: &mut Outputs) {
        let copy = self.copy(held);
        self.tell(copy, Answer::Ok, out);
        self.end(now, copy, Verdict::Commit, out);
    }

    /// The broker asks what became of a half's transaction.
    pub(super) fn asked_back(&mut self, now: Time, copy: CopyId, out: &mut Outputs) {
        let is_under_way = self.uncommitted().chain(self.window.iter().map(|slot| slot.held));
        let is_under_way = is_under_way.map(|held| self.copy(held)).any(|other| other == copy);
        if is_under_way {
            return self.end(now, copy, Verdict::Unknown, out);
        }
        let Some(Orders { link, halves: Some(halves), requests, .. }) = &mut self.orders else { return };
        let Some(connection) = link.connection() else { return };
        *requests += 1;
        halves.questions.push_back((*requests, now, copy));
        out.send(connection, store::Method::Find { request: *requests, message: copy.message }, Some(copy));
        self.expect_answer(now, out);
    }

    /// The database says whether the order is there.
    pub(super) fn looked_up(&mut self, now: Time, answered: u64, is_there: bool, out: &mut Outputs) {
        let Some(halves) = self.orders.as_mut().and_then(|orders| orders.halves.as_mut()) else { return };
        let Some((request, _, copy)) = halves.questions.front().copied() else { return };
        if request == answered {
            halves.questions.pop_front();
            self.end(now, copy, if is_there { Verdict::Commit } else { Verdict::Rollback }, out);
        }
    }

    /// Without a connection the word is lost, as it would be on the road.
    fn end(&mut self, now: Time, copy: CopyId, verdict: Verdict, out: &mut Outputs) {
        if self.session.is_ready() {
            self.session.send(now, Method::EndTransaction { copy, verdict }, Some(copy), out);
        }
    }
}
