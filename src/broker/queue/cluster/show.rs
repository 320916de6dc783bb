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
        for queue in self.queues.alive().filter(|queue| queue.place == Place::Here) {
            picture.replicas.push(Replica {
                queue: queue.name,
                role: ReplicaRole::Only,
                term: 0,
                leader: Some(me),
                in_step: true,
                behind: 0,
            });
        }
    }
}
