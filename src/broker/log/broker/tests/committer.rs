//! A consumer that only commits offsets, one after another, as a simple consumer
//! does (no member of its group), and reads back what is kept.

use std::sync::Arc;

use super::groups::GROUP;
use super::town::topic;
use crate::event::{Closed, NodeId};
use crate::node::{ConnectionId, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::protocol::log::{Group, Message, OffsetAt};
use crate::time::{Span, Time};

const PERIOD: Span = Span::from_millis(250);
/// Afterwards it only reads back.
const STOPS: Time = Time::from_millis(42_000);
const PATIENCE: Span = Span::from_secs(3);

#[derive(Clone, Debug)]
pub struct Committer {
    brokers: Arc<[NodeId]>,
    turn: usize,
    link: Option<(ConnectionId, Time)>,
    /// A coordinator is at the other end.
    is_home: bool,
    next: u64,
    correlation: u32,
    asked: Option<(u32, Time)>,
    /// The highest offset whose commit was answered without an error.
    pub answered: u64,
    /// What was read back last.
    pub fetched: Option<u64>,
    wanted: Option<NodeId>,
}

impl Committer {
    pub fn new(brokers: &Arc<[NodeId]>) -> Self {
        Self {
            brokers: brokers.clone(),
            turn: 0,
            link: None,
            is_home: false,
            next: 0,
            correlation: 0,
            asked: None,
            answered: 0,
            fetched: None,
            wanted: None,
        }
    }

    pub fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) | Input::Timer(_) if !self.brokers.is_empty() => self.tick(now, out),
            Input::Opened { .. } => self.say(now, out),
            Input::Closed { .. } => (self.link, self.asked) = (None, None),
            Input::Frame { frame: Frame::Log { correlation, message: Message::Group(group) }, .. }
                if self.asked.is_some_and(|asked| asked.0 == correlation) =>
            {
                self.asked = None;
                self.answered(group, out);
            }
            _ => {}
        }
    }

    fn tick(&mut self, now: Time, out: &mut Outputs) {
        out.set_periodic_timer(TimerId(0), now + PERIOD);
        let since = self.asked.map(|asked| asked.1).or(self.link.map(|link| link.1));
        if self.asked.is_some() && since.is_some_and(|since| now.since(since) > PATIENCE) {
            self.leave(out);
        }
        match self.link {
            None => {
                let node = self.wanted.take();
                self.is_home = node.is_some();
                self.turn = (self.turn + 1) % self.brokers.len();
                let connection = out.open(node.unwrap_or(self.brokers[self.turn]));
                self.link = Some((connection, now));
                self.asked = Some((0, now));
            }
            Some(_) if self.asked.is_none() => self.say(now, out),
            Some(_) => {}
        }
    }

    fn leave(&mut self, out: &mut Outputs) {
        if let Some((connection, _)) = self.link.take() {
            out.close(connection, Closed::Orderly);
        }
        self.asked = None;
    }

    fn say(&mut self, now: Time, out: &mut Outputs) {
        let Some((connection, _)) = self.link else { return };
        self.correlation += 1;
        self.asked = Some((self.correlation, now));
        let is_late = now > STOPS;
        let message = if !self.is_home {
            Group::FindCoordinator { key: GROUP, is_transaction: false }
        } else if is_late || self.correlation.is_multiple_of(2) {
            Group::OffsetFetch { group: GROUP, partitions: [topic(0)].into() }
        } else {
            self.next += 1;
            let at = OffsetAt { partition: topic(0), offset: self.next, leader_epoch: None };
            Group::OffsetCommit { group: GROUP, member: None, offsets: [at].into() }
        };
        out.send(connection, Message::from(message).on(self.correlation), None);
    }

    fn answered(&mut self, group: Group, out: &mut Outputs) {
        match group {
            Group::Coordinator { broker } => {
                self.wanted = broker.ok();
                self.leave(out);
            }
            Group::OffsetCommitted { error: None } => self.answered = self.next,
            Group::OffsetsFetched { answer: Ok(offsets) } => self.fetched = offsets.first().map(|at| at.offset),
            Group::OffsetCommitted { .. } | Group::OffsetsFetched { .. } => self.leave(out),
            _ => {}
        }
    }
}
