//! What producers ask of the coordinator.

use super::super::{Caller, Effect, Effects};
use super::state::{Metadata, State};
use super::{Entry, Flaw, ProducerIds, TransactionCoordinator, flaw};
use crate::protocol::Name;
use crate::protocol::log::{Control, Error, Message, ProducerId, TopicPartition, Transaction};
use crate::time::Time;

/// The largest epoch a producer gets; its successor must still be able to fence it.
const LAST_EPOCH: u16 = i16::MAX as u16 - 1;

impl TransactionCoordinator {
    /// `InitProducerId` without a transactional id: any broker answers, also one
    /// that hosts no coordinator.
    pub fn identify(caller: Caller, ids: &mut ProducerIds, effects: &mut Effects) {
        let id = ids.take().map(|number| ProducerId { number, epoch: 0 });
        let answer = id.ok_or(Error::CoordinatorLoadInProgress);
        effects.push(Effect::Reply(caller, Transaction::ProducerIdGiven { answer }.into()));
    }

    /// How a request that belongs to a transaction coordinator is refused.
    #[must_use]
    pub fn refusal(request: &Message, error: Error) -> Option<Message> {
        let Message::Transaction(request) = request else { return None };
        Some(match request {
            Transaction::InitProducerId { .. } => Transaction::ProducerIdGiven { answer: Err(error) }.into(),
            Transaction::AddPartitions { .. } | Transaction::AddOffsets { .. } => {
                Transaction::Answer { error: Some(error) }.into()
            }
            Transaction::End { .. } => Transaction::Ended { answer: Err(error) }.into(),
            _ => return None,
        })
    }

    /// Takes `InitProducerId` with a transactional id, `AddPartitions`,
    /// `AddOffsets`, `End`.
    pub fn handle(
        &mut self,
        now: Time,
        caller: Caller,
        message: Message,
        ids: &mut ProducerIds,
        effects: &mut Effects,
    ) {
        let result = match (&message, self.is_active) {
            (_, false) => Err(Error::CoordinatorLoadInProgress),
            (Message::Transaction(request), true) => self.request(now, caller, request, ids, effects),
            _ => return,
        };
        let reply = match result {
            Ok(reply) => reply,
            Err(error) => Self::refusal(&message, error),
        };
        effects.extend(reply.map(|reply| Effect::Reply(caller, reply)));
    }

    /// The answer, if there is one already.
    fn request(
        &mut self,
        now: Time,
        caller: Caller,
        request: &Transaction,
        ids: &mut ProducerIds,
        effects: &mut Effects,
    ) -> Result<Option<Message>, Error> {
        match request {
            Transaction::InitProducerId { transactional_id: None } => {
                Self::identify(caller, ids, effects);
                Ok(None)
            }
            Transaction::InitProducerId { transactional_id: Some(id) } => self.initialise(caller, *id, ids, effects),
            Transaction::AddPartitions { transactional_id, producer, partitions } => {
                self.add(now, caller, *transactional_id, *producer, partitions, effects)
            }
            Transaction::AddOffsets { transactional_id, producer, group } => {
                let at = TopicPartition::of(self.options.offsets_topic, *group, self.options.offsets_partitions);
                self.add(now, caller, *transactional_id, *producer, &[at], effects)
            }
            Transaction::End { transactional_id, producer, is_commit } => {
                let control = if *is_commit { Control::Commit } else { Control::Abort };
                self.end(caller, *transactional_id, *producer, control, effects)
            }
            _ => Ok(None),
        }
    }

