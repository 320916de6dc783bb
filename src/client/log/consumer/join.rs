//! Joining a group. A join waits until every member has joined or its time is over,
//! so a member that is busy with a batch holds up the others. Between two joins a
//! generation number tells old members from new ones.
//!
//! One of the members, the group's leader, deals the partitions out; everybody
//! learns its own from the answer to a second request. With the range assignor
//! everything is given back before the join; with the cooperative one only what
//! moves is, after it, and then the group is joined once more.

use super::assigned::Assigned;
use super::assignor::assign;
use super::membership::Stage;
use super::poll::Prepare;
use super::{AskedOfCoordinator, LogConsumer};
use crate::event::Kind;
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::log::{
    Assignment, Error, Group, Join, Joined, MOST_PARTITIONS, MemberId, Strategy, TopicPartition,
};
use crate::time::{Span, Time};

/// A join may take the others' whole time, and a little more.
const JOIN_MORE: Span = Span::from_secs(5);

impl LogConsumer {
    /// In `poll()`: joins, if that is needed. Returns whether it may go on.
    pub(super) fn join(&mut self, now: Time, out: &mut Outputs) -> bool {
        let topics: Vec<(Name, u16)> = self.topics();
        match self.membership.stage {
            Stage::In if !self.membership.must_join && !self.has_grown(&topics) => return true,
            Stage::Joining | Stage::Syncing => return false,
            Stage::In | Stage::Out => {}
        }
        if self.membership.not_before > now || topics.iter().all(|(_, partitions)| *partitions == 0) {
            return false;
        }
        let Some(node) = self.ready_coordinator(now, out) else { return false };
        if !self.prepare_to_join(now, out) {
            return false;
        }
        self.program.prepare = Prepare::No;
        self.membership.must_join = false;
        self.membership.stage = Stage::Joining;
        let join = Join {
            group: self.options.group,
            member: self.membership.member,
            session_timeout: self.options.session_timeout,
            rebalance_timeout: self.options.max_poll_interval,
            topics: self.options.topics.clone(),
            strategy: self.options.assignment,
            owned: self.assigned.iter().map(|assigned| assigned.partition).collect(),
        };
        let due = now + self.options.max_poll_interval.max(self.options.request_timeout) + JOIN_MORE;
        self.coordination.send_with(due, node, Group::Join(join), None, Some(AskedOfCoordinator::Join), out);
        false
    }

    /// Whether there are more partitions than were dealt out. The member that dealt
    /// them sees it when its metadata is renewed, and has the group join anew.
    fn has_grown(&self, topics: &[(Name, u16)]) -> bool {
        let dealt = &self.membership.dealt;
        !dealt.is_empty() && topics.iter().zip(dealt).any(|((_, known), (_, dealt))| known > dealt)
    }

    fn topics(&self) -> Vec<(Name, u16)> {
        self.options.topics.iter().map(|topic| (*topic, self.cluster.partitions_of(*topic))).collect()
    }

    pub(super) fn joined(&mut self, now: Time, member: MemberId, answer: Result<Joined, Error>, out: &mut Outputs) {
        if self.membership.stage != Stage::Joining {
            return;
        }
        let joined = match answer {
            Ok(joined) => joined,
            Err(Error::MemberIdRequired) => {
                self.membership.member = member;
                self.membership.stage = Stage::Out;
                return;
            }
            Err(error) => return self.refused(now, error),
        };
        let generation = joined.generation;
        self.membership.member = member;
        self.membership.generation = Some(generation);
        self.membership.stage = Stage::Syncing;
        self.membership.failures = 0;
        let leads = joined.leader == member;
        self.membership.dealt = if leads { self.topics() } else { Vec::new() };
        let dealt = &self.membership.dealt;
        let assignments = if leads { assign(joined.strategy, &joined.members, dealt) } else { Box::default() };
        let Some(node) = self.ready_coordinator(now, out) else { return self.membership.lose(false) };
        let message = Group::Sync { group: self.options.group, member, generation, assignments };
        self.ask(now, node, message, AskedOfCoordinator::Sync, out);
    }

    /// The assignment is here.
    pub(super) fn synced(&mut self, now: Time, assignment: &Assignment, out: &mut Outputs) {
        self.membership.stage = Stage::In;
        self.membership.sent = now;
        self.membership.heard = now;
        self.membership.is_asked = false;
        let lost: Vec<TopicPartition> = self.owned().filter(|owned| !assignment.contains(owned)).collect();
        if !lost.is_empty() {
            // What is given back here goes to another in the next rebalance.
            self.commit_before_revocation(now, out);
            self.give_up(&lost, out);
            self.membership.must_join = self.options.assignment == Strategy::CooperativeSticky;
        }
        let mut news = 0;
        for partition in assignment.iter() {
            if let Err(place) = self.assigned.binary_search_by_key(partition, |assigned| assigned.partition) {
                self.assigned.insert(place, Assigned::new(*partition));
                news |= bit(*partition);
            }
        }
        out.note_with(Kind::PartitionsAssigned, None, news);
    }

    fn owned(&self) -> impl Iterator<Item = TopicPartition> + '_ {
        self.assigned.iter().map(|assigned| assigned.partition)
    }

    /// These partitions are no more this consumer's. What is in hand goes on.
    pub(super) fn give_up(&mut self, partitions: &[TopicPartition], out: &mut Outputs) {
        if partitions.is_empty() {
            return;
        }
        self.assigned.retain(|assigned| !partitions.contains(&assigned.partition));
        self.drop_queued(partitions);
        let mask = partitions.iter().fold(0, |mask, partition| mask | bit(*partition));
        out.note_with(Kind::PartitionsRevoked, None, mask);
    }

    pub(super) fn give_up_all(&mut self, out: &mut Outputs) {
        let all: Vec<TopicPartition> = self.owned().collect();
        self.give_up(&all, out);
    }
}

const _: () = assert!((MOST_PARTITIONS as u32) <= u64::BITS);

/// A partition's bit in the detail of an event.
const fn bit(partition: TopicPartition) -> u64 {
    1 << (partition.partition & 63)
}
