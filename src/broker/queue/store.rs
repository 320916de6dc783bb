//! Where persistent messages become safe, and when their publishers hear of it.
//!
//! A persistent copy in a durable queue first enters a buffer in the process.
//! RabbitMQ writes that buffer out when the queue has nothing else to do, at the
//! latest 200 ms after a publish that waits for its confirm, or when it has grown
//! (`rabbit_amqqueue_process`: `timed` means timeout 0 plus a sync timer of 200
//! ms). Publishes that nobody waits for stay in memory until the buffer is full
//! or the queue process goes to sleep, after a second of quiet. One batch is
//! under way at a time.
//!
//! Written means the operating system has it. A classic queue confirms then,
//! without a sync: a process crash loses nothing confirmed, a power cut may.
//!
//! The log is a row of segments. A segment goes when it is the oldest and none
//! of its copies is alive: its own settled records speak only of itself and of
//! segments that went before it, so nothing can come back.

use std::collections::VecDeque;

use super::QueueBroker;
use super::entry::{EntryIndex, Location, State};
use super::record::{Message, SETTLED_LENGTH, publish_length};
use super::settings::Options;
use crate::event::Kind;
use crate::node::{FileId, Outputs};
use crate::protocol::Name;
use crate::time::{Span, Time};

/// How long without news a queue process counts as having nothing else to do.
/// In RabbitMQ that is as soon as its mailbox is empty.
const IDLE: Span = Span::from_micros(500);
/// The longest that a publish which wants a confirm waits to be written.
const LONGEST_WAIT: Span = Span::from_millis(200);
/// How long without news until the queue process goes to sleep.
const ASLEEP: Span = Span::from_secs(1);
/// A buffer of this many operations is written at once (RabbitMQ: 4,096
/// publishes or 2,048 acknowledgements) ...
const MOST_OPERATIONS: usize = 2_048;
/// ... and so is one of this many bytes of payload.
const MOST_BYTES: usize = 512 << 10;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Publish(EntryIndex),
    Settled { queue: Name, sequence: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Appending,
    Syncing,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub file: FileId,
    /// In bytes.
    pub length: u64,
    /// Copies written here and not settled.
    pub live: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Store {
    sync_before_confirm: bool,
    segment_length: u64,
    /// Oldest first; the last is written to.
    pub segments: VecDeque<Segment>,
    buffer: Vec<Operation>,
    /// Payload in the buffer.
    buffered_bytes: usize,
    /// How many buffered publishes wait for their confirm.
    waiting: u32,
    /// When the first of these came.
    waiting_since: Time,
    /// When the buffer last grew.
    last: Time,
    /// The batch under way.
    batch: Vec<Operation>,
    batch_end: u64,
    phase: Phase,
    /// When the timer rings.
    alarm: Option<Time>,
}

impl Store {
    pub fn new(options: &Options) -> Self {
        Self {
            sync_before_confirm: options.sync_before_confirm,
            segment_length: options.segment_length,
            segments: VecDeque::new(),
            buffer: Vec::new(),
            buffered_bytes: 0,
            waiting: 0,
            waiting_since: Time::ZERO,
            last: Time::ZERO,
            batch: Vec::new(),
            batch_end: 0,
            phase: Phase::Idle,
            alarm: None,
        }
    }

    pub fn buffer_publish(&mut self, entry: EntryIndex, bytes: usize, waits: bool, now: Time) {
        self.buffer.push(Operation::Publish(entry));
        self.buffered_bytes += bytes;
        self.last = now;
        if waits {
            if self.waiting == 0 {
                self.waiting_since = now;
            }
            self.waiting += 1;
        }
    }

    pub fn buffer_settled(&mut self, queue: Name, sequence: u64, now: Time) {
        self.buffer.push(Operation::Settled { queue, sequence });
        self.last = now;
    }

    /// A buffered copy was settled first: it need not be written at all.
    pub fn forget_buffered(&mut self, waited: bool) {
        self.waiting -= u32::from(waited);
    }

    pub fn alarm_rang(&mut self) {
        self.alarm = None;
    }

    /// A live copy of this segment was settled.
    pub fn one_less_in(&mut self, file: FileId, out: &mut Outputs) {
        if let Ok(at) = self.segments.binary_search_by_key(&file, |segment| segment.file) {
            self.segments[at].live -= 1;
        }
        self.remove_dead_segments(out);
    }

    pub fn remove_dead_segments(&mut self, out: &mut Outputs) {
        while self.segments.len() > 1 && self.segments[0].live == 0 {
            let Some(segment) = self.segments.pop_front() else { return };
            out.remove(segment.file);
        }
    }

    /// When the buffer should be written, as far as is known now.
    fn due(&self) -> Option<Time> {
        if self.phase != Phase::Idle || self.buffer.is_empty() {
            None
        } else if self.buffer.len() >= MOST_OPERATIONS || self.buffered_bytes >= MOST_BYTES {
            Some(Time::ZERO)
        } else if self.waiting > 0 {
            Some((self.last + IDLE).min(self.waiting_since + LONGEST_WAIT))
        } else {
            Some(self.last + ASLEEP)
        }
    }

    /// The segment to write to next.
    fn segment(&mut self, out: &mut Outputs) -> &mut Segment {
        let next = match self.segments.back() {
            Some(last) if last.length < self.segment_length => None,
            Some(last) => Some(FileId(last.file.0 + 1)),
            None => Some(FileId(super::metadata::FILE.0 + 1)),
        };
        if let Some(file) = next {
            self.segments.push_back(Segment { file, length: 0, live: 0 });
            self.remove_dead_segments(out);
        }
        self.segments.back_mut().expect("a segment was just made sure of")
    }
}

impl QueueBroker {
    pub(super) fn write_if_due(&mut self, now: Time, out: &mut Outputs) {
        let Some(due) = self.store.due() else { return };
        if now >= due {
            self.begin_batch(out);
        } else if self.store.alarm.is_none_or(|alarm| due < alarm) {
            // A later due time moves no timer: the alarm rings, and asks again.
            self.store.alarm = Some(due);
            out.set_timer(super::FLUSH, due);
        }
    }

    /// Writes all that is buffered with one append.
    fn begin_batch(&mut self, out: &mut Outputs) {
        let Self { store, entries, queues, .. } = self;
        std::mem::swap(&mut store.buffer, &mut store.batch);
        store.buffered_bytes = 0;
        store.waiting = 0;
        let mut batch = std::mem::take(&mut store.batch);
        let segment = store.segment(out);
        let (file, start) = (segment.file, segment.length);
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
                entries[index].location = Location::Writing { file, offset: end };
                end += publish_length(entries[index].payload.len());
                true
            }
        });
        if !batch.is_empty() {
            store.phase = Phase::Appending;
            let encode = |bytes: &mut Vec<u8>| {
                let mut offset = start;
                for operation in &batch {
                    let record = match *operation {
                        Operation::Settled { queue, sequence } => Message::Settled { queue, sequence },
                        Operation::Publish(index) => {
                            let entry = &entries[index];
                            let queue = queues.list[entry.queue as usize].name;
                            Message::Publish {
                                queue,
                                sequence: entry.sequence,
                                copy: entry.copy,
                                payload: &entry.payload,
                            }
                        }
                    };
                    let before = bytes.len();
                    record.encode(bytes, file, offset);
                    offset += (bytes.len() - before) as u64;
                }
            };
            let tags = batch.iter().filter_map(|operation| match *operation {
                Operation::Publish(index) => Some(entries[index].copy.tag()),
                Operation::Settled { .. } => None,
            });
            out.append(file, encode, tags);
        }
        store.batch = batch;
        store.batch_end = end;
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
        out.note(Kind::Written, Some(entry.copy));
        if let Some(segment) = self.store.segments.back_mut() {
            segment.live += 1;
        }
        if self.store.sync_before_confirm {
            return true;
        }
        entry.pinned = false;
        if let Some(ticket) = entry.ticket.take() {
            self.copy_decided(ticket, true);
        }
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
            if let Some(ticket) = entry.ticket.take() {
                self.copy_decided(ticket, true);
            }
        }
        self.store.batch = batch;
        self.store.phase = Phase::Idle;
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