    /// A process begins to use a transactional id. What its predecessor left open
    /// is aborted first, and its epoch is over in any case.
    fn initialise(
        &mut self,
        caller: Caller,
        id: Name,
        ids: &mut ProducerIds,
        effects: &mut Effects,
    ) -> Result<Option<Message>, Error> {
        let mut fresh = || {
            let number = ids.take().ok_or(Error::CoordinatorLoadInProgress)?;
            Ok(ProducerId { number, epoch: 0 })
        };
        let Some(entry) = self.entries.get(&id) else {
            let producer = fresh()?;
            let state = State::Empty;
            let began = Time::ZERO;
            let next =
                Metadata { transactional_id: id, producer, last_epoch: None, state, partitions: Vec::new(), began };
            self.entries.insert(id, Entry::new(Metadata { ..next.clone() }));
            self.append(next, Some(caller), effects);
            return Ok(None);
        };
        let now = &entry.metadata;
        if entry.is_changing {
            return Err(Error::ConcurrentTransactions);
        }
        match now.state {
            State::Prepared(_) => Err(Error::ConcurrentTransactions),
            State::Ongoing => {
                let next = now.prepared(Control::Abort);
                self.append(next, None, effects);
                Err(Error::ConcurrentTransactions)
            }
            State::Empty | State::Complete(_) => {
                let mut producer = now.producer;
                if producer.epoch >= LAST_EPOCH {
                    producer = fresh()?;
                } else if !flaw::is_on(Flaw::EpochNotBumped) {
                    producer.epoch += 1;
                }
                let next =
                    Metadata { producer, last_epoch: None, state: State::Empty, partitions: Vec::new(), ..now.clone() };
                self.append(next, Some(caller), effects);
                Ok(None)
            }
        }
    }

    fn add(
        &mut self,
        now: Time,
        caller: Caller,
        id: Name,
        producer: ProducerId,
        partitions: &[TopicPartition],
        effects: &mut Effects,
    ) -> Result<Option<Message>, Error> {
        let entry = self.entries.get(&id).ok_or(Error::UnknownProducerId)?;
        let known = &entry.metadata;
        match known.state {
            _ if known.producer != producer => Err(Error::ProducerFenced),
            _ if entry.is_changing => Err(Error::ConcurrentTransactions),
            State::Prepared(_) => Err(Error::ConcurrentTransactions),
            State::Ongoing if partitions.iter().all(|partition| known.partitions.contains(partition)) => {
                Ok(Some(Transaction::Answer { error: None }.into()))
            }
            _ => {
                let next = known.with(partitions, now);
                self.append(next, Some(caller), effects);
                Ok(None)
            }
        }
    }

    /// The epoch has grown once the end is decided, so a producer that repeats its
    /// request comes with the last one and is told what was decided. The same holds
    /// for one whose transaction was aborted without its asking: if it wanted that as
    /// well it goes on, if it comes to commit it is fenced (KAFKA-20785; before 4.4 it
    /// was told of an invalid state, which it takes no better).
    fn end(
        &mut self,
        caller: Caller,
        id: Name,
        producer: ProducerId,
        control: Control,
        effects: &mut Effects,
    ) -> Result<Option<Message>, Error> {
        let entry = self.entries.get(&id).ok_or(Error::UnknownProducerId)?;
        let known = &entry.metadata;
        let is_repeat = known.producer.number == producer.number && known.last_epoch == Some(producer.epoch);
        // First of all, whatever the epoch (KAFKA-18464).
        if entry.is_changing || matches!(known.state, State::Prepared(_)) {
            return Err(Error::ConcurrentTransactions);
        }
        match known.state {
            State::Complete(ended) if is_repeat => match (ended, control) {
                (Control::Abort, Control::Commit) => Err(Error::ProducerFenced),
                (Control::Commit, Control::Abort) => Err(Error::InvalidTxnState),
                _ => Ok(Some(Transaction::Ended { answer: Ok(known.producer) }.into())),
            },
            _ if known.producer != producer => Err(Error::ProducerFenced),
            // Nothing was begun: there is nothing to commit, but an abort may be
            // meant to make sure of that.
            State::Empty | State::Complete(_) if control == Control::Commit => Err(Error::InvalidTxnState),
            _ => {
                let next = known.prepared(control);
                self.append(next, Some(caller), effects);
                Ok(None)
            }
        }
    }
}
