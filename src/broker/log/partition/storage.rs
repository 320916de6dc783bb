//! The log on disk: a row of segments, each a file with one checked record a batch.
//! Appending is a write to the page cache; replicas are what makes it safe, unless
//! the sync rule says otherwise. A full segment is synced when the next begins.

use std::collections::VecDeque;
use std::sync::Arc;

use super::codec;
use super::entries::{Entries, Entry};
use super::epochs::Epochs;
use super::gates::Gates;
use super::policy::SyncRule;
use super::producers::{Aborted, Producers};
use super::{FILES, Options};
use crate::event::{CopyId, Kind, UNSTABLE};
use crate::node::{FileId, Outputs};
use crate::protocol::log::Batch;
use crate::time::Time;
use crate::wal;

#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub file: FileId,
    /// The offset it begins at.
    pub base: u64,
    /// In bytes.
    pub length: u64,
    /// When something was last appended.
    pub newest: Time,
    /// What was known of producers when it began.
    pub producers: Arc<Producers>,
}

#[derive(Clone, Debug)]
pub(super) struct Storage {
    pub is_internal: bool,
    sync: SyncRule,
    segment_bytes: u64,
    /// Oldest first; the last is written to.
    pub segments: VecDeque<Segment>,
    pub entries: Entries,
    /// The first offset that counts. A segment may begin before.
    pub log_start: u64,
    /// The offset of the next record.
    pub next: u64,
    pub epochs: Epochs,
    pub producers: Producers,
    /// In the order of their markers.
    pub aborted: Vec<Aborted>,
    pub gates: Gates,
    /// The number of the next segment's file, and the last there may be.
    pub next_file: u32,
    last_file: u32,
    /// Records since a sync was last asked for.
    unsynced: u64,
    /// A file to remove once the header of another is synced.
    pub doomed: Option<(FileId, FileId)>,
}

impl Storage {
    /// `first_file` is for the checkpoint; segments follow.
    pub fn new(first_file: u32, options: &Options) -> Self {
        Self {
            is_internal: options.is_internal,
            sync: options.policy.sync,
            segment_bytes: options.segment_bytes,
            segments: VecDeque::new(),
            entries: Entries::default(),
            log_start: 0,
            next: 0,
            epochs: Epochs::default(),
            producers: Producers::default(),
            aborted: Vec::new(),
            gates: Gates::default(),
            next_file: first_file + 1,
            last_file: first_file + FILES - 1,
            unsynced: 0,
            doomed: None,
        }
    }

    /// The offset after the last record that counts as written.
    pub fn log_end(&self) -> u64 {
        self.gates.log_end()
    }

    /// Appends a batch whose offsets are those that come next.
    pub fn append(&mut self, batch: Arc<Batch>, now: Time, out: &mut Outputs) {
        let is_full = self.segments.back().is_none_or(|last| last.length >= self.segment_bytes);
        if self.segments.is_empty() || is_full && self.next_file <= self.last_file {
            self.roll(now, out);
        }
        self.remember(&batch, now);
        let Some(segment) = self.segments.back_mut() else { return };
        let (file, position) = (segment.file, segment.length);
        let mut length = 0;
        let tags = batch.records.iter().map(|record| record.copy.tag());
        let write = |bytes: &mut Vec<u8>| {
            let payload = |bytes: &mut Vec<u8>| codec::encode_batch(bytes, &batch, now);
            length = wal::encode(bytes, file, position, codec::BATCH, payload);
        };
        if self.is_internal {
            out.append(file, write, []);
        } else {
            out.append(file, write, tags);
        }
        segment.length += length as u64;
        segment.newest = now;
        self.unsynced += batch.count();
        let needs_sync = match self.sync {
            SyncRule::System => false,
            SyncRule::Every(records) => self.unsynced >= records.max(1),
            SyncRule::BeforeAnswer => true,
        };
        if needs_sync {
            out.sync(file);
            self.unsynced = 0;
        }
        let span = (batch.first_offset, batch.end_offset());
        self.gates.append((file, segment.length), span, needs_sync);
        self.entries.push(Entry { batch, file, position, length: length as u32 });
    }

    /// Everything that follows from a batch in the log.
    pub fn remember(&mut self, batch: &Batch, now: Time) {
        self.next = batch.end_offset();
        self.epochs.assign(batch.leader_epoch, batch.first_offset);
        self.aborted.extend(self.producers.apply(batch, self.is_internal, now));
    }

    /// Begins a new segment. The full one is synced, and so is the header, before
    /// retention can make it the first.
    pub fn roll(&mut self, now: Time, out: &mut Outputs) {
        if let Some(full) = self.segments.back() {
            out.sync(full.file);
        }
        let file = FileId(self.next_file);
        self.next_file += 1;
        let (base, producers) = (self.next, Arc::new(self.producers.clone()));
        let mut length = 0;
        let write = |bytes: &mut Vec<u8>| {
            let payload = |bytes: &mut Vec<u8>| codec::encode_header(bytes, base, &producers);
            length = wal::encode(bytes, file, 0, codec::HEADER, payload);
        };
        out.append(file, write, []);
        if base > 0 {
            out.sync(file);
        }
        self.segments.push_back(Segment { file, base, length: length as u64, newest: now, producers });
    }

    /// Everything before `end` in the file is with the operating system.
    pub fn written(&mut self, file: FileId, end: u64, out: &mut Outputs) {
        let before = self.gates.written;
        self.gates.written(file, end);
        self.note(Kind::Written, before, self.gates.written, out);
    }

    /// Everything before `end` in the file is on the device.
    pub fn synced(&mut self, file: FileId, end: u64, out: &mut Outputs) {
        let (written, synced) = (self.gates.written, self.gates.synced);
        self.gates.synced(file, end);
        self.note(Kind::Written, written, self.gates.written, out);
        self.note(Kind::Synced, synced, self.gates.synced, out);
        if let Some((_, old)) = self.doomed.take_if(|(new, _)| *new == file) {
            out.remove(old);
        }
    }

    /// Notes something about the copies in a range of offsets.
    pub fn note(&self, kind: Kind, from: u64, to: u64, out: &mut Outputs) {
        if from < to && !self.is_internal {
            self.entries.within(from, to).for_each(|entry| note_batch(kind, &entry.batch, out));
        }
    }

    /// The high watermark passes records. Those from `stable` on wait for the end of a
    /// transaction, as far as readers of what is committed are concerned.
    pub fn note_committed(&self, from: u64, to: u64, stable: u64, out: &mut Outputs) {
        if self.is_internal {
            return;
        }
        for entry in self.entries.within(from, to) {
            for (offset, record) in (entry.batch.first_offset..).zip(entry.batch.records.iter()) {
                let waits = if offset < stable { 0 } else { UNSTABLE };
                out.note_with(Kind::Committed, Some(record.copy), offset | waits);
            }
        }
    }

    /// Visits the records from an offset on, with their offsets.
    pub fn records(&self, from: u64, visit: &mut dyn FnMut(CopyId, u64)) {
        let from = from.max(self.log_start);
        for entry in self.entries.from(from) {
            for (offset, record) in (entry.batch.first_offset..).zip(entry.batch.records.iter()) {
                if offset >= from {
                    visit(record.copy, offset);
                }
            }
        }
    }
}

/// The detail of what is noted is the record's offset.
pub(super) fn note_batch(kind: Kind, batch: &Batch, out: &mut Outputs) {
    let records = (batch.first_offset..).zip(batch.records.iter());
    records.for_each(|(offset, record)| out.note_with(kind, Some(record.copy), offset));
}
