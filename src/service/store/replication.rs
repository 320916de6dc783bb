//! A pair of stores: who is primary, and how its writes reach the other.
//!
//! Each keeps a connection to the other and asks over it, again and again, what
//! the other is. A replica follows a primary: it gets everything once, then every
//! write as it happens, and the primary waits for none of it. A replica that
//! hears nothing of its primary for long takes its place; the later promotion is
//! right, so an old primary that comes back hears of it and becomes the replica,
//! and what only it had is forgotten. Until it hears, it takes writes: both do.
//!
//! With Redis this is Sentinel's work: several processes on other machines, which
//! must agree. Left out is what that adds: a primary cut off from its replica
//! alone would stay the primary.

use super::{Store, TICK};
use crate::event::{Kind, NodeId};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::store::{Entry, Key, Method};
use crate::time::{Span, Time};

/// How often the other is asked.
const INTERVAL: Span = Span::from_millis(100);
/// How long a connection attempt, or an answer, may take.
const PATIENCE: Span = Span::from_secs(1);

/// The other of a pair, as seen from here.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    /// The connection that this side opened.
    link: Option<ConnectionId>,
    is_up: bool,
    /// Connections of replicas that get every write.
    followers: Vec<ConnectionId>,
    /// This side follows over its link.
    follows: bool,
    /// When a primary was last heard, and anything at all.
    primary_heard: Time,
    heard: Time,
    ticked: Time,
}

impl Peer {
    pub fn opened(&mut self, connection: ConnectionId, out: &mut Outputs) {
        if self.link == Some(connection) {
            self.is_up = true;
            out.send(connection, Method::Ping, None);
        }
    }

    pub fn closed(&mut self, connection: ConnectionId) {
        self.followers.retain(|follower| *follower != connection);
        if self.link == Some(connection) {
            self.forget_link();
        }
    }

    fn forget_link(&mut self) {
        self.link = None;
        self.is_up = false;
        self.follows = false;
    }

    pub fn replicate(&self, key: Key, entry: Entry, out: &mut Outputs) {
        for follower in &self.followers {
            out.send(*follower, Method::Replicate { key, entry }, None);
        }
    }

    /// Opens the link, or asks over it, or gives it up.
    fn keep_in_touch(&mut self, peer: NodeId, now: Time, out: &mut Outputs) {
        match self.link {
            Some(connection) if now.since(self.heard) >= PATIENCE => {
                out.close(connection, crate::event::Closed::HeartbeatMissed);
                self.forget_link();
            }
            Some(connection) if self.is_up => out.send(connection, Method::Ping, None),
            Some(_) => {}
            None => {
                self.link = Some(out.open(peer));
                self.heard = now;
            }
        }
    }
}

impl Store {
    pub(super) fn begin_watching(&mut self, now: Time, out: &mut Outputs) {
        self.peer.primary_heard = now;
        self.peer.ticked = now;
        if self.options.peer.is_some() {
            out.set_periodic_timer(TICK, now + INTERVAL);
        }
    }

    pub(super) fn tick(&mut self, now: Time, out: &mut Outputs) {
        let Some(peer) = self.options.peer else { return };
        if now.since(self.peer.ticked) > INTERVAL.times(2) {
            // This process stood still. It reads what came in before it judges.
            self.peer.primary_heard = now;
            self.peer.heard = now;
        }
        self.peer.ticked = now;
        self.peer.keep_in_touch(peer, now, out);
        let patience = self.options.failover_after;
        if !self.is_primary && !patience.is_zero() && now.since(self.peer.primary_heard) >= patience {
            self.is_primary = true;
            self.term += 1;
            self.peer.follows = false;
            out.note(Kind::ReplicaPromoted, None);
        }
        out.set_periodic_timer(TICK, now + INTERVAL);
    }

    pub(super) fn hear(&mut self, now: Time, connection: ConnectionId, method: Method, out: &mut Outputs) {
        match method {
            Method::Ping => {
                let pong = Method::Pong { term: self.term, is_primary: self.is_primary };
                out.send(connection, pong, None);
            }
            Method::Pong { term, is_primary } => {
                self.peer.heard = now;
                if is_primary {
                    self.peer.primary_heard = now;
                    self.follow_if_right(term, connection, out);
                }
            }
            Method::Follow if self.is_primary && self.reading.is_none() => {
                out.send(connection, Method::Snapshot { entries: self.keys.entries(now) }, None);
                self.peer.followers.push(connection);
            }
            Method::Snapshot { entries } if !self.is_primary => {
                self.keys = super::Keyspace::default();
                for (key, entry) in entries {
                    self.keys.set(key, entry);
                }
                self.rewrite(now, out);
            }
            Method::Replicate { key, entry } if !self.is_primary => {
                self.keys.set(key, entry);
                self.append(key, entry, now, out);
            }
            _ => {}
        }
    }

    fn follow_if_right(&mut self, term: u32, connection: ConnectionId, out: &mut Outputs) {
        if self.is_primary && term > self.term {
            self.is_primary = false;
            self.peer.followers.clear();
        }
        if !self.is_primary && term >= self.term && !self.peer.follows {
            self.term = term;
            self.peer.follows = true;
            out.send(connection, Method::Follow, None);
        }
    }
}
