//! Who the producer is: an id and an epoch, given by a broker, under which its
//! batches are numbered. A process without a transactional id is somebody else
//! after every start, so a broker cannot know what an earlier one has sent.

use super::{Asked, LogProducer};
use crate::client::log::network::back_off;
use crate::event::{Kind, NodeId, producer_detail};
use crate::node::Outputs;
use crate::protocol::log::{Error, Group, Message, ProducerId, Transaction};
use crate::random::Purpose;
use crate::time::Time;

/// What is known of it, and the one question that may be open about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity {
    pub producer: Option<ProducerId>,
    /// The broker that coordinates the transactional id.
    pub coordinator: Option<NodeId>,
    /// A question is not answered.
    pub is_asked: bool,
    /// The next may not be asked before.
    pub not_before: Time,
    failures: u32,
}

impl LogProducer {
    /// Asks for an id, if there is none.
    pub(super) fn identify(&mut self, now: Time, out: &mut Outputs) {
        let is_fenced = self.transaction.as_ref().is_some_and(|transaction| transaction.is_fenced);
        if !self.options.is_idempotent() || self.identity.producer.is_some() || is_fenced || !self.may_ask(now) {
            return;
        }
        let transactional_id = self.options.transactional_id;
        let node = match transactional_id {
            Some(_) => self.coordinator(now, out),
            None => self.cluster.any(now, out),
        };
        if let Some(node) = node {
            self.question(now, node, Transaction::InitProducerId { transactional_id }, Asked::ProducerId, out);
        }
    }

    pub(super) fn may_ask(&self, now: Time) -> bool {
        !self.identity.is_asked && self.identity.not_before <= now
    }

    /// The coordinator, if it is known and ready; or it is asked for.
    pub(super) fn coordinator(&mut self, now: Time, out: &mut Outputs) -> Option<NodeId> {
        if let Some(node) = self.identity.coordinator {
            return self.cluster.network().is_ready(now, node, out).then_some(node);
        }
        let key = self.options.transactional_id?;
        let node = self.cluster.any(now, out)?;
        self.question(now, node, Group::FindCoordinator { key, is_transaction: true }, Asked::Coordinator, out);
        None
    }

    pub(super) fn question(
        &mut self,
        now: Time,
        node: NodeId,
        message: impl Into<Message>,
        asked: Asked,
        out: &mut Outputs,
    ) {
        self.identity.is_asked = true;
        self.cluster.ask(now, node, message, asked, out);
    }

    /// An answer came to a question.
    pub(super) fn negotiated(&mut self, now: Time, asked: &Asked, message: Message, out: &mut Outputs) {
        self.identity.is_asked = false;
        match (asked, message) {
            (Asked::Coordinator, Message::Group(Group::Coordinator { broker })) => match broker {
                Ok(node) => self.identity.coordinator = Some(node),
                Err(_) => self.ask_later(now),
            },
            (Asked::ProducerId, Message::Transaction(Transaction::ProducerIdGiven { answer })) => match answer {
                Ok(producer) => {
                    self.identity.producer = Some(producer);
                    self.identity.failures = 0;
                    if self.options.transactional_id.is_some() {
                        let detail = producer_detail(producer.number, producer.epoch);
                        out.note_with(Kind::ProducerIdentified, None, detail);
                    }
                }
                Err(error) => self.refused(now, error, out),
            },
            (Asked::AddPartitions, Message::Transaction(Transaction::Answer { error })) => {
                self.added(now, error, out);
            }
            (Asked::End, Message::Transaction(Transaction::Ended { answer })) => self.ended(now, answer, out),
            _ => self.ask_later(now),
        }
    }

    /// No answer will come.
    pub(super) fn negotiation_lost(&mut self, now: Time) {
        self.identity.is_asked = false;
        self.identity.coordinator = None;
        self.ask_later(now);
    }

    /// A question was refused, and is asked again unless a newer producer has
    /// taken over.
    pub(super) fn refused(&mut self, now: Time, error: Error, out: &mut Outputs) {
        match error {
            Error::ProducerFenced | Error::InvalidProducerEpoch | Error::InvalidTxnState => self.fenced(out),
            Error::NotCoordinator | Error::CoordinatorNotAvailable => self.identity.coordinator = None,
            _ => {}
        }
        self.ask_later(now);
    }

    fn ask_later(&mut self, now: Time) {
        let failures = self.identity.failures;
        self.identity.failures += 1;
        let draw = self.options.seed.draw(Purpose::RetryBackOff).by(u64::MAX - 1).by(failures.into());
        self.identity.not_before = now + back_off(self.options.retry_back_off, failures, draw.value());
    }

    /// A question was answered well: the next failure is the first.
    pub(super) const fn asked_well(&mut self) {
        self.identity.failures = 0;
    }
}
