//! The conversation of a client with a broker: open the connection, open one
//! channel, declare what the client needs, then talk; keep watch with
//! heartbeats; begin again whenever the connection or the channel is lost.
//! Producers and consumers differ only in their script and in what they say
//! once it is through.
//!
//! Like the client libraries, the script waits for each `-ok` before the next
//! declaration, and it is played again on every new channel, which is how the
//! Java client recovers a topology.
//!
//! **Heartbeats.** Every half interval a client looks whether it said anything
//! for that long, and sends a heartbeat if not; so a quiet connection may carry
//! none for almost a whole one. It takes the peer for dead after two whole
//! intervals without a byte. That is how the Java client counts; RabbitMQ's guide
//! to heartbeats calls the interval itself the time-out. Until then a machine
//! without power looks just like a quiet one. A quiet run may end while
//! heartbeats go on, but not while it is open whether the peer still lives: so
//! the timer counts as housekeeping only once a byte has come in well after the
//! last business on the connection.
//!
//! A refused declaration (a reply code such as 404 or 406) closes the channel,
//! not the connection; the channel is opened again after the link's pause.

mod options;
mod refusal;
mod watch;

#[cfg(test)]
mod tests;

pub use options::{HEARTBEAT, PATIENCE, RECONNECT_AFTER, SETTINGS};

use std::sync::Arc;

