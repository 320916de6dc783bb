//! The records of a replica's files, as bytes. A segment begins with a header: the
//! offset it begins at, which must outlive all batches before it, and what was
//! known of producers then (Kafka keeps that in `.snapshot` files beside segments).

use std::collections::BTreeMap;

use bytes::Buf;

use super::producers::{Producer, Producers, Remembered};
use crate::codec::{Coded, get_all, put_all};
use crate::protocol::log::{Batch, Control, ProducerId, Record, Sequence};
use crate::time::Time;
use crate::wal;

pub(super) const HEADER: u8 = 1;
pub(super) const BATCH: u8 = 2;
pub(super) const CHECKPOINT: u8 = 3;

/// The flags of a batch: a marker that ends a transaction, and what else it is.
const COMMIT: u8 = 1;
const ABORT: u8 = 2;
const TRANSACTIONAL: u8 = 4;
const SEQUENCED: u8 = 8;

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
    high_watermark.put(bytes);
    log_start.put(bytes);
}

pub(super) fn encode_header(bytes: &mut Vec<u8>, base: u64, producers: &Producers) {
    base.put(bytes);
    (producers.list.len() as u64).put(bytes);
    for (number, producer) in &producers.list {
        number.put(bytes);
        u64::from(producer.epoch).put(bytes);
        producer.transaction.put(bytes);
        producer.used.put(bytes);
        let last = producer.batches.last();
        last.map(|last| u64::from(last.sequence)).put(bytes);
        last.map_or(0, |last| last.first).put(bytes);
        last.map_or(0, |last| last.end).put(bytes);
    }
}

pub(super) fn encode_batch(bytes: &mut Vec<u8>, batch: &Batch, appended: Time) {
    batch.first_offset.put(bytes);
    appended.put(bytes);
    batch.leader_epoch.put(bytes);
    let control = match batch.control {
        None => 0,
        Some(Control::Commit) => COMMIT,
        Some(Control::Abort) => ABORT,
    };
    let is = |flag: u8, yes: bool| if yes { flag } else { 0 };
    (control | is(TRANSACTIONAL, batch.is_transactional) | is(SEQUENCED, batch.sequence.is_some())).put(bytes);
    if let Some(Sequence { producer, first }) = batch.sequence {
        producer.number.put(bytes);
        u32::from(producer.epoch).put(bytes);
        first.put(bytes);
    }
    put_all(batch.records.iter(), bytes);
}

/// `None`: not a record of these files.
pub(super) fn decode(record: wal::Record<'_>) -> Option<Stored> {
    let from = &mut &record.payload[..];
    match record.kind {
        HEADER => Some(Stored::Header { base: Coded::get(from)?, producers: decode_producers(from)? }),
        BATCH => decode_batch(from),
        CHECKPOINT => Some(Stored::Checkpoint { high_watermark: Coded::get(from)?, log_start: Coded::get(from)? }),
        _ => None,
    }
}

fn decode_producers(from: &mut impl Buf) -> Option<Producers> {
    let mut list = BTreeMap::new();
    for _ in 0..u64::get(from)? {
        let number = Coded::get(from)?;
        let mut producer = Producer::new(u64::get(from)? as u16);
        producer.transaction = Coded::get(from)?;
        producer.used = Coded::get(from)?;
        let (sequence, first, end) = (<Option<u64>>::get(from)?, Coded::get(from)?, Coded::get(from)?);
        producer.batches.extend(sequence.map(|sequence| Remembered { sequence: sequence as u32, first, end }));
        list.insert(number, producer);
    }
    Some(Producers { list, ..Producers::default() })
}

fn decode_batch(from: &mut impl Buf) -> Option<Stored> {
    let (first_offset, appended) = (Coded::get(from)?, Coded::get(from)?);
    let leader_epoch = Coded::get(from)?;
    let flags = u8::get(from)?;
    let mut sequence = None;
    if flags & SEQUENCED != 0 {
        let producer = ProducerId { number: Coded::get(from)?, epoch: u32::get(from)? as u16 };
        sequence = Some(Sequence { producer, first: Coded::get(from)? });
    }
    let records = get_all(from)?;
    let control = match flags & (COMMIT | ABORT) {
        COMMIT => Some(Control::Commit),
        ABORT => Some(Control::Abort),
        _ => None,
    };
    let is_transactional = flags & TRANSACTIONAL != 0;
    let batch = Batch { first_offset, leader_epoch, sequence, is_transactional, control, records };
    Some(Stored::Batch { batch, appended })
}

impl Coded for Record {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.copy.put(bytes);
        self.key.is_some().put(bytes);
        self.key.unwrap_or(0).put(bytes);
        self.payload.put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        let copy = Coded::get(from)?;
        let (has_key, key) = (bool::get(from)?, Coded::get(from)?);
        Some(Self { copy, key: has_key.then_some(key), payload: Coded::get(from)? })
    }
}
