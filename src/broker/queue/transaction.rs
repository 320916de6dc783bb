//! Transactions (`tx.select`): a channel's publishes and acknowledgements wait
//! until it commits; `tx.commit-ok` comes when persistent ones are written, as a
//! confirm would. That is all: the commit is carried out one publish and one
//! acknowledgement at a time, so a broker that dies in the middle has done some
//! of them, even for a single queue. A channel has either transactions or
//! confirms (`rabbit_channel`, August 2026).

use super::QueueBroker;
use crate::event::{CopyId, Kind};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::queue::{Method, Publish, code};
use crate::time::Time;

#[derive(Clone, Debug, Default)]
pub(super) struct Transaction {
    publishes: Vec<Publish>,
    /// Acknowledgements of any kind, in order.
    verdicts: Vec<Method>,
    /// Publishes of the commit under way.
    committing: Vec<CopyId>,
}

impl QueueBroker {
    pub(super) fn select_transactions(&mut self, slot: u32, now: Time, out: &mut Outputs) {
        let channel = &mut self.channels[slot];
        if channel.confirms {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        channel.transaction.get_or_insert_default();
        self.send(slot, Method::TxSelectOk, None, out);
    }

    pub(super) fn select_confirms(&mut self, slot: u32, now: Time, out: &mut Outputs) {
        let channel = &mut self.channels[slot];
        if channel.transaction.is_some() {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        channel.confirms = true;
        self.send(slot, Method::ConfirmSelectOk, None, out);
    }

    /// Keeps a method until the commit. Gives it back if it is not to wait.
    pub(super) fn hold_back(&mut self, slot: u32, method: Method, out: &mut Outputs) -> Option<Method> {
        let channel = &mut self.channels[slot];
        let Some(transaction) = channel.transaction.as_mut() else { return Some(method) };
        if flaw::is_on(Flaw::TransactionCommitsEarly) {
            return Some(method);
        }
        match method {
            Method::Publish(publish) => {
                out.note(Kind::Received, Some(publish.copy));
                transaction.publishes.push(publish);
                if self.alarms.any() {
                    self.block_publisher(slot, out);
                }
                None
            }
            Method::Ack { .. } | Method::Nack { .. } | Method::Reject { .. } => {
                transaction.verdicts.push(method);
                None
            }
            other => Some(other),
        }
    }

    pub(super) fn commit(&mut self, slot: u32, now: Time, out: &mut Outputs) {
        let Some(transaction) = &mut self.channels[slot].transaction else {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        };
        let (publishes, verdicts) =
            (std::mem::take(&mut transaction.publishes), std::mem::take(&mut transaction.verdicts));
        transaction.committing.clear();
        transaction.committing.extend(publishes.iter().map(|publish| publish.copy));
        let generation = self.channels[slot].generation;
        let ticket = self.channels[slot].expect_commit(slot);
        for publish in publishes {
            if !self.channels.is_alive(slot, generation) {
                return;
            }
            self.take_in_transaction(slot, publish, ticket, now, out);
            // One after the other, as queues would take them.
            self.deliver_from_touched_queues(now, out);
        }
        for verdict in verdicts {
            if self.channels.is_alive(slot, generation) {
                self.verdict(slot, verdict, now, out);
            }
        }
        self.copy_decided(ticket, true);
    }

    fn verdict(&mut self, slot: u32, verdict: Method, now: Time, out: &mut Outputs) {
        match verdict {
            Method::Ack { tag, multiple } => self.ack(slot, tag, multiple, now, out),
            Method::Nack { tag, multiple, requeue } => self.nack(slot, tag, multiple, requeue, now, out),
            Method::Reject { tag, requeue } => self.reject(slot, tag, requeue, now, out),
            _ => {}
        }
    }

    /// What was acknowledged is outstanding again; what was published is gone.
    pub(super) fn roll_back(&mut self, slot: u32, now: Time, out: &mut Outputs) {
        let Some(transaction) = &mut self.channels[slot].transaction else {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        };
        transaction.publishes.clear();
        transaction.verdicts.clear();
        self.send(slot, Method::TxRollbackOk, None, out);
    }

    /// Everything that was committed is safe, or some of it was refused.
    pub(super) fn commit_decided(&mut self, slot: u32, failed: bool, now: Time, out: &mut Outputs) {
        let Some(transaction) = &mut self.channels[slot].transaction else { return };
        let kind = if failed { Kind::Nacked } else { Kind::Confirmed };
        let mut committed = std::mem::take(&mut transaction.committing);
        committed.iter().for_each(|copy| out.note(kind, Some(*copy)));
        if failed {
            self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        } else {
            self.send(slot, Method::TxCommitOk, committed.last().copied(), out);
            out.carries(committed.iter().copied());
        }
        if let Some(transaction) = &mut self.channels[slot].transaction {
            committed.clear();
            transaction.committing = committed;
        }
    }

    /// What waits for a commit, and dies with the process.
    pub(super) fn uncommitted(&self, visit: &mut dyn FnMut(CopyId)) {
        let transactions = self.channels.iter().filter_map(|channel| channel.transaction.as_ref());
        transactions.flat_map(|it| &it.publishes).for_each(|publish| visit(publish.copy));
    }
}
