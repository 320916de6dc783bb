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
use super::entry::EntryIndex;
use super::settings::Options;
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
pub(super) enum Operation {
    Publish(EntryIndex),
    Settled { queue: Name, sequence: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
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
    pub sync_before_confirm: bool,
    segment_length: u64,
    /// Oldest first; the last is written to.
    pub segments: VecDeque<Segment>,
    pub buffer: Vec<Operation>,
    /// Payload in the buffer.
    pub buffered_bytes: usize,
    /// How many buffered publishes wait for their confirm.
    pub waiting: u32,
    /// When the first of these came.
    waiting_since: Time,
    /// When the buffer last grew.
    last: Time,
    /// The batch under way.
    pub batch: Vec<Operation>,
    pub batch_end: u64,
    pub phase: Phase,
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

    /// The length of all segments, in bytes.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.length).sum()
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

    /// Removes old segments that hold nothing alive. A later one must have been
    /// written to: so a segment's number is not given twice after a crash.
    pub fn remove_dead_segments(&mut self, out: &mut Outputs) {
        while let Some(&Segment { file, live: 0, .. }) = self.segments.front()
            && self.segments.iter().skip(1).any(|later| later.length > 0)
        {
            self.segments.pop_front();
            out.remove(file);
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
    pub fn segment(&mut self) -> &mut Segment {
        let next = match self.segments.back() {
            Some(last) if last.length < self.segment_length => None,
            Some(last) => Some(FileId(last.file.0 + 1)),
            None => Some(FileId(super::metadata::FILE.0 + 1)),
        };
        if let Some(file) = next {
            self.segments.push_back(Segment { file, length: 0, live: 0 });
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
}
