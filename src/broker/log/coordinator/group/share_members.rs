//! The members of share groups. They take from partitions together, so a member
//! that comes or goes makes nobody wait: each heartbeat is answered with what there
//! is to take from. Every member gets every partition of its topics, as with Kafka's
//! first `SimpleAssignor`. Members are not kept in the log: they go on with their
//! heartbeats, and whoever coordinates now takes them in.

use std::collections::BTreeMap;

use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::{Assignment, MemberId, TopicPartition};
use crate::time::Time;

#[derive(Clone, Debug)]
pub struct ShareMember {
    pub client: NodeId,
    pub assignment: Assignment,
    expires: Time,
}

#[derive(Clone, Debug, Default)]
pub struct ShareMembers {
    members: BTreeMap<(Name, MemberId), ShareMember>,
}

impl ShareMembers {
    /// Takes a member in, or lets it stay, until `expires`.
    pub fn heard(
        &mut self,
        group: Name,
        member: MemberId,
        client: NodeId,
        topics: &[(Name, u16)],
        expires: Time,
    ) -> Assignment {
        let count: usize = topics.iter().map(|(_, partitions)| usize::from(*partitions)).sum();
        let kept = self.members.entry((group, member));
        let kept = kept.or_insert_with(|| ShareMember { client, assignment: Assignment::default(), expires });
        kept.expires = expires;
        if kept.assignment.len() != count {
            let all = topics.iter().flat_map(|(topic, partitions)| {
                (0..*partitions).map(|partition| TopicPartition { topic: *topic, partition })
            });
            kept.assignment = all.collect();
        }
        kept.assignment.clone()
    }

    pub fn leave(&mut self, group: Name, member: MemberId) {
        self.members.remove(&(group, member));
    }

    pub fn next_deadline(&self) -> Option<Time> {
        self.members.values().map(|member| member.expires).min()
    }

    pub fn time_passed(&mut self, now: Time) {
        self.members.retain(|_, member| member.expires > now);
    }

    pub fn visit(&self, visit: &mut dyn FnMut(Name, &ShareMember)) {
        self.members.iter().for_each(|((group, _), member)| visit(*group, member));
    }
}
