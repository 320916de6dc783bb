//! A connection to each broker, with the requests that await an answer on it.
//!
//! A client opens a connection when it has something to say, and a broker answers
//! in the order of requests. A request without an answer in time makes the whole
//! connection suspect: it is closed, and every request on it counts as lost, as
//! the client cannot know which of them the broker has carried out. After a
//! failure a broker is left alone for a while, longer each time.
//!
//! All timers here are housekeeping: work that waits for an answer has its own.
//!
//! Source: `NetworkClient`, `ClusterConnectionStates`. Left out: idle time.

use std::collections::VecDeque;

use crate::event::{Closed, CopyId, Kind, NodeId};
use crate::node::{ConnectionId, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::protocol::log::Message;
use crate::random::{Purpose, Seed};
use crate::time::{Span, Time};

/// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
const RECONNECT_AFTER: Span = Span::from_millis(50);
const RECONNECT_DOUBLINGS: u32 = 4;
const RECONNECT_AT_MOST: Span = Span::from_secs(1);
/// `socket.connection.setup.timeout.ms`.
const PATIENCE: Span = Span::from_secs(10);

/// What a client does about failure in general.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub request_timeout: Span,
    /// `retry.backoff.ms`.
    pub retry_back_off: Span,
    pub seed: Seed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Connecting(ConnectionId, Time),
    Up(ConnectionId),
    /// Left alone until then.
    BackingOff(Time),
}

#[derive(Clone, Debug)]
struct Peer<R> {
    node: NodeId,
    state: State,
    /// Since it was last up.
    failures: u32,
    /// In the order of sending, with correlation number and the time by which an
    /// answer must have come.
    in_flight: VecDeque<(u32, Time, R)>,
}

/// What an input came to.
#[derive(Debug)]
pub enum Happening<R> {
    None,
    /// The connection to a broker is ready.
    Up(NodeId),
    /// It is lost or could not be opened, and with it these requests, oldest first.
    Down(NodeId, VecDeque<(u32, Time, R)>),
    Answer(NodeId, R, Message),
    /// New metadata came.
    Metadata,
}

/// Connections to brokers. `R` is what the client remembers of a request.
#[derive(Clone, Debug)]
pub struct Network<R> {
    peers: Vec<Peer<R>>,
    pace: Pace,
    timer: TimerId,
    /// The timer as it is set.
    armed: Option<Time>,
    correlation: u32,
    /// Whose turn it is to be tried when none is connected.
    turn: usize,
}

impl<R> Network<R> {
    pub fn new(pace: Pace, timer: TimerId) -> Self {
        Self { peers: Vec::new(), pace, timer, armed: None, correlation: 0, turn: 0 }
    }

    pub fn reset(&mut self) {
        self.peers.clear();
        self.armed = None;
        self.correlation = 0;
        self.turn = 0;
    }

    fn peer(&mut self, node: NodeId) -> &mut Peer<R> {
        let place = match self.peers.binary_search_by_key(&node, |peer| peer.node) {
            Ok(place) => place,
            Err(place) => {
                let peer = Peer { node, state: State::Idle, failures: 0, in_flight: VecDeque::new() };
                self.peers.insert(place, peer);
                place
            }
        };
        &mut self.peers[place]
    }

    /// The brokers it believes it is connected to.
    pub fn connected(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.peers.iter().filter(|peer| matches!(peer.state, State::Up(_))).map(|peer| peer.node)
    }

    /// Whether a request can be sent now. If not, it is seen to that one can later.
    pub fn is_ready(&mut self, now: Time, node: NodeId, out: &mut Outputs) -> bool {
        let peer = self.peer(node);
        match peer.state {
            State::Up(_) => true,
            State::Connecting(..) => false,
            State::BackingOff(until) if now < until => false,
            State::Idle | State::BackingOff(_) => {
                peer.state = State::Connecting(out.open(node), now);
                false
            }
        }
    }

    /// How many requests to it are unanswered.
    pub fn in_flight(&self, node: NodeId) -> usize {
        self.peers.iter().find(|peer| peer.node == node).map_or(0, |peer| peer.in_flight.len())
    }

    /// Whether none of these brokers is connected, nor can be tried now.
    pub fn is_cut_off(&self, now: Time, nodes: &[NodeId]) -> bool {
        let is_left_alone = |peer: &Peer<R>| matches!(peer.state, State::BackingOff(until) if until > now);
        nodes.iter().all(|node| self.peers.iter().any(|peer| peer.node == *node && is_left_alone(peer)))
    }

    /// One of these brokers that can be asked anything now: the connected one with
    /// the fewest requests. If none is connected, the next in turn is tried.
    pub fn choose(&mut self, now: Time, nodes: &[NodeId], out: &mut Outputs) -> Option<NodeId> {
        let among = |peer: &&Peer<R>| nodes.contains(&peer.node);
        let up = self.peers.iter().filter(among).filter(|peer| matches!(peer.state, State::Up(_)));
        if let Some(best) = up.min_by_key(|peer| peer.in_flight.len()) {
            return Some(best.node);
        }
        if self.peers.iter().filter(among).any(|peer| matches!(peer.state, State::Connecting(..))) {
            return None;
        }
        for _ in 0..nodes.len() {
            let node = nodes[self.turn % nodes.len()];
            self.turn += 1;
            self.is_ready(now, node, out);
            if matches!(self.peer(node).state, State::Connecting(..)) {
                break;
            }
        }
        None
    }

