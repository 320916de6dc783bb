//! A consumer of a log: a member of a consumer group (the classic protocol), and a
//! program that polls, works and commits.
//!
//! There are two threads in it. The program's own calls `poll()`, which gives it
//! records, and in which everything else happens as well: joining the group,
//! taking over partitions, committing by itself. The other sends heartbeats, also
//! while the program works; if that stays away from `poll()` for too long, it
//! leaves the group. A process that stands still does neither, and when it wakes
//! up it goes on with what it has in hand, although its partitions are another's:
//! a zombie. Its effects happen, and its commits fail.
//!
//! A commit says "my group has read up to here", and nothing about single records.
//! So whether a crash loses records or repeats them is decided by what is committed
//! before it is done: see [`OffsetCommit`].
//!
//! - `membership`: coordinator and heartbeats. `join`, `assignor`: who gets what.
//! - `assigned`: the partitions it has. `fetch`: reading them.
//! - `poll`: the program's loop; `exception`: what an exception does to it.
//! - `commit`: what is committed when. `tracker`: which records are done, and which
//!   are committed.
//! - `share`: the same program in a share group.
//!
//! Sources: `ClassicKafkaConsumer`, `ConsumerCoordinator`, `AbstractCoordinator`,
//! `Fetcher`. Left out: the new group protocol (but for one
//! race of it, see `auto-racing`), static membership, offsets in transactions
//! (consume, transform, produce), pausing by hand.

mod assigned;
mod assignor;
mod commit;
mod exception;
mod fetch;
mod join;
mod membership;
mod node;
mod options;
mod poll;
mod settings;
mod share;
mod tracker;

#[cfg(test)]
mod tests;

pub use options::{LogConsumerOptions, OffsetCommit, OffsetReset, OnPollException};
pub use settings::SETTINGS;

use std::collections::VecDeque;

use super::metadata::Cluster;
use super::network::{Network, Pace};
use crate::client::handler::{Delivery, Handler, Timers};
use crate::node::{Outputs, TimerId};
use crate::protocol::log::{Message, OffsetAt, TopicPartition};
use crate::time::Time;

use assigned::{Assigned, Position};
use membership::Membership;
use poll::Program;
use share::ShareState;

/// Housekeeping: heartbeats, commits, another try.
const BACKGROUND: TimerId = TimerId(0);
/// A process that has closed its consumer is started again.
const RESTART: TimerId = TimerId(1);
const ANSWER: TimerId = TimerId(2);
const STORE: TimerId = TimerId(3);
const CACHE: TimerId = TimerId(4);
/// The cluster's two, and that of the connection with the coordinator.
const CLUSTER: TimerId = TimerId(5);
const COORDINATOR: TimerId = TimerId(7);
/// One for each lane.
const WORK: TimerId = TimerId(8);

/// A request to a leader, or to any broker.
#[derive(Clone, Debug)]
enum Asked {
    /// The partitions and the offsets.
    Fetch(Box<[(TopicPartition, u64)]>),
    ListOffsets(TopicPartition),
    /// The partition, the epoch of the leader that was asked, and the position.
    EpochEnd(TopicPartition, u32, Position),
    Coordinator,
    ShareFetch,
    Acknowledge,
}

/// A request to the coordinator.
#[derive(Clone, Debug)]
enum AskedOfCoordinator {
    Join,
    Sync,
    Heartbeat,
    Commit(Box<[OffsetAt]>),
    OffsetFetch,
    Leave,
}

/// A consumer with its policy.
#[derive(Clone, Debug)]
pub struct LogConsumer {
    options: LogConsumerOptions,
    cluster: Cluster<Asked>,
    /// A connection of its own: a join waits for others, and a fetch for records.
    coordination: Network<AskedOfCoordinator>,
    membership: Membership,
    /// In order.
    assigned: Vec<Assigned>,
    /// Whose turn it is to return records.
    turn: usize,
    program: Program,
    handler: Handler,
    /// Records for each lane.
    lanes: Box<[VecDeque<Delivery>]>,
    share: ShareState,
    armed: Option<Time>,
}

impl LogConsumer {
    #[must_use]
    pub fn new(options: LogConsumerOptions) -> Self {
        let pace = Pace {
            request_timeout: options.request_timeout,
            retry_back_off: options.retry_back_off,
            seed: options.seed,
        };
        let handler = handler_of(&options);
        Self {
            cluster: Cluster::new(options.brokers.clone(), options.topics.clone(), pace, CLUSTER),
            coordination: Network::new(pace, COORDINATOR),
            membership: Membership::default(),
            assigned: Vec::new(),
            turn: 0,
            program: Program::default(),
            lanes: vec![VecDeque::new(); handler.lanes()].into(),
            handler,
            share: ShareState::default(),
            armed: None,
            options,
        }
    }

