//! One batch on its way: from the buffer to the operating system and, if asked,
//! to the device; and what the copies in it and their publishers get to know.

use super::QueueBroker;
use super::classic::Queues;
use super::entry::{Entries, EntryIndex, Location, State};
use super::record::{Message, Published, SETTLED_LENGTH, publish_length};
use super::store::{Operation, Phase};
use crate::event::Kind;
use crate::node::{FileId, Outputs};
use crate::time::Time;

impl QueueBroker {
    /// Writes all that is buffered with one append.
    pub(super) fn begin_batch(&mut self, out: &mut Outputs) {
        let Self { store, entries, queues, .. } = self;
        std::mem::swap(&mut store.buffer, &mut store.batch);
        store.buffered_bytes = 0;
        store.waiting = 0;
        let mut batch = std::mem::take(&mut store.batch);
        let segment = store.segment();
        let (file, start) = (segment.file, segment.length);
        store.batch_end = lay_out(&mut batch, entries, file, start);
        if !batch.is_empty() {
            store.phase = Phase::Appending;
            let tags = batch.iter().filter_map(|operation| match *operation {
                Operation::Publish(index) => Some(entries[index].copy.tag()),
                Operation::Settled { .. } => None,
            });
            out.append(file, |bytes| encode(&batch, entries, queues, file, start, bytes), tags);
        }
        store.batch = batch;
    }

    /// The operating system has the batch.
    pub(super) fn batch_written(&mut self, out: &mut Outputs) {
        if self.store.phase != Phase::Appending {
            return;
        }
        let end = self.store.batch_end;
        let Some(segment) = self.store.segments.back_mut() else { return };
        segment.length = end;
        let file = segment.file;
        let mut batch = std::mem::take(&mut self.store.batch);
        batch.retain(|operation| self.publish_written(*operation, out));
        self.store.remove_dead_segments(out);
        self.store.phase = if batch.is_empty() { Phase::Idle } else { Phase::Syncing };
        if self.store.phase == Phase::Syncing {
            out.sync(file);
        }
        self.store.batch = batch;
    }

    /// Says whether the operation still waits for a sync.
    fn publish_written(&mut self, operation: Operation, out: &mut Outputs) -> bool {
        let Operation::Publish(index) = operation else { return false };
        let entry = &mut self.entries[index];
        if entry.state == State::Gone {
            self.entries.remove(index);
            return false;
        }
        if let Location::Writing { file, offset } = entry.location {
            entry.location = Location::File { file, offset };
        }
        if !self.is_ended_half(index) {
            out.note(Kind::Written, Some(self.entries[index].copy));
        }
        let entry = &mut self.entries[index];
        if let Some(segment) = self.store.segments.back_mut() {
            segment.live += 1;
        }
        if self.store.sync_before_confirm {
            return true;
        }
        entry.pinned = false;
        self.copy_is_safe(index);
        false
    }

    /// The device has the batch.
    pub(super) fn batch_synced(&mut self, out: &mut Outputs) {
        if self.store.phase != Phase::Syncing {
            return;
        }
        let mut batch = std::mem::take(&mut self.store.batch);
        for operation in batch.drain(..) {
            let Operation::Publish(index) = operation else { continue };
            let entry = &mut self.entries[index];
            if entry.state == State::Gone {
                self.entries.remove(index);
                continue;
            }
            entry.pinned = false;
            out.note(Kind::Synced, Some(entry.copy));
            self.copy_is_safe(index);
        }
        self.store.batch = batch;
        self.store.phase = Phase::Idle;
    }

    /// As safe as it will be: its publisher may know, and its payload may go.
    fn copy_is_safe(&mut self, index: EntryIndex) {
        if let Some(ticket) = self.entries.take_ticket(index) {
            self.copy_decided(ticket, true);
        }
        self.page_out_if_far(index);
    }

    /// The append or the sync of the batch failed. What was to be settled is
    /// tried again later; publishes are given up, because their publishers wait.
    pub(super) fn batch_failed(&mut self, now: Time, out: &mut Outputs) {
        if self.store.phase == Phase::Idle {
            return;
        }
        let unwritten = self.store.phase == Phase::Appending;
        self.store.phase = Phase::Idle;
        let mut batch = std::mem::take(&mut self.store.batch);
        for operation in batch.drain(..) {
            match operation {
                Operation::Settled { queue, sequence } => self.store.buffer_settled(queue, sequence, now),
                Operation::Publish(index) if self.entries[index].state == State::Gone => self.entries.remove(index),
                Operation::Publish(index) => {
                    let entry = &mut self.entries[index];
                    entry.pinned = false;
                    if unwritten {
                        entry.location = Location::Memory;
                    }
                    self.give_up(index, now, out);
                }
            }
        }
        self.store.batch = batch;
    }
}

/// Gives each publish its place in the file and drops those that were settled
/// while they waited. Returns where the file will end.
fn lay_out(batch: &mut Vec<Operation>, entries: &mut Entries, file: FileId, start: u64) -> u64 {
    let mut end = start;
    batch.retain(|operation| match *operation {
        Operation::Settled { .. } => {
            end += SETTLED_LENGTH;
            true
        }
        Operation::Publish(index) if entries[index].state == State::Gone => {
            entries.remove(index);
            false
        }
        Operation::Publish(index) => {
            let details = entries.details(index);
            let entry = &mut entries[index];
            // Segments are short, so a place in one fits.
            entry.location = Location::Writing { file, offset: end as u32 };
            end += publish_length(entry.length as usize, details.as_ref());
            true
        }
    });
    end
}

fn encode(batch: &[Operation], entries: &Entries, queues: &Queues, file: FileId, start: u64, bytes: &mut Vec<u8>) {
    let first = bytes.len();
    for operation in batch {
        let record = match *operation {
            Operation::Settled { queue, sequence } => Message::Settled { queue, sequence },
            Operation::Publish(index) => {
                let entry = &entries[index];
                let queue = queues.list[entry.queue as usize].name;
                let (sequence, copy) = (entry.sequence, entry.copy);
                let (details, payload) = (entries.details(index), entries.bytes_of(index));
                Message::Publish(Published { queue, sequence, copy, details, payload })
            }
        };
        let offset = start + (bytes.len() - first) as u64;
        record.encode(bytes, file, offset);
    }
}
