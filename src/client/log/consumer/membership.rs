//! Being a member of a group: finding its coordinator, joining, learning one's
//! partitions, sending heartbeats, and losing all of it.
//!
//! A join waits until every member has joined or its time is over, so a member that
//! is busy with a batch holds up the others. Between two joins a generation number
//! tells old members from new ones.

use super::assigned::{Assigned, Start};
use super::assignor::assign;
use super::poll::Prepare;
use super::{Asked, AskedOfCoordinator, LogConsumer, LogConsumerOptions};
use crate::client::log::network::back_off;
use crate::event::{Kind, NodeId};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::log::{Assignment, Error, Group, Join, Joined, MemberId, Message, Strategy, TopicPartition};
use crate::random::Purpose;
use crate::time::{Span, Time};

/// A join may take the others' whole time, and a little more.
const JOIN_MORE: Span = Span::from_secs(5);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Out,
    Joining,
    Syncing,
    In,
}

#[derive(Clone, Debug, Default)]
pub struct Membership {
    pub coordinator: Option<NodeId>,
    is_finding: bool,
    pub stage: Stage,
    pub member: MemberId,
    /// `None`: out of the group, perhaps without having noticed it when it was.
    pub generation: Option<u32>,
    /// The group must be joined anew.
    pub must_join: bool,
    pub is_fetching_offsets: bool,
    /// When the last heartbeat was sent, and the coordinator last heard.
    sent: Time,
    heard: Time,
    is_asked: bool,
    /// Nothing may be asked before.
    pub not_before: Time,
    failures: u32,
}

impl Membership {
    pub fn next_due(&self, options: &LogConsumerOptions) -> Option<Time> {
        let heartbeat = Some(self.sent + options.heartbeat_interval).filter(|_| self.stage == Stage::In);
        let session = Some(self.heard + options.session_timeout).filter(|_| self.stage == Stage::In);
        [heartbeat, session, Some(self.not_before)].into_iter().flatten().min()
    }

    /// Something went wrong; the next try is after a while.
    pub fn fail(&mut self, now: Time, options: &LogConsumerOptions) {
        let draw = options.seed.draw(Purpose::RetryBackOff).by(u64::MAX).by(self.failures.into());
        self.not_before = now + back_off(options.retry_back_off, self.failures, draw.value());
        self.failures += 1;
    }

    pub fn coordinator_lost(&mut self, now: Time, options: &LogConsumerOptions) {
        self.coordinator = None;
        self.is_finding = false;
        self.is_asked = false;
        self.fail(now, options);
    }

    /// The coordinator says, or the poll interval does, that it is no member, or one
    /// of an older generation.
    pub fn lose(&mut self, forgets_member: bool) {
        self.generation = None;
        self.stage = Stage::Out;
        self.must_join = true;
        if forgets_member {
            self.member = MemberId::default();
        }
    }
}

impl LogConsumer {
    /// What the background thread does: find the coordinator, send heartbeats,
    /// leave a group whose program does not come back.
    pub(super) fn keep_membership(&mut self, now: Time, out: &mut Outputs) {
        let Some(node) = self.ready_coordinator(now, out) else { return };
        let membership = &mut self.membership;
        if membership.stage != Stage::In {
            return;
        }
        if membership.heard + self.options.session_timeout <= now {
            // The coordinator itself may be gone.
            membership.heard = now;
            return membership.coordinator_lost(now, &self.options);
        }
        let (group, member, generation) = (self.options.group, membership.member, membership.generation);
        if self.program.away_since().is_some_and(|since| since + self.options.max_poll_interval <= now) {
            membership.lose(true);
            self.ask(now, node, Group::Leave { group, member }, AskedOfCoordinator::Leave, out);
        } else if let Some(generation) = generation
            && !membership.is_asked
            && membership.sent + self.options.heartbeat_interval <= now
        {
            membership.sent = now;
            membership.is_asked = true;
            self.ask(now, node, Group::Heartbeat { group, member, generation }, AskedOfCoordinator::Heartbeat, out);
        }
    }

    pub(super) fn ask(
        &mut self,
        now: Time,
        node: NodeId,
        message: Group,
        asked: AskedOfCoordinator,
        out: &mut Outputs,
    ) {
        self.coordination.send(now, node, message, None, Some(asked), out);
    }

    /// The coordinator, if it is known and connected; else that is seen to.
    pub(super) fn ready_coordinator(&mut self, now: Time, out: &mut Outputs) -> Option<NodeId> {
        if let Some(node) = self.membership.coordinator {
            return self.coordination.is_ready(now, node, out).then_some(node);
        }
        if !self.membership.is_finding
            && self.membership.not_before <= now
            && let Some(node) = self.cluster.any(now, out)
        {
            self.membership.is_finding = true;
            let key = self.options.group;
            self.cluster.ask(now, node, Group::FindCoordinator { key, is_transaction: false }, Asked::Coordinator, out);
        }
        None
    }

    pub(super) fn coordinator_found(&mut self, now: Time, message: Message) {
        self.membership.is_finding = false;
        match message {
            Message::Group(Group::Coordinator { broker: Ok(node) }) => self.membership.coordinator = Some(node),
            _ => self.membership.fail(now, &self.options),
        }
    }

