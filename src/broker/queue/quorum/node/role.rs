//! Leaders come and go, and nodes do. A new leader makes sessions send again what
//! was not answered; it tells the queue which nodes it cannot reach, and which it
//! can.

use super::TIMER;
use super::letter::Worker;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::quorum::command::{Command, Session, encode};
use crate::broker::queue::quorum::config::Strategy;
use crate::event::{Kind, NodeId, queue_detail};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::cluster;
use crate::raft::Role;
use crate::time::Time;

impl QueueBroker {
    pub(super) fn queue_role(
        &mut self,
        queue: Name,
        term: u64,
        role: Role,
        leader: Option<NodeId>,
        now: Time,
        out: &mut Outputs,
    ) {
        let Some(at) = self.quorum.place(queue) else { return };
        let replica = &mut self.quorum.replicas[at];
        let leads = role == Role::Leader;
        let led = std::mem::replace(&mut replica.leads, leads);
        replica.ticked = None;
        if led && (!leads || replica.term != term) {
            replica.worker = None;
            out.note_with(Kind::SteppedDown, None, queue_detail(queue, replica.term));
        }
        let begins = leads && (!led || replica.term != term);
        replica.term = term;
        if begins {
            out.note_with(Kind::LeaderElected, None, queue_detail(queue, term));
            self.begin_to_lead(queue, term, now, out);
        }
        if let Some(leader) = leader {
            self.queue_led_by(queue, leader, term, now, out);
        }
    }

    fn begin_to_lead(&mut self, queue: Name, term: u64, now: Time, out: &mut Outputs) {
        let nodes: Vec<NodeId> = self.cluster.others().collect();
        for node in nodes {
            if let Some(connection) = self.cluster.connection_to(node) {
                out.send(connection, cluster::Message::Leads { queue, term }, None);
                self.command(queue, &Command::Reconnected { node }, now, out);
            } else {
                self.command(queue, &Command::Disconnected { node }, now, out);
            }
        }
        let Some(at) = self.quorum.place(queue) else { return };
        let replica = &mut self.quorum.replicas[at];
        if replica.machine.config().dead_letters == Strategy::AtLeastOnce {
            let number = self.quorum.next_number(now);
            self.quorum.replicas[at].worker = Some(Worker::new(number));
            self.command_from(queue, number, &Command::WorkerCheckout, now, out);
        }
    }

    /// There is a leader, as far as this node knows.
    pub(in crate::broker::queue) fn queue_led_by(
        &mut self,
        queue: Name,
        leader: NodeId,
        term: u64,
        now: Time,
        out: &mut Outputs,
    ) {
        let Some(at) = self.quorum.place(queue) else {
            return self.quorum.early_leaders.push((queue, leader, term));
        };
        let replica = &mut self.quorum.replicas[at];
        if term < replica.term {
            return;
        }
        replica.leader = Some(leader);
        replica.term = term;
        let sessions = self.quorum.sessions.iter().filter(|it| it.queue == queue);
        for number in sessions.map(|it| it.number).collect::<Vec<_>>() {
            self.with_session(number, now, out, |client, acts| client.leader_is(leader, term, acts));
        }
    }

    /// A command of the leader itself.
    pub(super) fn command(&mut self, queue: Name, command: &Command, now: Time, out: &mut Outputs) {
        self.command_from(queue, 0, command, now, out);
    }

    pub(super) fn command_from(&mut self, queue: Name, number: u64, command: &Command, now: Time, out: &mut Outputs) {
        let from = Session { node: self.cluster.me, number };
        let command = encode(from, u64::MAX, command);
        self.ordered(queue, &command, None, now, out);
    }

    /// The connection to a node is gone: for the queues led here its sessions may
    /// be dead or alive.
    pub(in crate::broker::queue) fn quorum_peer_lost(&mut self, node: NodeId, now: Time, out: &mut Outputs) {
        for queue in self.led_queues() {
            self.command(queue, &Command::Disconnected { node }, now, out);
        }
    }

    /// There is a connection to a node, a new one.
    pub(in crate::broker::queue) fn quorum_peer_found(&mut self, node: NodeId, now: Time, out: &mut Outputs) {
        for queue in self.led_queues() {
            let term = self.quorum.place(queue).map_or(0, |at| self.quorum.replicas[at].term);
            if let Some(connection) = self.cluster.connection_to(node) {
                out.send(connection, cluster::Message::Leads { queue, term }, None);
            }
            self.command(queue, &Command::Reconnected { node }, now, out);
        }
        let sessions = self.quorum.sessions.iter().filter(|it| it.client.leader() == Some(node));
        for number in sessions.map(|it| it.number).collect::<Vec<_>>() {
            self.with_session(number, now, out, |client, acts| client.reconnected(acts));
        }
    }

    fn led_queues(&self) -> Vec<Name> {
        self.quorum.replicas.iter().filter(|it| it.leads).map(|it| it.name).collect()
    }

    /// The timer rang: messages have expired, or consumers have taken too long.
    pub(in crate::broker::queue) fn quorum_timer_rang(&mut self, now: Time, out: &mut Outputs) {
        self.quorum.alarm = None;
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        let replicas = self.quorum.replicas.iter_mut().filter(|it| it.leads);
        let queues: Vec<Name> = replicas
            .filter_map(|it| {
                let next = it.machine.next_tick();
                let is_new = due(next) && it.ticked != next;
                it.ticked = next;
                is_new.then_some(it.name)
            })
            .collect();
        for queue in queues {
            self.command(queue, &Command::Tick, now, out);
        }
        self.retry_letters(now, out);
    }

    /// Sets the timer for the first thing to expire in a queue led here.
    pub(in crate::broker::queue) fn quorum_set_timer(&mut self, now: Time, out: &mut Outputs) {
        let replicas = self.quorum.replicas.iter().filter(|it| it.leads);
        let next = replicas.flat_map(|it| {
            let tick = it.machine.next_tick().filter(|next| it.ticked != Some(*next));
            tick.into_iter().chain(it.worker.as_ref().and_then(Worker::next_retry))
        });
        match (next.min(), self.quorum.alarm) {
            (None, None) => {}
            (None, Some(_)) => {
                self.quorum.alarm = None;
                out.cancel_timer(TIMER);
            }
            (Some(next), alarm) => {
                let next = next.max(now);
                if alarm.is_none_or(|alarm| next < alarm) {
                    self.quorum.alarm = Some(next);
                    out.set_timer(TIMER, next);
                }
            }
        }
    }
}
