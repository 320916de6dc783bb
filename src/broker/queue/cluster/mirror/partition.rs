//! Two masters meet: after a partition, or because one has just started and knew
//! no better. One of them gives way, and what it had is thrown away.
//!
//! `cluster_partition_handling`:
//!
//! - `ignore` (the default): nothing happens by itself. Both go on until an
//!   operator restarts one side; here that is done a minute after the two sides
//!   meet, as `autoheal` would do it.
//! - `autoheal`: as soon as the nodes see each other again, the side with fewer
//!   client connections is restarted (if equal: the higher node).
//! - `pause_minority`: see `minority`. There is never a second master.

use crate::broker::queue::QueueBroker;
use crate::broker::queue::cluster::{PartitionHandling, Place};
use crate::event::{Closed, NodeId};
use crate::node::Outputs;
use crate::protocol::cluster::{Change, Message};
use crate::time::{Span, Time};

/// How long it takes an operator to notice.
const OPERATOR: Span = Span::from_secs(60);

/// A side that is going to be restarted.
#[derive(Clone, Copy, Debug)]
pub(in crate::broker::queue::cluster) struct Restart {
    queue: u32,
    winner: NodeId,
    at: Time,
}

impl QueueBroker {
    /// Tells the other nodes that this one is the master.
    pub(super) fn claim(&mut self, queue: u32, out: &mut Outputs) {
        for at in 0..self.cluster.peers.len() {
            self.claim_to(at, queue, out);
        }
    }

    /// Tells a node that has come into sight which queues this one is master of.
    pub(in crate::broker::queue::cluster) fn claim_all(&mut self, at: usize, out: &mut Outputs) {
        for queue in 0..self.queues.list.len() as u32 {
            self.claim_to(at, queue, out);
        }
    }

    fn claim_to(&mut self, at: usize, queue: u32, out: &mut Outputs) {
        let clients = self.connections.peers().count() as u32;
        let it = &mut self.queues.list[queue as usize];
        let Some(mirrored) = it.mirrored.as_mut().filter(|_| it.place == Place::Here && !it.deleted) else { return };
        let Some(connection) = self.cluster.peers[at].connection() else { return };
        mirrored.claimed = Some(clients);
        let change = Change::Claim { clients, by_boot: mirrored.by_boot };
        out.send(connection, Message::Mirror { queue: it.name, change }, None);
    }

    /// Another node says that it is the master.
    pub(super) fn hear_claim(
        &mut self,
        queue: u32,
        node: NodeId,
        (clients, by_boot): (u32, bool),
        now: Time,
        out: &mut Outputs,
    ) {
        let it = &self.queues.list[queue as usize];
        let Some(mirrored) = &it.mirrored else { return };
        if let Place::At(master) = it.place {
            // A master out of sight is no master; one in sight will settle it.
            if master != node && !self.cluster.serves(master) {
                self.queues.list[queue as usize].place = Place::At(node);
                self.ask_again(now, out);
            }
            return self.join_masters(out);
        }
        let own = (!mirrored.by_boot, mirrored.claimed.unwrap_or(0), std::cmp::Reverse(self.cluster.me));
        let other = (!by_boot, clients, std::cmp::Reverse(node));
        if own > other {
            return;
        }
        let is_restart = own.0 != other.0 || self.options.partition_handling != PartitionHandling::Ignore;
        let at = if is_restart { now } else { now + OPERATOR };
        self.cluster.restarts.retain(|restart| restart.queue != queue);
        self.cluster.restarts.push(Restart { queue, winner: node, at });
        self.restart_losers(now, out);
    }

    /// Gives way where it is time: clients are cut off, as the node restarts.
    pub(in crate::broker::queue::cluster) fn restart_losers(&mut self, now: Time, out: &mut Outputs) {
        while let Some(place) = self.cluster.restarts.iter().position(|restart| restart.at <= now) {
            let Restart { queue, winner, .. } = self.cluster.restarts.remove(place);
            if self.queues.list[queue as usize].place != Place::Here || !self.cluster.sees(winner) {
                continue;
            }
            for id in self.connections.ids() {
                self.end_connection(id, Closed::Orderly, now, out);
            }
            self.forward(queue, &Change::Moved { to: winner }, out);
            self.drop_acting_channels(now, out);
            self.follow(queue, winner, now, out);
        }
    }
}
