//! The records of a partition that a group has in hand: from the first that is not
//! done with to the last that was handed out. Each is settled by itself, so their
//! order is nobody's promise.
//!
//! ```text
//!                acquire                accept, reject
//! Available ◀──────────────▶ Acquired ─────────────────▶ Done
//!              release, lock over        (once written)
//! ```
//!
//! A record that would become available once more after its last permitted delivery
//! is done with instead (Kafka says Archived, as of a rejected one; it tells these
//! from Acknowledged only for show).

use std::collections::VecDeque;
use std::sync::Arc;

use super::ShareOptions;
use crate::flaw::{self, Flaw};
use crate::protocol::log::{AcquiredRange, Batch, Error, MemberId, ShareAnswer, ShareRange, ShareState};
use crate::time::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Available,
    Acquired,
    /// Settled by its member, and not yet written: it stays locked.
    Settling {
        done: bool,
    },
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    state: State,
    deliveries: u16,
    member: MemberId,
    locked_until: Time,
    /// Which write settles it.
    write: u64,
}

const UNTOUCHED: Held =
    Held { state: State::Available, deliveries: 0, member: MemberId(0), locked_until: Time::ZERO, write: 0 };

#[derive(Clone, Debug, Default)]
pub struct Window {
    start: u64,
    held: VecDeque<Held>,
    /// When locks end, with first and last offset, in order. Some may be settled.
    locks: VecDeque<(Time, u64, u64)>,
}

impl Window {
    pub fn new(start: u64) -> Self {
        Self { start, ..Self::default() }
    }

    pub fn restore(state: &ShareState) -> Self {
        let mut window = Self::new(state.start);
        for range in state.ranges.iter() {
            let state = if range.is_done { State::Done } else { State::Available };
            let held = Held { state, deliveries: range.deliveries, ..UNTOUCHED };
            window.held.extend((range.first..=range.last).map(|_| held));
        }
        window.trim();
        window
    }

    /// What is to be remembered, with what this write settles. A delivery that has
    /// not come to an end is not in it: after a change of leaders it never was.
    pub fn snapshot(&self) -> ShareState {
        let mut ranges: Vec<ShareRange> = Vec::new();
        for (offset, held) in (self.start..).zip(&self.held) {
            let (is_done, deliveries) = match held.state {
                State::Available => (false, held.deliveries),
                State::Acquired => (false, held.deliveries - 1),
                State::Settling { done } => (done, held.deliveries),
                State::Done => (true, held.deliveries),
            };
            match ranges.last_mut() {
                Some(last) if (last.is_done, last.deliveries) == (is_done, deliveries) => last.last = offset,
                _ => ranges.push(ShareRange { first: offset, last: offset, deliveries, is_done }),
            }
        }
        ShareState { start: self.start, ranges: ranges.into() }
    }

    /// Whether nobody will be handed a record any more.
    pub fn is_done(&self, offset: u64) -> bool {
        offset < self.start || self.held.get((offset - self.start) as usize).is_some_and(|it| it.state == State::Done)
    }

    fn end(&self) -> u64 {
        self.start + self.held.len() as u64
    }

    /// Where to read for the next member.
    pub fn next_fetch(&self) -> u64 {
        let available = self.held.iter().position(|held| held.state == State::Available);
        available.map_or_else(|| self.end(), |at| self.start + at as u64)
    }

    pub fn can_acquire(&self, options: &ShareOptions) -> bool {
        self.next_fetch() < self.end() || self.held.len() < options.max_record_locks as usize
    }

    /// Retention deleted what is before `log_start`.
    pub fn advance(&mut self, log_start: u64) {
        while self.start < log_start && self.held.pop_front().is_some() {
            self.start += 1;
        }
        self.start = self.start.max(log_start);
        self.trim();
    }

    fn trim(&mut self) {
        while self.held.pop_front_if(|held| held.state == State::Done).is_some() {
            self.start += 1;
        }
        while self.locks.pop_front_if(|lock| !is_locked(self.start, &self.held, *lock)).is_some() {}
    }

