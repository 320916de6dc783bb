//! This broker and the controllers. It registers as a new incarnation, follows the
//! metadata log, and sends heartbeats; the active controller unfences it once it
//! has caught up, and fences it when its heartbeats stay away. A broker that cannot
//! reach the controller goes on as it is: it leads in its old epoch and learns only
//! later that others lead.
//!
//! Source: `BrokerLifecycleManager`, `NodeToControllerChannelManager`. One
//! connection stands for the several that a broker has, and the metadata log is
//! sent to it rather than fetched.

use super::LogBroker;
use super::link::Link;
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::log::{Controller, Error, Message};
use crate::time::{Span, Time};

/// `broker.heartbeat.interval.ms`.
const HEARTBEAT: Span = Span::from_secs(2);
/// `reconnect.backoff.ms`.
const RECONNECT: Span = Span::from_millis(50);
/// The first pause after an answer that refuses; it doubles.
const RETRY: Span = Span::from_millis(100);

#[derive(Clone, Debug)]
pub(super) struct Session {
    /// The controller it talks to.
    controller: NodeId,
    pub link: Link,
    /// The active controller answers on this connection.
    pub is_accepted: bool,
    correlation: u32,
    /// Given at registration.
    pub broker_epoch: Option<u64>,
    /// A registration or a heartbeat under way, and until when it may take.
    asked: Option<Time>,
    /// When to say something next.
    next_at: Time,
    /// The last heartbeat said that this broker is ready to serve.
    said_ready: bool,
    failures: u32,
}

impl Session {
    pub fn new(first: NodeId) -> Self {
        Self {
            controller: first,
            link: Link::NEW,
            is_accepted: false,
            correlation: 0,
            broker_epoch: None,
            asked: None,
            next_at: Time::ZERO,
            said_ready: false,
            failures: 0,
        }
    }

    /// Where to send a request of this broker's, if the active controller is there.
    pub fn active(&mut self) -> Option<(ConnectionId, u32)> {
        let connection = self.link.open().filter(|_| self.is_accepted)?;
        self.correlation += 1;
        Some((connection, self.correlation))
    }

    pub fn due(&self) -> Time {
        let spoken = self.asked.unwrap_or(self.next_at);
        self.link.due().unwrap_or(spoken)
    }

    /// The answer came: what follows on this connection is with the active
    /// controller.
    fn answered(&mut self, now: Time, next_at: Time) {
        self.asked = None;
        self.failures = 0;
        self.next_at = next_at.max(now);
    }

    /// The answer was a refusal: a pause, longer each time.
    fn refused(&mut self, now: Time, longest: Span) {
        self.asked = None;
        let pause = RETRY.times(1 << self.failures.min(10));
        self.next_at = now + pause.min(longest);
        self.failures += 1;
    }
}

impl LogBroker {
    /// How long a controller may take to answer.
    fn patience(&self) -> Span {
        Span::from_nanos(self.options.broker_session.as_nanos() / 2)
    }

    fn heartbeat_interval(&self) -> Span {
        HEARTBEAT.min(Span::from_nanos(self.options.broker_session.as_nanos() / 4))
    }

    /// Looks whether something is due.
    pub(super) fn session_due(&mut self, now: Time, out: &mut Outputs) {
        if self.options.controllers.is_empty() || self.session.due() > now {
            return;
        }
        match self.session.link {
            Link::Idle { .. } => {
                let (controller, patience) = (self.session.controller, self.patience());
                self.session.link.connect(controller, now, patience, out);
            }
            Link::Opening { .. } => self.leave_controller(now, out),
            Link::Open { .. } if self.session.asked.is_some() => self.leave_controller(now, out),
            Link::Open { connection } => self.speak(connection, now, out),
        }
    }

