//! Transactions: several records, in any partitions, that are seen all or not at
//! all by consumers that read only what is committed.
//!
//! The program takes up to `batch_records` facts, sends them, and commits, which
//! first waits for every acknowledgement. If anything fails it aborts, and so it does
//! if its own work throws on one of them (`abort_every`); those facts are refused:
//! nobody sends them again, as that is for a program to decide.
//! A partition is entered with the coordinator before its first batch is sent, so
//! that the coordinator knows where to write the end.
//!
//! Another producer that starts under the same transactional id fences this one, and
//! so does the coordinator if a transaction is open for too long: what comes with the
//! old epoch is refused, so the transaction has to be aborted. If the abort is refused
//! as well, or it was a commit, the producer stops for good. The question "did my last
//! commit happen?" it cannot answer.
//!
//! Every end begins a new epoch, and with it the numbers of batches anew: the answer
//! to the end says which (KIP-890, the default since 4.0).
//!
//! Source: `TransactionManager` (KIP-98, KIP-890). Left out: offsets of a consumer
//! in the same transaction; partitions that their leader enters with the first batch
//! (this producer does it itself, as clients before 4.0 do).

use std::collections::VecDeque;

use super::buffer::Buffer;
use super::{Asked, LogProducer};
use crate::event::{ABORTED, Answer, Kind, Reason};
use crate::node::Outputs;
use crate::protocol::log::{self, Error, ProducerId, TopicPartition};
use crate::time::Time;

#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// Facts that no transaction has taken.
    pub waiting: VecDeque<u32>,
    /// The facts of the open one; empty: none is open.
    members: Vec<u32>,
    /// Partitions that are entered, and those that are being entered.
    added: Vec<u16>,
    adding: Vec<u16>,
    /// It can only be aborted.
    pub has_failed: bool,
    /// It was asked to commit, or to abort.
    ending: Option<bool>,
    pub is_fenced: bool,
}

impl Transaction {
    pub fn has_added(&self, partition: u16) -> bool {
        self.added.contains(&partition) && self.ending.is_none()
    }

    fn is_open(&self) -> bool {
        !self.members.is_empty() || !self.added.is_empty() || self.has_failed
    }

    pub fn has_work(&self) -> bool {
        !self.is_fenced && (self.is_open() || !self.waiting.is_empty())
    }

    /// `send()` threw on a member; the program was told.
    pub fn threw(&mut self, index: u32) {
        self.members.retain(|member| *member != index);
        self.has_failed = true;
    }
}

impl LogProducer {
    /// Goes on with the open transaction, or begins one.
    pub(super) fn transact(&mut self, now: Time, out: &mut Outputs) {
        let Some(transaction) = &mut self.transaction else { return };
        if transaction.is_fenced {
            return self.refuse_waiting(out);
        }
        if self.identity.producer.is_none() {
            return;
        }
        if !transaction.is_open() {
            let count = transaction.waiting.len().min(self.options.batch_records.max(1));
            transaction.members.extend(transaction.waiting.drain(..count));
            let members = transaction.members.clone();
            members.into_iter().for_each(|index| self.call(now, index, out));
        }
        if self.may_ask(now) {
            self.enter_partitions(now, out);
        }
        self.finish_transaction(now, out);
    }

    /// Tells the coordinator of partitions that the transaction is about to reach.
    fn enter_partitions(&mut self, now: Time, out: &mut Outputs) {
        let (Some(transaction), Some(producer)) = (&mut self.transaction, self.identity.producer) else { return };
        transaction.adding.clear();
        for (partition, lane) in self.buffer.lanes.iter().enumerate() {
            if !lane.queue.is_empty() && !transaction.added.contains(&(partition as u16)) {
                transaction.adding.push(partition as u16);
            }
        }
        if transaction.adding.is_empty() || transaction.has_failed {
            return;
        }
        let topic = self.options.topic;
        let partitions = transaction.adding.iter().map(|partition| TopicPartition { topic, partition: *partition });
        let partitions: Box<[TopicPartition]> = partitions.collect();
        let Some(transactional_id) = self.options.transactional_id else { return };
        if let Some(node) = self.coordinator(now, out) {
            let message = log::Transaction::AddPartitions { transactional_id, producer, partitions };
            self.question(now, node, message, Asked::AddPartitions, out);
        }
    }

