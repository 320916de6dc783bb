//! When a silent peer counts as dead. There is one detector for each pair of
//! nodes, not one for each queue, so a thousand idle queues cost nothing.
//!
//! Two clocks run, and they are far apart:
//!
//! - RabbitMQ's Raft groups ask `aten`, which sends a sign of life every 100 ms
//!   and looks once a second whether the silence is longer than is usual. It
//!   suspects a peer within about a second and takes that back at the next word.
//! - Erlang's own `net_ticktime`, 60 s, decides when the connection is given up,
//!   and with it everything classic queues know of the peer. (Erlang looks every
//!   quarter of it, so it takes 45 to 75 s.)
//!
//! A process that dies closes its connections, and is known to be dead at once.
//! Here one timer does both clocks' work, four times a second, and a peer that
//! was silent for three quarters of one is suspected.

use super::TICK;
use super::peer::Link;
use crate::broker::queue::QueueBroker;
use crate::event::{Closed, Kind};
use crate::node::Outputs;
use crate::protocol::cluster::Message;
use crate::time::{Span, Time};

/// Between two signs of life.
const INTERVAL: Span = Span::from_millis(250);
/// The silence that makes a peer suspect.
const SUSPICIOUS: Span = Span::from_millis(750);

impl QueueBroker {
    /// Sets the timer. While some peer is not there it keeps the run alive: one
    /// that comes back changes what is still to be done.
    pub(super) fn set_tick(&mut self, now: Time, out: &mut Outputs) {
        self.cluster.tick_at = now + INTERVAL;
        let is_settled = self.cluster.proposed.is_empty() && self.cluster.restarts.is_empty() && self.is_ready();
        if is_settled && self.cluster.peers.iter().all(|peer| peer.is_reachable()) {
            out.set_periodic_timer(TICK, self.cluster.tick_at);
        } else {
            out.set_timer(TICK, self.cluster.tick_at);
        }
    }

    /// A peer was lost: its return is waited for.
    pub(super) fn set_tick_soon(&mut self, now: Time, out: &mut Outputs) {
        let at = self.cluster.tick_at.max(now);
        out.set_timer(TICK, at);
    }

    pub(in crate::broker::queue) fn tick(&mut self, now: Time, out: &mut Outputs) {
        // A process that stood still reads what came in before it judges.
        let stood_still = now.since(self.cluster.tick_at) > INTERVAL;
        for at in 0..self.cluster.peers.len() {
            let peer = &self.cluster.peers[at];
            let (Link::Up { connection }, silence) = (peer.link, now.since(peer.heard)) else { continue };
            if silence >= self.options.net_tick && !stood_still {
                out.close(connection, Closed::HeartbeatMissed);
                self.peer_lost(at, now, out);
                continue;
            }
            out.send(connection, Message::Tick, None);
            if silence >= SUSPICIOUS && !stood_still && !peer.is_suspected {
                self.cluster.peers[at].is_suspected = true;
                self.peer_fell_silent(at, now, out);
            }
        }
        self.connect_to_peers(now, out);
        self.give_up_waiting(now, out);
        self.give_up_proposals(now, out);
        self.restart_losers(now, out);
        self.join_masters(out);
        self.propose_again(now, false, out);
        self.cluster.ticks += 1;
        if self.cluster.ticks.is_multiple_of(4) {
            self.ask_to_rejoin(out);
            self.rejoin_quorum_queues(out);
        }
        self.set_tick(now, out);
    }

    /// A word came in.
    pub(super) fn heard_from(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let peer = &mut self.cluster.peers[at];
        peer.heard = now;
        if std::mem::take(&mut peer.is_suspected) && std::mem::take(&mut peer.is_noted_down) {
            let node = peer.node;
            out.note_with(Kind::PeerUp, None, u64::from(node.0));
            self.raft.peer_up(now, node, out);
        }
    }

    pub(super) fn peer_fell_silent(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let peer = &mut self.cluster.peers[at];
        let node = peer.node;
        if !std::mem::replace(&mut peer.is_noted_down, true) {
            out.note_with(Kind::PeerDown, None, u64::from(node.0));
            self.raft.peer_down(now, node, out);
        }
    }
}