    #[must_use]
    pub const fn options(&self) -> &LogConsumerOptions {
        &self.options
    }

    fn find(&mut self, partition: TopicPartition) -> Option<&mut Assigned> {
        let place = self.assigned.binary_search_by_key(&partition, |assigned| assigned.partition).ok()?;
        Some(&mut self.assigned[place])
    }

    /// A partition, as deliveries carry it.
    fn slot(&self, partition: TopicPartition) -> u32 {
        let topic = self.options.topics.iter().position(|topic| *topic == partition.topic).unwrap_or(0);
        (topic as u32) << 16 | u32::from(partition.partition)
    }

    fn of_slot(&self, slot: u32) -> TopicPartition {
        TopicPartition { topic: self.options.topics[(slot >> 16) as usize], partition: slot as u16 }
    }

    /// All that can be done now. To be called after every input.
    fn go_on(&mut self, now: Time, out: &mut Outputs) {
        if !self.program.is_running() {
            return;
        }
        if self.program.has_closed() {
            return self.leave_and_end(now, out);
        }
        if self.options.share_group {
            self.share_go_on(now, out);
        } else {
            self.keep_membership(now, out);
            self.poll(now, out);
            self.fetch(now, out);
        }
        self.cluster.keep_up(now, out);
        self.coordination.arm(now, out);
        self.arm(now, out);
    }

    fn arm(&mut self, now: Time, out: &mut Outputs) {
        let next = if self.options.share_group { self.share_due(now) } else { self.next_due(now) };
        if next != self.armed {
            self.armed = next;
            match next {
                Some(at) => out.set_periodic_timer(BACKGROUND, at),
                None => out.cancel_timer(BACKGROUND),
            }
        }
    }

    /// When the background thread has something to do next, after `now`.
    fn next_due(&self, now: Time) -> Option<Time> {
        let later = |at: &Time| *at > now;
        let membership = self.membership.next_due(now, &self.options);
        let away = self.program.away_since().map(|since| since + self.options.max_poll_interval);
        let commit = Some(self.program.next_auto_commit).filter(|at| self.commits_by_itself() && later(at));
        [membership, away.filter(later), commit].into_iter().flatten().min()
    }

    fn heard(&mut self, now: Time, asked: Asked, message: Message, out: &mut Outputs) {
        match asked {
            Asked::Fetch(asked) => self.fetched(now, &asked, message),
            Asked::ListOffsets(partition) => self.offsets_listed(now, partition, message, out),
            Asked::EpochEnd(partition, epoch, position) => {
                self.epoch_end(now, partition, (epoch, position), message, out);
            }
            Asked::Coordinator => self.coordinator_found(now, message),
            Asked::ShareFetch => self.share_fetched(now, message, out),
            Asked::Acknowledge => {}
        }
    }

    /// No answer will come.
    fn unanswered(&mut self, now: Time, asked: Asked) {
        match asked {
            Asked::Fetch(asked) => {
                for (partition, _) in asked {
                    self.find(partition).into_iter().for_each(|assigned| assigned.is_fetching = false);
                }
            }
            Asked::ListOffsets(partition) => {
                self.find(partition).into_iter().for_each(|assigned| assigned.start = assigned::Start::Reset);
            }
            Asked::EpochEnd(partition, ..) => self.validation_lost(partition),
            Asked::Coordinator => self.membership.coordinator_lost(now, &self.options),
            Asked::ShareFetch => self.share.is_fetching = false,
            Asked::Acknowledge => {}
        }
    }

    /// The process that has closed its consumer ends; another will begin.
    fn go_down(&mut self, now: Time, out: &mut Outputs) {
        self.cluster.close(out);
        self.coordination.close(out);
        self.coordination.reset();
        for timer in [BACKGROUND, CLUSTER, TimerId(CLUSTER.0 + 1), COORDINATOR] {
            out.cancel_timer(timer);
        }
        self.forget();
        self.program.go_down();
        out.set_timer(RESTART, now + self.options.restart_after);
    }

    /// What a process keeps, but for its services' connections.
    fn forget(&mut self) {
        self.membership = Membership::default();
        self.assigned.clear();
        self.turn = 0;
        self.program = Program::default();
        self.handler.let_go();
        self.lanes.iter_mut().for_each(VecDeque::clear);
        self.share = ShareState::default();
        self.armed = None;
    }

    fn begin(&mut self, now: Time) {
        self.program = Program::started(now, self.options.auto_commit_interval);
    }

    fn waiting(&self) -> usize {
        self.lanes.iter().map(VecDeque::len).sum()
    }
}

fn handler_of(options: &LogConsumerOptions) -> Handler {
    let lanes = options.lanes.max(options.threads).clamp(1, 64);
    let timers = Timers { answer: ANSWER, store: STORE, cache: CACHE, work: WORK };
    Handler::new(options.handler.clone(), lanes, timers)
}
