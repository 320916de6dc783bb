//! A node that embeds a host, as a broker does: it owns the connections and the
//! failure detector, applies what is committed, takes snapshots, proposes while
//! it leads, and carries out what the operator wants.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::habits::Habits;
use super::machine::Machine;
use super::seen::{Seen, What};
use super::word::Word;
use crate::event::{CopyId, MessageId, NodeId};
use crate::node::{ConnectionId, FileId, FileInfo, Holding, Input, Node, Outputs, TimerId};
use crate::picture::Picture;
use crate::protocol::Frame;
use crate::protocol::queue::Method;
use crate::protocol::raft::{Group, Position};
use crate::raft::{Host, Options, Outcome, Role};
use crate::random::Seed;
use crate::time::{Span, Time};

const TICK: TimerId = TimerId(0);
const PROPOSE: TimerId = TimerId(1);
const RAFT: TimerId = TimerId(2);
/// Shows, after a restart, that the disk is still the one it was.
const MARKER: FileId = FileId(0);
const FIRST_FILE: u32 = 1;

const HEARTBEAT: Span = Span::from_millis(150);
const SUSPECT_AFTER: Span = Span::from_millis(450);
const FOUND_AT: Time = Time::from_millis(10);

/// A connection to another replica, or the wish for one.
#[derive(Clone, Copy, Debug)]
struct Line {
    connection: ConnectionId,
    is_open: bool,
    heard: Time,
}

/// A node of the harness.
#[derive(Clone, Debug)]
pub struct Replica {
    me: NodeId,
    pub(super) habits: Habits,
    seed: Seed,
    pub(super) host: Host,
    lines: Vec<Option<Line>>,
    pub(super) machines: BTreeMap<Group, Machine>,
    /// Proposals whose fate is open.
    open: BTreeMap<(Group, u64), Position>,
    // What an observer keeps through every crash.
    pub(super) seen: Vec<Seen>,
    word: Word,
    proposals: u32,
    starts: u32,
}

impl Replica {
    #[must_use]
    pub fn new(me: NodeId, habits: &Habits, seed: Seed) -> Self {
        Self {
            me,
            host: Self::host(me, habits, seed),
            habits: habits.clone(),
            seed,
            lines: vec![None; usize::from(habits.nodes)],
            machines: BTreeMap::new(),
            open: BTreeMap::new(),
            seen: Vec::new(),
            word: Word::default(),
            proposals: 0,
            starts: 0,
        }
    }

    fn host(me: NodeId, habits: &Habits, seed: Seed) -> Host {
        let roll_bytes = habits.roll_bytes;
        Host::new(Options { me, seed, first_file: FIRST_FILE, timer: RAFT, roll_bytes })
    }

