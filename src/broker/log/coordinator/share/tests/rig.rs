//! A leader with one shared partition, a share coordinator on a log of its own, and
//! what is on its way between them.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::super::{ShareCoordinator, ShareLog, ShareOptions, SharePartitions};
use crate::broker::log::coordinator::rig::{Log, caller, take_answer};
use crate::broker::log::coordinator::{Effect, Effects};
use crate::event::CopyId;
use crate::protocol::Name;
use crate::protocol::log::{
    AcquiredRange, Batch, Control, Error, MemberId, Message, Record, Share, ShareAnswer, ShareFetched, TopicPartition,
};
use crate::time::{Span, Time};

pub const GROUP: Name = Name(7);
pub const AT: TopicPartition = TopicPartition { topic: Name(1), partition: 0 };

/// The connection on which the leader asks the share coordinator.
const LEADER: u16 = 99;

#[derive(Clone, Debug, Default)]
pub struct Topic {
    pub batches: Vec<Arc<Batch>>,
    pub start: u64,
    pub end: u64,
    pub epoch: u32,
    pub is_led: bool,
}

impl Topic {
    pub fn append(&mut self, records: usize, control: Option<Control>) {
        let record = Record { copy: CopyId::default(), key: None, payload: Bytes::new() };
        let batch = Batch {
            first_offset: self.end,
            leader_epoch: self.epoch,
            sequence: None,
            is_transactional: control.is_some(),
            control,
            records: std::iter::repeat_n(record, records).collect(),
        };
        self.end = batch.end_offset();
        self.batches.push(Arc::new(batch));
    }
}

impl ShareLog for Topic {
    fn bounds(&self, _: TopicPartition) -> Option<(u64, u64)> {
        self.is_led.then_some((self.start, self.end))
    }

    fn leader_epoch(&self, _: TopicPartition) -> u32 {
        self.epoch
    }

    fn read(&self, _: TopicPartition, from: u64, max_records: u32) -> Vec<Arc<Batch>> {
        let mut left = i64::from(max_records);
        let later = self.batches.iter().filter(|batch| batch.end_offset() > from);
        let some = later.take_while(|batch| {
            let is_wanted = left > 0;
            left -= batch.count() as i64;
            is_wanted
        });
        some.cloned().collect()
    }
}

pub struct Rig {
    pub now: Time,
    pub options: ShareOptions,
    pub shares: SharePartitions,
    pub topic: Topic,
    pub coordinator: ShareCoordinator,
    pub log: Log,
    /// Questions to the share coordinator, and its answers, on their way.
    pub asked: VecDeque<Message>,
    pub answers: VecDeque<Message>,
    /// Questions that the share coordinator has and has not answered.
    pub open: u32,
    effects: Effects,
    correlation: u32,
}

impl Rig {
    pub fn new() -> Self {
        let options = ShareOptions { begins_at_start: true, ..ShareOptions::default() };
        let mut coordinator = ShareCoordinator::default();
        coordinator.load([]);
        Self {
            now: Time::ZERO,
            options,
            shares: SharePartitions::new(options),
            topic: Topic { epoch: 1, is_led: true, ..Topic::default() },
            coordinator,
            log: Log::default(),
            asked: VecDeque::new(),
            answers: VecDeque::new(),
            open: 0,
            effects: Vec::new(),
            correlation: 0,
        }
    }

    fn with_shares(&mut self, work: impl FnOnce(&mut SharePartitions, Time, &Topic, &mut Effects)) {
        let mut effects = Vec::new();
        work(&mut self.shares, self.now, &self.topic, &mut effects);
        for effect in effects {
            match effect {
                Effect::AskShareCoordinator { message, .. } => self.asked.push_back(message),
                other => self.effects.push(other),
            }
        }
    }

