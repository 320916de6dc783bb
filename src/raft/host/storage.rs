//! The host at its disk: one thing at a time, snapshots before the log.

use super::journal::Phase;
use super::record::Record;
use super::snapshot::place_of;
use super::{Host, Seat};
use crate::event::Kind;
use crate::node::{DiskOperation, Outputs};
use crate::protocol::raft::{Group, Members};
use crate::raft::effects::Write;
use crate::time::{Span, Time};

/// How long after a failure the disk is tried again.
const REST: Span = Span::from_millis(100);

impl Host {
    /// Puts what a member wants kept into the gathering batch.
    pub(super) fn write_of(&mut self, group: Group, write: &Write) {
        let record = match write.clone() {
            Write::Vote { term, voted } => Record::Vote { group, term, voted },
            Write::Begin { identity, term, members } => Record::Begin { group, identity, term, members },
            Write::Entry(entry) => Record::Entry { group, entry },
            Write::Base { at, members } => {
                // The log may speak of a snapshot only once that is safe.
                self.snapshot_is_due(group);
                self.journal.gathering.bases.push(group);
                Record::Base { group, at, members }
            }
        };
        self.write(&record);
        if let Record::Entry { entry, .. } = &record {
            let batch = &mut self.journal.gathering;
            batch.reach(group, entry.at);
            batch.copies.extend(entry.about);
            batch.tags.extend(entry.about.map(|copy| copy.tag()));
        }
    }

    pub(super) fn write(&mut self, record: &Record) {
        let (file, offset) = (self.journal.next_file(), self.journal.next_offset());
        record.encode(&mut self.journal.gathering.bytes, file, offset);
    }

    /// Begins what can be begun.
    pub(super) fn go_on_writing(&mut self, out: &mut Outputs) {
        if self.journal.phase != Phase::Idle || self.is_reading() {
            return;
        }
        if let Some(group) = self.next_due_snapshot() {
            return self.write_snapshot(group, out);
        }
        if self.journal.gathering.is_empty() && !self.journal.owes {
            return;
        }
        let journal = &mut self.journal;
        let most = self.options.roll_bytes.max(journal.begun_with * 4);
        if journal.must_begin_anew || journal.next_offset() > most {
            self.gather_everything();
        } else if journal.gathering.bytes.is_empty() {
            // Nothing new, only promises that waited for a batch now done.
            return self.speak();
        }
        let journal = &mut self.journal;
        std::mem::swap(&mut journal.gathering, &mut journal.under_way);
        let file = journal.next_file();
        if journal.begins_anew {
            out.remove(file);
        }
        let batch = &journal.under_way;
        out.append(file, |bytes| bytes.extend_from_slice(&batch.bytes), batch.tags.iter().copied());
        journal.length += batch.bytes.len() as u64;
        journal.phase = Phase::Batch { file, is_written: false };
    }

    fn speak(&mut self) {
        self.outbox.extend(self.journal.gathering.letters.drain(..));
    }

    /// Replaces the gathering batch by all that is still needed: it begins the
    /// other file.
    fn gather_everything(&mut self) {
        let Self { journal, seats, .. } = self;
        let file = journal.other_file();
        journal.generation += 1;
        journal.begins_anew = true;
        journal.length = 0;
        let batch = &mut journal.gathering;
        batch.bytes.clear();
        batch.tags.clear();
        batch.reaches.clear();
        batch.bases.clear();
        let put = |bytes: &mut Vec<u8>, record: &Record| {
            let offset = bytes.len() as u64;
            record.encode(bytes, file, offset);
        };
        put(&mut batch.bytes, &Record::Head { generation: journal.generation });
        for (&group, Seat { member, .. }) in seats.iter() {
            let (identity, term, voted) = (member.identity, member.term, member.voted);
            let members: Members = member.configurations[0].1.clone();
            put(&mut batch.bytes, &Record::Begin { group, identity, term, members: members.clone() });
            put(&mut batch.bytes, &Record::Vote { group, term, voted });
            if member.log.base().index > 0 {
                put(&mut batch.bytes, &Record::Base { group, at: member.log.base(), members });
                batch.bases.push(group);
            }
            for entry in member.log.range(0, u64::MAX) {
                put(&mut batch.bytes, &Record::Entry { group, entry: entry.clone() });
                batch.tags.extend(entry.about.map(|copy| copy.tag()));
            }
            batch.reaches.push((group, member.log.last()));
        }
        put(&mut batch.bytes, &Record::Sealed);
        journal.begun_with = batch.bytes.len() as u64;
    }

    pub(super) fn written(&mut self, out: &mut Outputs) {
        match &mut self.journal.phase {
            Phase::Snapshot { file, is_written } | Phase::Batch { file, is_written } if !*is_written => {
                *is_written = true;
                out.sync(*file);
            }
            _ => return,
        }
        if matches!(self.journal.phase, Phase::Batch { .. }) {
            for copy in &self.journal.under_way.copies {
                out.note(Kind::Written, Some(*copy));
            }
        }
    }

    pub(super) fn synced(&mut self, now: Time, out: &mut Outputs) {
        match self.journal.phase {
            Phase::Snapshot { file, is_written: true } => {
                self.journal.phase = Phase::Idle;
                self.snapshot_synced(file, out);
            }
            Phase::Batch { is_written: true, .. } => self.batch_synced(now, out),
            _ => {}
        }
    }

    fn batch_synced(&mut self, now: Time, out: &mut Outputs) {
        let journal = &mut self.journal;
        journal.phase = Phase::Idle;
        if std::mem::take(&mut journal.begins_anew) {
            out.remove(journal.file());
            journal.in_use = 1 - journal.in_use;
            journal.must_begin_anew = false;
            journal.owes = false;
        }
        let mut batch = std::mem::take(&mut self.journal.under_way);
        for copy in batch.copies.drain(..) {
            out.note(Kind::Synced, Some(copy));
        }
        self.outbox.extend(batch.letters.drain(..));
        batch.removals.drain(..).for_each(|file| out.remove(file));
        for group in batch.bases.drain(..) {
            self.seats.get_mut(&group).into_iter().for_each(Seat::snapshot_spoken_of);
        }
        for (group, at) in batch.reaches.drain(..) {
            self.with(group, now, |member, effects| member.synced(at, effects));
        }
        batch.clear();
        self.journal.under_way = batch;
        if self.recovering.is_some() {
            self.recovery_done(now);
        }
    }

    pub(super) fn disk_failed(&mut self, operation: DiskOperation, now: Time, out: &mut Outputs) {
        if operation == DiskOperation::Read {
            return self.read_failed(out);
        }
        if let Phase::Snapshot { file, .. } = self.journal.phase {
            self.snapshot_is_due(place_of(file, self.options.first_file).0);
        }
        self.journal.failed();
        self.clock.retry = Some(now + REST);
    }

    pub(super) fn try_disk_again(&mut self, now: Time) {
        if self.clock.retry.is_some_and(|retry| retry <= now) {
            self.clock.retry = None;
            self.journal.phase = Phase::Idle;
        }
    }
}
