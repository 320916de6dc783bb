//! A log made shorter: its end, where it parted from the leader's; its beginning,
//! which nobody needs any more; or all of it.

use super::gates::Gates;
use super::producers::Producers;
use super::storage::{Segment, Storage, note_batch};
use crate::event::{Kind, Reason};
use crate::node::Outputs;
use crate::time::Time;

impl Storage {
    /// Cuts off what does not end at or before `end`: a leader never had it, or has
    /// lost it.
    pub fn cut_end(&mut self, end: u64, now: Time, out: &mut Outputs) {
        if end < self.segments.front().map_or(0, |first| first.base) {
            return self.begin_anew(end, Reason::Overwritten, now, out);
        }
        let mut place = None;
        while let Some(last) = self.entries.last()
            && last.batch.end_offset() > end
        {
            if !self.is_internal {
                note_batch(Kind::Dropped(Reason::Overwritten), &last.batch, out);
            }
            place = Some((last.file, last.position));
            self.entries.pop();
        }
        let Some((file, position)) = place else {
            // An epoch in which this replica led and appended nothing has no record
            // to go with, and its leader knows nothing of it.
            return self.epochs.cut_end(self.next);
        };
        while self.segments.back().is_some_and(|segment| segment.file > file) {
            out.remove(self.segments.pop_back().map_or(file, |later| later.file));
        }
        if let Some(segment) = self.segments.back_mut() {
            out.truncate(file, position);
            segment.length = position;
        }
        let base = self.segments.back().map_or(self.log_start, |segment| segment.base);
        self.next = self.entries.last().map_or(base, |last| last.batch.end_offset());
        self.log_start = self.log_start.min(self.next);
        self.gates.cut(self.next);
        self.epochs.cut_end(self.next);
        self.aborted.retain(|aborted| aborted.marker < self.next);
        self.rebuild_producers(now);
    }

    /// From what was known when the last segment began, and its batches.
    fn rebuild_producers(&mut self, now: Time) {
        let Some(Segment { base, producers, .. }) = self.segments.back() else {
            self.producers = Producers::default();
            return;
        };
        let (base, mut producers) = (*base, Producers::clone(producers));
        for entry in self.entries.from(base) {
            producers.apply(&entry.batch, self.is_internal, now);
        }
        self.producers = producers;
    }

    /// Begins anew at an offset: the leader's log does not reach this one.
    pub fn begin_anew(&mut self, offset: u64, why: Reason, now: Time, out: &mut Outputs) {
        while let Some(entry) = self.entries.pop() {
            if !self.is_internal {
                note_batch(Kind::Dropped(why), &entry.batch, out);
            }
        }
        for segment in std::mem::take(&mut self.segments) {
            out.remove(segment.file);
        }
        if let Some((_, old)) = self.doomed.take() {
            out.remove(old);
        }
        self.log_start = offset;
        self.next = offset;
        self.gates = Gates::starting_at(offset);
        self.epochs = Default::default();
        self.producers = Producers::default();
        self.aborted.clear();
        self.roll(now, out);
    }

    /// The log begins at `offset` now, and segments that lie before go.
    pub fn cut_start(&mut self, offset: u64, out: &mut Outputs) {
        if offset <= self.log_start {
            return;
        }
        self.log_start = offset;
        while self.segments.len() > 1 && self.segments[1].base <= offset {
            self.drop_first_segment(out);
        }
        self.epochs.cut_start(offset);
        self.aborted.retain(|aborted| aborted.marker >= offset);
    }

    /// Drops the oldest segment, whatever is in it.
    fn drop_first_segment(&mut self, out: &mut Outputs) {
        let Some(first) = self.segments.pop_front() else { return };
        while let Some(entry) = self.entries.first().filter(|entry| entry.file == first.file).cloned() {
            self.entries.pop_first();
            if !self.is_internal {
                note_batch(Kind::Dropped(Reason::Retained), &entry.batch, out);
            }
        }
        // While the header of the only segment is not on the device, nothing else
        // there says at which offset the log goes on.
        let is_new = self.segments.len() == 1 && self.entries.is_empty();
        match self.segments.back() {
            Some(last) if is_new && self.doomed.is_none() => {
                out.sync(last.file);
                self.doomed = Some((last.file, first.file));
            }
            _ => out.remove(first.file),
        }
    }

    /// Deletes segments that are too old, or make the log too long: whole ones, from
    /// the start, below the high watermark. The last goes as well, after a new one
    /// has begun.
    pub fn retain(&mut self, rule: &super::Options, high_watermark: u64, now: Time, out: &mut Outputs) {
        while let Some(first) = self.segments.front() {
            let end = self.segments.get(1).map_or(self.next, |second| second.base);
            let is_empty = end == first.base;
            let is_old = rule.retention.is_some_and(|longest| now.since(first.newest) > longest);
            let total: u64 = self.segments.iter().map(|segment| segment.length).sum();
            let is_much = rule.retention_bytes.is_some_and(|most| total - first.length >= most);
            if is_empty || end > high_watermark || !(is_old || is_much) {
                return;
            }
            if self.segments.len() == 1 {
                self.roll(now, out);
            }
            self.cut_start(end, out);
        }
    }
}
