//! The producer's buffer: what `send()` puts in, by partition, until an answer has
//! come. It has bounds. When it is full, or while the topic's partitions are not
//! known, `send()` blocks, and throws after `max.block.ms`.
//!
//! A batch is sent once it is full or has lingered. The time that a record may
//! take (`delivery.timeout.ms`) counts from the beginning of its batch and goes on
//! through all resends.

use std::collections::VecDeque;

use super::LogProducerOptions;
use super::batch::{Batch, Lane};
use crate::client::log::partitioner::{Sticky, of_key};
use crate::time::Time;

#[derive(Clone, Debug, Default)]
pub struct Buffer {
    pub lanes: Vec<Lane>,
    /// Calls of `send()` that block: places in the workload, and since when.
    pub blocked: VecDeque<(u32, Time)>,
    /// Records in batches.
    pub records: usize,
    /// The topic's partitions are known.
    is_known: bool,
    batches: u64,
    sticky: Sticky,
}

impl Buffer {
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Gives everything up. What is in flight may still be answered.
    pub fn abandon(&mut self) {
        self.lanes.fill(Lane::default());
        self.blocked.clear();
        self.records = 0;
    }

    /// Makes room for the partitions there are; zero: they are not known, or not
    /// any more.
    pub fn know(&mut self, partitions: u16) {
        self.is_known = partitions > 0;
        while self.lanes.len() < usize::from(partitions) {
            self.lanes.push(Lane::default());
        }
    }

    pub fn has_room(&self, options: &LogProducerOptions) -> bool {
        self.is_known && self.records < options.buffer_records.max(1)
    }

    /// Puts a record in a batch, and says of which partition.
    pub fn append(&mut self, now: Time, index: u32, options: &LogProducerOptions) -> u16 {
        let fact = options.workload.fact(index as usize);
        let (partitions, room) = (self.lanes.len() as u16, options.batch_records.max(1));
        let partition = if options.keyed {
            of_key(fact.key, partitions)
        } else {
            self.sticky.next(fact.message, partitions, room, options.seed)
        };
        let queue = &mut self.lanes[usize::from(partition)].queue;
        let is_open = |batch: &Batch| batch.attempts == 0 && batch.records.len() < room;
        if !queue.back().is_some_and(is_open) {
            self.batches += 1;
            queue.push_back(Batch::new(self.batches, now));
        }
        queue.back_mut().expect("there is one now").records.push(index);
        self.records += 1;
        partition
    }

    /// Whether something of this partition should be sent now; what is behind the
    /// first batch goes along. `hurry`: nobody waits for more records.
    pub fn is_due(&self, now: Time, partition: usize, hurry: bool, options: &LogProducerOptions) -> bool {
        let lane = &self.lanes[partition];
        let Some(first) = lane.queue.front() else { return false };
        if first.attempts > 0 {
            return first.not_before <= now;
        }
        let is_full = lane.queue.len() > 1 || first.records.len() >= options.batch_records.max(1);
        is_full || hurry || !self.blocked.is_empty() || first.created + options.linger <= now
    }

    /// Whether the first batch may be sent at all, being under way with others of
    /// its broker.
    pub fn is_ripe(&self, now: Time, partition: usize, options: &LogProducerOptions) -> bool {
        let lane = &self.lanes[partition];
        // With one request in flight, order is kept by waiting for each answer.
        let is_muted = options.in_flight <= 1 && !lane.in_flight.is_empty();
        !is_muted && lane.queue.front().is_some_and(|first| first.not_before <= now)
    }

    /// The next time at which something becomes due, after `now`.
    pub fn next_due(&self, now: Time, options: &LogProducerOptions, expires: bool) -> Option<Time> {
        let blocked = self.blocked.front().map(|(_, since)| *since + options.max_block);
        let of_lane = |lane: &Lane| {
            let first = lane.queue.front();
            let sendable = first.map(|first| first.not_before.max(first.created + options.linger));
            let oldest = lane.in_flight.iter().chain(first).map(|batch| batch.created).min();
            let expiry = oldest.filter(|_| expires).map(|oldest| oldest + options.delivery_timeout);
            sendable.filter(|at| *at > now).into_iter().chain(expiry).min()
        };
        self.lanes.iter().filter_map(of_lane).chain(blocked).min()
    }

    /// All records in it, oldest first within a partition, with the attempts of
    /// their batches.
    pub fn held(&self) -> impl Iterator<Item = (u32, u16)> + '_ {
        let batched = self.lanes.iter().flat_map(Lane::batches);
        let batched = batched.flat_map(|batch| batch.records.iter().map(|index| (*index, batch.attempts.max(1))));
        batched.chain(self.blocked.iter().map(|(index, _)| (*index, 1)))
    }

    /// Whether nothing is unanswered.
    pub fn is_flushed(&self) -> bool {
        self.records == 0 && self.blocked.is_empty()
    }
}