    /// Says that it is there.
    fn speak(&mut self, connection: ConnectionId, now: Time, out: &mut Outputs) {
        let is_ready = self.is_ready();
        let session = &mut self.session;
        session.correlation += 1;
        let message = match session.broker_epoch {
            // Only a broker that was shut down in good order is clean, and here
            // none ever is: a disk without files may be a new one, or another one.
            None => {
                let is_clean = flaw::is_on(Flaw::BrokerClaimsCleanStop);
                Controller::Register { incarnation: self.incarnation, is_clean }
            }
            Some(broker_epoch) => {
                session.said_ready = is_ready;
                // A broker that still reads its logs back wants to stay fenced.
                Controller::Heartbeat { broker_epoch, offset: if is_ready { self.image.next } else { 0 } }
            }
        };
        session.asked = Some(now + Span::from_nanos(self.options.broker_session.as_nanos() / 2));
        out.send(connection, Message::from(message).on(session.correlation), None);
    }

    /// It has its logs and knows the metadata up to its own registration.
    fn is_ready(&self) -> bool {
        self.is_published && !self.seats.is_recovering()
    }

    /// It may have become ready: the controller is told at once.
    pub(super) fn hurry_heartbeat(&mut self, now: Time) {
        if self.session.broker_epoch.is_some() && !self.session.said_ready && self.is_ready() {
            self.session.next_at = now;
        }
    }

    pub(super) fn session_opened(&mut self, connection: ConnectionId, now: Time, out: &mut Outputs) {
        self.session.link.opened(connection);
        self.session.asked = None;
        self.session.next_at = now;
        self.speak(connection, now, out);
    }

    /// Tries another controller, after a pause.
    pub(super) fn leave_controller(&mut self, now: Time, out: &mut Outputs) {
        self.session.link.drop_until(now + RECONNECT, out);
        self.controller_lost();
    }

    pub(super) fn session_closed(&mut self, now: Time) {
        self.session.link = Link::Idle { until: now + RECONNECT };
        self.controller_lost();
    }

    fn controller_lost(&mut self) {
        self.session.is_accepted = false;
        self.session.asked = None;
        let current = self.session.controller;
        let known = self.image.controller.filter(|known| *known != current);
        let at = self.options.controllers.iter().position(|node| *node == current).unwrap_or(0);
        let next = self.options.controllers[(at + 1) % self.options.controllers.len()];
        self.session.controller = known.unwrap_or(next);
        // Whatever the log said is old by now; ask around from there.
        self.image.controller = None;
        self.proposals.connection_lost();
        self.coordination.ids_asked = false;
    }

    pub(super) fn controller_said(&mut self, message: Controller, now: Time, out: &mut Outputs) {
        match message {
            Controller::Registered { answer: Ok(epoch) } => {
                self.session.broker_epoch = Some(epoch);
                self.session.answered(now, now);
                self.accepted(out);
            }
            Controller::HeartbeatAnswer { error: None, .. } => {
                let next_at = now + self.heartbeat_interval();
                self.session.answered(now, next_at);
                self.hurry_heartbeat(now);
                self.accepted(out);
            }
            Controller::Registered { answer: Err(Error::NotController) }
            | Controller::HeartbeatAnswer { error: Some(Error::NotController), .. } => {
                self.leave_controller(now, out);
            }
            Controller::Registered { .. } | Controller::HeartbeatAnswer { .. } => {
                self.session.refused(now, self.options.broker_session);
            }
            Controller::News { first, changes } => self.news(first, changes, now, out),
            Controller::PartitionAltered { answers } => self.partitions_altered(answers, now, out),
            Controller::ProducerIdsAllocated { answer } => self.ids_allocated(answer, now, out),
            _ => {}
        }
        self.session_due(now, out);
    }

    /// The first answer of the active controller on a connection: its news are
    /// wanted.
    fn accepted(&mut self, out: &mut Outputs) {
        if std::mem::replace(&mut self.session.is_accepted, true) {
            return;
        }
        if let Some((connection, correlation)) = self.session.active() {
            let subscribe = Controller::Subscribe { offset: self.image.next };
            out.send(connection, Message::from(subscribe).on(correlation), None);
        }
    }
}
