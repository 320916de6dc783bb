//! The connection between each pair of controllers. The one with the lower number
//! opens it, and opens it again for ever.
//!
//! KRaft's followers fetch from the leader, and a follower that has fetched nothing
//! for 2 s (`controller.quorum.fetch.timeout.ms`) thinks of an election; a leader
//! from whom no majority has fetched for 3 s, half as much again, resigns. Here the
//! log is pushed instead of fetched, so a sign of life twice a second stands in for
//! the fetches. As in Kafka a connection that breaks is by itself no reason for an
//! election: only silence is.

use super::{LogController, TICK};
use crate::event::{Closed, Kind, NodeId};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::Frame;
use crate::protocol::cluster::Message;
use crate::time::{Span, Time};

/// Between two signs of life: `controller.quorum.fetch` waits so long at most.
const INTERVAL: Span = Span::from_millis(500);
/// `controller.quorum.fetch.timeout.ms`.
const FETCH_TIMEOUT: Span = Span::from_secs(2);
/// When a leader gives up.
const RESIGN_AFTER: Span = Span::from_secs(3);
const RETRY_AFTER: Span = Span::from_millis(500);
/// When a connection through which nothing comes is given up.
const GIVE_UP_AFTER: Span = Span::from_secs(4);
/// How long an attempt to connect may take.
const PATIENCE: Span = Span::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Down { retry_at: Time },
    Opening { connection: ConnectionId, give_up_at: Time },
    Up { connection: ConnectionId, since: Time },
}

/// Another controller.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub node: NodeId,
    link: Link,
    /// When its last word came.
    heard: Time,
    /// It said hello on this connection: its log is read back.
    is_greeted: bool,
    /// It was taken for dead.
    is_suspected: bool,
}

impl Peer {
    pub fn new(node: NodeId) -> Self {
        let link = Link::Down { retry_at: Time::ZERO };
        Self { node, link, heard: Time::ZERO, is_greeted: false, is_suspected: false }
    }

    /// Where it can be talked to.
    pub fn connection(&self) -> Option<ConnectionId> {
        match self.link {
            Link::Up { connection, .. } if self.is_greeted => Some(connection),
            _ => None,
        }
    }

    fn is_on(&self, id: ConnectionId) -> bool {
        matches!(self.link, Link::Up { connection, .. } | Link::Opening { connection, .. } if connection == id)
    }
}

impl LogController {
    /// The process began. The others get the time they need to be heard.
    pub(super) fn begin_links(&mut self, now: Time, out: &mut Outputs) {
        self.peers.iter_mut().for_each(|peer| peer.heard = now);
        self.tend_links(now, out);
    }

    /// Connects, and sets the timer. While a controller is not there the timer keeps
    /// the run alive: its return changes what is still to be done.
    pub(super) fn tend_links(&mut self, now: Time, out: &mut Outputs) {
        if self.peers.is_empty() {
            return;
        }
        let me = self.options.me;
        for peer in &mut self.peers {
            match peer.link {
                Link::Down { retry_at } if me < peer.node && now >= retry_at => {
                    peer.link = Link::Opening { connection: out.open(peer.node), give_up_at: now + PATIENCE };
                }
                Link::Opening { connection, give_up_at } if now >= give_up_at => {
                    out.close(connection, Closed::Orderly);
                    peer.link = Link::Down { retry_at: now + RETRY_AFTER };
                }
                _ => {}
            }
        }
        self.tick_at = now + INTERVAL;
        let are_all_there = self.peers.iter().all(|peer| peer.connection().is_some() && !peer.is_suspected);
        if are_all_there && (self.leads.is_none() || self.active.is_some()) {
            out.set_periodic_timer(TICK, self.tick_at);
        } else {
            out.set_timer(TICK, self.tick_at);
        }
    }

