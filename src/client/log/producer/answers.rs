//! What a producer does with the answers to its requests, and with their absence.
//!
//! A retriable error, and a lost connection as well, sends a batch back to the
//! queue, where it waits a while; its time goes on. The errors that a batch can
//! meet fall in three kinds: it was certainly not written; it may have been; or
//! the broker misses, or no longer knows, numbers of this producer, and then a new
//! epoch begins.

use super::batch::Batch;
use super::{Asked, LogProducer};
use crate::client::log::network::back_off;
use crate::event::{Answer, NodeId, Reason};
use crate::node::Outputs;
use crate::protocol::log::{Acks, Client, Error, Message};
use crate::random::Purpose;
use crate::time::Time;

impl LogProducer {
    pub(super) fn hear(&mut self, now: Time, _: NodeId, asked: Asked, message: Message, out: &mut Outputs) {
        match (asked, message) {
            (Asked::Produce(ids), Message::Client(Client::Produced { partitions })) => {
                for answered in &*partitions {
                    let partition = answered.partition.partition;
                    let Some((_, id)) = ids.iter().find(|(asked, _)| *asked == partition) else { continue };
                    self.answered(now, usize::from(partition), *id, answered.answer, out);
                }
            }
            (Asked::Produce(_), _) => {}
            (asked, message) => self.negotiated(now, &asked, message, out),
        }
    }

    /// No answer will come to this request.
    pub(super) fn lost(&mut self, now: Time, asked: Asked, out: &mut Outputs) {
        let Asked::Produce(ids) = asked else { return self.negotiation_lost(now) };
        for (partition, id) in ids {
            let partition = usize::from(partition);
            if let Some(batch) = self.buffer.lanes[partition].take_in_flight(id) {
                self.failed(now, partition, batch, None, out);
            }
        }
    }

    fn answered(&mut self, now: Time, partition: usize, id: u64, answer: Result<u64, Error>, out: &mut Outputs) {
        let lane = &mut self.buffer.lanes[partition];
        // It may have been given up meanwhile.
        let Some(batch) = lane.take_in_flight(id) else { return };
        match answer {
            Ok(_) => {
                lane.acknowledged(&batch);
                lane.resolve();
                self.end(&batch, Answer::Ok, out);
            }
            Err(error) => self.failed(now, partition, batch, Some(error), out),
        }
    }

    /// A batch was refused, or went unanswered (`None`).
    fn failed(&mut self, now: Time, partition: usize, mut batch: Batch, error: Option<Error>, out: &mut Outputs) {
        batch.is_doubtful |= self.leaves_doubt(error);
        if error.is_none_or(hints_at_metadata) {
            self.cluster.suspect();
        }
        let lane = &mut self.buffer.lanes[partition];
        match error {
            Some(Error::OutOfOrderSequenceNumber) => lane.is_gap(&batch),
            Some(Error::UnknownProducerId) => lane.is_unknown(&batch),
            _ => {}
        }
        let has_time = now < batch.created + self.options.delivery_timeout;
        let may_retry = self.options.retries && self.transaction.as_ref().is_none_or(|open| !open.has_failed);
        if has_time && may_retry && self.is_retriable(error, &batch) {
            let message = self.copy(batch.records[0], 1).message;
            let draw = self.options.seed.draw(Purpose::RetryBackOff).by(message.0.into()).by(batch.attempts.into());
            let failures = u32::from(batch.attempts.saturating_sub(1));
            batch.not_before = now + back_off(self.options.retry_back_off, failures, draw.value());
            self.buffer.lanes[partition].put_back(batch);
            return;
        }
        let lane = &mut self.buffer.lanes[partition];
        lane.given_up(&batch, batch.is_doubtful);
        lane.resolve();
        let answer = if batch.is_doubtful { Answer::Unknown } else { Answer::Refused };
        self.give_up(&batch, answer, if has_time { Reason::GaveUp } else { Reason::DeliveryTimeout }, out);
    }

    /// Whether the record may be in the log after this answer, or none.
    fn leaves_doubt(&self, error: Option<Error>) -> bool {
        match error {
            None | Some(Error::RequestTimedOut | Error::NotEnoughReplicasAfterAppend | Error::KafkaStorageError) => {
                true
            }
            // A leader that has appended, and loses its office while it waits for
            // its followers, answers so as well.
            Some(Error::NotLeaderOrFollower) => self.options.acks == Acks::All,
            Some(_) => false,
        }
    }

    fn is_retriable(&self, error: Option<Error>, batch: &Batch) -> bool {
        match error {
            None => true,
            Some(
                Error::UnknownTopicOrPartition
                | Error::NotLeaderOrFollower
                | Error::LeaderNotAvailable
                | Error::FencedLeaderEpoch
                | Error::UnknownLeaderEpoch
                | Error::KafkaStorageError
                | Error::RequestTimedOut
                | Error::NotEnoughReplicas
                | Error::NotEnoughReplicasAfterAppend,
            ) => true,
            // In a transaction a gap cannot be closed.
            Some(Error::OutOfOrderSequenceNumber | Error::UnknownProducerId) => {
                self.options.is_idempotent() && self.transaction.is_none()
            }
            Some(Error::InvalidProducerEpoch) => batch.is_renumbered,
            Some(_) => false,
        }
    }

    /// Begins a new epoch, if some partition needs one. Only an idempotent producer
    /// without transactions may count its own epochs.
    pub(super) fn renew_epoch(&mut self) {
        let Some(producer) = &mut self.identity.producer else { return };
        if self.transaction.is_some() || !self.buffer.lanes.iter().any(|lane| lane.wants_epoch) {
            return;
        }
        producer.epoch = producer.epoch.wrapping_add(1);
        let producer = *producer;
        for lane in self.buffer.lanes.iter_mut().filter(|lane| lane.wants_epoch) {
            lane.renumber(producer);
        }
    }
}

const fn hints_at_metadata(error: Error) -> bool {
    use Error::{
        FencedLeaderEpoch, KafkaStorageError, LeaderNotAvailable, NotLeaderOrFollower, UnknownLeaderEpoch,
        UnknownTopicOrPartition,
    };
    matches!(
        error,
        NotLeaderOrFollower
            | FencedLeaderEpoch
            | UnknownLeaderEpoch
            | LeaderNotAvailable
            | UnknownTopicOrPartition
            | KafkaStorageError
    )
}