    /// Sends a request to a broker that is ready. Without `request` no answer is
    /// expected.
    pub fn send(
        &mut self,
        now: Time,
        node: NodeId,
        message: impl Into<Message>,
        about: Option<CopyId>,
        request: Option<R>,
        out: &mut Outputs,
    ) {
        let due = now + self.pace.request_timeout;
        self.send_with(due, node, message, about, request, out);
    }

    /// The same, with a patience of its own.
    pub fn send_with(
        &mut self,
        due: Time,
        node: NodeId,
        message: impl Into<Message>,
        about: Option<CopyId>,
        request: Option<R>,
        out: &mut Outputs,
    ) {
        self.correlation += 1;
        let correlation = self.correlation;
        let peer = self.peer(node);
        let State::Up(connection) = peer.state else { return };
        out.send(connection, message.into().on(correlation), about);
        if let Some(request) = request {
            peer.in_flight.push_back((correlation, due, request));
        }
    }

    /// Takes an input that is about a broker; gives back any other.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) -> Result<Happening<R>, Input> {
        let owned = |peers: &[Peer<R>], connection| peers.iter().position(|peer| peer.owns(connection));
        match input {
            Input::Timer(timer) if timer == self.timer => {
                self.armed = None;
                Ok(self.find_overdue(now, out))
            }
            Input::Opened { connection, inbound: false, .. } if owned(&self.peers, connection).is_some() => {
                let peer = owned(&self.peers, connection).map(|place| &mut self.peers[place]);
                let Some(peer) = peer else { return Ok(Happening::None) };
                peer.state = State::Up(connection);
                peer.failures = 0;
                out.note_with(Kind::Connected, None, u64::from(peer.node.0));
                Ok(Happening::Up(peer.node))
            }
            Input::Closed { connection, why } => match owned(&self.peers, connection) {
                Some(place) => Ok(self.down(now, place, why, out)),
                None => Err(Input::Closed { connection, why }),
            },
            Input::Frame { connection, frame: Frame::Log { correlation, message }, about } => {
                let Some(place) = owned(&self.peers, connection) else {
                    let frame = message.on(correlation);
                    return Err(Input::Frame { connection, frame, about });
                };
                let peer = &mut self.peers[place];
                let asked = peer.in_flight.iter().position(|(number, ..)| *number == correlation);
                let Some((_, _, request)) = asked.and_then(|at| peer.in_flight.remove(at)) else {
                    return Ok(Happening::None);
                };
                Ok(Happening::Answer(peer.node, request, message))
            }
            other => Err(other),
        }
    }

    /// Closes every connection in good order.
    pub fn close(&mut self, out: &mut Outputs) {
        for peer in &mut self.peers {
            if let State::Up(connection) | State::Connecting(connection, _) = peer.state {
                out.close(connection, Closed::Orderly);
            }
        }
        self.peers.clear();
    }

    fn down(&mut self, now: Time, place: usize, why: Closed, out: &mut Outputs) -> Happening<R> {
        let seed = self.pace.seed;
        let peer = &mut self.peers[place];
        out.note_with(Kind::Disconnected(why), None, u64::from(peer.node.0));
        let doubled = RECONNECT_AFTER.times(1 << peer.failures.min(RECONNECT_DOUBLINGS)).min(RECONNECT_AT_MOST);
        let draw = seed.draw(Purpose::RetryBackOff).by(u64::from(peer.node.0)).by(u64::from(peer.failures));
        peer.failures += 1;
        peer.state = State::BackingOff(now + jittered(doubled, draw.value()));
        Happening::Down(peer.node, std::mem::take(&mut peer.in_flight))
    }

    /// A connection whose answer, or which itself, takes too long is given up.
    fn find_overdue(&mut self, now: Time, out: &mut Outputs) -> Happening<R> {
        let is_over = |peer: &Peer<R>| match peer.state {
            State::Connecting(_, since) => since + PATIENCE <= now,
            State::Up(_) => peer.in_flight.iter().any(|(_, due, _)| *due <= now),
            State::Idle | State::BackingOff(_) => false,
        };
        let Some(place) = self.peers.iter().position(is_over) else { return Happening::None };
        if let State::Up(connection) | State::Connecting(connection, _) = self.peers[place].state {
            out.close(connection, Closed::Orderly);
        }
        self.down(now, place, Closed::Orderly, out)
    }

    /// Sets the timer for what is due next. To be called after every input.
    pub fn arm(&mut self, now: Time, out: &mut Outputs) {
        let due = |peer: &Peer<R>| match peer.state {
            State::Idle => None,
            State::Connecting(_, since) => Some(since + PATIENCE),
            State::Up(_) => peer.in_flight.iter().map(|(_, due, _)| *due).min(),
            State::BackingOff(until) => Some(until).filter(|until| *until > now),
        };
        let next = self.peers.iter().filter_map(due).min();
        if next != self.armed {
            self.armed = next;
            match next {
                Some(at) => out.set_periodic_timer(self.timer, at.max(now)),
                None => out.cancel_timer(self.timer),
            }
        }
    }
}

impl<R> Peer<R> {
    fn owns(&self, connection: ConnectionId) -> bool {
        matches!(self.state, State::Up(own) | State::Connecting(own, _) if own == connection)
    }
}

/// A length, give or take a fifth.
pub fn jittered(length: Span, draw: u64) -> Span {
    let fifth = length.as_nanos() / 5;
    Span::from_nanos(length.as_nanos() - fifth + draw % (2 * fifth).max(1))
}

/// The wait after so many failures: doubled with each, up to a second.
pub fn back_off(first: Span, failures: u32, draw: u64) -> Span {
    jittered(first.times(1 << failures.min(10)).min(Span::from_secs(1).max(first)), draw)
}
