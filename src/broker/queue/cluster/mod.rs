//! Several RabbitMQ nodes as one cluster. Everything another room of this broker
//! does, it does for one node; this room joins the nodes.
//!
//! - `peer`: what a node knows of another one.
//! - `link`: the one connection between each pair of nodes.
//! - `detector`: when a silent peer counts as dead.
//! - `place`: on which node a queue is.
//! - `remote`: a client's channel here, as far as it uses queues on other nodes.
//! - `publish`: what it publishes to queues there.
//! - `acting`: a channel here that acts for a client of another node.
//! - `catalogue`: what every node knows: queues, exchanges, bindings.
//! - `command`: a change of that.
//! - `consensus`: how the nodes come to know the same.
//! - `boot`: how a node starts.
//! - `alarms`: one node is short, all block publishers.
//! - `absent`: declarations and consumers that wait for a node to come back.
//! - `mirror`: classic queues with mirrors, up to 3.13.
//! - `minority`: what a node does that sees too few others.
//! - `show`: what screens see of it.
//! - `loss`: a peer is gone, and what that means to both sides.
//!
//! The rule that the old notes forget: a cluster replicates *metadata*. A classic
//! queue's messages are on one node only, whichever node a client is connected
//! to; the other nodes hand frames to and fro.
//!
//! Facts: RabbitMQ's guides to clustering, partitions and classic queues, and its
//! source of August 2026 (`rabbit_channel`, `rabbit_classic_queue`,
//! `rabbit_amqqueue`, `rabbit_node_monitor`); Erlang's `net_kernel`. Left out:
//! nodes that join or leave for good, flow control between nodes, and the metadata
//! store of 3.13 (Mnesia): mirrored queues of that time live beside today's.

mod absent;
mod acting;
mod alarms;
mod boot;
mod catalogue;
mod command;
mod consensus;
mod detector;
mod link;
mod loss;
mod minority;
mod mirror;
mod peer;
mod place;
mod publish;
mod remote;
mod show;

use absent::Waiting;
use boot::Boot;
use catalogue::Pending;
pub(super) use catalogue::is_declaration;
use consensus::Proposed;
pub(super) use consensus::{FIRST_FILE, TIMER, is_for_raft};
pub use minority::PartitionHandling;
pub(super) use mirror::Mirrored;
use mirror::Restart;
use peer::Peer;
pub(super) use place::Place;
pub(super) use remote::{Away, Remote, Verdict};

use super::settings::Options;
use crate::broker::queue::channel::Ticket;
use crate::event::NodeId;
use crate::node::{ConnectionId, TimerId};
use crate::protocol::queue::Publish;
use crate::time::{Span, Time};

/// The peers are looked after.
pub(super) const TICK: TimerId = TimerId(16);

/// How long a declaration may take (`khepri_default_timeout`).
const PROPOSAL_PATIENCE: Span = Span::from_secs(30);

/// What a node knows of its cluster. A node alone has no peers.
#[derive(Clone, Debug, Default)]
pub(super) struct Cluster {
    pub me: NodeId,
    /// When this process began: RabbitMQ's `creation` of a node.
    started: Time,
    /// Sorted by node.
    peers: Vec<Peer>,
    tick_at: Time,
    /// Publishes to a queue whose new master this node is.
    repeats: Vec<(u32, Publish, Option<Ticket>)>,
    /// Sides that lost and are to be restarted.
    restarts: Vec<Restart>,
    /// This node sees only a minority and does not serve.
    pub is_paused: bool,
    /// What clients asked for and a node that is down would have to answer.
    waiting: Vec<Waiting>,
    /// How far this node has come in starting.
    boot: Boot,
    /// Its disk was lost, and with it its part in the metadata.
    lost_log: bool,
    leads_metadata: bool,
    /// Counts the looks at the peers.
    ticks: u32,
    /// Declarations of this node's clients, under way.
    pending: Vec<Pending>,
    /// What this node proposed and has not seen carried out.
    proposed: Vec<Proposed>,
    last_request: u32,
    /// Numbers the channels that act for this node's elsewhere.
    last_number: u16,
    /// A scratch list, empty between inputs.
    tags: Vec<u64>,
}

impl Cluster {
    pub fn new(options: &Options) -> Self {
        let mut peers: Vec<Peer> = options.peers.iter().map(|&node| Peer::new(node)).collect();
        peers.sort_unstable_by_key(|peer| peer.node);
        Self { me: options.me, peers, ..Self::default() }
    }

    pub fn is_alone(&self) -> bool {
        self.peers.is_empty()
    }

    /// Whether `node` is this node or one that serves its queues.
    pub fn serves(&self, node: NodeId) -> bool {
        node == self.me || self.peer(node).is_some_and(|at| self.peers[at].is_serving)
    }

    /// Whether `node` is this node or one it has a connection to.
    pub fn sees(&self, node: NodeId) -> bool {
        node == self.me || self.peer(node).is_some_and(|at| self.peers[at].is_greeted)
    }

    /// How many peers serve their queues.
    pub fn serving(&self) -> usize {
        self.peers.iter().filter(|peer| peer.is_serving).count()
    }

    pub fn place_of(&self, home: NodeId) -> Place {
        if home == self.me { Place::Here } else { Place::At(home) }
    }

    /// The peers this node can talk to.
    pub fn reachable(&self) -> impl Iterator<Item = NodeId> {
        self.peers.iter().filter(|peer| peer.is_reachable()).map(|peer| peer.node)
    }

    /// The nodes of the cluster besides this one.
    pub fn others(&self) -> impl Iterator<Item = NodeId> {
        self.peers.iter().map(|peer| peer.node)
    }

    /// The connection to a node that can be talked to.
    pub fn connection_to(&self, node: NodeId) -> Option<ConnectionId> {
        let peer = &self.peers[self.peer(node)?];
        peer.connection().filter(|_| peer.is_greeted)
    }

    /// Its disk was lost, and it has not been let in again.
    pub const fn has_lost_log(&self) -> bool {
        self.lost_log
    }

    fn peer(&self, node: NodeId) -> Option<usize> {
        self.peers.binary_search_by_key(&node, |peer| peer.node).ok()
    }

    /// The peer at the other end of a connection.
    pub fn peer_on(&self, connection: ConnectionId) -> Option<usize> {
        self.peers.iter().position(|peer| peer.connection() == Some(connection))
    }
}