    /// Once everything is answered, the transaction is committed, or aborted.
    fn finish_transaction(&mut self, now: Time, out: &mut Outputs) {
        let (Some(transaction), Some(producer)) = (&mut self.transaction, self.identity.producer) else { return };
        if transaction.has_failed {
            drop_unsent(&mut self.buffer);
        }
        if !transaction.is_open() || !self.buffer.is_flushed() {
            return;
        }
        let throws = |index: &u32| self.options.throws(*index as usize);
        let is_commit = !transaction.has_failed && !transaction.members.iter().any(throws);
        if transaction.added.is_empty() {
            // Nobody was told of it: there is nothing to end.
            return self.conclude(if is_commit { Answer::Ok } else { Answer::Refused }, out);
        }
        transaction.ending = Some(is_commit);
        if !self.may_ask(now) {
            return;
        }
        let Some(transactional_id) = self.options.transactional_id else { return };
        if let Some(node) = self.coordinator(now, out) {
            let message = log::Transaction::End { transactional_id, producer, is_commit };
            self.question(now, node, message, Asked::End, out);
        }
    }

    pub(super) fn added(&mut self, now: Time, error: Option<Error>, out: &mut Outputs) {
        let Some(transaction) = &mut self.transaction else { return };
        match error {
            None => {
                transaction.added.append(&mut transaction.adding);
                self.asked_well();
            }
            // Its epoch is over. Whether because it took too long or because another
            // has its id, the answer to the abort will tell.
            Some(Error::ProducerFenced | Error::InvalidProducerEpoch | Error::InvalidTxnState) => {
                transaction.added.append(&mut transaction.adding);
                transaction.has_failed = true;
            }
            // The coordinator has lost what it knew of this producer: it begins anew.
            Some(Error::UnknownProducerId) => {
                self.identity.producer = None;
                transaction.has_failed = true;
            }
            Some(error) => self.refused(now, error, out),
        }
    }

    pub(super) fn ended(&mut self, now: Time, answer: Result<ProducerId, Error>, out: &mut Outputs) {
        let is_commit = self.transaction.as_ref().is_some_and(|transaction| transaction.ending == Some(true));
        match answer {
            Ok(producer) => {
                self.asked_well();
                self.identity.producer = Some(producer);
                self.conclude(if is_commit { Answer::Ok } else { Answer::Refused }, out);
            }
            // What the coordinator knew of it is lost, and the end with it, perhaps.
            Err(Error::UnknownProducerId) => {
                self.identity.producer = None;
                self.conclude(if is_commit { Answer::Unknown } else { Answer::Refused }, out);
            }
            Err(error) => self.refused(now, error, out),
        }
    }

    fn conclude(&mut self, answer: Answer, out: &mut Outputs) {
        let Some(transaction) = &mut self.transaction else { return };
        let members = std::mem::take(&mut transaction.members);
        transaction.added.clear();
        transaction.ending = None;
        transaction.has_failed = false;
        self.tell_all(members, answer, out);
    }

    /// A newer producer has taken over. What was to be committed by an unanswered
    /// request may be committed.
    pub(super) fn fenced(&mut self, out: &mut Outputs) {
        let Some(transaction) = &mut self.transaction else { return };
        transaction.is_fenced = true;
        out.note(Kind::ProducerFenced, None);
        let answer = if transaction.ending == Some(true) { Answer::Unknown } else { Answer::Refused };
        let members = std::mem::take(&mut transaction.members);
        self.buffer.abandon();
        self.tell_all(members, answer, out);
        self.refuse_waiting(out);
    }

    fn refuse_waiting(&mut self, out: &mut Outputs) {
        let Some(transaction) = &mut self.transaction else { return };
        let waiting: Vec<u32> = transaction.waiting.drain(..).collect();
        self.tell_all(waiting, Answer::Refused, out);
    }

    fn tell_all(&mut self, members: Vec<u32>, answer: Answer, out: &mut Outputs) {
        for index in members {
            let copy = self.copy(index, 1);
            let by = if answer == Answer::Refused { ABORTED } else { 0 };
            self.tell_by(copy, answer, by, out);
            if answer != Answer::Ok {
                self.drop_record(copy, Reason::Aborted, out);
            }
        }
    }
}

/// What was not sent yet need not be, if it will be aborted.
fn drop_unsent(buffer: &mut Buffer) {
    for lane in &mut buffer.lanes {
        buffer.records -= lane.queue.iter().map(|batch| batch.records.len()).sum::<usize>();
        lane.queue.clear();
    }
    buffer.blocked.clear();
}
