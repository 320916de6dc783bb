//! A producer without virtues: it sends one record at a time to each partition, and
//! sends it again until it is answered. Message `m` goes to partition `m % n`.

use std::sync::Arc;

use bytes::Bytes;

use super::town::TOPIC;
use crate::event::{Closed, CopyId, MessageId, NodeId};
use crate::node::{ConnectionId, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::protocol::log::{
    Acks, Batch, Client, Error, Message, ProducePartition, ProducerId, Record, Sequence, TopicPartition, Transaction,
};
use crate::time::{Span, Time};

const TICK: TimerId = TimerId(0);
const PERIOD: Span = Span::from_millis(20);
/// How long it waits for an answer.
const PATIENCE: Span = Span::from_secs(3);

#[derive(Clone, Debug)]
pub struct Writer {
    pub acks: Acks,
    pub messages: u32,
    pub partitions: u16,
    pub begins: Time,
    pub interval: Span,
    pub is_idempotent: bool,
    /// How long the broker may wait for followers.
    pub timeout: Span,
    /// A connection to each broker, whether it is open, since when it is asked for.
    links: Vec<(NodeId, Option<ConnectionId>, bool, Time)>,
    id: Option<ProducerId>,
    /// A broker was asked for it.
    id_asked: Option<Time>,
    correlation: u32,
    lanes: Vec<Lane>,
    leaders: Vec<(TopicPartition, Option<NodeId>)>,
    /// What was told: copy, offset, when.
    pub ok: Vec<(MessageId, u16, u64, Time)>,
    pub errors: Vec<(Error, Time)>,
}

#[derive(Clone, Debug, Default)]
struct Lane {
    next: u32,
    sequence: u32,
    attempt: u16,
    /// To whom, under which number, since when.
    asked: Option<(ConnectionId, u32, Time)>,
    not_before: Time,
}

impl Writer {
    pub fn new(brokers: &Arc<[NodeId]>, partitions: u16, messages: u32, acks: Acks) -> Self {
        Self {
            links: brokers.iter().map(|node| (*node, None, false, Time::ZERO)).collect(),
            acks,
            messages,
            partitions,
            begins: Time::from_millis(1500),
            interval: Span::from_millis(100),
            is_idempotent: true,
            timeout: Span::from_secs(2),
            id: None,
            id_asked: None,
            correlation: 0,
            lanes: (0..partitions).map(|at| Lane { next: u32::from(at), ..Lane::default() }).collect(),
            leaders: Vec::new(),
            ok: Vec::new(),
            errors: Vec::new(),
        }
    }

    pub fn is_done(&self) -> bool {
        self.lanes.iter().all(|lane| lane.next >= self.messages)
    }

    pub fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => out.set_timer(TICK, self.begins),
            Input::Timer(_) => self.tick(now, out),
            Input::Opened { connection, .. } => {
                for link in &mut self.links {
                    link.2 |= link.1 == Some(connection);
                }
                self.send(connection, Client::Metadata.into(), None, out);
            }
            Input::Closed { connection, .. } => self.lost(connection),
            Input::Frame { frame: Frame::Log { correlation, message }, .. } => self.answered(correlation, message, now),
            _ => {}
        }
    }

    fn send(&mut self, connection: ConnectionId, message: Message, about: Option<CopyId>, out: &mut Outputs) -> u32 {
        self.correlation += 1;
        out.send(connection, message.on(self.correlation), about);
        self.correlation
    }

    fn lost(&mut self, connection: ConnectionId) {
        for link in self.links.iter_mut().filter(|link| link.1 == Some(connection)) {
            (link.1, link.2) = (None, false);
        }
        for lane in &mut self.lanes {
            lane.asked.take_if(|asked| asked.0 == connection);
        }
        self.id_asked = None;
    }

    fn tick(&mut self, now: Time, out: &mut Outputs) {
        if self.is_done() {
            return;
        }
        out.set_timer(TICK, now + PERIOD);
        let slow = self.lanes.iter().filter_map(|lane| lane.asked).find(|asked| now.since(asked.2) > PATIENCE);
        if let Some((connection, ..)) = slow {
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
        let open: Vec<_> = self.links.iter().filter(|link| link.2).map(|link| (link.0, link.1)).collect();
        if self.is_idempotent && self.id.is_none() {
            if self.id_asked.is_none_or(|asked| now.since(asked) > PATIENCE)
                && let Some((_, Some(connection))) = open.first().copied()
            {
                self.id_asked = Some(now);
                let ask = Transaction::InitProducerId { transactional_id: None };
                self.send(connection, ask.into(), None, out);
            }
            return;
        }
        if now.as_millis() % 200 < 20 {
            for connection in open.iter().filter_map(|(_, connection)| *connection) {
                self.send(connection, Client::Metadata.into(), None, out);
            }
        }
        for lane in 0..self.partitions {
            self.write(lane, &open, now, out);
        }
    }

    fn write(&mut self, number: u16, open: &[(NodeId, Option<ConnectionId>)], now: Time, out: &mut Outputs) {
        let lane = &self.lanes[usize::from(number)];
        let due = self.begins + self.interval.times(u64::from(lane.next));
        if lane.next >= self.messages || lane.asked.is_some() || lane.not_before > now || due > now {
            return;
        }
        let partition = TopicPartition { topic: TOPIC, partition: number };
        let leader = self.leaders.iter().find(|(known, _)| *known == partition).and_then(|(_, leader)| *leader);
        let Some(connection) = open.iter().find(|(node, _)| Some(*node) == leader).and_then(|it| it.1) else { return };
        let copy = CopyId { message: MessageId(lane.next), attempt: lane.attempt + 1, branch: 0 };
        let sequence = self.id.map(|producer| Sequence { producer, first: lane.sequence });
        let record = Record { copy, key: None, payload: Bytes::from_static(b"a fact") };
        let batch = Batch {
            first_offset: 0,
            leader_epoch: 0,
            sequence,
            is_transactional: false,
            control: None,
            records: [record].into(),
        };
        let request = Client::Produce {
            acks: self.acks,
            timeout: self.timeout,
            partitions: [ProducePartition { partition, batch }].into(),
        };
        let correlation = self.send(connection, request.into(), Some(copy), out);
        let acks = self.acks;
        let lane = &mut self.lanes[usize::from(number)];
        lane.attempt += 1;
        if acks == Acks::None {
            lane.next_message(self.partitions);
        } else {
            lane.asked = Some((connection, correlation, now));
        }
    }

    fn answered(&mut self, correlation: u32, message: Message, now: Time) {
        match message {
            Message::Client(Client::MetadataAnswer { partitions, .. }) => {
                for info in partitions.iter() {
                    match self.leaders.iter_mut().find(|(known, _)| *known == info.partition) {
                        Some(known) => known.1 = info.leader,
                        None => self.leaders.push((info.partition, info.leader)),
                    }
                }
            }
            Message::Transaction(Transaction::ProducerIdGiven { answer }) => {
                self.id = self.id.or(answer.ok());
            }
            Message::Client(Client::Produced { partitions }) => {
                let produced = &partitions[0];
                let lane = &mut self.lanes[usize::from(produced.partition.partition)];
                if lane.asked.is_none_or(|asked| asked.1 != correlation) {
                    return;
                }
                lane.asked = None;
                match produced.answer {
                    Ok(offset) => {
                        self.ok.push((MessageId(lane.next), produced.partition.partition, offset, now));
                        lane.next_message(self.partitions);
                    }
                    Err(error) => {
                        self.errors.push((error, now));
                        lane.not_before = now + Span::from_millis(100);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Lane {
    fn next_message(&mut self, partitions: u16) {
        self.next += u32::from(partitions);
        self.sequence += 1;
        self.attempt = 0;
    }
}
