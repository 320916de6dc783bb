//! Which batches are sent when, and to whom. A broker gets one request with a
//! batch of each of its partitions as soon as one of them is due, and only so many
//! requests at a time. A record's time to be delivered runs out here, too.
//!
//! Nothing runs out while an idempotent producer has no id yet, as the sender does
//! nothing else until it has one: measured on client 4.3.1.

use std::sync::Arc;

use super::batch::Batch;
use super::{Asked, LogProducer, SENDER};
use crate::event::{Answer, CopyId, Kind, NodeId, Reason};
use crate::node::Outputs;
use crate::protocol::log::{self, Acks, Client, ProducePartition, Record, TopicPartition};
use crate::time::{Span, Time};

/// How often to look again at what nothing else wakes.
const LOOK_AGAIN: Span = Span::from_secs(1);

impl LogProducer {
    /// Whether the sender works at all: not before it knows who it is.
    pub(super) fn is_identified(&self) -> bool {
        !self.options.is_idempotent() || self.identity.producer.is_some()
    }

    /// Gives up what could not be delivered in time. Whatever the broker has of
    /// it, nobody will know.
    pub(super) fn expire(&mut self, now: Time, out: &mut Outputs) {
        if !self.is_identified() {
            return;
        }
        let timeout = self.options.delivery_timeout;
        let is_over = |batch: &Batch| batch.created + timeout <= now;
        for partition in 0..self.buffer.lanes.len() {
            loop {
                let lane = &mut self.buffer.lanes[partition];
                let batch = match lane.in_flight.iter().position(is_over) {
                    Some(place) => lane.in_flight.remove(place),
                    None if lane.queue.front().is_some_and(is_over) => lane.queue.pop_front(),
                    None => None,
                };
                let Some(batch) = batch else { break };
                lane.given_up(&batch, true);
                self.give_up(&batch, Answer::Unknown, Reason::DeliveryTimeout, out);
            }
            self.buffer.lanes[partition].resolve();
        }
    }

    pub(super) fn send_batches(&mut self, now: Time, out: &mut Outputs) {
        if !self.is_identified() {
            return;
        }
        while let Some(node) = self.next_node(now, out) {
            self.send_to(now, node, out);
        }
    }

    /// A broker that is to get a request now.
    fn next_node(&mut self, now: Time, out: &mut Outputs) -> Option<NodeId> {
        let limit = self.options.in_flight.max(1);
        let hurry = self.transaction.is_some();
        for partition in 0..self.buffer.lanes.len() {
            if !self.buffer.is_due(now, partition, hurry, &self.options) || !self.may_send(now, partition) {
                continue;
            }
            match self.cluster.leader(self.place(partition)) {
                None => self.cluster.suspect(),
                Some((node, _)) => {
                    let network = self.cluster.network();
                    if network.in_flight(node) < limit && network.is_ready(now, node, out) {
                        return Some(node);
                    }
                }
            }
        }
        None
    }

    fn may_send(&self, now: Time, partition: usize) -> bool {
        let in_order = match self.identity.producer {
            Some(producer) => self.buffer.lanes[partition].may_send(producer),
            None => true,
        };
        let is_added = self.transaction.as_ref().is_none_or(|transaction| transaction.has_added(partition as u16));
        in_order && is_added && self.buffer.is_ripe(now, partition, &self.options)
    }

    const fn place(&self, partition: usize) -> TopicPartition {
        TopicPartition { topic: self.options.topic, partition: partition as u16 }
    }

    /// Sends a batch of each partition that this broker leads.
    fn send_to(&mut self, now: Time, node: NodeId, out: &mut Outputs) {
        let mut partitions = Vec::new();
        let mut ids = Vec::new();
        let mut about = None;
        for partition in 0..self.buffer.lanes.len() {
            let leads = self.cluster.leader(self.place(partition)).is_some_and(|(leader, _)| leader == node);
            if !leads || !self.may_send(now, partition) {
                continue;
            }
            let Some(batch) = self.buffer.lanes[partition].take(self.identity.producer) else { continue };
            about = about.or(batch.records.first().map(|index| self.copy(*index, batch.attempts)));
            partitions.push(self.frame(partition, &batch));
            ids.push((partition as u16, batch.id));
            self.sent(partition, batch, out);
        }
        if partitions.is_empty() {
            return;
        }
        let acks = self.options.acks;
        let request = (acks != Acks::None).then(|| Asked::Produce(ids.into()));
        let timeout = self.options.request_timeout;
        let message = Client::Produce { acks, timeout, partitions: partitions.into() };
        self.cluster.send(now, node, message, about, request, out);
    }

    /// A batch as it travels. Every attempt makes copies of its own.
    fn frame(&mut self, partition: usize, batch: &Batch) -> ProducePartition {
        let record = |index: &u32| {
            let workload = &self.options.workload;
            let fact = workload.fact(*index as usize);
            let before = self.shop.as_ref().map_or(0, |shop| shop.sent_before(fact.message));
            let copy = CopyId { message: fact.message, attempt: batch.attempts.saturating_add(before), branch: 0 };
            let key = self.options.keyed.then_some(fact.key);
            Record { copy, key, payload: self.payloads.of(workload, *index as usize) }
        };
        let records: Arc<[Record]> = batch.records.iter().map(record).collect();
        let batch = log::Batch {
            first_offset: 0,
            leader_epoch: 0,
            sequence: batch.sequence,
            is_transactional: self.transaction.is_some(),
            control: None,
            records,
        };
        ProducePartition { partition: self.place(partition), batch }
    }

    /// A batch leaves. With `acks=0` that is the end of the matter.
    fn sent(&mut self, partition: usize, batch: Batch, out: &mut Outputs) {
        self.told.sent += batch.records.len() as u64;
        for index in &batch.records {
            out.note(Kind::Sent, Some(self.copy(*index, batch.attempts)));
        }
        if self.options.acks == Acks::None {
            self.end(&batch, Answer::Unknown, out);
        } else {
            self.buffer.lanes[partition].in_flight.push_back(batch);
        }
    }

    /// A batch is done with, and its place in the buffer free.
    pub(super) fn end(&mut self, batch: &Batch, answer: Answer, out: &mut Outputs) {
        self.buffer.records -= batch.records.len();
        if let Some(transaction) = &mut self.transaction {
            transaction.has_failed |= answer != Answer::Ok;
            return;
        }
        for index in &batch.records {
            self.tell(self.copy(*index, batch.attempts.max(1)), answer, out);
        }
    }

    pub(super) fn give_up(&mut self, batch: &Batch, answer: Answer, why: Reason, out: &mut Outputs) {
        self.end(batch, answer, out);
        if self.transaction.is_none() {
            for index in &batch.records {
                self.drop_record(self.copy(*index, batch.attempts.max(1)), why, out);
            }
        }
    }

    /// Sets the timer for what is due next. As long as there is work, a run goes on.
    pub(super) fn arm(&mut self, now: Time, out: &mut Outputs) {
        let buffered = self.buffer.next_due(now, &self.options, self.is_identified());
        let negotiated = Some(self.identity.not_before).filter(|at| *at > now);
        let has_work = !self.buffer.is_flushed() || self.transaction.as_ref().is_some_and(|open| open.has_work());
        let next = has_work.then(|| [buffered, negotiated].into_iter().flatten().min().unwrap_or(now + LOOK_AGAIN));
        if next == self.armed || (buffered.or(negotiated).is_none() && has_work && self.armed.is_some()) {
            return;
        }
        self.armed = next;
        match next {
            Some(at) => out.set_timer(SENDER, at),
            None => out.cancel_timer(SENDER),
        }
    }
}
