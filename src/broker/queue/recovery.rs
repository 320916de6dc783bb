//! Reading both logs back when the process starts, piece by piece. Connections
//! may be opened meanwhile; they are answered when the queues are ready.
//!
//! Every recovered copy counts as redelivered: after a dirty shutdown RabbitMQ
//! cannot know which it had delivered, and sets `redeliver_seq_id` to the end of
//! the queue (`rabbit_variable_queue`, August 2026).
//!
//! A file is cut behind its last good record. Later segments are read all the
//! same: each is a log of its own, and what they hold was confirmed, too.

use std::collections::VecDeque;

use bytes::Bytes;

use super::QueueBroker;
use super::declaration::Declaration;
use super::entry::{Entry, Location, State};
use super::metadata;
use super::read_back::KEPT;
use super::record::{Message, Published};
use super::store::Segment;
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::{FileId, FileInfo, Outputs};
use crate::protocol::Name;
use crate::time::Time;
use crate::wal;

/// How much is read at a time, in bytes.
const PIECE: u64 = 64 << 10;

#[derive(Clone, Debug)]
pub(super) struct Recovering {
    /// Not begun yet, in ascending order: metadata first.
    files: VecDeque<FileInfo>,
    current: FileInfo,
    log: wal::Recovery,
    /// How many bytes of the current file were read.
    fed: u64,
}

impl Recovering {
    fn ask(&self, out: &mut Outputs) {
        let length = (self.current.length - self.fed).min(PIECE);
        out.read(self.current.file, self.fed, length as u32);
    }
}

impl QueueBroker {
    pub(super) fn read_next_file(&mut self, mut files: VecDeque<FileInfo>, now: Time, out: &mut Outputs) {
        while let Some(current) = files.pop_front() {
            if current.file != metadata::FILE {
                self.store.segments.push_back(Segment { file: current.file, length: 0, live: 0 });
            }
            if current.length > 0 {
                let recovering = Recovering { files, current, log: wal::Recovery::new(current.file), fed: 0 };
                recovering.ask(out);
                self.recovering = Some(recovering);
                return;
            }
        }
        self.finish_recovery(now, out);
    }

    pub(super) fn piece_read(&mut self, file: FileId, bytes: &[u8], now: Time, out: &mut Outputs) {
        let Some(mut recovering) = self.recovering.take() else { return };
        if recovering.current.file != file {
            self.recovering = Some(recovering);
            return;
        }
        recovering.fed += bytes.len() as u64;
        recovering.log.feed(bytes, |record| self.replay(file, record, out));
        let done = recovering.fed >= recovering.current.length || bytes.is_empty() || recovering.log.is_damaged();
        if done {
            self.finish_file(recovering, now, out);
        } else {
            recovering.ask(out);
            self.recovering = Some(recovering);
        }
    }

    /// A file that cannot be read ends where reading failed.
    pub(super) fn read_failed(&mut self, file: FileId, now: Time, out: &mut Outputs) {
        if let Some(recovering) = self.recovering.take_if(|recovering| recovering.current.file == file) {
            self.finish_file(recovering, now, out);
        }
    }

    fn finish_file(&mut self, recovering: Recovering, now: Time, out: &mut Outputs) {
        let (FileInfo { file, length }, end) = (recovering.current, recovering.log.end());
        if end < length {
            out.truncate(file, end);
        }
        if file == metadata::FILE {
            self.metadata.length = end;
        } else if let Some(segment) = self.store.segments.back_mut() {
            segment.length = end;
        }
        self.read_next_file(recovering.files, now, out);
    }

    fn replay(&mut self, file: FileId, record: wal::Record<'_>, out: &mut Outputs) {
        if file == metadata::FILE {
            if let Some(declaration) = Declaration::decode(record) {
                self.redeclare(declaration);
            }
            return;
        }
        match Message::decode(record) {
            Some(Message::Publish(publish)) => {
                let location = Location::File { file, offset: record.offset as u32 };
                self.replay_publish(publish, location, out);
            }
            Some(Message::Settled { queue, sequence }) => self.replay_settled(queue, sequence),
            None => {}
        }
    }

    fn replay_publish(&mut self, publish: Published<'_>, location: Location, out: &mut Outputs) {
        let Published { queue, sequence, copy, details, payload } = publish;
        let stays = queue == self.options.half_topics[0];
        let Some(index) = self.queues.find_any(queue) else {
            // The declaration is lost, so the queue is no durable queue any more.
            out.note(Kind::Dropped(Reason::Transient), Some(copy));
            return;
        };
        let queue = &mut self.queues.list[index as usize];
        queue.next_sequence = queue.next_sequence.max(sequence + 1);
        if queue.deleted {
            return;
        }
        let length = payload.len() as u32;
        let mut entry = Entry { location, length, redelivered: true, ..Entry::new(copy, index, sequence) };
        let mut particulars = None;
        if let Some(details) = details {
            entry.expires_at = details.expires_at;
            entry.priority = details.priority.min(queue.arguments.max_priority);
            self.queues.any_deadline |= entry.expires_at != Time::MAX;
            particulars = details.particulars;
        }
        let priority = entry.priority;
        let entry = self.entries.add(entry);
        if let Some(particulars) = particulars {
            self.entries.set_particulars(entry, particulars);
        }
        if stays || queue.ready.waiting_at(priority) < KEPT {
            self.entries.fill(entry, Bytes::copy_from_slice(payload), None);
        }
        queue.ready.push(priority, entry);
        if let Some(segment) = self.store.segments.back_mut() {
            segment.live += 1;
        }
    }

    /// Marks the copy; [`QueueBroker::finish_recovery`] sweeps.
    fn replay_settled(&mut self, queue: Name, sequence: u64) {
        let Some(index) = self.queues.find_any(queue) else { return };
        let queue = &mut self.queues.list[index as usize];
        queue.next_sequence = queue.next_sequence.max(sequence + 1);
        if flaw::is_on(Flaw::RecoversAcked) {
            return;
        }
        let Some(found) = queue.ready.find(sequence, &self.entries) else { return };
        if self.entries[found].state == State::Gone {
            return;
        }
        self.entries.page_out(found);
        let entry = &mut self.entries[found];
        entry.state = State::Gone;
        if let Location::File { file, .. } = entry.location
            && let Ok(at) = self.store.segments.binary_search_by_key(&file, |segment| segment.file)
        {
            self.store.segments[at].live -= 1;
        }
    }

    fn finish_recovery(&mut self, now: Time, out: &mut Outputs) {
        let mut recovered = 0;
        for queue in &mut self.queues.list {
            let entries = &mut self.entries;
            queue.ready.retain(|index| {
                let alive = entries[index].state == State::Ready;
                if alive {
                    recovered += 1;
                    out.note(Kind::Recovered, Some(entries[index].copy));
                } else {
                    entries.remove(index);
                }
                alive
            });
        }
        out.note_with(Kind::Started, None, recovered);
        for queue in 0..self.queues.list.len() as u32 {
            self.queues.list[queue as usize].used_at = now;
            self.queues.touch(queue);
        }
        self.store.remove_dead_segments(out);
        self.recovering = None;
        self.find_quorum_queues(now, out);
        self.find_halves(now, out);
        self.announce_service(out);
        self.answer_held_connections(now, out);
    }
}
