//! Long queues live in their files. A classic queue keeps up to 2,048 messages in
//! memory for its consumers and reads the rest back as they catch up; there is no
//! other mode since 3.12 (`rabbit_variable_queue`, August 2026: from 1 to 2,048, by
//! the rate of deliveries; here always up to 2,048 in each line). Payloads of
//! persistent messages beyond that are forgotten as soon as they are written.
//!
//! Left out: transient messages are paged out as well; here they stay in memory.

use bytes::Bytes;

use super::QueueBroker;
use super::entry::{EntryIndex, Location, State};
use super::record::{Message, publish_length};
use crate::event::{Kind, Reason};
use crate::node::{FileId, Outputs};
use crate::time::Time;
use crate::wal;

/// How many waiting messages of one line stay in memory.
pub(super) const KEPT: usize = 2048;
/// How much is read at a time, in bytes.
const PIECE: u64 = 64 << 10;

/// A read under way: the queue that waits for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadBack {
    queue: u32,
    file: FileId,
    offset: u64,
}

impl QueueBroker {
    /// A copy is safe in its file: if many wait before it, its payload may go.
    pub(super) fn page_out_if_far(&mut self, index: EntryIndex) {
        let entry = &self.entries[index];
        let line = self.queues.list[entry.queue as usize].ready.waiting_at(entry.priority);
        if line > KEPT && entry.state == State::Ready && !self.keeps_halves(entry.queue) {
            self.entries.page_out(index);
        }
    }

    /// Asks for the payload at the head, and for what lies behind it in the file.
    pub(super) fn read_back(&mut self, queue: u32, out: &mut Outputs) {
        let it = &mut self.queues.list[queue as usize];
        let Some(head) = it.ready.head() else { return };
        let Location::File { file, offset } = self.entries[head].location else { return };
        if it.reading {
            return;
        }
        it.reading = true;
        let details = self.entries.details(head);
        let whole = publish_length(self.entries[head].length as usize, details.as_ref());
        self.reads.push(ReadBack { queue, file, offset: u64::from(offset) });
        out.read(file, u64::from(offset), whole.max(PIECE) as u32);
    }

    /// Payloads came back from a file.
    pub(super) fn payloads_read(&mut self, file: FileId, offset: u64, bytes: &Bytes, now: Time, out: &mut Outputs) {
        let Some(at) = self.reads.iter().position(|read| read.file == file && read.offset == offset) else { return };
        let queue = self.reads.remove(at).queue;
        let it = &self.queues.list[queue as usize];
        let (name, entries) = (it.name, &mut self.entries);
        let begin = bytes.as_ptr() as usize;
        wal::Recovery::starting_at(file, offset).feed(bytes, |record| {
            let Some(Message::Publish(publish)) = Message::decode(record) else { return };
            if publish.queue != name {
                return;
            }
            let found = it.ready.find(publish.sequence, entries);
            if let Some(index) = found.filter(|index| !entries[*index].is_resident()) {
                // All payloads of a piece share its one allocation.
                let from = publish.payload.as_ptr() as usize - begin;
                entries.fill(index, bytes.slice(from..from + publish.payload.len()), None);
            }
        });
        self.reading_ended(queue, (file, offset), now, out);
    }

    /// The range cannot be read.
    pub(super) fn payloads_missing(&mut self, file: FileId, now: Time, out: &mut Outputs) {
        while let Some(at) = self.reads.iter().position(|read| read.file == file) {
            let ReadBack { queue, offset, .. } = self.reads.remove(at);
            self.reading_ended(queue, (file, offset), now, out);
        }
    }

    /// A head that is still not there fails its check: bit rot, for example.
    fn reading_ended(&mut self, queue: u32, place: (FileId, u64), now: Time, out: &mut Outputs) {
        let it = &mut self.queues.list[queue as usize];
        it.reading = false;
        let (head, entries) = (it.ready.head(), &self.entries);
        let damaged = head.filter(|head| match entries[*head].location {
            Location::File { file, offset } => !entries[*head].is_resident() && place == (file, u64::from(offset)),
            _ => false,
        });
        if let Some(head) = damaged {
            it.ready.pop();
            out.note(Kind::Dropped(Reason::DiskError), Some(self.entries[head].copy));
            self.settle(head, now, out);
        }
        self.queues.touch(queue);
    }
}
