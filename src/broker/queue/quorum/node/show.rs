//! What the audit, faults and pictures get to see of quorum queues.
//!
//! The leader answers for the queue, as long as it can reach a majority. Without
//! one the queue hands out nothing: what it holds is not lost while the nodes can
//! come back, and gone for good once a majority of disks is.

use super::Replica;
use crate::broker::queue::QueueBroker;
use crate::event::{CopyId, Tier};
use crate::node::Holding;
use crate::picture::{self, Lane, LaneLabel, Picture, Place, ReplicaRole};
use crate::raft::Role;

impl QueueBroker {
    /// Publishes that no leader has answered yet.
    pub(in crate::broker::queue) fn show_quorum_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        self.quorum.sessions.iter().flat_map(|it| it.client.unanswered()).for_each(visit);
    }

    pub(in crate::broker::queue) fn show_quorum_holdings(&self, visit: &mut dyn FnMut(Holding)) {
        for replica in self.quorum.replicas.iter().filter(|it| self.speaks_for(it)) {
            let name = replica.name;
            let (wanted, heir) = (self.options.subscription(name), self.options.dead_letter_queue(name));
            let Some(subscription) = wanted.or(heir) else { continue };
            for message in replica.machine.messages() {
                visit(Holding { copy: message.copy(), subscription, dead_lettered: wanted.is_none() });
            }
            for copy in replica.machine.dead_letters() {
                visit(Holding { copy, subscription, dead_lettered: true });
            }
        }
    }

    fn speaks_for(&self, replica: &Replica) -> bool {
        let reached = replica
            .members
            .iter()
            .filter(|node| **node == self.cluster.me || self.cluster.reachable().any(|peer| peer == **node));
        replica.leads && 2 * reached.count() > replica.members.len()
    }

    pub(in crate::broker::queue) fn show_quorum_queues(&self, picture: &mut Picture) {
        for replica in &self.quorum.replicas {
            let Some(status) = self.raft.status(replica.group) else { continue };
            let machine = &replica.machine;
            let (ready, unacked) = (machine.ready_count() as u64, machine.held_count() as u64);
            picture.lanes.push(Lane { label: LaneLabel::Queue(replica.name), ready, unacked });
            for message in machine.messages() {
                let tier = if message.index <= status.durable { Tier::Disk } else { Tier::Memory };
                picture.hold(message.copy(), Place::Tier(tier));
            }
            let is_voter = status.members.iter().any(|peer| peer.node == self.cluster.me && peer.voter);
            picture.replicas.push(picture::Replica {
                queue: replica.name,
                role: match status.role {
                    Role::Leader => ReplicaRole::Leader,
                    Role::Candidate | Role::PreCandidate => ReplicaRole::Candidate,
                    Role::Follower if is_voter => ReplicaRole::Follower,
                    Role::Follower => ReplicaRole::Learner,
                },
                term: status.term,
                leader: status.leader,
                in_step: status.leader.is_some() && status.durable >= status.commit,
                behind: status.last.index.saturating_sub(status.durable),
            });
        }
    }
}
