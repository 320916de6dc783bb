//! What screens see of a node's part in its cluster.

use super::Place;
use super::consensus::METADATA;
use crate::broker::queue::QueueBroker;
use crate::picture::{Picture, Replica, ReplicaRole};
use crate::protocol::Name;
use crate::raft::Role;

impl QueueBroker {
    pub(in crate::broker::queue) fn show_replicas(&self, picture: &mut Picture) {
        if self.cluster.is_alone() {
            return;
        }
        if let Some(status) = self.raft.status(METADATA) {
            let role = match status.role {
                Role::Leader => ReplicaRole::Leader,
                Role::Candidate | Role::PreCandidate => ReplicaRole::Candidate,
                Role::Follower => ReplicaRole::Follower,
            };
            let behind = status.last.index.saturating_sub(status.commit);
            let in_step = status.leader.is_some() && behind == 0;
            let (term, leader) = (status.term, status.leader);
            picture.replicas.push(Replica { queue: Name::EMPTY, role, term, leader, in_step, behind });
        }
        let me = self.cluster.me;
        for queue in self.queues.alive() {
            let (role, leader, in_step, behind) = match (&queue.mirrored, queue.place) {
                (None, Place::Here) => (ReplicaRole::Only, me, true, 0),
                (None, Place::At(home)) => {
                    let is_up = self.cluster.serves(home) && self.cluster.sees(home);
                    let role = if is_up { ReplicaRole::Elsewhere } else { ReplicaRole::Down };
                    (role, home, false, 0)
                }
                (_, Place::Quorum) => continue,
                (Some(_), Place::Here) => (ReplicaRole::Master, me, true, 0),
                (Some(mirrored), Place::At(master)) => {
                    let in_step = mirrored.missing == 0 && mirrored.slot.is_some();
                    (ReplicaRole::Mirror, master, in_step, mirrored.missing)
                }
            };
            picture.replicas.push(Replica { queue: queue.name, role, term: 0, leader: Some(leader), in_step, behind });
        }
    }
}
