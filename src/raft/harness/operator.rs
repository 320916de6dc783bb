//! What the operator of a run wants, and how a replica goes about it: as a broker
//! would that is told to take a member out of a group, or in again.

use super::replica::Replica;
use super::seen::Wish;
use crate::node::Outputs;
use crate::protocol::raft::Identity;
use crate::raft::Role;
use crate::time::Time;

impl Replica {
    /// The operator's wishes, carried out by whoever leads.
    pub(super) fn reconcile(&mut self, now: Time, out: &mut Outputs) {
        for place in 0..self.habits.wishes.len() {
            let Wish { node, leaves, returns } = self.habits.wishes[place];
            for group in self.groups() {
                let Some(status) = self.host.status(group).filter(|status| status.role == Role::Leader) else {
                    continue;
                };
                let life = status.members.iter().find(|peer| peer.node == node).map(|peer| peer.identity);
                // A refusal says to try later, and this does.
                let _ = match life {
                    Some(Identity(0)) if now >= leaves => self.host.remove_member(now, group, node, out),
                    None if now >= returns => self.host.add_member(now, group, node, out),
                    _ => Ok(()),
                };
            }
        }
    }
}
