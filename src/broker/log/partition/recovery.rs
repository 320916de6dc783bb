//! Reading a replica's files back when its process starts, piece by piece: the
//! checkpoint first, then the segments in order. The log ends at the first record
//! that is not certain, or that does not follow from the one before. What lies
//! behind is gone, although later segments may be whole: a log has no holes, and
//! the leader has it all again. Producers, epochs and aborted transactions follow
//! from the batches.
//!
//! Left out: Kafka checks only what was written since its last sync, and opens the
//! rest without reading it. The result is the same unless the device rots.

use std::collections::VecDeque;
use std::sync::Arc;

use super::codec::{self, Stored};
use super::entries::Entry;
use super::gates::Gates;
use super::storage::{Segment, Storage, note_batch};
use super::{Effect, Effects, Replica};
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::{FileId, FileInfo, Outputs};
use crate::time::Time;
use crate::wal;

/// How much is read at a time, in bytes.
const PIECE: u64 = 64 << 10;

#[derive(Clone, Debug)]
pub(super) struct Recovering {
    /// The front one is being read.
    files: VecDeque<FileInfo>,
    log: wal::Recovery,
    /// How many bytes of the front one were read.
    fed: u64,
    /// The log ended before this file: what is in here is lost.
    is_over: bool,
    /// The last good record of the front one ends here.
    good: u64,
}

impl Recovering {
    pub fn new(files: VecDeque<FileInfo>) -> Self {
        let first = files.front().map_or(FileId(0), |info| info.file);
        Self { files, log: wal::Recovery::new(first), fed: 0, is_over: false, good: 0 }
    }
}

impl Replica {
    pub(super) fn read_on(&mut self, now: Time, out: &mut Outputs, effects: &mut Effects) {
        let Some(recovering) = &mut self.recovering else { return };
        while let Some(FileInfo { file, length }) = recovering.files.front().copied() {
            if recovering.fed < length && !recovering.log.is_damaged() {
                return out.read(file, recovering.fed, (length - recovering.fed).min(PIECE) as u32);
            }
            if file == self.checkpoint.file {
                self.checkpoint.length = recovering.log.end();
                if recovering.log.end() < length {
                    out.truncate(file, recovering.log.end());
                }
            } else {
                self.log.next_file = self.log.next_file.max(file.0 + 1);
                recovering.segment_read(&mut self.log, file, length, out);
            }
            recovering.files.pop_front();
            recovering.fed = 0;
            recovering.good = 0;
            recovering.log = wal::Recovery::new(recovering.files.front().map_or(file, |info| info.file));
        }
        self.recovering = None;
        self.recovery_done(now, out);
        effects.push(Effect::Recovered);
    }

    pub(super) fn piece_read(&mut self, bytes: &[u8], now: Time, out: &mut Outputs, effects: &mut Effects) {
        let Some(recovering) = &mut self.recovering else { return };
        let Some(FileInfo { file, length }) = recovering.files.front().copied() else { return };
        recovering.fed = if bytes.is_empty() { length } else { recovering.fed + bytes.len() as u64 };
        let Recovering { log, is_over, good, .. } = recovering;
        log.feed(bytes, |record| {
            let end = record.offset + (wal::HEADER + 1 + record.payload.len()) as u64;
            match codec::decode(record) {
                Some(Stored::Checkpoint { high_watermark, log_start }) if file == self.checkpoint.file => {
                    self.checkpoint.high_watermark = high_watermark;
                    self.checkpoint.log_start = log_start;
                }
                Some(stored) if !*is_over && self.log.take_back(file, record.offset, end, &stored) => *good = end,
                stored => {
                    *is_over |= file != self.checkpoint.file;
                    if let Some(Stored::Batch { batch, .. }) = stored
                        && !self.log.is_internal
                    {
                        note_batch(Kind::Dropped(Reason::TornLog), &batch, out);
                    }
                }
            }
        });
        self.read_on(now, out, effects);
    }

    /// A file that cannot be read ends where reading failed.
    pub(super) fn read_failed(&mut self, now: Time, out: &mut Outputs, effects: &mut Effects) {
        if let Some(recovering) = &mut self.recovering {
            recovering.fed = u64::MAX;
        }
        self.read_on(now, out, effects);
    }

    fn recovery_done(&mut self, now: Time, out: &mut Outputs) {
        let log = &mut self.log;
        log.gates = Gates::starting_at(log.next);
        let first = log.segments.front().map_or(0, |segment| segment.base);
        log.log_start = first;
        log.cut_start(self.checkpoint.log_start.clamp(first, log.next), out);
        self.high_watermark = self.checkpoint.high_watermark.clamp(log.log_start, log.next);
        log.producers.watermark_moved(self.high_watermark);
        log.producers.expire(now, self.options.producer_expiry);
        let mut recovered = 0;
        if !log.is_internal {
            log.records(0, &mut |copy, _| {
                recovered += 1;
                out.note(Kind::Recovered, Some(copy));
            });
        }
        self.recovered = recovered;
    }
}

impl Recovering {
    /// The whole file was read, up to its first bad record.
    fn segment_read(&mut self, log: &mut Storage, file: FileId, length: u64, out: &mut Outputs) {
        let good = if self.good > 0 && flaw::is_on(Flaw::TornTailKept) { length } else { self.good };
        // A segment has at least its header.
        if good < length || good == 0 {
            self.is_over = true;
        }
        if good == 0 {
            out.remove(file);
        } else if good < length {
            out.truncate(file, good);
        }
        if let Some(segment) = log.segments.back_mut().filter(|segment| segment.file == file) {
            segment.length = good;
        }
    }
}

impl Storage {
    /// Takes a record of a segment back into memory. False: it does not follow.
    fn take_back(&mut self, file: FileId, position: u64, end: u64, stored: &Stored) -> bool {
        let follows = self.segments.is_empty() && position == 0;
        match stored {
            Stored::Header { base, producers } if position == 0 && (follows || *base == self.next) => {
                self.next = *base;
                if follows {
                    self.producers = producers.clone();
                }
                let producers = Arc::new(self.producers.clone());
                self.segments.push_back(Segment { file, base: *base, length: end, newest: Time::ZERO, producers });
                true
            }
            Stored::Batch { batch, appended } if position > 0 && batch.first_offset == self.next => {
                self.remember(batch, *appended);
                if let Some(segment) = self.segments.back_mut() {
                    segment.newest = *appended;
                }
                let (batch, length) = (Arc::new(batch.clone()), (end - position) as u32);
                self.entries.push(Entry { batch, file, position, length });
                true
            }
            _ => false,
        }
    }
}
