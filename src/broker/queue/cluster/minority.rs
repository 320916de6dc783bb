//! `cluster_partition_handling`, up to 3.13 (since 4.3 there is none: Raft's
//! majority decides). With `pause_minority` a node that sees no more than half of
//! the cluster stops serving: it closes its clients' connections and waits until
//! it sees more than half again. It then starts as if anew.

use super::PartitionHandling::PauseMinority;
use crate::broker::queue::QueueBroker;
use crate::event::{Closed, Kind};
use crate::node::Outputs;
use crate::time::Time;

/// What a cluster with mirrored queues does about a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PartitionHandling {
    #[default]
    Ignore,
    Autoheal,
    PauseMinority,
}

impl QueueBroker {
    /// Whether this node sees more than half of the cluster, itself included.
    fn sees_majority(&self) -> bool {
        let seen = 1 + self.cluster.peers.iter().filter(|peer| peer.is_greeted).count();
        seen * 2 > self.cluster.peers.len() + 1
    }

    /// A peer came or went.
    pub(super) fn mind_majority(&mut self, now: Time, out: &mut Outputs) {
        if self.options.partition_handling != PauseMinority {
            return;
        }
        match (self.sees_majority(), self.cluster.is_paused) {
            (false, false) if self.is_ready() => {
                self.cluster.is_paused = true;
                out.note(Kind::MinorityPaused, None);
                for id in self.connections.ids() {
                    self.end_connection(id, Closed::Orderly, now, out);
                }
                self.drop_acting_channels(now, out);
                // Whoever went on without this node is right.
                let mirrored = self.queues.list.iter_mut().filter_map(|queue| queue.mirrored.as_mut());
                mirrored.for_each(|mirrored| mirrored.step_back());
            }
            (true, true) => {
                self.cluster.is_paused = false;
                out.note(Kind::MinorityResumed, None);
                self.announce_service(out);
                self.answer_held_connections(now, out);
            }
            _ => {}
        }
    }
}
