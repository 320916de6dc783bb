//! What can be seen of a member from outside: pictures draw it, tests compare it.

use super::Host;
use crate::event::NodeId;
use crate::protocol::raft::{Group, Identity, Members, Position};
use crate::raft::effects::Role;

/// What a picture shows of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Which life of the member this is.
    pub identity: Identity,
    pub role: Role,
    pub term: u64,
    pub leader: Option<NodeId>,
    /// The last entry that a snapshot replaced.
    pub base: Position,
    pub last: Position,
    pub commit: u64,
    /// The last entry that is synced here.
    pub durable: u64,
    pub members: Members,
    /// What a leader knows to be synced at each of the others.
    pub matches: Vec<(NodeId, u64)>,
}

impl Host {
    /// `None`: this node has no member of the group.
    #[must_use]
    pub fn status(&self, group: Group) -> Option<Status> {
        let member = &self.seats.get(&group)?.member;
        Some(Status {
            identity: member.identity,
            role: member.role,
            term: member.term,
            leader: member.leader,
            base: member.log.base(),
            last: member.log.last(),
            commit: member.commit,
            durable: member.durable,
            members: member.members().clone(),
            matches: member.progress.iter().map(|progress| (progress.node, progress.matches)).collect(),
        })
    }
}
