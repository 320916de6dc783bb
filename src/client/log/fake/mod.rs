//! A small cluster for the bench: three brokers, one topic, logs that check the
//! numbers of idempotent producers as a leader does, and a coordinator that knows
//! one member and what the test tells it.

mod group;
mod share;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::event::{MessageId, NodeId};
use crate::protocol::Name;
use crate::protocol::fact::Fact;
use crate::protocol::log::{
    Acks, Assignment, Batch, Client, Error, FetchPartition, FetchedPartition, Member, MemberId, Message, PartitionInfo,
    ProducePartition, ProducedPartition, ProducerId, Record, TopicPartition, Transaction,
};
use crate::time::{Span, Time};

pub use share::FakeShare;

pub const TOPIC: Name = Name(5);
pub const GROUP: Name = Name(6);
pub const BROKERS: [NodeId; 3] = [NodeId(1), NodeId(2), NodeId(3)];

pub const fn place(partition: u16) -> TopicPartition {
    TopicPartition { topic: TOPIC, partition }
}

/// What becomes of a request.
pub enum Verdict {
    Answer(Message),
    AnswerAt(Time, Message),
    Silence,
    /// The connection breaks.
    Cut,
}

/// What the test has in store for a produce request.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Refuse(Error),
    /// It is carried out, and the answer is lost with the connection.
    LoseAnswer,
    /// It is lost with the connection.
    LoseRequest,
    /// Nothing.
    Good,
}

/// What a leader remembers of a producer: its epoch and its last batches.
type Remembered = (u16, VecDeque<(u32, u32, u64)>);
/// When, by whom, and the offsets by partition.
type Commit = (Time, Option<MemberId>, Vec<(u16, u64)>);

#[derive(Default)]
pub struct Fake {
    pub down: Vec<NodeId>,
    /// Brokers that take requests and do not answer.
    pub silent: Vec<NodeId>,
    /// The leader of each partition, and its epoch.
    pub leaders: Vec<(Option<NodeId>, u32)>,
    pub logs: Vec<Vec<Record>>,
    /// What an idempotent producer wrote last to a partition: its epoch and the
    /// last five (first number, count, offset).
    numbers: BTreeMap<(u16, u64), Remembered>,
    /// How long the answer to a produce request takes.
    pub latency: Span,
    /// For the next produce requests, in order.
    pub fates: VecDeque<Fate>,
    pub produced: Vec<(u16, Batch)>,
    pub producer_ids: u64,
    /// The newest that was given out.
    producer: Option<ProducerId>,
    /// No producer id is given out.
    pub no_ids: bool,
    pub ended: Vec<bool>,
    pub fence_producers: bool,
    /// The next question about a transaction finds its producer unknown.
    pub forgets_producer: bool,
    // The group.
    pub generation: u32,
    pub member: u64,
    /// Others that joined.
    pub others: Vec<Member>,
    /// The next heartbeat is answered with this.
    pub heartbeat: Option<Error>,
    pub assignments: Vec<(MemberId, Assignment)>,
    /// What the client gets, whatever the leader says.
    pub assign: Option<Vec<u16>>,
    pub committed: BTreeMap<u16, u64>,
    pub committed_epochs: BTreeMap<u16, u32>,
    /// Epochs after the first, of all partitions alike, and where they begin.
    pub epochs: Vec<(u32, u64)>,
    pub commits: Vec<Commit>,
    pub left: u32,
    pub log_start: u64,
    pub share: FakeShare,
}

impl Fake {
    /// Partition p is led by broker p + 1, modulo three.
    pub fn new(partitions: u16) -> Self {
        let leaders = (0..partitions).map(|partition| (Some(BROKERS[usize::from(partition % 3)]), 0)).collect();
        let logs = (0..partitions).map(|_| Vec::new()).collect();
        Self { leaders, logs, ..Self::default() }
    }

    /// Puts messages in a partition's log, each its own key.
    pub fn fill(&mut self, partition: u16, messages: impl IntoIterator<Item = u32>) {
        for message in messages {
            let fact = Fact { message: MessageId(message), key: message, version: 1 };
            let copy = crate::event::CopyId { message: fact.message, attempt: 1, branch: 0 };
            let payload = bytes::Bytes::copy_from_slice(&fact.encode());
            self.logs[usize::from(partition)].push(Record { copy, key: Some(message), payload });
        }
    }