    /// Hands what is available in these batches to a member, batch by batch, until it
    /// has `most` (Kafka's default mode, `batch_optimized`: a batch is not split).
    pub fn acquire(
        &mut self,
        now: Time,
        member: MemberId,
        most: u32,
        batches: &[Arc<Batch>],
        end: u64,
        options: &ShareOptions,
    ) -> Vec<AcquiredRange> {
        let mut ranges: Vec<AcquiredRange> = Vec::new();
        let (mut count, until) = (0, now + options.lock_duration);
        for batch in batches {
            if count >= most {
                break;
            }
            let fits = self.held.len() < options.max_record_locks as usize;
            for offset in batch.first_offset.max(self.start)..batch.end_offset().min(end) {
                if offset >= self.end() && !fits {
                    break;
                }
                // A gap in the log, and markers, are nobody's.
                while self.end() < offset {
                    self.held.push_back(Held { state: State::Done, ..UNTOUCHED });
                }
                if self.end() == offset {
                    let state = if batch.control.is_some() { State::Done } else { State::Available };
                    self.held.push_back(Held { state, ..UNTOUCHED });
                }
                let held = &mut self.held[(offset - self.start) as usize];
                if held.state != State::Available {
                    continue;
                }
                let deliveries = held.deliveries + 1;
                *held = Held { state: State::Acquired, deliveries, member, locked_until: until, write: 0 };
                count += 1;
                match ranges.last_mut() {
                    Some(last)
                        if last.last + 1 == offset
                            && last.deliveries == deliveries
                            && Arc::ptr_eq(&last.batch, batch) =>
                    {
                        last.last = offset;
                    }
                    _ => ranges.push(AcquiredRange { first: offset, last: offset, deliveries, batch: batch.clone() }),
                }
            }
        }
        self.locks.extend(ranges.iter().map(|range| (until, range.first, range.last)));
        self.trim();
        ranges
    }

    /// A member's answers, all or none. Whether anything must be written.
    pub fn acknowledge(
        &mut self,
        now: Time,
        member: MemberId,
        answers: &[(u64, u64, ShareAnswer)],
        write: u64,
        options: &ShareOptions,
    ) -> Result<bool, Error> {
        let mine = |held: &Held| held.state == State::Acquired && held.member == member;
        for (first, last, _) in answers {
            // What is before the window is done with, whoever says so.
            for offset in *first.max(&self.start)..=*last {
                let held = self.held.get((offset - self.start) as usize);
                held.filter(|held| mine(held)).ok_or(Error::InvalidRecordState)?;
            }
        }
        let mut must_write = false;
        for (first, last, answer) in answers {
            for offset in *first.max(&self.start)..=*last {
                let held = &mut self.held[(offset - self.start) as usize];
                let done = match answer {
                    ShareAnswer::Accept | ShareAnswer::Reject => true,
                    ShareAnswer::Release => held.deliveries >= options.delivery_limit,
                    ShareAnswer::Renew => {
                        held.locked_until = now + options.lock_duration;
                        continue;
                    }
                };
                (held.state, held.write, must_write) = (State::Settling { done }, write, true);
            }
            if *answer == ShareAnswer::Renew {
                self.locks.push_back((now + options.lock_duration, *first.max(&self.start), *last));
            }
        }
        self.trim();
        Ok(must_write)
    }

    /// A write succeeded, or what it would have settled is held as before.
    pub fn written(&mut self, now: Time, write: u64, is_ok: bool) {
        for (offset, held) in (self.start..).zip(&mut self.held) {
            if let State::Settling { done } = held.state
                && held.write == write
            {
                held.state = match (is_ok, done) {
                    (false, _) => State::Acquired,
                    (true, true) => State::Done,
                    (true, false) => State::Available,
                };
                // Its lock ended meanwhile, and nobody took notice.
                if !is_ok && held.locked_until <= now {
                    self.locks.push_front((now, offset, offset));
                }
            }
        }
        self.trim();
    }

    /// Locks whose time is over end. Names the records, and who had them.
    pub fn time_passed(&mut self, now: Time, options: &ShareOptions) -> Vec<(u64, MemberId)> {
        let mut ended = Vec::new();
        while let Some((_, first, last)) = self.locks.pop_front_if(|(until, ..)| *until <= now) {
            if flaw::is_on(Flaw::ShareLockNeverEnds) {
                continue;
            }
            for offset in first.max(self.start)..=last {
                if let Some(held) = self.held.get_mut((offset - self.start) as usize)
                    && held.locked_until <= now
                    && held.release(options)
                {
                    ended.push((offset, held.member));
                }
            }
        }
        self.trim();
        ended
    }

    /// A member is gone: what it holds is free at once. Whether it held anything.
    pub fn release(&mut self, member: MemberId, options: &ShareOptions) -> bool {
        let mut any = false;
        for held in self.held.iter_mut().filter(|held| held.member == member) {
            any |= held.release(options);
        }
        self.trim();
        any
    }

    pub fn next_deadline(&self) -> Option<Time> {
        self.locks.front().map(|(until, ..)| *until)
    }

    /// The first that is not done with.
    pub const fn start(&self) -> u64 {
        self.start
    }
}

impl Held {
    fn release(&mut self, options: &ShareOptions) -> bool {
        if self.state != State::Acquired {
            return false;
        }
        self.state = if self.deliveries >= options.delivery_limit { State::Done } else { State::Available };
        true
    }
}

fn is_locked(start: u64, held: &VecDeque<Held>, (until, first, last): (Time, u64, u64)) -> bool {
    (first.max(start)..=last).any(|offset| {
        held.get((offset - start) as usize).is_some_and(|held| {
            matches!(held.state, State::Acquired | State::Settling { .. }) && held.locked_until <= until
        })
    })
}
