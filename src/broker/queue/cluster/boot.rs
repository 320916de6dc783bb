//! How a node of a cluster starts: first its Raft log, then the cluster's
//! metadata, then its queues; then clients may come. A node alone has only the
//! last step.
//!
//! What the metadata is can be known only together with a majority, so a node
//! that starts while there is none waits, and its clients with it. That is how
//! RabbitMQ 4.3 starts, too: it waits for Khepri to have a leader. To know that it
//! is current, a node proposes something (that it began a new life) and waits
//! until it has carried that out itself.

use super::command::Command;
use super::consensus::{METADATA, is_raft_file};
use crate::broker::queue::QueueBroker;
use crate::event::NodeId;
use crate::node::{FileInfo, Outputs};
use crate::protocol::cluster::Message;
use crate::time::Time;

/// What a starting node waits for.
#[derive(Clone, Debug, Default)]
pub(in crate::broker::queue) enum Boot {
    /// Its Raft log. Then come its own files.
    Log(Vec<FileInfo>),
    /// The metadata.
    Catalogue(Vec<FileInfo>),
    /// Its queues, or nothing any more.
    #[default]
    Done,
}

impl Boot {
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

impl QueueBroker {
    pub(in crate::broker::queue) fn start(&mut self, files: &[FileInfo], now: Time, out: &mut Outputs) {
        let own = files.iter().filter(|info| !is_raft_file(info.file)).copied().collect();
        self.raft.start(files, out);
        self.cluster.boot = Boot::Log(own);
        // The world begins for all at once, so a machine that starts later and has
        // no log has lost it.
        let has_log = files.iter().any(|info| is_raft_file(info.file));
        self.cluster.lost_log = !has_log && now > Time::ZERO;
        self.join_cluster(now, out);
        self.boot_on(now, out);
    }

    /// Whether clients may come in.
    pub(in crate::broker::queue) fn is_ready(&self) -> bool {
        self.recovering.is_none() && self.cluster.boot.is_done()
    }

    /// Goes on starting if Raft's log is back.
    pub(in crate::broker::queue) fn boot_on(&mut self, now: Time, out: &mut Outputs) {
        if self.raft.is_recovering() {
            return;
        }
        let Boot::Log(files) = &mut self.cluster.boot else { return };
        let files = std::mem::take(files);
        if self.cluster.is_alone() {
            self.cluster.boot = Boot::Done;
            return self.read_next_file(files.into(), now, out);
        }
        self.cluster.boot = Boot::Catalogue(files);
        self.say_hello(out);
        self.propose(Command::Forget, now, out);
    }

    /// Founds the cluster, once more than half of its nodes have met. The one with
    /// the lowest number stands for election at once.
    pub(super) fn found_cluster(&mut self, now: Time, out: &mut Outputs) {
        let (me, peers) = (self.cluster.me, &self.cluster.peers);
        let met = 1 + peers.iter().filter(|peer| peer.is_greeted).count();
        if self.raft.is_recovering() || self.cluster.lost_log || met * 2 <= peers.len() + 1 {
            return;
        }
        let mut members: Vec<NodeId> = peers.iter().map(|peer| peer.node).collect();
        members.push(me);
        members.sort_unstable();
        let prefer = members[0] == me;
        self.raft.create(now, METADATA, &members, prefer, out);
    }

    /// What this node proposed when it started was carried out: its metadata is as
    /// new as that.
    pub(super) fn catalogue_is_current(&mut self, now: Time, out: &mut Outputs) {
        if let Boot::Catalogue(files) = &mut self.cluster.boot {
            let files = std::mem::take(files);
            self.cluster.boot = Boot::Done;
            self.cluster.lost_log = false;
            self.read_next_file(files.into(), now, out);
        }
    }

    /// Asks to be let in again, as long as that has not happened. An operator does
    /// it with `forget_cluster_node` and `join_cluster`.
    pub(super) fn ask_to_rejoin(&mut self, out: &mut Outputs) {
        let is_member = || self.raft.status(METADATA).is_some_and(|status| !status.members.is_empty());
        if !self.cluster.lost_log || self.raft.is_recovering() || is_member() {
            return;
        }
        let greeted = self.cluster.peers.iter().filter(|peer| peer.is_greeted);
        for connection in greeted.filter_map(|peer| peer.connection()) {
            out.send(connection, Message::Rejoin, None);
        }
    }

    /// A node that lost its disk asks to be let in.
    pub(super) fn let_in_again(&mut self, node: NodeId, now: Time, out: &mut Outputs) {
        let Some(status) = self.raft.status(METADATA) else { return };
        // One step each time it asks: out with what it was, in as it is now.
        let _ = if status.members.iter().any(|member| member.node == node) {
            self.raft.remove_member(now, METADATA, node, out)
        } else {
            self.raft.add_member(now, METADATA, node, out)
        };
    }
}
