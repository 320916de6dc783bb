//! A bench for testing one client of the log: a clock, its timers, and a small
//! cluster (`fake`) that does what the test says.

use std::collections::{BTreeMap, VecDeque};

use super::fake::{Fake, Verdict};
use crate::event::{Answer, Closed, CopyId, Kind, NodeId, Note};
use crate::node::{ConnectionId, Input, Node, Output, Outputs, TimerId};
use crate::protocol::log::Message;
use crate::protocol::{Frame, store};
use crate::time::{Span, Time};

pub const STORE: NodeId = NodeId(9);

/// One client at the bench.
pub struct Bench<N> {
    pub node: N,
    pub now: Time,
    pub fake: Fake,
    /// Due time, and whether it is housekeeping.
    pub timers: BTreeMap<u16, (Time, bool)>,
    pub notes: Vec<(Time, Note)>,
    /// Whether the store answers.
    pub committing: bool,
    pub applied: Vec<u32>,
    pub asked: Vec<(NodeId, Message)>,
    /// Open connections.
    pub connections: BTreeMap<ConnectionId, NodeId>,
    out: Outputs,
    coming: VecDeque<Input>,
    /// Answers on their way, by the time they arrive.
    later: Vec<(Time, ConnectionId, Frame)>,
}

impl<N: Node> Bench<N> {
    pub fn started(node: N, fake: Fake) -> Self {
        let mut bench = Self {
            node,
            now: Time::ZERO,
            fake,
            timers: BTreeMap::new(),
            notes: Vec::new(),
            committing: true,
            applied: Vec::new(),
            asked: Vec::new(),
            connections: BTreeMap::new(),
            out: Outputs::default(),
            coming: VecDeque::new(),
            later: Vec::new(),
        };
        bench.input(Input::Start(Box::default()));
        bench
    }

    /// Hands an input to the client and lets the cluster answer.
    pub fn input(&mut self, input: Input) {
        self.coming.push_back(input);
        while let Some(input) = self.coming.pop_front() {
            if let Input::Frame { connection, .. } | Input::Closed { connection, .. } = &input
                && !self.connections.contains_key(connection)
                && matches!(input, Input::Frame { .. })
            {
                continue;
            }
            self.node.handle(self.now, input, &mut self.out);
            for output in std::mem::take(&mut self.out.list) {
                self.carry_out(output);
            }
            self.out.clear();
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Open { connection, peer } => {
                if self.fake.down.contains(&peer) {
                    self.coming.push_back(Input::Closed { connection, why: Closed::Refused });
                } else {
                    self.connections.insert(connection, peer);
                    self.coming.push_back(Input::Opened { connection, peer, inbound: false });
                }
            }
            Output::Send { connection, frame, .. } => self.receive(connection, frame),
            Output::Close { connection, .. } => {
                self.connections.remove(&connection);
            }
            Output::SetTimer { timer, at, periodic } => {
                self.timers.insert(timer.0, (at, periodic));
            }
            Output::CancelTimer { timer } => {
                self.timers.remove(&timer.0);
            }
            Output::Note(note) => self.notes.push((self.now, note)),
            other => panic!("a client has no files: {other:?}"),
        }
    }

    fn receive(&mut self, connection: ConnectionId, frame: Frame) {
        let Some(peer) = self.connections.get(&connection).copied() else { return };
        match frame {
            Frame::Store(store::Method::Apply { request, copy, .. }) => {
                self.applied.push(copy.message.0);
                if self.committing {
                    let frame = store::Method::Applied { request }.into();
                    self.coming.push_back(Input::Frame { connection, frame, about: None });
                }
            }
            Frame::Log { correlation, message } => {
                self.asked.push((peer, message.clone()));
                match self.fake.hear(self.now, peer, message) {
                    Verdict::Answer(answer) => self.answer(connection, answer.on(correlation)),
                    Verdict::AnswerAt(at, answer) => self.later.push((at, connection, answer.on(correlation))),
                    Verdict::Silence => {}
                    Verdict::Cut => self.cut(peer),
                }
            }
            other => panic!("no client of a log says that: {other:?}"),
        }
    }

    fn answer(&mut self, connection: ConnectionId, frame: Frame) {
        self.coming.push_back(Input::Frame { connection, frame, about: None });
    }

    /// The connection to a broker is reset, if there is one.
    pub fn cut(&mut self, peer: NodeId) {
        let found = self.connections.iter().find(|(_, other)| **other == peer).map(|(connection, _)| *connection);
        if let Some(connection) = found {
            self.connections.remove(&connection);
            self.later.retain(|(_, other, _)| *other != connection);
            self.coming.push_back(Input::Closed { connection, why: Closed::Reset });
        }
    }

    /// The same, from outside.
    pub fn reset_connection(&mut self, peer: NodeId) {
        self.cut(peer);
        if let Some(input) = self.coming.pop_back() {
            self.input(input);
        }
    }

    /// A broker dies: its connections end, and it takes no others.
    pub fn kill(&mut self, peer: NodeId) {
        self.fake.down.push(peer);
        self.reset_connection(peer);
    }

    pub fn revive(&mut self, peer: NodeId) {
        self.fake.down.retain(|other| *other != peer);
    }

    /// The client's process dies and another begins after `down`.
    pub fn crash(&mut self, down: Span) {
        self.node.reset();
        self.timers.clear();
        self.later.clear();
        self.connections.clear();
        self.now += down;
        self.input(Input::Start(Box::default()));
    }

    /// Lets time pass, firing what comes due.
    pub fn run_until(&mut self, end: Time) {
        loop {
            let timer = self.timers.iter().map(|(timer, (at, _))| (*at, *timer)).min();
            let frame = self.later.iter().enumerate().map(|(place, (at, ..))| (*at, place)).min();
            let next = [timer.map(|(at, _)| at), frame.map(|(at, _)| at)].into_iter().flatten().min();
            let Some(at) = next.filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            match frame.filter(|(due, _)| *due == at) {
                Some((_, place)) => {
                    let (_, connection, frame) = self.later.remove(place);
                    self.input(Input::Frame { connection, frame, about: None });
                }
                None => {
                    let timer = timer.expect("a timer is due").1;
                    self.timers.remove(&timer);
                    self.input(Input::Timer(TimerId(timer)));
                }
            }
        }
        self.now = end;
    }

    pub fn run_for(&mut self, millis: u64) {
        self.run_until(self.now + Span::from_millis(millis));
    }

    /// What was noted of one kind, as (message, attempt).
    pub fn noted(&self, kind: Kind) -> Vec<(u32, u16)> {
        let of_a_copy = |(_, note): &(Time, Note)| note.copy.filter(|_| note.kind == kind);
        self.notes.iter().filter_map(of_a_copy).map(|copy| (copy.message.0, copy.attempt)).collect()
    }

    pub fn messages(&self, kind: Kind) -> Vec<u32> {
        self.noted(kind).into_iter().map(|(message, _)| message).collect()
    }

    pub fn told(&self, answer: Answer) -> Vec<u32> {
        let mut told = self.messages(Kind::Told(answer));
        told.sort_unstable();
        told
    }

    pub fn in_memory(&self) -> Vec<u32> {
        let mut found = Vec::new();
        self.node.in_memory(&mut |copy: CopyId| found.push(copy.message.0));
        found
    }
}