    pub(super) fn tick(&mut self, now: Time, out: &mut Outputs) {
        // A process that stood still reads what came in before it judges.
        let stood_still = now.since(self.tick_at) > INTERVAL;
        for at in 0..self.peers.len() {
            let peer = &mut self.peers[at];
            let silence = now.since(peer.heard);
            if stood_still {
                peer.heard = now;
            } else if silence >= FETCH_TIMEOUT && !peer.is_suspected {
                self.peer_fell_silent(at, now, out);
            }
            let peer = &mut self.peers[at];
            match peer.link {
                // Nothing comes through: perhaps another connection would do better.
                Link::Up { connection, since } if silence.min(now.since(since)) >= GIVE_UP_AFTER && !stood_still => {
                    out.close(connection, Closed::HeartbeatMissed);
                    self.link_lost(at, now);
                }
                Link::Up { connection, .. } => out.send(connection, Message::Tick, None),
                Link::Down { .. } | Link::Opening { .. } => {}
            }
        }
        self.mind_quorum(now, out);
        self.tend_links(now, out);
    }

    /// Whether more than half of the controllers were heard of lately.
    pub(super) fn has_quorum(&self, now: Time) -> bool {
        let lately = |peer: &&Peer| now.since(peer.heard) < RESIGN_AFTER;
        (1 + self.peers.iter().filter(lately).count()) * 2 > self.peers.len() + 1
    }

    /// A connection is ready. False: it is not another controller's.
    pub(super) fn link_opened(&mut self, id: ConnectionId, node: NodeId, now: Time, out: &mut Outputs) -> bool {
        let Some(at) = self.peers.iter().position(|peer| peer.node == node) else { return false };
        if let Link::Up { connection, .. } = self.peers[at].link {
            // It began a new life before this one knew of its death.
            out.close(connection, Closed::Reset);
            self.link_lost(at, now);
        }
        self.peers[at].link = Link::Up { connection: id, since: now };
        if self.is_ready {
            out.send(id, Message::Hello, None);
        }
        true
    }

    /// A connection ended or could not be opened. False: not another controller's.
    pub(super) fn link_closed(&mut self, id: ConnectionId, now: Time, out: &mut Outputs) -> bool {
        let Some(at) = self.peers.iter().position(|peer| peer.is_on(id)) else { return false };
        self.link_lost(at, now);
        // The next tick keeps the run alive, until there is a connection again.
        out.set_timer(TICK, self.tick_at.max(now));
        true
    }

    fn link_lost(&mut self, at: usize, now: Time) {
        let peer = &mut self.peers[at];
        peer.link = Link::Down { retry_at: now + RETRY_AFTER };
        peer.is_greeted = false;
    }

    pub(super) fn peer_on(&self, id: ConnectionId) -> Option<usize> {
        self.peers.iter().position(|peer| peer.is_on(id))
    }

    /// A frame from another controller.
    pub(super) fn peer_frame(&mut self, at: usize, frame: Frame, now: Time, out: &mut Outputs) {
        self.peers[at].heard = now;
        match frame {
            Frame::Cluster(Message::Hello) => self.greeted_by(at, now, out),
            Frame::Cluster(Message::Rejoin) => self.let_in_again(at, now, out),
            Frame::Raft { group, message } => {
                let from = self.peers[at].node;
                self.raft.frame(now, from, group, message, out);
            }
            _ => {}
        }
        if std::mem::take(&mut self.peers[at].is_suspected) {
            let node = self.peers[at].node;
            out.note_with(Kind::PeerUp, None, u64::from(node.0));
            self.raft.peer_up(now, node, out);
        }
    }

    /// It can be talked to. What was under way on an earlier connection is lost, and
    /// so is its leadership, if it began a new life.
    fn greeted_by(&mut self, at: usize, now: Time, out: &mut Outputs) {
        self.peers[at].is_greeted = true;
        let node = self.peers[at].node;
        self.found_quorum(now, out);
        self.raft.peer_down(now, node, out);
        self.raft.peer_up(now, node, out);
        self.ask_to_rejoin(out);
    }

    /// This controller's log is read back, so it can be talked to.
    pub(super) fn say_hello(&mut self, out: &mut Outputs) {
        for peer in &self.peers {
            if let Link::Up { connection, .. } = peer.link {
                out.send(connection, Message::Hello, None);
            }
        }
    }

    /// How many others said hello.
    pub(super) fn greeted(&self) -> usize {
        self.peers.iter().filter(|peer| peer.is_greeted).count()
    }

    fn peer_fell_silent(&mut self, at: usize, now: Time, out: &mut Outputs) {
        self.peers[at].is_suspected = true;
        let node = self.peers[at].node;
        out.note_with(Kind::PeerDown, None, u64::from(node.0));
        self.raft.peer_down(now, node, out);
    }
}
