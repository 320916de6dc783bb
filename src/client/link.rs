//! One connection to one of several peers, opened again whenever it is lost.
//!
//! The pace is that of RabbitMQ's Java client, which tries again after a fixed
//! interval for as long as it takes (5 s there, less in the labs), plus a drawn
//! part, so that many clients do not come back in step. After each failure the
//! next peer of the list has its turn, which is all that a client knows of
//! failover.
//!
//! Left out: name resolution, TLS and the transport's own time-out, for which
//! [`Pace::patience`] stands in.

use std::sync::Arc;

use crate::event::{Closed, Kind, NodeId};
use crate::node::{ConnectionId, Outputs, TimerId};
use crate::random::{Purpose, Seed};
use crate::time::{Span, Time};

/// How a link goes about connecting.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The wait after a loss or a failed attempt. A drawn part of at most a
    /// quarter is added.
    pub retry_after: Span,
    /// How long an attempt may stay without an answer.
    pub patience: Span,
    pub seed: Seed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not started.
    Idle,
    Connecting(ConnectionId),
    Up(ConnectionId),
    /// Between two attempts.
    Waiting,
}

/// A connection that is kept up.
#[derive(Clone, Debug)]
pub struct Link {
    peers: Arc<[NodeId]>,
    pace: Pace,
    /// The one timer: an attempt's deadline, or the time of the next attempt.
    timer: TimerId,
    state: State,
    /// Which of the peers has its turn.
    turn: usize,
    /// Failures since the link was last up.
    failures: u64,
}

impl Link {
    /// A link that is not started. `peers` must not be empty.
    pub fn new(peers: Arc<[NodeId]>, pace: Pace, timer: TimerId) -> Self {
        assert!(!peers.is_empty(), "a link needs a peer");
        Self { peers, pace, timer, state: State::Idle, turn: 0, failures: 0 }
    }

    pub fn reset(&mut self) {
        self.state = State::Idle;
        self.turn = 0;
        self.failures = 0;
    }

    /// Begins the first attempt.
    pub fn start(&mut self, now: Time, out: &mut Outputs) {
        let connection = out.open(self.peer());
        self.state = State::Connecting(connection);
        out.set_timer(self.timer, now + self.pace.patience);
    }

    /// The peer that has its turn.
    #[must_use]
    pub fn peer(&self) -> NodeId {
        self.peers[self.turn]
    }

    #[must_use]
    pub const fn timer_id(&self) -> TimerId {
        self.timer
    }

    /// The connection, if it is up.
    #[must_use]
    pub const fn connection(&self) -> Option<ConnectionId> {
        match self.state {
            State::Up(connection) => Some(connection),
            _ => None,
        }
    }

    /// Whether `connection` is this link's, up or being opened.
    #[must_use]
    pub fn owns(&self, connection: ConnectionId) -> bool {
        matches!(self.state, State::Up(own) | State::Connecting(own) if own == connection)
    }

    /// A connection is ready. True if it is this link's.
    pub fn opened(&mut self, connection: ConnectionId, out: &mut Outputs) -> bool {
        if self.state != State::Connecting(connection) {
            return false;
        }
        self.state = State::Up(connection);
        self.failures = 0;
        out.cancel_timer(self.timer);
        out.note_with(Kind::Connected, None, u64::from(self.peer().0));
        true
    }

    /// A connection ended or could not be opened. True if it was this link's.
    pub fn closed(&mut self, now: Time, connection: ConnectionId, why: Closed, out: &mut Outputs) -> bool {
        if !self.owns(connection) {
            return false;
        }
        self.wait(now, Some(why), out);
        true
    }

    /// Ends the connection from this side and tries again later.
    pub fn fail(&mut self, now: Time, why: Closed, out: &mut Outputs) {
        if let State::Up(connection) = self.state {
            out.close(connection, why);
            self.wait(now, Some(why), out);
        }
    }

    /// The link's timer fired. True if an attempt was given up.
    pub fn timer(&mut self, now: Time, out: &mut Outputs) -> bool {
        match self.state {
            State::Connecting(connection) => {
                out.close(connection, Closed::Orderly);
                // Silence is no event, so there is nothing to note.
                self.wait(now, None, out);
                true
            }
            State::Waiting => {
                self.start(now, out);
                false
            }
            State::Idle | State::Up(_) => false,
        }
    }

    /// The wait before the next attempt, to the peer that has its turn.
    #[must_use]
    pub fn pause(&self) -> Span {
        let retry_after = self.pace.retry_after;
        let draw = self.pace.seed.draw(Purpose::RetryBackOff).by(u64::from(self.peer().0)).by(self.failures);
        retry_after + draw.span(Span::ZERO, Span::from_nanos(retry_after.as_nanos() / 4))
    }

    fn wait(&mut self, now: Time, why: Option<Closed>, out: &mut Outputs) {
        if let Some(why) = why {
            out.note_with(Kind::Disconnected(why), None, u64::from(self.peer().0));
        }
        self.state = State::Waiting;
        self.failures += 1;
        self.turn = (self.turn + 1) % self.peers.len();
        let pause = self.pause();
        out.set_timer(self.timer, now + pause);
    }
}
