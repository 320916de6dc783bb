//! What screens see of a controller: its part in the quorum, and which nodes take
//! part. A broker that is fenced is not among its peers.

use super::LogController;
use super::quorum::METADATA;
use crate::picture::{self, Picture, Replica, ReplicaRole, Status};
use crate::protocol::Name;
use crate::raft::Role;

impl LogController {
    pub(super) fn show(&self, picture: &mut Picture) {
        picture.role = picture::Role::Controller;
        if self.raft.is_recovering() {
            picture.status = Status::Recovering;
        }
        picture.peers.extend(self.peers.iter().filter(|peer| peer.connection().is_some()).map(|peer| peer.node));
        if self.active.is_some() {
            let unfenced = self.committed.brokers().filter(|(_, broker)| !broker.is_fenced);
            picture.peers.extend(unfenced.map(|(node, _)| node));
        }
        let Some(status) = self.raft.status(METADATA) else { return };
        let role = match status.role {
            Role::Leader => ReplicaRole::Leader,
            Role::Candidate | Role::PreCandidate => ReplicaRole::Candidate,
            Role::Follower => ReplicaRole::Follower,
        };
        let behind = status.last.index.saturating_sub(status.commit);
        let (term, leader, in_step) = (status.term, status.leader, status.leader.is_some() && behind == 0);
        picture.replicas.push(Replica { queue: Name::EMPTY, role, term, leader, in_step, behind });
    }
}
