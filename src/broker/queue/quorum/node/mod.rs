//! A node's part in quorum queues: its replicas, and its channels' sessions with
//! queues whose leader may be anywhere. The rest of the broker calls in here for
//! a queue whose place is [`super::super::cluster::Place::Quorum`].
//!
//! - `session`: what channels publish, consume and settle.
//! - `order`: commands on their way to the leader, words on their way back.
//! - `outcome`: what Raft decided, and what applying it sets in motion.
//! - `role`: leaders come and go; so do nodes.
//! - `found`: a queue is declared, or found again when the process starts.
//! - `letter`: dead letters.
//! - `show`: for the audit and for pictures.
//! - `word`: what the leader says to a session on another node, as bytes.

mod found;
mod letter;
mod order;
mod outcome;
mod role;
mod session;
mod show;
mod word;

pub(in crate::broker::queue) use found::is_lawful;
pub(in crate::broker::queue) use session::Settlement;

use super::client::{Act, Client};
use super::effect::Effects;
use super::machine::Machine;
use crate::broker::queue::channel::Ticket;
use crate::event::{CopyId, NodeId};
use crate::node::TimerId;
use crate::protocol::Name;
use crate::protocol::raft::Group;
use crate::raft::Outcome;
use crate::time::Time;
use letter::Worker;

/// Messages expire, consumers take too long.
pub(in crate::broker::queue) const TIMER: TimerId = TimerId(18);

/// How many nodes hold a quorum queue unless the cluster is smaller
/// (`quorum_cluster_size`, 3).
pub(in crate::broker::queue) const GROUP_SIZE: usize = 3;

/// Stands for the channel of a session that is the node's own.
const NO_CHANNEL: u32 = u32::MAX;

/// A delivery that a channel was handed and has not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker::queue) struct Lease {
    session: u64,
    consumer: u64,
    delivery: u64,
    pub copy: CopyId,
}

#[derive(Clone, Debug, Default)]
pub(in crate::broker::queue) struct Quorum {
    /// Sorted by group. Nodes that are no member of a queue keep who leads it.
    replicas: Vec<Replica>,
    /// Sorted by number.
    sessions: Vec<Bound>,
    last_number: u64,
    /// What Raft decided for queues that this node has yet to hear of.
    early: Vec<Outcome>,
    /// And who leads such queues.
    early_leaders: Vec<(Name, NodeId, u64)>,
    /// When the timer rings.
    alarm: Option<Time>,
    /// The channel that publishes dead letters, once there was one.
    clerk: Option<u32>,
    /// Scratch, empty between inputs.
    effects: Effects,
    acts: Vec<Act<Ticket>>,
}

/// A queue as one node knows it.
#[derive(Clone, Debug)]
struct Replica {
    group: Group,
    name: Name,
    members: Vec<NodeId>,
    machine: Machine,
    leader: Option<NodeId>,
    term: u64,
    leads: bool,
    /// Entries up to here were applied before in an earlier life of this process:
    /// what they set in motion is not set in motion again.
    quiet_until: u64,
    /// The tick that was proposed last.
    ticked: Option<Time>,
    worker: Option<Worker>,
}

/// A session, and the channel it is for.
#[derive(Clone, Debug)]
struct Bound {
    number: u64,
    queue: Name,
    channel: u32,
    generation: u32,
    /// Its channel is there.
    open: bool,
    client: Client<Ticket>,
}

/// The group of a queue. Zero is the cluster's metadata.
const fn group_of(queue: Name) -> Group {
    Group(queue.0 + 1)
}

impl Quorum {
    /// Whether a channel is the one that publishes dead letters.
    pub fn is_clerk(&self, slot: u32) -> bool {
        self.clerk == Some(slot)
    }

    fn place(&self, queue: Name) -> Option<usize> {
        self.place_of(group_of(queue))
    }

    fn place_of(&self, group: Group) -> Option<usize> {
        self.replicas.binary_search_by_key(&group, |replica| replica.group).ok()
    }

    fn bound(&mut self, number: u64) -> Option<&mut Bound> {
        let at = self.sessions.binary_search_by_key(&number, |bound| bound.number).ok()?;
        Some(&mut self.sessions[at])
    }

    /// A number no session of this node ever had, in this life or an earlier one.
    fn next_number(&mut self, now: Time) -> u64 {
        self.last_number = now.as_nanos().max(self.last_number + 1);
        self.last_number
    }
}