    fn peers(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        (0..self.habits.nodes).map(NodeId).filter(move |node| *node != me)
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = Group> + use<> {
        (0..self.habits.groups).map(Group)
    }

    fn start(&mut self, files: &[FileInfo], now: Time, out: &mut Outputs) {
        self.starts += 1;
        self.host.start(files, out);
        if self.starts == 1 {
            out.append(MARKER, |bytes| bytes.push(1), []);
            out.sync(MARKER);
            out.set_timer(PROPOSE, FOUND_AT);
        } else {
            out.set_periodic_timer(PROPOSE, now + self.habits.propose_every);
        }
        self.tick(now, out);
    }

    /// Heartbeats, and the verdicts on those who send none.
    fn tick(&mut self, now: Time, out: &mut Outputs) {
        for peer in self.peers() {
            let line = &mut self.lines[usize::from(peer.0)];
            if line.is_some_and(|line| now.since(line.heard) > SUSPECT_AFTER)
                && let Some(line) = line.take()
            {
                out.close(line.connection, crate::event::Closed::HeartbeatMissed);
                self.host.peer_down(now, peer, out);
            }
            let line = &mut self.lines[usize::from(peer.0)];
            match line {
                Some(line) if line.is_open => out.send(line.connection, Method::Heartbeat.on(0), None),
                None if self.me < peer => {
                    *line = Some(Line { connection: out.open(peer), is_open: false, heard: now });
                }
                _ => {}
            }
        }
        if !self.host.is_recovering() {
            self.reconcile(now, out);
        }
        out.set_periodic_timer(TICK, now + HEARTBEAT);
    }

    fn propose(&mut self, now: Time, out: &mut Outputs) {
        let is_time = now < self.habits.propose_until || now >= self.habits.final_from && now < self.habits.final_until;
        for group in self.groups().filter(|_| is_time) {
            let message = MessageId(u32::from(self.me.0) << 24 | self.proposals);
            let about = Some(CopyId { message, attempt: 1, branch: 0 });
            let command = Bytes::copy_from_slice(&message.0.to_le_bytes());
            if let Ok(at) = self.host.propose(now, group, command, about, out) {
                self.proposals += 1;
                self.open.insert((group, at.index), at);
                self.see(now, group, What::Proposed { at });
            }
        }
        if now < self.habits.final_until {
            out.set_periodic_timer(PROPOSE, now + self.habits.propose_every);
        }
    }

    fn see(&mut self, time: Time, group: Group, what: What) {
        self.seen.push(Seen { time, group, what });
    }

    fn timer(&mut self, timer: TimerId, now: Time, out: &mut Outputs) {
        match timer {
            TICK => self.tick(now, out),
            PROPOSE => {
                if now == FOUND_AT {
                    let members: Vec<NodeId> = (0..self.habits.nodes).map(NodeId).collect();
                    for group in self.groups() {
                        let prefer = group.0 % u32::from(self.habits.nodes) == u32::from(self.me.0);
                        self.host.create(now, group, &members, prefer, out);
                    }
                }
                self.propose(now, out);
            }
            _ => {}
        }
    }

    fn outcome(&mut self, now: Time, outcome: Outcome, was_recovering: bool, out: &mut Outputs) {
        match outcome {
            Outcome::Begun { group } => {
                self.machines.remove(&group);
                self.open.retain(|(of, _), _| *of != group);
            }
            Outcome::Committed { group, at, command, .. } => {
                self.look(now, group);
                self.apply(now, group, at, &command, out);
            }
            Outcome::Restored { group, at, state } => {
                let machine = Machine::decode(&state);
                self.machines.insert(group, machine);
                let by_leader = !was_recovering;
                self.see(now, group, What::Restored { at, state: machine.state, by_leader });
            }
            Outcome::Role { group, term, role: Role::Leader, .. } => {
                let base = self.host.status(group).map(|status| status.base).unwrap_or_default();
                let terms = self.host.entries(group).map(|entry| entry.at.term).collect();
                self.see(now, group, What::Led { term, base, terms });
                self.look(now, group);
            }
            Outcome::Role { .. } => {}
            Outcome::Overwritten { group, at, .. } => {
                self.open.remove(&(group, at.index));
                self.see(now, group, What::Overwritten { at });
            }
            Outcome::Members { group, members } => self.see(now, group, What::Members(members)),
        }
    }

    fn look(&mut self, now: Time, group: Group) {
        if !self.word.look(&self.host, group) {
            self.see(now, group, What::CountedOldTerm);
        }
    }

    fn apply(&mut self, now: Time, group: Group, at: Position, command: &[u8], out: &mut Outputs) {
        let term = self.host.status(group).map_or(0, |status| status.term);
        let machine = self.machines.entry(group).or_default();
        let before = machine.index;
        let is_due = machine.apply(at.index, command, self.habits.snapshot_every);
        let state = machine.state;
        let encoded = machine.encode();
        self.see(now, group, What::Applied { at, term, before, state });
        if self.open.remove(&(group, at.index)) == Some(at) {
            self.see(now, group, What::Confirmed { at });
        }
        if is_due {
            self.host.snapshot(now, group, at.index, encoded, out);
        }
    }

    fn drain(&mut self, now: Time, was_recovering: bool, out: &mut Outputs) {
        while let Some(outcome) = self.host.next_outcome() {
            self.outcome(now, outcome, was_recovering, out);
        }
        if was_recovering && !self.host.is_recovering() {
            for group in self.groups().filter(|group| !self.word.is_kept(&self.host, *group)).collect::<Vec<_>>() {
                self.see(now, group, What::BrokeItsWord);
            }
        }
        while let Some((to, group, message)) = self.host.next_message() {
            if !self.word.hear(self.me, to, group, &message) {
                self.see(now, group, What::BrokeItsWord);
            }
            if let Some(line) = self.lines[usize::from(to.0)].filter(|line| line.is_open) {
                let about = message.about();
                out.send(line.connection, message.of(group), about);
            }
        }
    }

    /// Whose connection this is, if it is the one in use.
    fn peer_of(&self, connection: ConnectionId) -> Option<NodeId> {
        self.peers().find(|peer| self.lines[usize::from(peer.0)].is_some_and(|line| line.connection == connection))
    }
}

impl Node for Replica {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        let was_recovering = self.host.is_recovering();
        if !self.host.handle(now, &input, out) {
            match input {
                Input::Start(files) => self.start(&files, now, out),
                Input::Timer(timer) => self.timer(timer, now, out),
                Input::Opened { connection, peer, .. } => {
                    let line = Line { connection, is_open: true, heard: now };
                    if self.lines[usize::from(peer.0)].replace(line).is_some_and(|old| old.is_open) {
                        self.host.peer_down(now, peer, out);
                    }
                    self.host.peer_up(now, peer, out);
                }
                Input::Closed { connection, .. } => {
                    if let Some(peer) = self.peer_of(connection) {
                        self.lines[usize::from(peer.0)] = None;
                        self.host.peer_down(now, peer, out);
                    }
                }
                Input::Frame { connection, frame, .. } => {
                    let Some(peer) = self.peer_of(connection) else { return };
                    if let Some(line) = &mut self.lines[usize::from(peer.0)] {
                        line.heard = now;
                    }
                    if let Frame::Raft { group, message } = frame {
                        self.host.frame(now, peer, group, message, out);
                    }
                }
                _ => {}
            }
        }
        self.drain(now, was_recovering, out);
    }

    fn reset(&mut self) {
        self.host = Self::host(self.me, &self.habits, self.seed);
        self.lines.fill(None);
        self.machines.clear();
        self.open.clear();
        self.word.process_ended();
    }

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, _: &mut Picture) {}
}