    /// In `poll()`: joins, if that is needed. Returns whether it may go on.
    pub(super) fn join(&mut self, now: Time, out: &mut Outputs) -> bool {
        match self.membership.stage {
            Stage::In if !self.membership.must_join => return true,
            Stage::Joining | Stage::Syncing => return false,
            Stage::In | Stage::Out => {}
        }
        let topics: Vec<(Name, u16)> = self.topics();
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

    fn topics(&self) -> Vec<(Name, u16)> {
        self.options.topics.iter().map(|topic| (*topic, self.cluster.partitions_of(*topic))).collect()
    }

    /// The coordinator answers.
    pub(super) fn coordinated(&mut self, now: Time, asked: &AskedOfCoordinator, message: Message, out: &mut Outputs) {
        let Message::Group(message) = message else {
            return self.share_coordinated(now, message);
        };
        match (asked, message) {
            (AskedOfCoordinator::Join, Group::Joined { member, answer }) => self.joined(now, member, answer, out),
            (AskedOfCoordinator::Sync, Group::Synced { answer }) => match answer {
                Ok(assignment) if self.membership.stage == Stage::Syncing => self.synced(now, &assignment, out),
                Ok(_) => {}
                Err(error) => self.refused(now, error),
            },
            (AskedOfCoordinator::Heartbeat, Group::HeartbeatAnswer { error }) => {
                self.membership.is_asked = false;
                self.membership.heard = now;
                error.into_iter().for_each(|error| self.refused(now, error));
            }
            (AskedOfCoordinator::Commit(offsets), Group::OffsetCommitted { error }) => {
                self.commit_answered(now, offsets, error, out);
            }
            (AskedOfCoordinator::OffsetFetch, Group::OffsetsFetched { answer }) => {
                self.offsets_fetched(now, answer);
            }
            _ => {}
        }
    }

    fn joined(&mut self, now: Time, member: MemberId, answer: Result<Joined, Error>, out: &mut Outputs) {
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
        let assignments = if joined.leader == member {
            assign(joined.strategy, &joined.members, &self.topics())
        } else {
            Box::default()
        };
        let Some(node) = self.ready_coordinator(now, out) else { return self.membership.lose(false) };
        let message = Group::Sync { group: self.options.group, member, generation, assignments };
        self.ask(now, node, message, AskedOfCoordinator::Sync, out);
    }

    /// The assignment is here.
    fn synced(&mut self, now: Time, assignment: &Assignment, out: &mut Outputs) {
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

    /// The coordinator refused something about the membership.
    pub(super) fn refused(&mut self, now: Time, error: Error) {
        let membership = &mut self.membership;
        match error {
            Error::RebalanceInProgress => {
                membership.must_join = true;
                if membership.stage == Stage::Syncing {
                    membership.stage = Stage::Out;
                }
            }
            Error::UnknownMemberId => membership.lose(true),
            Error::IllegalGeneration => membership.lose(false),
            Error::NotCoordinator | Error::CoordinatorNotAvailable => {
                membership.leave_stage();
                membership.coordinator_lost(now, &self.options);
            }
            _ => {
                membership.leave_stage();
                membership.fail(now, &self.options);
            }
        }
    }

    /// The connection with the coordinator broke: it may be another now.
    pub(super) fn coordination_lost(&mut self, now: Time, requests: impl Iterator<Item = AskedOfCoordinator>) {
        self.membership.coordinator_lost(now, &self.options);
        for asked in requests {
            match asked {
                AskedOfCoordinator::Join | AskedOfCoordinator::Sync => self.membership.leave_stage(),
                AskedOfCoordinator::Commit(_) => self.commit_lost(),
                AskedOfCoordinator::OffsetFetch => self.offset_fetch_lost(),
                AskedOfCoordinator::Heartbeat | AskedOfCoordinator::Leave => {}
            }
        }
        self.share.is_asked = false;
    }

    /// Takes note of an answer to a share group's member, which has no other home.
    fn share_coordinated(&mut self, now: Time, message: Message) {
        if let Message::Share(message) = message {
            self.share_heartbeat_answered(now, message);
        }
    }

    /// Asks for the committed offsets of partitions that are new.
    pub(super) fn fetch_offsets(&mut self, now: Time, out: &mut Outputs) {
        let is_new = |assigned: &&Assigned| assigned.start == Start::Unknown;
        if self.membership.is_fetching_offsets || self.membership.not_before > now {
            return;
        }
        let partitions: Assignment = self.assigned.iter().filter(is_new).map(|assigned| assigned.partition).collect();
        if partitions.is_empty() {
            return;
        }
        let Some(node) = self.ready_coordinator(now, out) else { return };
        for assigned in self.assigned.iter_mut().filter(|assigned| assigned.start == Start::Unknown) {
            assigned.start = Start::Asked;
        }
        self.membership.is_fetching_offsets = true;
        let message = Group::OffsetFetch { group: self.options.group, partitions };
        self.ask(now, node, message, AskedOfCoordinator::OffsetFetch, out);
    }
}

impl Membership {
    /// A join under way has failed.
    fn leave_stage(&mut self) {
        if matches!(self.stage, Stage::Joining | Stage::Syncing) {
            self.stage = Stage::Out;
            self.must_join = true;
        }
    }
}

/// A partition's bit in the detail of an event.
const fn bit(partition: TopicPartition) -> u64 {
    1 << (partition.partition & 63)
}
