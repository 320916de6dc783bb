//! A bench for testing one client: a clock, its timers, and a fake peer that
//! shakes hands and otherwise answers what the test says.

use std::collections::{BTreeMap, VecDeque};

use crate::event::{Answer, Closed, CopyId, Kind, MessageId, NodeId, Note};
use crate::node::{ConnectionId, Input, Node, Output, Outputs};
use crate::protocol::Frame;
use crate::protocol::queue::{Method, Publish};
use crate::protocol::{service, store};
use crate::time::{Span, Time};

/// One client at the bench.
pub struct Bench<N> {
    pub node: N,
    pub now: Time,
    /// Whether the peers take connections.
    pub listening: bool,
    /// Whether the broker answers the handshake, and heartbeats with heartbeats.
    pub obliging: bool,
    /// The code with which the broker refuses declarations.
    pub refusal: Option<u16>,
    /// Whether the store answers.
    pub committing: bool,
    /// Due time, and whether it is housekeeping.
    pub timers: BTreeMap<u16, (Time, bool)>,
    pub notes: Vec<(Time, Note)>,
    pub published: Vec<Publish>,
    /// What else was said on the channel.
    pub said: Vec<Method>,
    pub applies: Vec<(u64, CopyId)>,
    /// What else was asked of services; nothing answers.
    pub asked: Vec<store::Method>,
    /// What was said to another service; nothing answers.
    pub called: Vec<service::Method>,
    pub opened: Vec<(ConnectionId, NodeId)>,
    pub closed: Vec<(ConnectionId, Closed)>,
    out: Outputs,
    coming: VecDeque<Input>,
}

impl<N: Node> Bench<N> {
    /// A client whose process has not begun; its peers are well.
    pub fn new(node: N) -> Self {
        Self {
            node,
            now: Time::ZERO,
            listening: true,
            obliging: true,
            refusal: None,
            committing: true,
            timers: BTreeMap::new(),
            notes: Vec::new(),
            published: Vec::new(),
            said: Vec::new(),
            applies: Vec::new(),
            asked: Vec::new(),
            called: Vec::new(),
            opened: Vec::new(),
            closed: Vec::new(),
            out: Outputs::default(),
            coming: VecDeque::new(),
        }
    }

    /// The same, started and connected.
    pub fn started(node: N) -> Self {
        let mut bench = Self::new(node);
        bench.input(Input::Start(Box::default()));
        bench
    }

    /// Hands an input to the client and lets the peers answer.
    pub fn input(&mut self, input: Input) {
        self.coming.push_back(input);
        while let Some(input) = self.coming.pop_front() {
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
                self.opened.push((connection, peer));
                if self.listening {
                    self.coming.push_back(Input::Opened { connection, peer, inbound: false });
                }
            }
            Output::Send { connection, frame, .. } => self.receive(connection, frame),
            Output::Close { connection, why } => self.closed.push((connection, why)),
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
        let method = match frame {
            Frame::Queue { method, .. } => method,
            Frame::Store(store::Method::Apply { request, copy, .. }) => {
                self.applies.push((request, copy));
                if self.committing {
                    let frame = store::Method::Applied { request }.into();
                    self.coming.push_back(Input::Frame { connection, frame, about: None });
                }
                return;
            }
            Frame::Service(method) => {
                self.called.push(method);
                return;
            }
            Frame::Cluster(_) | Frame::Raft { .. } | Frame::Log { .. } => panic!("no client of a queue says that"),
            Frame::Store(method) => {
                self.asked.push(method);
                return;
            }
        };
        let answer = match &method {
            Method::ConnectionOpen { .. } => Method::ConnectionOpenOk,
            Method::ChannelOpen => Method::ChannelOpenOk,
            Method::QueueDeclare { queue, .. } => Method::QueueDeclareOk { queue: *queue },
            Method::ExchangeDeclare { .. } => Method::ExchangeDeclareOk,
            Method::QueueBind { .. } => Method::QueueBindOk,
            Method::ConfirmSelect => Method::ConfirmSelectOk,
            Method::TxSelect => Method::TxSelectOk,
            Method::RegisterProducer => Method::RegisterProducerOk,
            Method::Qos { .. } => Method::QosOk,
            Method::Consume { consumer, .. } => Method::ConsumeOk { consumer: *consumer },
            Method::Heartbeat => Method::Heartbeat,
            Method::Publish(publish) | Method::PublishHalf(publish) => {
                self.published.push(publish.clone());
                return;
            }
            _ => {
                self.said.push(method);
                return;
            }
        };
        let refusal = self.refusal.filter(|_| matches!(method, Method::QueueDeclare { .. }));
        self.said.push(method);
        if self.obliging {
            let answer = refusal.map_or(answer, |code| Method::ChannelClose { code });
            self.coming.push_back(Input::Frame { connection, frame: answer.on(1), about: None });
        }
    }

