//! A queue is declared, or found again when the process starts.
//!
//! Every node learns of the declaration through the cluster's metadata; the
//! members found the Raft group, and the node where it was declared stands for
//! election first (`queue_leader_locator`: `client-local`). With more nodes than a
//! group has members, RabbitMQ picks the others by how many queues they have;
//! here they are the next ones.

use std::sync::Arc;

use super::{GROUP_SIZE, NO_CHANNEL, Replica, group_of};
use crate::broker::queue::QueueBroker;
use crate::broker::queue::cluster::Place;
use crate::broker::queue::quorum::client::Client;
use crate::broker::queue::quorum::config::Config;
use crate::broker::queue::quorum::machine::Machine;
use crate::broker::queue::quorum::message::Message;
use crate::event::{Kind, NodeId, Reason};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::cluster;
use crate::protocol::queue::{Arguments, QueueKind};
use crate::time::Time;

/// Whether a queue may be declared so: a quorum queue is durable, and nobody's
/// alone.
pub(in crate::broker::queue) fn is_lawful(durable: bool, arguments: &Arguments) -> bool {
    let fits = durable && !arguments.exclusive && !arguments.auto_delete;
    arguments.kind != QueueKind::Quorum || fits
}

impl QueueBroker {
    /// The process of a node alone has read back which queues there are.
    pub(in crate::broker::queue) fn find_quorum_queues(&mut self, now: Time, out: &mut Outputs) {
        let queues = self.queues.alive().filter(|queue| queue.place == Place::Quorum);
        let queues: Vec<_> = queues.map(|queue| (queue.name, Arc::clone(&queue.arguments))).collect();
        for (name, arguments) in queues {
            let me = self.cluster.me;
            self.found_quorum_queue(name, &arguments, me, true, now, out);
        }
    }

    /// A quorum queue exists. `again`: it did so before this process began.
    pub(in crate::broker::queue) fn found_quorum_queue(
        &mut self,
        queue: Name,
        arguments: &Arguments,
        origin: NodeId,
        again: bool,
        now: Time,
        out: &mut Outputs,
    ) {
        let group = group_of(queue);
        let Err(place) = self.quorum.replicas.binary_search_by_key(&group, |it| it.group) else { return };
        let members = self.members_for(origin);
        let me = self.cluster.me;
        let is_member = members.contains(&me);
        let status = self.raft.status(group);
        let mut config = Config::of(arguments);
        config.consumer_timeout = self.options.consumer_timeout.unwrap_or(config.consumer_timeout);
        let replica = Replica {
            group,
            name: queue,
            members: members.clone(),
            machine: Machine::new(config),
            leader: None,
            term: 0,
            leads: false,
            quiet_until: status.map_or(0, |status| status.last.index),
            ticked: None,
            worker: None,
        };
        self.quorum.replicas.insert(place, replica);
        // A member that lost its disk has lost what it promised: it must be let in
        // again, not found the group anew.
        if is_member && !(again && self.cluster.has_lost_log()) {
            self.raft.create(now, group, &members, origin == me, out);
        }
        if again {
            let number = self.begin_session(NO_CHANNEL, 0, queue, now);
            if let Some(bound) = self.quorum.bound(number) {
                bound.open = false;
            }
            self.with_session(number, now, out, Client::restarted);
        }
        let (mine, others) =
            std::mem::take(&mut self.quorum.early).into_iter().partition(|it| super::outcome::group(it) == group);
        self.quorum.early = others;
        let mine: Vec<_> = mine;
        for outcome in mine {
            self.quorum_outcome(outcome, now, out);
        }
        for (name, leader, term) in std::mem::take(&mut self.quorum.early_leaders) {
            self.queue_led_by(name, leader, term, now, out);
        }
    }

    /// The queue is gone, with everything in it.
    pub(in crate::broker::queue) fn forget_quorum_queue(&mut self, queue: Name, now: Time, out: &mut Outputs) {
        let Some(at) = self.quorum.place(queue) else { return };
        let replica = self.quorum.replicas.remove(at);
        if replica.leads {
            let gone = replica.machine.messages().map(Message::copy).chain(replica.machine.dead_letters());
            gone.for_each(|copy| out.note(Kind::Dropped(Reason::QueueDeleted), Some(copy)));
        }
        self.quorum.sessions.retain(|it| it.queue != queue);
        self.raft.remove(now, group_of(queue), out);
    }

    fn members_for(&self, origin: NodeId) -> Vec<NodeId> {
        let mut nodes: Vec<NodeId> = self.cluster.others().collect();
        nodes.push(self.cluster.me);
        nodes.sort_unstable();
        let first = nodes.iter().position(|node| *node == origin).unwrap_or(0);
        nodes.rotate_left(first);
        nodes.truncate(GROUP_SIZE);
        nodes
    }

    /// A member that lost its disk asks to be let in again, as an operator would
    /// have it done (`rabbitmqctl forget_cluster_node`, then `rabbitmq-queues grow`).
    pub(in crate::broker::queue) fn rejoin_quorum_queues(&mut self, out: &mut Outputs) {
        let me = self.cluster.me;
        for replica in self.quorum.replicas.iter().filter(|it| it.is_member(me)) {
            let is_in = self.raft.status(replica.group).is_some_and(|status| !status.members.is_empty());
            // Whoever leads it will know.
            let nodes = self.cluster.others().filter(|_| !is_in);
            for connection in nodes.filter_map(|node| self.cluster.connection_to(node)) {
                out.send(connection, cluster::Message::RejoinQueue { queue: replica.name }, None);
            }
        }
    }

    /// One step each time it asks: out with what it was, in as it is now.
    pub(in crate::broker::queue) fn let_into_queue(&mut self, queue: Name, node: NodeId, now: Time, out: &mut Outputs) {
        let group = group_of(queue);
        let Some(status) = self.raft.status(group) else { return };
        let _ = if status.members.iter().any(|member| member.node == node) {
            self.raft.remove_member(now, group, node, out)
        } else {
            self.raft.add_member(now, group, node, out)
        };
    }
}