    pub fn log(&self, partition: usize) -> Vec<u32> {
        self.logs[partition].iter().map(|record| record.copy.message.0).collect()
    }

    pub fn hear(&mut self, now: Time, broker: NodeId, message: Message) -> Verdict {
        if self.silent.contains(&broker) {
            return Verdict::Silence;
        }
        match message {
            Message::Client(message) => self.client(now, broker, message),
            Message::Group(message) => self.group(now, message),
            Message::Transaction(message) => self.transaction(message),
            Message::Share(message) => self.share.hear(now, &self.logs, message),
            other => panic!("not here: {other:?}"),
        }
    }

    fn client(&mut self, now: Time, broker: NodeId, message: Client) -> Verdict {
        match message {
            Client::Metadata => {
                let info = |(partition, (leader, leader_epoch)): (usize, &(Option<NodeId>, u32))| PartitionInfo {
                    partition: place(partition as u16),
                    leader: *leader,
                    leader_epoch: *leader_epoch,
                };
                let partitions: Arc<[PartitionInfo]> = self.leaders.iter().enumerate().map(info).collect();
                Verdict::Answer(Client::MetadataAnswer { brokers: BROKERS.into(), partitions }.into())
            }
            Client::Produce { acks, partitions, .. } => self.produce(now, broker, acks, &partitions),
            Client::Fetch { max_wait, partitions, .. } => {
                let fetched: Box<[_]> = partitions.iter().map(|asked| self.fetch(asked)).collect();
                let has_news = fetched.iter().any(|one| !one.batches.is_empty() || one.error.is_some());
                let answer = Client::Fetched { partitions: fetched }.into();
                if has_news { Verdict::Answer(answer) } else { Verdict::AnswerAt(now + max_wait, answer) }
            }
            Client::ListOffsets { partition, .. } => {
                let end = self.logs[usize::from(partition.partition)].len() as u64;
                Verdict::Answer(Client::OffsetsListed { partition, offsets: Ok((self.log_start, end)) }.into())
            }
            Client::OffsetForLeaderEpoch { partition, epoch, .. } => {
                let last = self.epochs.iter().rev().find(|(own, _)| *own <= epoch).map_or(0, |(own, _)| *own);
                let next = self.epochs.iter().find(|(own, _)| *own > epoch).map(|(_, start)| *start);
                let end = next.unwrap_or(self.logs[usize::from(partition.partition)].len() as u64);
                Verdict::Answer(Client::EpochEnd { partition, end: Ok((last, end)) }.into())
            }
            other => panic!("not here: {other:?}"),
        }
    }

    fn produce(&mut self, now: Time, broker: NodeId, acks: Acks, partitions: &[ProducePartition]) -> Verdict {
        let fate = self.fates.pop_front();
        if let Some(Fate::LoseRequest) = fate {
            return Verdict::Cut;
        }
        let mut answers = Vec::new();
        for ProducePartition { partition, batch } in partitions {
            let answer = match fate {
                Some(Fate::Refuse(error)) => Err(error),
                _ if self.leaders[usize::from(partition.partition)].0 != Some(broker) => {
                    Err(Error::NotLeaderOrFollower)
                }
                _ => self.append(partition.partition, batch),
            };
            self.produced.push((partition.partition, batch.clone()));
            answers.push(ProducedPartition { partition: *partition, answer });
        }
        let answer = Client::Produced { partitions: answers.into() }.into();
        match fate {
            Some(Fate::LoseAnswer) => Verdict::Cut,
            _ if acks == Acks::None => Verdict::Silence,
            _ if !self.latency.is_zero() => Verdict::AnswerAt(now + self.latency, answer),
            _ => Verdict::Answer(answer),
        }
    }

