//! The coordinator: one member that leads its group, and what the test says of others.

use super::{BROKERS, Fake, Verdict, place};
use crate::protocol::log::{Error, Group, Joined, Member, MemberId, OffsetAt, TopicPartition};
use crate::time::Time;

impl Fake {
    fn is_member(&self, member: MemberId, generation: u32) -> Option<Error> {
        match () {
            () if member != MemberId(self.member) => Some(Error::UnknownMemberId),
            () if generation != self.generation => Some(Error::IllegalGeneration),
            () => None,
        }
    }

    pub(super) fn group(&mut self, now: Time, message: Group) -> Verdict {
        Verdict::Answer(match message {
            Group::FindCoordinator { .. } => Group::Coordinator { broker: Ok(BROKERS[0]) }.into(),
            Group::Join(join) => {
                if join.member.0 == 0 {
                    // A stranger is told its number first.
                    self.member += 100;
                    let (member, answer) = (MemberId(self.member), Err(Error::MemberIdRequired));
                    return Verdict::Answer(Group::Joined { member, answer }.into());
                } else if join.member.0 != self.member {
                    let (member, answer) = (join.member, Err(Error::UnknownMemberId));
                    return Verdict::Answer(Group::Joined { member, answer }.into());
                }
                let member = MemberId(self.member);
                self.generation += 1;
                let own = Member { id: member, topics: join.topics, owned: join.owned };
                let members = self.others.iter().cloned().chain([own]).collect();
                let joined = Joined { generation: self.generation, leader: member, strategy: join.strategy, members };
                Group::Joined { member, answer: Ok(joined) }.into()
            }
            Group::Sync { member, generation, assignments, .. } => {
                self.assignments = assignments.into_vec();
                let own = self.assignments.iter().find(|(other, _)| *other == member).map(|(_, own)| own.clone());
                let fixed = self.assign.as_ref().map(|list| list.iter().map(|one| place(*one)).collect());
                let answer = self.is_member(member, generation).map_or(Ok(fixed.or(own).unwrap_or_default()), Err);
                Group::Synced { answer }.into()
            }
            Group::Heartbeat { member, generation, .. } => {
                let error = self.heartbeat.take().or_else(|| self.is_member(member, generation));
                Group::HeartbeatAnswer { error }.into()
            }
            Group::Leave { .. } => {
                self.left += 1;
                self.member += 1;
                Group::Left.into()
            }
            Group::OffsetCommit { member, offsets, .. } => {
                let error = member.and_then(|(member, generation)| self.is_member(member, generation));
                if error.is_none() {
                    let list = offsets.iter().map(|at| (at.partition.partition, at.offset));
                    self.committed.extend(list.clone());
                    self.committed_epochs
                        .extend(offsets.iter().filter_map(|at| Some((at.partition.partition, at.leader_epoch?))));
                    self.commits.push((now, member.map(|(member, _)| member), list.collect()));
                }
                Group::OffsetCommitted { error }.into()
            }
            Group::OffsetFetch { partitions, .. } => {
                let at = |partition: &TopicPartition| {
                    let offset = *self.committed.get(&partition.partition)?;
                    let leader_epoch = self.committed_epochs.get(&partition.partition).copied();
                    Some(OffsetAt { partition: *partition, offset, leader_epoch })
                };
                Group::OffsetsFetched { answer: Ok(partitions.iter().filter_map(at).collect()) }.into()
            }
            other => panic!("not here: {other:?}"),
        })
    }
}
