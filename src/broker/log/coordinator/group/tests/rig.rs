//! A coordinator on a log of its own, and clients that speak to it one request at a
//! time.

use std::sync::Arc;

use super::super::{GroupCoordinator, GroupOptions};
use crate::broker::log::coordinator::rig::{Log, caller, take_answer};
use crate::broker::log::coordinator::{Effect, Effects};
use crate::protocol::Name;
use crate::protocol::log::{
    Assignment, Error, Group, Join, Joined, MemberId, Message, OffsetAt, ProducerId, Strategy, TopicPartition,
};
use crate::time::{Span, Time};

pub const GROUP: Name = Name(7);
pub const TOPIC: Name = Name(1);

pub fn at(partition: u16) -> TopicPartition {
    TopicPartition { topic: TOPIC, partition }
}

pub struct Rig {
    pub now: Time,
    pub coordinator: GroupCoordinator,
    pub log: Log,
    pub epoch: u32,
    /// Everything since the last look.
    pub effects: Effects,
    correlation: u32,
}

impl Rig {
    pub fn new() -> Self {
        let mut coordinator = GroupCoordinator::new(GroupOptions::default());
        coordinator.load(Time::ZERO, 1, []);
        coordinator.topic(TOPIC, 4);
        Self { now: Time::ZERO, coordinator, log: Log::default(), epoch: 1, effects: Vec::new(), correlation: 0 }
    }

    /// Appends go to the log; the rest is kept.
    fn settle(&mut self, effects: Effects) {
        for effect in effects {
            match effect {
                Effect::Append { token, records, producer } => self.log.append(token, &records, producer),
                other => self.effects.push(other),
            }
        }
    }

    /// A request; its number.
    pub fn send(&mut self, client: u16, request: impl Into<Message>) -> u32 {
        self.correlation += 1;
        let mut effects = Vec::new();
        self.coordinator.handle(self.now, caller(client, self.correlation), request.into(), &mut effects);
        self.settle(effects);
        self.correlation
    }

    /// A request that is answered once the log has all that waits.
    pub fn ask(&mut self, client: u16, request: impl Into<Message>) -> Option<Message> {
        let number = self.send(client, request);
        self.commit_all();
        self.answer(number)
    }

    /// The answer to a request, if there is one. It can be taken once.
    pub fn answer(&mut self, number: u32) -> Option<Message> {
        take_answer(&mut self.effects, number)
    }

    pub fn commit_all(&mut self) {
        while self.commit_one() {}
    }

    pub fn commit_one(&mut self) -> bool {
        let Some(token) = self.log.commit() else { return false };
        let mut effects = Vec::new();
        self.coordinator.committed(self.now, token, &mut effects);
        self.settle(effects);
        true
    }

    /// The partition refuses what was appended last.
    pub fn refuse_last(&mut self, error: Error) {
        let (token, _) = self.log.waiting.pop_back().expect("an append");
        let mut effects = Vec::new();
        self.coordinator.append_failed(self.now, token, error, &mut effects);
        self.settle(effects);
    }

