//! The records of a replica's files, as bytes. A segment begins with a header: the
//! offset it begins at, which must outlive all batches before it, and what was
//! known of producers then (Kafka keeps that in `.snapshot` files beside segments).

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::producers::{Producer, Producers, Remembered};
use crate::event::CopyId;
use crate::protocol::log::{Batch, Control, ProducerId, Record, Sequence};
use crate::time::Time;
use crate::wal;

pub(super) const HEADER: u8 = 1;
pub(super) const BATCH: u8 = 2;
pub(super) const CHECKPOINT: u8 = 3;

const NONE: u64 = u64::MAX;

/// A record of one of a replica's files.
#[derive(Clone, Debug)]
pub(super) enum Stored {
    Header {
        base: u64,
        producers: Producers,
    },
    Batch {
        batch: Batch,
        /// When it was appended here.
        appended: Time,
    },
    Checkpoint {
        high_watermark: u64,
        log_start: u64,
    },
}

pub(super) fn encode_checkpoint(bytes: &mut Vec<u8>, high_watermark: u64, log_start: u64) {
    put(bytes, high_watermark);
    put(bytes, log_start);
}

pub(super) fn encode_header(bytes: &mut Vec<u8>, base: u64, producers: &Producers) {
    put(bytes, base);
    put(bytes, producers.list.len() as u64);
    for (number, producer) in &producers.list {
        put(bytes, *number);
        put(bytes, producer.epoch.into());
        put(bytes, producer.transaction.unwrap_or(NONE));
        put(bytes, producer.used.as_nanos());
        let last = producer.batches.last();
        put(bytes, last.map_or(NONE, |last| last.sequence.into()));
        put(bytes, last.map_or(0, |last| last.first));
        put(bytes, last.map_or(0, |last| last.end));
    }
}

pub(super) fn encode_batch(bytes: &mut Vec<u8>, batch: &Batch, appended: Time) {
    put(bytes, batch.first_offset);
    put(bytes, appended.as_nanos());
    put32(bytes, batch.leader_epoch);
    let control = match batch.control {
        None => 0,
        Some(Control::Commit) => 1,
        Some(Control::Abort) => 2,
    };
    bytes.push(control | u8::from(batch.is_transactional) << 2 | u8::from(batch.sequence.is_some()) << 3);
    if let Some(Sequence { producer, first }) = batch.sequence {
        put(bytes, producer.number);
        put32(bytes, producer.epoch.into());
        put32(bytes, first);
    }
    put32(bytes, batch.records.len() as u32);
    for record in batch.records.iter() {
        put(bytes, record.copy.tag());
        bytes.push(record.key.is_some().into());
        put32(bytes, record.key.unwrap_or(0));
        put32(bytes, record.payload.len() as u32);
        bytes.extend_from_slice(&record.payload);
    }
}

/// `None`: not a record of these files.
pub(super) fn decode(record: wal::Record<'_>) -> Option<Stored> {
    let mut from = Reader(record.payload);
    match record.kind {
        HEADER => Some(Stored::Header { base: from.long()?, producers: decode_producers(&mut from)? }),
        BATCH => decode_batch(&mut from),
        CHECKPOINT => Some(Stored::Checkpoint { high_watermark: from.long()?, log_start: from.long()? }),
        _ => None,
    }
}

fn decode_producers(from: &mut Reader<'_>) -> Option<Producers> {
    let mut list = BTreeMap::new();
    for _ in 0..from.long()? {
        let number = from.long()?;
        let mut producer = Producer::new(from.long()? as u16);
        producer.transaction = Some(from.long()?).filter(|first| *first != NONE);
        producer.used = Time::from_nanos(from.long()?);
        let (sequence, first, end) = (from.long()?, from.long()?, from.long()?);
        if sequence != NONE {
            producer.batches.push(Remembered { sequence: sequence as u32, first, end });
        }
        list.insert(number, producer);
    }
    Some(Producers { list, ..Producers::default() })
}

fn decode_batch(from: &mut Reader<'_>) -> Option<Stored> {
    let (first_offset, appended) = (from.long()?, Time::from_nanos(from.long()?));
    let leader_epoch = from.word()?;
    let flags = from.byte()?;
    let mut sequence = None;
    if flags & 8 != 0 {
        let producer = ProducerId { number: from.long()?, epoch: from.word()? as u16 };
        sequence = Some(Sequence { producer, first: from.word()? });
    }
    let mut records = Vec::new();
    for _ in 0..from.word()? {
        let copy = CopyId::from_tag(from.long()?);
        let (has_key, key) = (from.byte()? != 0, from.word()?);
        let length = from.word()? as usize;
        let payload = Bytes::copy_from_slice(from.take(length)?);
        records.push(Record { copy, key: has_key.then_some(key), payload });
    }
    let control = match flags & 3 {
        1 => Some(Control::Commit),
        2 => Some(Control::Abort),
        _ => None,
    };
    let (is_transactional, records) = (flags & 4 != 0, Arc::from(records));
    let batch = Batch { first_offset, leader_epoch, sequence, is_transactional, control, records };
    Some(Stored::Batch { batch, appended })
}

fn put(bytes: &mut Vec<u8>, value: u64) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn put32(bytes: &mut Vec<u8>, value: u32) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn long(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn word(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }
}
