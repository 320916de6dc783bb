//! The program's loop: poll, work on what comes, commit, poll again. Or, if the
//! program has lanes or a thread of its own for its records: poll and hand over,
//! poll and hand over.

use super::{LogConsumer, OffsetCommit};
use crate::client::handler::{Delivery, Signal};
use crate::event::Kind;
use crate::node::Outputs;
use crate::random::mix;
use crate::time::{Span, Time};

/// Where the program is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// There is no process, or it has closed its consumer.
    #[default]
    Down,
    /// In `poll()`.
    Polling,
    /// At work, since it came back from there.
    Working(Time),
    /// In `commitSync()`, before work on the batch or after it.
    CommittingBefore(Time),
    CommittingAfter(Time),
    /// In `close()`, which waits for a last commit.
    Closing,
}

/// How far a consumer has prepared to join its group anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prepare {
    #[default]
    No,
    /// A last commit under the old assignment is on its way.
    Committing,
    Done,
}

#[derive(Clone, Debug, Default)]
pub struct Program {
    pub state: State,
    pub prepare: Prepare,
    pub next_auto_commit: Time,
    /// A commit is not answered.
    pub is_committing: bool,
    /// The program has left its batch by an exception, and commits nothing for it.
    pub has_swallowed: bool,
    /// How often records were given to a handler that threw: slot, offset, count.
    pub throws: Vec<(u32, u64, u32)>,
}

impl Program {
    pub fn started(now: Time, interval: Span) -> Self {
        Self { state: State::Polling, next_auto_commit: now + interval, ..Self::default() }
    }

    pub fn go_down(&mut self) {
        self.state = State::Down;
    }

    pub fn is_running(&self) -> bool {
        self.state != State::Down
    }

    /// Whether `close()` has nothing more to wait for.
    pub fn has_closed(&self) -> bool {
        self.state == State::Closing && !self.is_committing
    }

    /// Since when it has been away from `poll()`.
    pub const fn away_since(&self) -> Option<Time> {
        match self.state {
            State::Working(since) | State::CommittingBefore(since) | State::CommittingAfter(since) => Some(since),
            State::Down | State::Polling | State::Closing => None,
        }
    }
}

impl LogConsumer {
    /// Whether records are handed over, and `poll()` is called again at once.
    pub(super) fn hands_over(&self) -> bool {
        self.options.offset_commit == OffsetCommit::AutoHandoff || self.options.lanes > 1
    }

    /// Whether so much is handed over that `poll()` returns nothing for now. A
    /// program that only hands over knows no such bound.
    pub(super) fn is_full(&self) -> bool {
        self.options.offset_commit != OffsetCommit::AutoHandoff
            && self.options.lanes > 1
            && self.waiting() + self.handler.in_hand().count() >= self.options.max_poll_records.max(1)
    }

    /// `poll()`, if the program is in it.
    pub(super) fn poll(&mut self, now: Time, out: &mut Outputs) {
        match self.program.state {
            State::Polling => {}
            State::CommittingBefore(_) | State::CommittingAfter(_) => return self.commit_sync(now, out),
            State::Working(_) => return self.commit_from_background(now, out),
            State::Down | State::Closing => return,
        }
        if !self.join(now, out) {
            return;
        }
        let races = self.races(now);
        if !races {
            self.auto_commit(now, out);
        }
        self.fetch_offsets(now, out);
        self.commit_lanes(now, out);
        while !self.is_full() && self.collect(now, out) && self.hands_over() {}
        if races {
            self.auto_commit(now, out);
        }
    }

    /// Returns records to the program: those that were fetched ahead, partition by
    /// partition. Returns whether there were any.
    fn collect(&mut self, now: Time, out: &mut Outputs) -> bool {
        let limit = match self.options.offset_commit {
            // librdkafka's plain `poll()`.
            OffsetCommit::StoredBefore => 1,
            _ => self.options.max_poll_records.max(1),
        };
        let mut count = 0;
        for _ in 0..self.assigned.len() {
            let place = self.turn % self.assigned.len();
            let slot = self.slot(self.assigned[place].partition);
            while count < limit
                && let Some(arrived) = self.assigned[place].next()
            {
                count += 1;
                out.note(Kind::Taken, Some(arrived.copy));
                let delivery =
                    Delivery { copy: arrived.copy, tag: arrived.offset, generation: slot, fact: arrived.fact };
                let lane = self.lane_of(arrived.key);
                self.lanes[lane].push_back(delivery);
            }
            let assigned = &mut self.assigned[place];
            if self.options.offset_commit == OffsetCommit::StoredBefore && count > 0 {
                assigned.stored = Some(assigned.position);
            }
            if count == limit {
                break;
            }
            self.turn = place + 1;
        }
        if count == 0 {
            return false;
        }
        if self.hands_over() {
            self.dispatch(now, out);
            return true;
        }
        self.program.has_swallowed = false;
        if self.options.offset_commit == OffsetCommit::Before {
            self.program.state = State::CommittingBefore(now);
            self.commit_sync(now, out);
        } else {
            self.work(now, out);
        }
        true
    }

    /// The same key always to the same lane.
    pub(super) fn lane_of(&self, key: u32) -> usize {
        if self.options.lanes > 1 { (mix(u64::from(key)) % self.options.lanes as u64) as usize } else { 0 }
    }

    /// Work on the batch begins.
    pub(super) fn work(&mut self, now: Time, out: &mut Outputs) {
        self.program.state = State::Working(now);
        self.dispatch(now, out);
    }

    /// Gives records to workers that are free.
    fn dispatch(&mut self, now: Time, out: &mut Outputs) {
        for worker in 0..self.handler.lanes() {
            let lane = if self.options.lanes > 1 { worker } else { 0 };
            if self.handler.is_free(worker)
                && let Some(delivery) = self.lanes[lane].pop_front()
            {
                let signal = self.handler.take(now, worker, delivery, out);
                debug_assert!(matches!(signal, Signal::None | Signal::Began(..)), "nothing ends as it begins");
            }
        }
    }

    /// What the handler came to.
    pub(super) fn handled(&mut self, now: Time, signal: Signal, out: &mut Outputs) {
        match signal {
            Signal::None | Signal::Began(..) => return,
            Signal::Done(_, delivery) | Signal::Skipped(_, delivery) => {
                let partition = self.of_slot(delivery.generation);
                self.find(partition)
                    .into_iter()
                    .for_each(|assigned| assigned.tracker.done(delivery.tag, delivery.copy));
            }
            Signal::Threw(_, delivery) => self.threw(now, delivery, out),
        }
        self.dispatch(now, out);
        let is_done = self.waiting() == 0 && self.handler.in_hand().next().is_none();
        if let State::Working(since) = self.program.state
            && is_done
        {
            self.program.state = State::Polling;
            if self.options.offset_commit == OffsetCommit::After && !self.program.has_swallowed {
                self.program.state = State::CommittingAfter(since);
                self.commit_sync(now, out);
            }
        }
    }
}
