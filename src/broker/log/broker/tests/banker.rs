//! A producer of transactions: each puts a record into two partitions, and commits
//! every second one. It begins anew, under the same transactional id, when it does
//! not know better.

use std::sync::Arc;

use bytes::Bytes;

use super::town::topic;
use crate::event::{Closed, CopyId, MessageId, NodeId};
use crate::node::{ConnectionId, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::protocol::Name;
use crate::protocol::log::{
    Acks, Batch, Client, Error, Group, Message, ProducePartition, ProducerId, Record, Sequence, TopicPartition,
    Transaction,
};
use crate::time::{Span, Time};

const BANK: Name = Name(9);
const PERIOD: Span = Span::from_millis(40);
const PATIENCE: Span = Span::from_secs(3);
const STOPS: Time = Time::from_millis(40_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Find,
    Identify,
    Begin,
    Write(u16),
    End,
}

#[derive(Clone, Debug)]
pub struct Banker {
    links: Vec<(NodeId, Option<ConnectionId>, bool, Time)>,
    leaders: Vec<(TopicPartition, Option<NodeId>)>,
    step: Step,
    home: Option<NodeId>,
    id: Option<ProducerId>,
    /// By partition: how many records this incarnation has written.
    sequences: [u32; 2],
    correlation: u32,
    asked: Option<(ConnectionId, u32, Time)>,
    number: u32,
    /// What each transaction was told: committed, aborted, or nothing certain.
    pub told: Vec<Option<bool>>,
}

impl Banker {
    pub fn new(brokers: &Arc<[NodeId]>) -> Self {
        Self {
            links: brokers.iter().map(|node| (*node, None, false, Time::ZERO)).collect(),
            leaders: Vec::new(),
            step: Step::Find,
            home: None,
            id: None,
            sequences: [0; 2],
            correlation: 0,
            asked: None,
            number: 0,
            told: Vec::new(),
        }
    }

    pub fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) | Input::Timer(_) if !self.links.is_empty() => self.tick(now, out),
            Input::Opened { connection, .. } => {
                self.links.iter_mut().filter(|link| link.1 == Some(connection)).for_each(|link| link.2 = true);
            }
            Input::Closed { connection, .. } => self.lost(connection),
            Input::Frame { frame: Frame::Log { correlation, message }, .. } => self.hear(correlation, message),
            _ => {}
        }
    }

    fn lost(&mut self, connection: ConnectionId) {
        for link in self.links.iter_mut().filter(|link| link.1 == Some(connection)) {
            (link.1, link.2) = (None, false);
        }
        if self.asked.take_if(|asked| asked.0 == connection).is_some() && !matches!(self.step, Step::Write(_)) {
            self.step = Step::Find;
        }
    }

    fn tick(&mut self, now: Time, out: &mut Outputs) {
        out.set_periodic_timer(TimerId(0), now + PERIOD);
        if let Some((connection, ..)) = self.asked.filter(|asked| now.since(asked.2) > PATIENCE) {
            out.close(connection, Closed::Orderly);
            self.lost(connection);
        }
        for at in 0..self.links.len() {
            let (node, connection, is_open, since) = self.links[at];
            if let Some(connection) = connection.filter(|_| !is_open && now.since(since) > PATIENCE) {
                out.close(connection, Closed::Orderly);
                self.lost(connection);
            } else if connection.is_none() {
                self.links[at] = (node, Some(out.open(node)), false, now);
            }
        }
        if self.asked.is_none() && now > Time::from_millis(1_500) {
            self.say(now, out);
        }
    }

    fn to(&self, node: Option<NodeId>) -> Option<ConnectionId> {
        let link = self.links.iter().find(|link| link.2 && node.is_none_or(|node| node == link.0));
        link.and_then(|link| link.1)
    }

    fn say(&mut self, now: Time, out: &mut Outputs) {
        for connection in self.links.iter().filter(|link| link.2).filter_map(|link| link.1) {
            out.send(connection, Message::from(Client::Metadata).on(0), None);
        }
        let (transactional_id, producer) = (BANK, self.id.unwrap_or(ProducerId { number: 0, epoch: 0 }));
        let (node, message): (_, Message) = match self.step {
            Step::Find => (None, Group::FindCoordinator { key: BANK, is_transaction: true }.into()),
            Step::Identify => (self.home, Transaction::InitProducerId { transactional_id: Some(BANK) }.into()),
            Step::Begin if now > STOPS => return,
            Step::Begin => {
                let partitions = [topic(0), topic(1)].into();
                (self.home, Transaction::AddPartitions { transactional_id, producer, partitions }.into())
            }
            Step::Write(partition) => {
                let id = topic(partition);
                let leader = self.leaders.iter().find(|(known, _)| *known == id).and_then(|(_, leader)| *leader);
                let Some(leader) = leader else { return };
                (Some(leader), self.write(partition).into())
            }
            Step::End => {
                let is_commit = self.number.is_multiple_of(2);
                (self.home, Transaction::End { transactional_id, producer, is_commit }.into())
            }
        };
        let Some(connection) = self.to(node) else {
            if !matches!(self.step, Step::Write(_)) {
                self.step = Step::Find;
            }
            return;
        };
        self.correlation += 1;
        self.asked = Some((connection, self.correlation, now));
        out.send(connection, message.on(self.correlation), None);
    }

    fn write(&self, partition: u16) -> Client {
        let message = MessageId(self.number * 2 + u32::from(partition));
        let record =
            Record { copy: CopyId { message, attempt: 1, branch: 0 }, key: None, payload: Bytes::from_static(b"one") };
        let first = self.sequences[usize::from(partition)];
        let batch = Batch {
            first_offset: 0,
            leader_epoch: 0,
            sequence: self.id.map(|producer| Sequence { producer, first }),
            is_transactional: true,
            control: None,
            records: [record].into(),
        };
        let partitions = [ProducePartition { partition: topic(partition), batch }].into();
        Client::Produce { acks: Acks::All, timeout: Span::from_secs(2), partitions }
    }

    fn hear(&mut self, correlation: u32, message: Message) {
        if let Message::Client(Client::MetadataAnswer { partitions, .. }) = &message {
            self.leaders = partitions.iter().map(|info| (info.partition, info.leader)).collect();
        }
        if self.asked.take_if(|asked| asked.1 == correlation).is_none() {
            return;
        }
        self.step = match (self.step, message) {
            (Step::Find, Message::Group(Group::Coordinator { broker: Ok(node) })) => {
                self.home = Some(node);
                Step::Identify
            }
            (Step::Identify, Message::Transaction(Transaction::ProducerIdGiven { answer: Ok(id) })) => {
                self.id = Some(id);
                self.sequences = [0; 2];
                self.number = self.told.len() as u32;
                Step::Begin
            }
            (Step::Begin, Message::Transaction(Transaction::Answer { error: None })) => {
                self.told.push(None);
                Step::Write(0)
            }
            (Step::Write(partition), Message::Client(Client::Produced { partitions })) => match partitions[0].answer {
                Ok(_) => {
                    self.sequences[usize::from(partition)] += 1;
                    if partition == 0 { Step::Write(1) } else { Step::End }
                }
                Err(
                    Error::NotLeaderOrFollower
                    | Error::RequestTimedOut
                    | Error::NotEnoughReplicas
                    | Error::UnknownTopicOrPartition,
                ) => Step::Write(partition),
                Err(_) => Step::Find,
            },
            (Step::End, Message::Transaction(Transaction::Ended { answer: Ok(id) })) => {
                self.told[self.number as usize] = Some(self.number.is_multiple_of(2));
                if self.id != Some(id) {
                    self.sequences = [0; 2];
                }
                self.id = Some(id);
                self.number += 1;
                Step::Begin
            }
            (Step::Begin, Message::Transaction(Transaction::Answer { error: Some(Error::ConcurrentTransactions) })) => {
                Step::Begin
            }
            _ => Step::Find,
        };
    }
}