use crate::client::link::{Link, Pace};
use crate::event::{Closed, CopyId, Kind, NodeId};
use crate::node::{ConnectionId, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::protocol::queue::Method;
use crate::time::{Span, Time};

/// The one channel a session uses. Channel 0 is the connection itself.
pub const CHANNEL: u16 = 1;

/// A channel that was refused this often in a row is no reason to keep a run
/// going: asking again will not help.
const HOPELESS: u32 = 8;

/// What an input meant.
#[derive(Debug, PartialEq, Eq)]
pub enum Signal {
    /// Nothing the client need know.
    None,
    /// The script is through: the client may talk.
    Ready,
    /// The channel, and perhaps the connection, is lost, or an attempt to
    /// connect failed. What was said and not answered stays unanswered.
    Lost,
    /// Something for the client.
    Method(Method),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Down,
    Connection,
    Channel,
    /// Waiting for the answer to this line of the script.
    Script(usize),
    Ready,
    /// The connection is up, the channel was refused, and it is too early to ask again.
    Refused,
}

/// A client's conversation with a broker.
#[derive(Clone, Debug)]
pub struct Session {
    link: Link,
    patience: Span,
    heartbeat: Span,
    script: Arc<[Method]>,
    watch: TimerId,
    watch_at: Time,
    stage: Stage,
    /// When the last byte came in, and went out.
    heard: Time,
    said: Time,
    /// When something other than a heartbeat last came in or went out.
    business: Time,
    /// Whether the peer was heard since, so that the run may end.
    settled: bool,
    refusals: u32,
    generation: u32,
}

impl Session {
    /// A session that is not started. It uses two timers: `timer` and the next.
    pub fn new(peers: Arc<[NodeId]>, pace: Pace, heartbeat: Span, script: Arc<[Method]>, timer: TimerId) -> Self {
        Self {
            link: Link::new(peers, pace, timer),
            patience: pace.patience,
            heartbeat,
            script,
            watch: TimerId(timer.0 + 1),
            watch_at: Time::ZERO,
            stage: Stage::Down,
            heard: Time::ZERO,
            said: Time::ZERO,
            business: Time::ZERO,
            settled: false,
            refusals: 0,
            generation: 0,
        }
    }

    pub fn reset(&mut self) {
        self.link.reset();
        self.stage = Stage::Down;
        self.refusals = 0;
        self.generation = 0;
    }

    pub fn start(&mut self, now: Time, out: &mut Outputs) {
        self.link.start(now, out);
    }

    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.stage == Stage::Ready
    }

    /// The broker this session is connected to.
    #[must_use]
    pub fn peer(&self) -> Option<NodeId> {
        self.link.connection().map(|_| self.link.peer())
    }

    /// Changes with every channel. Delivery and publish tags belong to one channel.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// Says something on the channel. The session must be ready.
    pub fn send(&mut self, now: Time, method: Method, about: Option<CopyId>, out: &mut Outputs) {
        debug_assert!(self.is_ready(), "only a ready session can talk");
        self.say(now, method, about, out);
        self.do_business(now, out);
    }

    /// Gives the connection up and begins again. The client treats it as
    /// [`Signal::Lost`].
    pub fn abandon(&mut self, now: Time, why: Closed, out: &mut Outputs) {
        self.link.fail(now, why, out);
        self.go_down(out);
    }

    /// Takes an input that concerns this session's connection or timers.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) -> Signal {
        match input {
            Input::Frame { connection, frame: Frame::Queue { method, .. }, .. } => {
                self.take(now, connection, method, out)
            }
            Input::Opened { connection, .. } => self.opened(now, connection, out),
            Input::Closed { connection, why } if self.link.closed(now, connection, why, out) => {
                self.go_down(out);
                Signal::Lost
            }
            Input::Timer(timer) if timer == self.watch => self.keep_watch(now, out),
            Input::Timer(timer) if timer == self.link.timer_id() => self.try_again(now, out),
            _ => Signal::None,
        }
    }

    fn opened(&mut self, now: Time, connection: ConnectionId, out: &mut Outputs) -> Signal {
        if self.link.opened(connection, out) {
            self.heard = now;
            self.stage = Stage::Connection;
            self.ask(now, 0, Method::ConnectionOpen { heartbeat: self.heartbeat }, out);
        }
        Signal::None
    }

    fn take(&mut self, now: Time, connection: ConnectionId, method: Method, out: &mut Outputs) -> Signal {
        if self.link.connection() != Some(connection) {
            return Signal::None;
        }
        self.heard = now;
        match (method, self.stage) {
            (Method::Heartbeat, _) => {
                // One that was sent before the last business proves nothing.
                self.settled |= now.since(self.business) >= Span::from_nanos(self.heartbeat.as_nanos() / 4);
                Signal::None
            }
            (Method::ChannelClose { code }, stage) if !matches!(stage, Stage::Connection | Stage::Refused) => {
                self.channel_closed(now, code, out)
            }
            (method @ (Method::Blocked | Method::Unblocked), _) => Signal::Method(method),
            (Method::Cancel { .. }, Stage::Ready) => self.cancelled(now, connection, out),
            (method, Stage::Ready) => {
                self.do_business(now, out);
                Signal::Method(method)
            }
            (Method::ConnectionOpenOk, Stage::Connection) => {
                self.stage = Stage::Channel;
                self.ask(now, CHANNEL, Method::ChannelOpen, out);
                Signal::None
            }
            (Method::ChannelOpenOk, Stage::Channel) => self.play(now, 0, out),
            (method, Stage::Script(line)) if is_answer(&method) => self.play(now, line + 1, out),
            _ => Signal::None,
        }
    }

    /// Sends one line of the script, or is ready when there is none left.
    fn play(&mut self, now: Time, line: usize, out: &mut Outputs) -> Signal {
        if let Some(method) = self.script.get(line).cloned() {
            self.stage = Stage::Script(line);
            self.ask(now, CHANNEL, method, out);
            return Signal::None;
        }
        self.stage = Stage::Ready;
        self.generation += 1;
        if self.refusals > 0 {
            out.note_with(Kind::Connected, None, u64::from(self.link.peer().0));
            self.refusals = 0;
        }
        self.business = now;
        self.settled = false;
        self.set_watch(now, out);
        Signal::Ready
    }

    /// Sends a step of the handshake, which must be answered in time.
    fn ask(&mut self, now: Time, channel: u16, method: Method, out: &mut Outputs) {
        let Some(connection) = self.link.connection() else { return };
        self.said = now;
        self.watch_at = now + self.patience;
        out.send(connection, method.on(channel), None);
        out.set_timer(self.watch, self.watch_at);
    }

    /// The link's timer fired: a refused channel may be asked for again, or the
    /// link goes on with its attempts.
    fn try_again(&mut self, now: Time, out: &mut Outputs) -> Signal {
        if self.stage == Stage::Refused {
            self.stage = Stage::Channel;
            self.ask(now, CHANNEL, Method::ChannelOpen, out);
            return Signal::None;
        }
        if self.link.timer(now, out) { Signal::Lost } else { Signal::None }
    }

    fn say(&mut self, now: Time, method: Method, about: Option<CopyId>, out: &mut Outputs) {
        let Some(connection) = self.link.connection() else { return };
        self.said = now;
        let channel = if method == Method::Heartbeat { 0 } else { CHANNEL };
        out.send(connection, method.on(channel), about);
    }

    fn go_down(&mut self, out: &mut Outputs) {
        self.stage = Stage::Down;
        self.refusals = 0;
        out.cancel_timer(self.watch);
    }
}

/// Whether a method is an answer that a script waits for.
const fn is_answer(method: &Method) -> bool {
    matches!(
        method,
        Method::QueueDeclareOk { .. }
            | Method::ExchangeDeclareOk
            | Method::QueueBindOk
            | Method::ConfirmSelectOk
            | Method::TxSelectOk
            | Method::RegisterProducerOk
            | Method::QosOk
            | Method::ConsumeOk { .. }
    )
}
