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
use super::window::Held;
use crate::event::{Answer, CopyId, Kind, NOT_FOUND};
use crate::node::Outputs;
use crate::protocol::queue::{Method, Verdict};
use crate::time::Time;

/// Halves that the broker has, and whose orders are being committed.
#[derive(Clone, Debug, Default)]
pub(super) struct Halves {
    /// In order.
    confirmed: VecDeque<Held>,
}

impl Halves {
    pub fn reset(&mut self) {
        self.confirmed.clear();
    }

    pub fn confirmed(&self) -> impl Iterator<Item = Held> + '_ {
        self.confirmed.iter().copied()
    }
}

impl Producer {
    /// Whether messages go out as halves.
    pub(super) const fn sends_halves(&self) -> bool {
        self.options.halves && self.orders.is_some()
    }

    /// The half is safe: now the local transaction.
    pub(super) fn half_confirmed(&mut self, now: Time, held: Held, out: &mut Outputs) {
        self.halves.confirmed.push_back(held);
        self.commit(now, held.index, out);
    }

    /// The local transaction of a half is committed: the customer may know, and so
    /// may the broker.
    pub(super) fn half_committed(&mut self, now: Time, index: u32, out: &mut Outputs) {
        let Some(place) = self.halves.confirmed.iter().position(|held| held.index == index) else { return };
        let Some(held) = self.halves.confirmed.remove(place) else { return };
        let copy = self.copy(held);
        self.tell(copy, Answer::Ok, out);
        self.end(now, copy, Verdict::Commit, out);
    }

    /// The broker asks what became of a half's transaction.
    pub(super) fn asked_back(&mut self, now: Time, copy: CopyId, out: &mut Outputs) {
        let under_way = self.halves.confirmed().chain(self.window.iter().map(|slot| slot.held));
        if under_way.map(|held| self.copy(held)).any(|other| other == copy) {
            return self.end(now, copy, Verdict::Unknown, out);
        }
        self.orders.iter_mut().for_each(|orders| orders.look_up(now, copy, out));
    }

    /// The database says whether the order is there. If it is not, whoever placed it
    /// was left without an answer, and now the shop itself knows that it came to nothing.
    pub(super) fn looked_up(&mut self, now: Time, copy: CopyId, is_there: bool, out: &mut Outputs) {
        if !is_there {
            self.told.refused += 1;
            out.note_with(Kind::Told(Answer::Refused), Some(copy), NOT_FOUND);
        }
        self.end(now, copy, if is_there { Verdict::Commit } else { Verdict::Rollback }, out);
    }

    /// Without a connection the word is lost, as it would be on the road.
    fn end(&mut self, now: Time, copy: CopyId, verdict: Verdict, out: &mut Outputs) {
        if self.session.is_ready() {
            self.session.send(now, Method::EndTransaction { copy, verdict }, Some(copy), out);
        }
    }
}