    fn settle(&mut self, effects: Effects) {
        for effect in effects {
            match effect {
                Effect::Append { token, records, producer } => self.log.append(token, &records, producer),
                Effect::Reply(_, message) => {
                    self.open -= 1;
                    self.answers.push_back(message);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next thing happens between leader, share coordinator and log.
    pub fn step_state(&mut self) -> bool {
        let mut effects = Vec::new();
        if let Some(answer) = self.answers.pop_front() {
            self.with_shares(|shares, now, log, effects| shares.answered(now, GROUP, Some(answer), log, effects));
        } else if let Some(token) = self.log.commit() {
            self.coordinator.committed(self.now, token, &mut effects);
        } else if let Some(message) = self.asked.pop_front() {
            self.open += 1;
            self.coordinator.handle(self.now, caller(LEADER, 0), message, &mut effects);
        } else {
            return false;
        }
        self.settle(effects);
        true
    }

    pub fn settle_state(&mut self) {
        while self.step_state() {}
    }

    pub fn refuse_last(&mut self) {
        if let Some((token, _)) = self.log.waiting.pop_back() {
            let mut effects = Vec::new();
            self.coordinator.append_failed(self.now, token, Error::NotEnoughReplicas, &mut effects);
            self.settle(effects);
        }
    }

    /// Another share coordinator. The connection to the old one is gone.
    pub fn move_coordinator(&mut self, kept: usize) {
        let is_lost = !self.answers.is_empty() || !self.asked.is_empty() || self.open > 0;
        self.answers.clear();
        self.asked.clear();
        self.open = 0;
        let log = self.log.fail_over(kept);
        self.coordinator = ShareCoordinator::default();
        self.coordinator.load(log);
        if is_lost {
            self.with_shares(|shares, now, log, effects| shares.answered(now, GROUP, None, log, effects));
        }
    }

    /// Another leader of the partition, which knows nothing yet.
    pub fn move_leader(&mut self) {
        self.with_shares(|shares, _, _, effects| shares.resign(AT, effects));
        self.topic.epoch += 1;
        self.shares = SharePartitions::new(self.options);
        self.answers.clear();
        // What the old one asked for may arrive all the same; nobody hears the answer.
        let mut effects = Vec::new();
        for message in std::mem::take(&mut self.asked) {
            self.open += 1;
            self.coordinator.handle(self.now, caller(LEADER, 0), message, &mut effects);
        }
        self.settle(effects);
        while self.log.commit().map(|token| self.coordinator.committed(self.now, token, &mut Vec::new())).is_some() {}
        (self.open, self.answers) = (0, VecDeque::new());
    }

    pub fn send(&mut self, client: u16, request: Share) -> u32 {
        self.correlation += 1;
        let caller = caller(client, self.correlation);
        self.with_shares(|shares, now, log, effects| shares.handle(now, caller, request.into(), log, effects));
        self.correlation
    }

    pub fn answer(&mut self, number: u32) -> Option<Share> {
        take_answer(&mut self.effects, number).map(|answer| match answer {
            Message::Share(answer) => answer,
            other => panic!("{other:?}"),
        })
    }

    pub fn append(&mut self, records: usize) {
        self.topic.append(records, None);
        self.with_shares(|shares, now, log, effects| shares.progress(now, AT, log, effects));
    }

    pub fn disconnect(&mut self, client: u16) {
        let connection = caller(client, 0).connection;
        self.with_shares(|shares, now, log, effects| shares.disconnected(now, connection, log, effects));
    }

    pub fn pass(&mut self, span: Span) {
        let until = self.now + span;
        while let Some((at, _)) = self.shares.next_deadline().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            self.with_shares(|shares, now, log, effects| shares.time_passed(now, log, effects));
            let next = self.shares.next_deadline();
            assert!(next.is_none_or(|(next, _)| next > self.now), "a deadline that does not go away");
        }
        self.now = until;
    }

    /// What a member gets, at once or within its patience.
    pub fn take(&mut self, client: u16, most: u32) -> Vec<AcquiredRange> {
        let number = self.send(client, fetch(client, most));
        self.settle_state();
        if let Some(answer) = self.answer(number) {
            return ranges(answer);
        }
        self.pass(Span::from_millis(500));
        self.answer(number).map(ranges).expect("an answer in time")
    }

    pub fn say(&mut self, client: u16, first: u64, last: u64, answer: ShareAnswer) -> Option<Error> {
        let number = self.send(client, acknowledge(client, first, last, answer));
        self.settle_state();
        match self.answer(number) {
            Some(Share::Acknowledged { error, .. }) => error,
            other => panic!("{other:?}"),
        }
    }
}

pub fn member(client: u16) -> MemberId {
    MemberId(u64::from(client) + 1)
}

pub fn fetch(client: u16, max_records: u32) -> Share {
    let max_wait = Span::from_millis(500);
    Share::Fetch { group: GROUP, member: member(client), max_wait, max_records, partitions: [AT].into() }
}

pub fn acknowledge(client: u16, first: u64, last: u64, answer: ShareAnswer) -> Share {
    Share::Acknowledge { group: GROUP, member: member(client), partition: AT, answers: [(first, last, answer)].into() }
}

/// What was acquired; nothing if the leader has moved.
pub fn ranges(answer: Share) -> Vec<AcquiredRange> {
    let Share::Fetched { partitions } = answer else { panic!("{answer:?}") };
    let of = |fetched: ShareFetched| fetched.answer.map_or(Vec::new(), Vec::from);
    partitions.into_iter().flat_map(of).collect()
}
