//! The controller: who is alive, who leads which partition, who is in sync.
//!
//! One or three controllers keep the same metadata log (KRaft). The one that
//! leads it, and has carried out everything that earlier leaders wrote, is active:
//! brokers register with it, send it heartbeats and ask it for changes. It decides
//! on the state as it will be once everything it has written is committed, writes
//! its decision, and answers when that is committed; so nobody ever learns of a
//! decision that is later forgotten.
//!
//! - `election`: how a partition's state changes: who leads, who is in sync, who
//!   is eligible. Pure rules.
//! - `metadata`: the state the log amounts to. `codec`: its changes as bytes.
//! - `decide`: what the active controller decides: `brokers` come, go and fall
//!   silent; `partitions` are created, altered, balanced.
//! - `quorum`: the metadata log among the controllers. `link`: their connections.
//! - `desk`: brokers' requests, and answers that wait for a commit.
//! - `news`: committed changes on their way to brokers. `show`: pictures.
//!
//! The source of the rules is Kafka's `metadata` module (`QuorumController` and
//! its managers). Left out: combined mode, controlled shutdown, observers, moving
//! replicas, deleting topics, and configurations that change during a run (an
//! unclean election that is allowed later).

mod brokers;
mod codec;
mod decide;
mod desk;
mod election;
mod link;
mod metadata;
mod news;
mod partitions;
mod quorum;
mod show;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use self::decide::Decisions;
use self::desk::Waiting;
use self::link::Peer;
use self::metadata::Metadata;
use self::news::Subscriber;
use crate::broker::log::Options;
use crate::event::{CopyId, NodeId};
use crate::node::{ConnectionId, Disturbance, Holding, Input, Node, Outputs, TimerId};
use crate::picture::Picture;
use crate::protocol::Frame;
use crate::raft::{self, Host};
use crate::time::{Span, Time};

const RAFT_TIMER: TimerId = TimerId(0);
/// The detector of other controllers.
const TICK: TimerId = TimerId(1);
/// What time brings to brokers and partitions.
const LOOK: TimerId = TimerId(2);

/// A broker that is silent for longer than its heartbeats are apart (2 s).
const SUSPICIOUS: Span = Span::from_secs(3);

/// One controller, in a process of its own.
#[derive(Clone, Debug)]
pub struct LogController {
    options: Options,
    raft: Host,
    peers: Vec<Peer>,
    tick_at: Time,
    /// This machine lost its disk, and with it its part in the quorum.
    lost_log: bool,
    /// The log was read back, and the others know.
    is_ready: bool,
    /// What the log amounts to, as far as it is committed.
    committed: Metadata,
    /// The last entry in it, and how many since the last snapshot.
    applied: u64,
    unsaved: u32,
    /// The term in which this controller leads the log.
    leads: Option<u64>,
    /// The entry with which it begins: once that is committed it is active.
    claim: Option<u64>,
    active: Option<Decisions>,
    /// The last entry it wrote.
    written: u64,
    waiting: VecDeque<Waiting>,
    /// Brokers with a connection to here.
    clients: Vec<(ConnectionId, NodeId)>,
    subscribers: Vec<Subscriber>,
    /// How many partitions an operator wants the first topic to have.
    wanted_partitions: u16,
}

impl LogController {
    #[must_use]
    pub fn new(options: Options) -> Self {
        let (me, seed) = (options.me, options.seed);
        let others = options.controllers.iter().copied().filter(|node| *node != me);
        Self {
            raft: Host::new(raft::Options { me, seed, first_file: 0, timer: RAFT_TIMER, roll_bytes: 1 << 20 }),
            peers: others.map(Peer::new).collect(),
            tick_at: Time::ZERO,
            lost_log: false,
            is_ready: false,
            committed: Metadata::default(),
            applied: 0,
            unsaved: 0,
            leads: None,
            claim: None,
            active: None,
            written: 0,
            waiting: VecDeque::new(),
            clients: Vec::new(),
            subscribers: Vec::new(),
            wanted_partitions: 0,
            options,
        }
    }

    /// Whether it decides.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active.is_some()
    }

    /// What time brings, if this controller is active.
    fn look(&mut self, now: Time, out: &mut Outputs) {
        let Some(active) = &mut self.active else { return };
        active.time_passed(now);
        active.create_topics(&self.options, self.wanted_partitions, now);
        self.write(now, out);
        self.set_look(now, out);
    }

    /// While a broker is missing whose session has not ended, something is still
    /// to be decided, and the timer keeps the run alive.
    fn set_look(&self, now: Time, out: &mut Outputs) {
        let Some(active) = &self.active else { return out.cancel_timer(LOOK) };
        let is_connected = |node| self.clients.iter().any(|(_, client)| *client == node);
        let is_missed = |(node, heard): (&NodeId, &Time)| {
            active.metadata.is_active(*node) && (!is_connected(*node) || now.since(*heard) > SUSPICIOUS)
        };
        if active.contacts.iter().any(is_missed) {
            out.set_timer(LOOK, active.next_look());
        } else {
            out.set_periodic_timer(LOOK, active.next_look());
        }
    }

    fn take(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(files) => self.start(&files, now, out),
            Input::Timer(TICK) => self.tick(now, out),
            Input::Timer(LOOK) => self.look(now, out),
            Input::Opened { connection, peer, .. } => {
                if !self.link_opened(connection, peer, now, out) {
                    self.clients.push((connection, peer));
                    self.set_look(now, out);
                }
            }
            Input::Closed { connection, .. } => {
                if !self.link_closed(connection, now, out) {
                    self.client_gone(connection);
                    self.set_look(now, out);
                }
            }
            Input::Frame { connection, frame, .. } => {
                if let Some(at) = self.peer_on(connection) {
                    self.peer_frame(at, frame, now, out);
                } else if let Frame::Log { correlation, message } = frame {
                    self.request(connection, correlation, message, now, out);
                }
            }
            Input::Disturbed(Disturbance::GrowTopic { partitions }) => {
                self.wanted_partitions = self.wanted_partitions.max(partitions);
                self.look(now, out);
            }
            Input::Disturbed(_) => {}
            input => drop(self.raft.handle(now, &input, out)),
        }
        self.serve_raft(now, out);
    }
}

impl Node for LogController {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        self.take(now, input, out);
    }

    fn reset(&mut self) {
        *self = Self::new(std::mem::take(&mut self.options));
    }

    /// The metadata hold no records.
    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        self.show(picture);
    }
}