    /// As a leader does with numbered batches (`ProducerAppendInfo`).
    fn append(&mut self, partition: u16, batch: &Batch) -> Result<u64, Error> {
        let log = &mut self.logs[usize::from(partition)];
        let offset = log.len() as u64;
        if let Some(sequence) = batch.sequence {
            let ProducerId { number, epoch } = sequence.producer;
            let count = batch.records.len() as u32;
            let entry = self.numbers.entry((partition, number)).or_insert((epoch, VecDeque::new()));
            if epoch < entry.0 {
                return Err(Error::InvalidProducerEpoch);
            }
            if epoch > entry.0 {
                *entry = (epoch, VecDeque::new());
            }
            if let Some((.., at)) = entry.1.iter().find(|(first, size, _)| (*first, *size) == (sequence.first, count)) {
                return Ok(*at);
            }
            if entry.1.back().map_or(0, |(first, size, _)| first + size) != sequence.first {
                return Err(Error::OutOfOrderSequenceNumber);
            }
            entry.1.push_back((sequence.first, count, offset));
            if entry.1.len() > 5 {
                entry.1.pop_front();
            }
        }
        log.extend(batch.records.iter().cloned());
        Ok(offset)
    }

    fn fetch(&self, &FetchPartition { partition, offset, leader_epoch, .. }: &FetchPartition) -> FetchedPartition {
        let is_old = leader_epoch.is_some_and(|epoch| epoch < self.leaders[usize::from(partition.partition)].1);
        let log = &self.logs[usize::from(partition.partition)];
        let end = log.len() as u64;
        let is_outside = offset > end || offset < self.log_start;
        let mut batches: Vec<Arc<Batch>> = Vec::new();
        // Batches of three; a fetch may begin inside one.
        let mut first = offset / 3 * 3;
        while !is_outside && !is_old && first < end && offset < end {
            let next_epoch = self.epochs.iter().map(|(_, start)| *start).find(|start| *start > first);
            let last = (first + 3).min(end).min(next_epoch.unwrap_or(end));
            let leader_epoch = self.epochs.iter().rev().find(|(_, start)| *start <= first).map_or(0, |(own, _)| *own);
            let records = log[first as usize..last as usize].into();
            let batch = Batch {
                first_offset: first,
                leader_epoch,
                sequence: None,
                is_transactional: false,
                control: None,
                records,
            };
            batches.push(Arc::new(batch));
            first = last;
        }
        FetchedPartition {
            partition,
            error: match () {
                () if is_old => Some(Error::FencedLeaderEpoch),
                () => is_outside.then_some(Error::OffsetOutOfRange),
            },
            high_watermark: end,
            last_stable_offset: end,
            log_start: self.log_start,
            diverging: None,
            aborted: Box::default(),
            batches: batches.into(),
        }
    }

    /// As a coordinator does, for one transactional id: only the newest epoch may ask,
    /// and every end begins another.
    fn transaction(&mut self, message: Transaction) -> Verdict {
        let current = self.producer;
        let (fences, forgets) = (self.fence_producers, std::mem::take(&mut self.forgets_producer));
        let entitled = |producer| match fences || current != Some(producer) {
            _ if forgets => Err(Error::UnknownProducerId),
            true => Err(Error::ProducerFenced),
            false => Ok(producer),
        };
        Verdict::Answer(match message {
            Transaction::InitProducerId { .. } if self.no_ids => return Verdict::Silence,
            Transaction::InitProducerId { .. } => {
                self.producer_ids += 1;
                let producer = ProducerId { number: self.producer_ids, epoch: 0 };
                self.producer = Some(producer);
                let answer = if fences { Err(Error::ProducerFenced) } else { Ok(producer) };
                Transaction::ProducerIdGiven { answer }.into()
            }
            Transaction::AddPartitions { producer, .. } => {
                Transaction::Answer { error: entitled(producer).err() }.into()
            }
            Transaction::End { producer, is_commit, .. } => {
                let next = ProducerId { epoch: producer.epoch + 1, ..producer };
                let answer = entitled(producer).map(|_| next);
                if answer.is_ok() {
                    self.ended.push(is_commit);
                    self.producer = Some(next);
                }
                Transaction::Ended { answer }.into()
            }
            other => panic!("not here: {other:?}"),
        })
    }
}