    /// Time passes, and the coordinator is called whenever it asked for it.
    pub fn pass(&mut self, span: Span) {
        let until = self.now + span;
        while let Some((at, _)) = self.coordinator.next_deadline().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            let mut effects = Vec::new();
            self.coordinator.time_passed(self.now, &mut effects);
            self.settle(effects);
            let next = self.coordinator.next_deadline();
            assert!(next.is_none_or(|(next, _)| next > self.now), "a deadline that does not go away");
        }
        self.now = until;
    }

    /// Another broker takes over with the first `kept` batches that waited.
    pub fn fail_over(&mut self, kept: usize) {
        let mut effects = Vec::new();
        self.coordinator.resign(&mut effects);
        self.settle(effects);
        assert!(!self.coordinator.is_active());
        self.epoch += 1;
        let log = self.log.fail_over(kept);
        self.coordinator = GroupCoordinator::new(GroupOptions::default());
        self.coordinator.load(self.now, self.epoch, log);
        self.coordinator.topic(TOPIC, 4);
    }

    pub fn offset(&self, partition: u16) -> Option<u64> {
        let mut found = None;
        self.coordinator.committed_offsets(&mut |group, at_partition, offset| {
            if (group, at_partition) == (GROUP, at(partition)) {
                found = Some(offset);
            }
        });
        found
    }

    /// Joins as a stranger does, and gets a number.
    pub fn announce(&mut self, client: u16) -> MemberId {
        match self.ask(client, join(MemberId::default())) {
            Some(Message::Group(Group::Joined { member, answer: Err(Error::MemberIdRequired) })) => member,
            other => panic!("{other:?}"),
        }
    }

    pub fn joined(&mut self, number: u32) -> Joined {
        match self.answer(number) {
            Some(Message::Group(Group::Joined { answer: Ok(joined), .. })) => joined,
            other => panic!("{other:?}"),
        }
    }

    /// A group of so many clients in its first generation, with one partition each.
    pub fn stable(&mut self, clients: u16) -> Vec<MemberId> {
        let members: Vec<_> = (0..clients).map(|client| self.announce(client)).collect();
        let numbers: Vec<_> =
            (0..clients).map(|client| self.send(client, join(members[usize::from(client)]))).collect();
        self.pass(Span::from_secs(10));
        numbers.into_iter().for_each(|number| assert_eq!(self.joined(number).generation, 1));
        self.sync_all(&members, 1);
        members
    }

    /// Everyone syncs, the first member as the leader.
    pub fn sync_all(&mut self, members: &[MemberId], generation: u32) {
        let given = members.iter().zip(0..).map(|(member, partition)| (*member, Assignment::from([at(partition)])));
        let mut given: Option<Box<[_]>> = Some(given.collect());
        for (client, member) in (0..).zip(members) {
            let assignments = given.take().unwrap_or_default();
            let answer = self.ask(client, sync(*member, generation, assignments));
            let expected = Group::Synced { answer: Ok(Arc::from([at(client)])) };
            assert_eq!(answer, Some(expected.into()));
        }
    }

    pub fn commit(&mut self, client: u16, member: MemberId, generation: u32, offset: u64) -> Option<Error> {
        match self.ask(client, commit(Some((member, generation)), 0, offset)) {
            Some(Message::Group(Group::OffsetCommitted { error })) => error,
            other => panic!("{other:?}"),
        }
    }

    pub fn heartbeat(&mut self, client: u16, member: MemberId, generation: u32) -> Option<Error> {
        match self.ask(client, Group::Heartbeat { group: GROUP, member, generation }) {
            Some(Message::Group(Group::HeartbeatAnswer { error })) => error,
            other => panic!("{other:?}"),
        }
    }
}

pub fn join(member: MemberId) -> Group {
    Group::Join(Join {
        group: GROUP,
        member,
        session_timeout: Span::from_secs(10),
        rebalance_timeout: Span::from_secs(30),
        topics: [TOPIC].into(),
        strategy: Strategy::Range,
        owned: [].into(),
    })
}

pub fn sync(member: MemberId, generation: u32, assignments: Box<[(MemberId, Assignment)]>) -> Group {
    Group::Sync { group: GROUP, member, generation, assignments }
}

pub fn commit(member: Option<(MemberId, u32)>, partition: u16, offset: u64) -> Group {
    Group::OffsetCommit {
        group: GROUP,
        member,
        offsets: [OffsetAt { partition: at(partition), offset, leader_epoch: Some(2) }].into(),
    }
}

pub fn commit_in(producer: ProducerId, member: Option<(MemberId, u32)>, offset: u64) -> Group {
    Group::TxnOffsetCommit {
        group: GROUP,
        producer,
        member,
        offsets: [OffsetAt { partition: at(0), offset, leader_epoch: None }].into(),
    }
}

pub fn fetch() -> Group {
    Group::OffsetFetch { group: GROUP, partitions: [at(0), at(1)].into() }
}
