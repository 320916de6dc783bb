//! A coordinator on a log of its own, and partitions that take markers.

use std::collections::BTreeMap;

use super::super::{ProducerIds, TransactionCoordinator, TransactionOptions};
use crate::broker::log::coordinator::rig::{Log, caller, take_answer};
use crate::broker::log::coordinator::{Effect, Effects};
use crate::protocol::Name;
use crate::protocol::log::{Control, Error, Message, ProducerId, TopicPartition, Transaction};
use crate::time::{Span, Time};

pub const ID: Name = Name(9);
pub const OFFSETS: Name = Name(100);

pub fn at(partition: u16) -> TopicPartition {
    TopicPartition { topic: Name(1), partition }
}

/// Markers that are on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub producer: ProducerId,
    pub control: Control,
    pub partition: TopicPartition,
}

pub struct Rig {
    pub now: Time,
    pub coordinator: TransactionCoordinator,
    pub ids: ProducerIds,
    pub log: Log,
    pub sent: Vec<Sent>,
    /// Markers in each partition.
    pub written: BTreeMap<TopicPartition, Vec<(ProducerId, Control)>>,
    effects: Effects,
    correlation: u32,
}

impl Rig {
    pub fn new() -> Self {
        let mut ids = ProducerIds::default();
        ids.refill(1000, 1000);
        let mut coordinator = TransactionCoordinator::new(TransactionOptions::new(OFFSETS, 1));
        coordinator.load(Time::ZERO, [], &mut Vec::new());
        Self {
            now: Time::ZERO,
            coordinator,
            ids,
            log: Log::default(),
            sent: Vec::new(),
            written: BTreeMap::new(),
            effects: Vec::new(),
            correlation: 0,
        }
    }

    fn settle(&mut self, effects: Effects) {
        for effect in effects {
            match effect {
                Effect::Append { token, records, producer } => self.log.append(token, &records, producer),
                Effect::SendMarkers { producer, control, partitions } => {
                    let sent = partitions.iter().map(|partition| Sent { producer, control, partition: *partition });
                    self.sent.extend(sent);
                }
                other => self.effects.push(other),
            }
        }
    }

    pub fn send(&mut self, request: Transaction) -> u32 {
        self.correlation += 1;
        let (mut effects, caller) = (Vec::new(), caller(1, self.correlation));
        self.coordinator.handle(self.now, caller, request.into(), &mut self.ids, &mut effects);
        self.settle(effects);
        self.correlation
    }

    pub fn answer(&mut self, number: u32) -> Option<Transaction> {
        take_answer(&mut self.effects, number).map(|answer| match answer {
            Message::Transaction(answer) => answer,
            other => panic!("{other:?}"),
        })
    }

    /// A request that is answered once the log has all that waits. Markers wait.
    pub fn ask(&mut self, request: Transaction) -> Transaction {
        let number = self.send(request);
        self.commit_all();
        self.answer(number).expect("an answer")
    }

    pub fn commit_one(&mut self) -> bool {
        let Some(token) = self.log.commit() else { return false };
        let mut effects = Vec::new();
        self.coordinator.committed(self.now, token, &mut effects);
        self.settle(effects);
        true
    }

    pub fn commit_all(&mut self) {
        while self.commit_one() {}
    }

    pub fn refuse_last(&mut self, error: Error) {
        let (token, _) = self.log.waiting.pop_back().expect("an append");
        let mut effects = Vec::new();
        self.coordinator.append_failed(self.now, token, error, &mut effects);
        self.settle(effects);
    }

    /// The leader of one partition answers to its marker.
    pub fn deliver(&mut self, index: usize, error: Option<Error>) {
        let Sent { producer, control, partition } = self.sent.remove(index);
        if error.is_none() {
            self.written.entry(partition).or_default().push((producer, control));
        }
        self.say_written(producer, control, partition, error);
    }

    pub fn say_written(
        &mut self,
        producer: ProducerId,
        control: Control,
        partition: TopicPartition,
        error: Option<Error>,
    ) {
        let mut effects = Vec::new();
        self.coordinator.markers_written(self.now, producer, control, &[(partition, error)], &mut effects);
        self.settle(effects);
    }

    pub fn finish(&mut self) {
        loop {
            self.commit_all();
            match self.sent.is_empty() {
                true => return,
                false => self.deliver(0, None),
            }
        }
    }

    pub fn pass(&mut self, span: Span) {
        let until = self.now + span;
        while let Some((at, is_periodic)) = self.coordinator.next_deadline().filter(|(at, _)| *at <= until) {
            assert!(!is_periodic);
            self.now = self.now.max(at);
            let mut effects = Vec::new();
            self.coordinator.time_passed(self.now, &mut effects);
            self.settle(effects);
            let next = self.coordinator.next_deadline();
            assert!(next.is_none_or(|(next, _)| next > self.now), "a deadline that does not go away");
        }
        self.now = until;
    }

    pub fn fail_over(&mut self, kept: usize) {
        let mut effects = Vec::new();
        self.coordinator.resign(&mut effects);
        self.settle(effects);
        // What the old one sent may arrive or not; its answers reach nobody.
        let log = self.log.fail_over(kept);
        self.coordinator = TransactionCoordinator::new(TransactionOptions::new(OFFSETS, 1));
        let mut effects = Vec::new();
        self.coordinator.load(self.now, log, &mut effects);
        self.settle(effects);
    }

    /// A process begins.
    pub fn producer(&mut self) -> ProducerId {
        match self.ask(init()) {
            Transaction::ProducerIdGiven { answer: Ok(producer) } => producer,
            other => panic!("{other:?}"),
        }
    }

    /// With two partitions in its open transaction.
    pub fn ongoing(&mut self) -> ProducerId {
        let producer = self.producer();
        assert_eq!(self.ask(add(producer, &[0, 1])), Transaction::Answer { error: None });
        producer
    }
}

pub fn init() -> Transaction {
    Transaction::InitProducerId { transactional_id: Some(ID) }
}

pub fn add(producer: ProducerId, partitions: &[u16]) -> Transaction {
    let partitions = partitions.iter().map(|partition| at(*partition)).collect();
    Transaction::AddPartitions { transactional_id: ID, producer, partitions }
}

pub fn end(producer: ProducerId, is_commit: bool) -> Transaction {
    Transaction::End { transactional_id: ID, producer, is_commit }
}
