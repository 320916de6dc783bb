//! What a partition knows of idempotent producers: so a batch that is sent again
//! is answered like the first time, and one that overtook another is refused. Every
//! replica keeps it, from the log itself, so it survives a change of leaders.
//!
//! Also open transactions, which begin with a producer's first transactional batch
//! and end with a marker in the log. Readers of committed records stop at the
//! *last stable offset*: before the first open transaction.
//!
//! A marker carries the epoch after the one of the records that it ends (KIP-890).
//! So one that comes late, or a second time, cannot end the transaction after its
//! own, which is of its epoch (KIP-1228); where nothing is open it changes nothing,
//! and its coordinator, which may not have heard the first answer, is told that it
//! is written (KAFKA-19999, 4.3.1).
//!
//! Left out: the coordinator epoch in markers, verification of transactions with
//! the coordinator before the first append. A sequence number wraps at 2^32 (Kafka:
//! 2^31). Source: `ProducerAppendInfo`, `ProducerStateManager`.

use std::collections::BTreeMap;

use super::effect::Appended;
use crate::flaw::{self, Flaw};
use crate::protocol::log::{Batch, Control, Error, ProducerId};
use crate::time::{Span, Time};

/// How many batches are remembered of each producer: as many as it may have in
/// flight.
const REMEMBERED: usize = 5;

#[derive(Clone, Debug, Default)]
pub(super) struct Producers {
    pub list: BTreeMap<u64, Producer>,
    /// (first offset, marker) of transactions that ended above the high watermark:
    /// until their marker is committed they count as open.
    pub ended: Vec<(u64, u64)>,
}

#[derive(Clone, Debug)]
pub(super) struct Producer {
    pub epoch: u16,
    /// Of this epoch, oldest first, [`REMEMBERED`] at most.
    pub batches: Vec<Remembered>,
    /// Where its open transaction begins.
    pub transaction: Option<u64>,
    /// When it last appended.
    pub used: Time,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Remembered {
    /// Of the first record.
    pub sequence: u32,
    pub first: u64,
    pub end: u64,
}

/// A transaction that was aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aborted {
    pub producer: u64,
    pub first: u64,
    /// The offset of the marker.
    pub marker: u64,
}

impl Producer {
    pub fn new(epoch: u16) -> Self {
        Self { epoch, batches: Vec::new(), transaction: None, used: Time::ZERO }
    }

    fn next_sequence(&self) -> u32 {
        self.batches.last().map_or(0, |last| last.sequence.wrapping_add((last.end - last.first) as u32))
    }

    fn enter(&mut self, epoch: u16) {
        if epoch > self.epoch {
            self.epoch = epoch;
            self.batches.clear();
        }
    }
}

impl Producers {
    /// Whether a batch may be appended; `Some` if it was already. A coordinator's
    /// batches have no sequence of their own: only the epoch is looked at.
    ///
    /// An unknown producer may begin with any number: all it ever wrote may have
    /// been deleted by retention (`UNKNOWN_PRODUCER_ID` is no longer sent).
    pub fn check(&self, batch: &Batch, by_coordinator: bool) -> Result<Option<Appended>, Error> {
        let Some(sequence) = batch.sequence else { return Ok(None) };
        let ProducerId { number, epoch } = sequence.producer;
        let known = self.list.get(&number).filter(|_| !flaw::is_on(Flaw::SequenceIgnored));
        let Some(producer) = known else { return Ok(None) };
        let by_client = !by_coordinator && batch.control.is_none();
        if by_client && epoch == producer.epoch {
            let is_it = |seen: &&Remembered| seen.sequence == sequence.first && seen.end - seen.first == batch.count();
            if let Some(seen) = producer.batches.iter().find(is_it) {
                return Ok(Some(Appended { first: seen.first, end: seen.end, is_repeat: true }));
            }
        }
        let is_late = batch.control.is_some() && epoch == producer.epoch && producer.transaction.is_some();
        let is_old = epoch < producer.epoch && !flaw::is_on(Flaw::OldEpochAccepted);
        if is_old || is_late && !flaw::is_on(Flaw::LateMarkerEndsNext) {
            return Err(Error::InvalidProducerEpoch);
        }
        let expected = if epoch == producer.epoch { producer.next_sequence() } else { 0 };
        if by_client && sequence.first != expected {
            return Err(Error::OutOfOrderSequenceNumber);
        }
        if producer.transaction.is_some() && !batch.is_transactional && batch.control.is_none() {
            return Err(Error::InvalidTxnState);
        }
        Ok(None)
    }

    /// Takes note of a batch in the log. Returns the transaction that it aborts.
    pub fn apply(&mut self, batch: &Batch, by_coordinator: bool, now: Time) -> Option<Aborted> {
        let sequence = batch.sequence?;
        let ProducerId { number, epoch } = sequence.producer;
        let producer = self.list.entry(number).or_insert_with(|| Producer::new(epoch));
        producer.enter(epoch);
        producer.used = now;
        let first = batch.first_offset;
        if let Some(control) = batch.control {
            let began = producer.transaction.take()?;
            self.ended.push((began, first));
            return (control == Control::Abort).then_some(Aborted { producer: number, first: began, marker: first });
        }
        if !by_coordinator && epoch == producer.epoch {
            if producer.batches.len() == REMEMBERED {
                producer.batches.remove(0);
            }
            producer.batches.push(Remembered { sequence: sequence.first, first, end: batch.end_offset() });
        }
        if batch.is_transactional {
            producer.transaction.get_or_insert(first);
        }
        None
    }

    /// Where the first transaction begins that is open, or ended above the high
    /// watermark.
    pub fn first_unstable(&self) -> Option<u64> {
        let open = self.list.values().filter_map(|producer| producer.transaction);
        open.chain(self.ended.iter().map(|(first, _)| *first)).min()
    }

    pub fn watermark_moved(&mut self, high_watermark: u64) {
        if !self.ended.is_empty() {
            self.ended.retain(|(_, marker)| *marker >= high_watermark);
        }
    }

    /// Forgets producers that have been silent for long.
    pub fn expire(&mut self, now: Time, after: Span) {
        self.list.retain(|_, producer| producer.transaction.is_some() || now.since(producer.used) < after);
    }
}
