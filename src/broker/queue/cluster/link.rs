//! The connection between each pair of nodes, as Erlang's distribution keeps it.
//! The node with the lower number opens it, and opens it again for ever. A node
//! that starts anew and connects ends what is left of its last life.
//!
//! RabbitMQ looks for nodes that are down every second
//! (`rabbit_node_monitor`). Erlang gives an attempt 7 s; it is less here, as
//! [`crate::sim`] has no repeated SYNs that would get through meanwhile.

use super::peer::Link;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::alarm::Source;
use crate::event::{Closed, Kind, NodeId};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::Frame;
use crate::protocol::cluster::Message;
use crate::time::{Span, Time};

const RETRY_AFTER: Span = Span::from_secs(1);
const PATIENCE: Span = Span::from_secs(3);

impl QueueBroker {
    /// The process began: look for the others.
    pub(in crate::broker::queue) fn join_cluster(&mut self, now: Time, out: &mut Outputs) {
        self.cluster.started = now;
        if self.cluster.is_alone() {
            return;
        }
        self.connect_to_peers(now, out);
        self.set_tick(now, out);
    }

    pub(super) fn connect_to_peers(&mut self, now: Time, out: &mut Outputs) {
        let me = self.cluster.me;
        for peer in &mut self.cluster.peers {
            match peer.link {
                Link::Down { retry_at } if me < peer.node && now >= retry_at => {
                    peer.link = Link::Opening { connection: out.open(peer.node), give_up_at: now + PATIENCE };
                }
                Link::Opening { connection, give_up_at } if now >= give_up_at => {
                    out.close(connection, Closed::Orderly);
                    peer.link = Link::Down { retry_at: now };
                }
                _ => {}
            }
        }
    }

    /// A connection is ready. False: it is not between two nodes.
    pub(in crate::broker::queue) fn link_opened(
        &mut self,
        id: ConnectionId,
        node: NodeId,
        now: Time,
        out: &mut Outputs,
    ) -> bool {
        let Some(at) = self.cluster.peer(node) else { return false };
        if let Some(old) = self.cluster.peers[at].connection() {
            // The peer began a new life before this node knew of its death.
            out.close(old, Closed::Reset);
            self.peer_lost(at, now, out);
        }
        let (is_greeting, is_serving) = (!self.raft.is_recovering(), self.is_ready() && !self.cluster.is_paused);
        let peer = &mut self.cluster.peers[at];
        peer.link = Link::Up { connection: id };
        peer.heard = now;
        if is_greeting {
            out.send(id, Message::Hello, None);
        }
        if is_serving {
            out.send(id, Message::Serving, None);
        }
        true
    }

    /// A connection ended or could not be opened. False: not one of these.
    pub(in crate::broker::queue) fn link_closed(&mut self, id: ConnectionId, now: Time, out: &mut Outputs) -> bool {
        if let Some(at) = self.cluster.peer_on(id) {
            self.peer_lost(at, now, out);
            return true;
        }
        let opening = |link: Link| matches!(link, Link::Opening { connection, .. } if connection == id);
        let Some(peer) = self.cluster.peers.iter_mut().find(|peer| opening(peer.link)) else { return false };
        peer.link = Link::Down { retry_at: now + RETRY_AFTER };
        true
    }

    /// A frame from a peer.
    pub(in crate::broker::queue) fn peer_frame(&mut self, at: usize, frame: Frame, now: Time, out: &mut Outputs) {
        self.heard_from(at, now, out);
        match frame {
            Frame::Cluster(Message::Tick) | Frame::Store(_) | Frame::Service(_) | Frame::Log { .. } => {}
            Frame::Cluster(Message::Hello) => self.greeted_by(at, now, out),
            Frame::Cluster(Message::Serving) => {
                self.cluster.peers[at].is_serving = true;
                self.claim_all(at, out);
                self.tell_alarms(at, out);
                self.join_masters(out);
                self.ask_again(now, out);
            }
            Frame::Cluster(Message::Propose(proposal)) => self.proposed_by_peer(proposal, now, out),
            Frame::Cluster(Message::Mirror { queue, change }) => self.mirror_word(at, queue, change, now, out),
            Frame::Cluster(Message::Alarm { resource, on }) => {
                let source = Source::Peer(self.cluster.peers[at].node);
                self.set_alarm(resource, on, source, now, out);
            }
            Frame::Cluster(Message::Rejoin) => self.let_in_again(self.cluster.peers[at].node, now, out),
            Frame::Cluster(Message::Order { queue, command, about }) => self.ordered(queue, &command, about, now, out),
            Frame::Cluster(Message::Word { queue, session, word }) => {
                let from = self.cluster.peers[at].node;
                self.heard_word(from, queue, session, &word, now, out);
            }
            Frame::Cluster(Message::Leads { queue, term }) => {
                let leader = self.cluster.peers[at].node;
                self.queue_led_by(queue, leader, term, now, out);
            }
            Frame::Cluster(Message::RejoinQueue { queue }) => {
                let node = self.cluster.peers[at].node;
                self.let_into_queue(queue, node, now, out);
            }
            Frame::Raft { group, message } => {
                let from = self.cluster.peers[at].node;
                self.raft.frame(now, from, group, message, out);
            }
            Frame::Queue { channel: channel @ 1.., method } if self.cluster.is_own(at, channel) => {
                self.hear_from_home(at, channel, method, now, out);
            }
            Frame::Queue { channel, method } => self.act(at, channel, method, now, out),
        }
    }

    /// The peer can be talked to on this connection.
    fn greeted_by(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let peer = &mut self.cluster.peers[at];
        peer.is_greeted = true;
        let node = peer.node;
        if std::mem::take(&mut peer.is_noted_down) {
            out.note_with(Kind::PeerUp, None, u64::from(node.0));
        }
        self.found_cluster(now, out);
        self.mind_majority(now, out);
        self.claim_all(at, out);
        self.raft.peer_up(now, node, out);
        self.quorum_peer_found(node, now, out);
        self.ask_to_rejoin(out);
    }

    /// Raft's log is back, so this node can be talked to.
    pub(super) fn say_hello(&mut self, out: &mut Outputs) {
        for connection in self.cluster.peers.iter().filter_map(|peer| peer.connection()) {
            out.send(connection, Message::Hello, None);
        }
    }

    /// This node has its queues back: whoever waits for them may come.
    pub(in crate::broker::queue) fn announce_service(&mut self, out: &mut Outputs) {
        for connection in self.cluster.peers.iter().filter_map(|peer| peer.connection()) {
            out.send(connection, Message::Serving, None);
        }
    }
}
