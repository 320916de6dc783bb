//! Groups as an audit and a screen see them. Reads only.

use super::GroupCoordinator;
use super::classic::State;
use crate::picture::GroupPicture;
use crate::protocol::Name;
use crate::protocol::log::TopicPartition;

impl GroupCoordinator {
    /// Every committed offset.
    pub fn committed_offsets(&self, visit: &mut dyn FnMut(Name, TopicPartition, u64)) {
        self.offsets.visit(visit);
    }

    /// Draws the groups.
    pub fn show(&self, pictures: &mut Vec<GroupPicture>) {
        for group in self.groups.values() {
            let members = group.members.values().map(|member| (member.client, member.assignment.to_vec()));
            pictures.push(GroupPicture {
                group: group.name,
                generation: group.generation,
                is_rebalancing: matches!(group.state, State::Preparing | State::Completing),
                members: members.collect(),
                committed: Vec::new(),
            });
        }
        let at = |name: Name, pictures: &mut Vec<GroupPicture>| match pictures.iter().position(|it| it.group == name) {
            Some(at) => at,
            None => {
                pictures.push(GroupPicture { group: name, ..GroupPicture::default() });
                pictures.len() - 1
            }
        };
        self.shares.visit(&mut |name, member| {
            let at = at(name, pictures);
            pictures[at].members.push((member.client, member.assignment.to_vec()));
        });
        self.offsets.visit(&mut |name, partition, offset| {
            let at = at(name, pictures);
            pictures[at].committed.push((partition, offset));
        });
    }
}
