//! Batches of records. A producer makes them, and brokers store and send them on
//! as they are; only the leader fills in where they stand.

use std::sync::Arc;

use bytes::Bytes;

use super::ProducerId;
use crate::event::CopyId;

/// One record. Its offset is its batch's first offset plus its place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub copy: CopyId,
    /// What the partitioner hashes. Without a key a record may go anywhere.
    pub key: Option<u32>,
    pub payload: Bytes,
}

/// Records that are appended, replicated and checked together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The offset of the first record. Zero until a leader has appended it.
    pub first_offset: u64,
    /// In whose time as leader it was appended. Set by the leader.
    pub leader_epoch: u32,
    /// Who made it and in which order, if the producer is idempotent.
    pub sequence: Option<Sequence>,
    /// It belongs to the producer's open transaction.
    pub is_transactional: bool,
    /// It ends a transaction; then it has no records and takes one offset.
    pub control: Option<Control>,
    pub records: Arc<[Record]>,
}

/// The end of a transaction, as a marker in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    Commit,
    Abort,
}

/// A producer's own count of its batches in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    pub producer: ProducerId,
    /// The number of the first record; the count goes on with the next batch.
    pub first: u32,
}

impl Batch {
    /// How many offsets it takes.
    #[must_use]
    pub fn count(&self) -> u64 {
        if self.control.is_some() { 1 } else { self.records.len() as u64 }
    }

    /// The offset after its last record.
    #[must_use]
    pub fn end_offset(&self) -> u64 {
        self.first_offset + self.count()
    }
}