    /// The connection to `peer` that was opened last.
    pub fn connection(&self, peer: NodeId) -> ConnectionId {
        self.opened.iter().rev().find(|(_, other)| *other == peer).expect("a connection").0
    }

    /// The broker says something on the newest connection.
    pub fn hear(&mut self, method: Method) {
        self.hear_on(self.connection(BROKER), method);
    }

    pub fn hear_on(&mut self, connection: ConnectionId, method: Method) {
        self.input(Input::Frame { connection, frame: method.on(1), about: None });
    }

    /// The newest connection to `peer` is reset.
    pub fn cut(&mut self, peer: NodeId) {
        self.input(Input::Closed { connection: self.connection(peer), why: Closed::Reset });
    }

    /// The process dies and another begins after `down`.
    pub fn crash(&mut self, down: Span) {
        self.node.reset();
        self.timers.clear();
        self.now += down;
        self.input(Input::Start(Box::default()));
    }

    /// Lets time pass, firing the timers that come due.
    pub fn run_until(&mut self, end: Time) {
        while let Some((timer, at)) = self.next_timer().filter(|(_, at)| *at <= end) {
            self.timers.remove(&timer);
            self.now = self.now.max(at);
            self.input(Input::Timer(crate::node::TimerId(timer)));
        }
        self.now = end;
    }

    /// Lets time pass until only housekeeping is left, as a run does.
    pub fn run_until_quiet(&mut self) {
        let cap = self.now + Span::from_secs(3_600);
        self.run_until_quiet_or(cap);
        assert!(self.now < cap, "no end in sight: {:?}", self.timers);
    }

    /// The same, up to a time.
    pub fn run_until_quiet_or(&mut self, end: Time) {
        while self.now < end && self.timers.values().any(|(_, periodic)| !periodic) {
            let (_, at) = self.next_timer().expect("a timer");
            self.run_until(at.clamp(self.now, end));
        }
    }

    fn next_timer(&self) -> Option<(u16, Time)> {
        self.timers.iter().map(|(timer, (at, _))| (*timer, *at)).min_by_key(|(timer, at)| (*at, *timer))
    }

    /// What was noted about messages, as `message.attempt kind`.
    pub fn story(&self) -> Vec<(u32, u16, Kind)> {
        let of_a_copy = |(_, note): &(Time, Note)| note.copy.map(|copy| (copy.message.0, copy.attempt, note.kind));
        self.notes.iter().filter_map(of_a_copy).collect()
    }

    /// What was noted of one kind, as messages.
    pub fn noted(&self, kind: Kind) -> Vec<u32> {
        self.story().into_iter().filter(|(_, _, other)| *other == kind).map(|(message, _, _)| message).collect()
    }

    pub fn told(&self, answer: Answer) -> Vec<u32> {
        self.noted(Kind::Told(answer))
    }

    /// What went out, as (message, attempt).
    pub fn sends(&self) -> Vec<(u32, u16)> {
        self.published.iter().map(|publish| (publish.copy.message.0, publish.copy.attempt)).collect()
    }

    pub fn in_memory(&self) -> Vec<(u32, u16)> {
        let mut found = Vec::new();
        self.node.in_memory(&mut |copy| found.push((copy.message.0, copy.attempt)));
        found
    }
}

pub const BROKER: NodeId = NodeId(7);
pub const STORE: NodeId = NodeId(8);

pub const fn copy(message: u32, attempt: u16) -> CopyId {
    CopyId { message: MessageId(message), attempt, branch: 0 }
}

pub const fn confirm(tag: u64) -> Method {
    Method::Confirm { tag, multiple: false }
}

pub const fn nack(tag: u64) -> Method {
    Method::ConfirmNack { tag, multiple: false }
}
