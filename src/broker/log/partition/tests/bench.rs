//! One broker with one replica on a disk, and words to speak to it.

use std::sync::Arc;

use bytes::Bytes;

use super::disk::Disk;
use crate::broker::log::partition::{Appended, Effect, Effects, Options, Replica};
use crate::event::{CopyId, Kind, MessageId, NodeId};
use crate::node::{Input, Outputs};
use crate::protocol::Name;
use crate::protocol::log::{
    Acks, Batch, Control, Error, FetchPartition, FetchedPartition, Isolation, IsrChange, Partition, ProducerId, Record,
    RecoveryState, ReplicaState, Sequence, TopicPartition,
};
use crate::time::{Span, Time};

pub const HERE: TopicPartition = TopicPartition { topic: Name(7), partition: 0 };
pub const FIRST_FILE: u32 = 100;

#[derive(Clone, Debug)]
pub struct Bench {
    pub replica: Replica,
    pub disk: Disk,
    pub now: Time,
    pub options: Options,
    /// What the replica asked for and nobody has looked at.
    pub effects: Effects,
    out: Outputs,
}

pub fn options() -> Options {
    Options { retention: None, segment_bytes: 400, ..Options::default() }
}

/// What the metadata log says, with replicas 0, 1 and 2.
pub fn state(leader: Option<u16>, leader_epoch: u32, partition_epoch: u32, in_sync: &[u16]) -> Partition {
    Partition {
        replicas: [0, 1, 2].map(NodeId).into(),
        in_sync: in_sync.iter().map(|node| NodeId(*node)).collect(),
        eligible: Arc::default(),
        last_known_leader: None,
        leader: leader.map(NodeId),
        leader_epoch,
        partition_epoch,
        recovery: RecoveryState::Recovered,
    }
}

/// A batch with these messages, from nobody in particular.
pub fn batch(messages: impl IntoIterator<Item = u32>) -> Batch {
    let record = |message| Record {
        copy: CopyId { message: MessageId(message), attempt: 1, branch: 0 },
        key: None,
        payload: Bytes::from_static(b"twelve bytes"),
    };
    Batch {
        first_offset: 0,
        leader_epoch: 0,
        sequence: None,
        is_transactional: false,
        control: None,
        records: messages.into_iter().map(record).collect(),
    }
}

pub fn by((number, epoch): (u64, u16), first: u32, batch: Batch) -> Batch {
    Batch { sequence: Some(Sequence { producer: ProducerId { number, epoch }, first }), ..batch }
}

pub fn in_transaction(producer: (u64, u16), first: u32, messages: impl IntoIterator<Item = u32>) -> Batch {
    Batch { is_transactional: true, ..by(producer, first, batch(messages)) }
}

/// The end of what a producer has written in its epoch: the marker has the next.
pub fn marker((number, epoch): (u64, u16), control: Control) -> Batch {
    Batch { control: Some(control), ..by((number, epoch + 1), 0, batch([])) }
}

pub fn consumer_asks(offset: u64) -> FetchPartition {
    FetchPartition { partition: HERE, offset, leader_epoch: None, last_epoch: None, high_watermark: 0 }
}

/// The messages of an answer, with their offsets.
pub fn messages(answer: &FetchedPartition) -> Vec<(u64, u32)> {
    let of = |batch: &Arc<Batch>| {
        let first = batch.first_offset;
        let with_offset = |(place, record): (usize, &Record)| (first + place as u64, record.copy.message.0);
        batch.records.iter().enumerate().map(with_offset).collect::<Vec<_>>()
    };
    answer.batches.iter().flat_map(of).collect()
}

impl Bench {
    /// A broker that has just started with nothing.
    pub fn new(me: u16, options: Options) -> Self {
        let mut bench = Self {
            replica: Replica::new(HERE, NodeId(me), FIRST_FILE, options),
            disk: Disk::default(),
            now: Time::ZERO,
            options,
            effects: Effects::new(),
            out: Outputs::default(),
        };
        bench.start();
        bench
    }

    pub fn act<T>(&mut self, act: impl FnOnce(&mut Replica, Time, &mut Outputs, &mut Effects) -> T) -> T {
        let result = act(&mut self.replica, self.now, &mut self.out, &mut self.effects);
        self.disk.carry_out(&mut self.out);
        result
    }

    /// Begins a process: only the files are what they were.
    pub fn start(&mut self) {
        self.replica = Replica::new(HERE, self.replica.me, FIRST_FILE, self.options);
        self.effects.clear();
        let files = self.disk.list();
        self.act(|replica, now, out, effects| replica.start(&files, now, out, effects));
        for broker in 0..3 {
            self.replica.broker_changed(NodeId(broker), 1, false);
        }
        while self.replica.is_recovering() {
            assert!(self.hear_disk(), "recovery waits for the disk");
        }
    }

    /// Hands the replica the next word of its disk.
    pub fn hear_disk(&mut self) -> bool {
        let Some(input) = self.disk.next() else { return false };
        let is_own = self.act(|replica, now, out, effects| replica.handle(now, &input, out, effects));
        assert!(is_own, "{input:?}");
        true
    }

    pub fn settle(&mut self) {
        while self.hear_disk() {}
    }

    pub fn lead(&mut self, state: &Partition) {
        self.act(|replica, now, out, effects| replica.lead(now, state, out, effects));
    }

    pub fn follow(&mut self, state: &Partition) {
        self.act(|replica, now, out, effects| replica.follow(now, state, out, effects));
    }

    /// Appends, and lets the disk write it.
    pub fn produce(&mut self, batch: Batch, acks: Acks) -> Result<Appended, Error> {
        let appended = self.act(|replica, now, out, effects| replica.produce(now, batch, acks, out, effects));
        self.settle();
        appended
    }

    pub fn read(&self, offset: u64, isolation: Isolation) -> FetchedPartition {
        self.replica.read(&consumer_asks(offset), isolation, u32::MAX)
    }

    /// A follower that has everything below `offset` fetches.
    pub fn follower_has(&mut self, follower: u16, offset: u64) -> FetchedPartition {
        let asked = FetchPartition { leader_epoch: Some(self.replica.leader_epoch()), ..consumer_asks(offset) };
        self.follower_asks(follower, &asked)
    }

    pub fn follower_asks(&mut self, follower: u16, asked: &FetchPartition) -> FetchedPartition {
        let follower = ReplicaState { replica: NodeId(follower), broker_epoch: 1 };
        self.act(|replica, now, out, effects| replica.follower_fetch(now, follower, asked, u32::MAX, out, effects))
    }

    /// Fetches from `leader` until there is nothing more to fetch.
    pub fn catch_up(&mut self, leader: &mut Self) {
        for _ in 0..100 {
            let asked = self.replica.next_fetch().expect("a follower");
            let answer = leader.follower_asks(self.replica.me.0, &asked);
            assert!(answer.error.is_none_or(|error| error == Error::OffsetOutOfRange), "{:?}", answer.error);
            let is_news = answer.error.is_some() || answer.diverging.is_some() || !answer.batches.is_empty();
            self.act(|replica, now, out, effects| replica.fetched(now, &asked, answer, out, effects));
            self.settle();
            if !is_news {
                return;
            }
        }
        panic!("it never catches up");
    }

    pub fn wait(&mut self, span: Span) {
        self.now += span;
        self.act(|replica, now, out, effects| replica.time_passed(now, out, effects));
        self.settle();
    }

    /// The proposal that waits for the controller, if any.
    pub fn proposal(&mut self) -> Option<IsrChange> {
        let mut found = self.effects.drain(..).filter_map(|effect| match effect {
            Effect::ProposeIsr(change) => Some(change),
            _ => None,
        });
        found.next_back()
    }

    pub fn isr_answer(&mut self, proposed: u32, answer: Result<Partition, Error>) {
        self.act(|replica, now, out, effects| replica.isr_answer(now, proposed, answer, out, effects));
    }

    /// All messages in the log, in order.
    pub fn log(&self) -> Vec<u32> {
        let mut log = Vec::new();
        self.replica.records(0, &mut |copy, _| log.push(copy.message.0));
        log
    }

    pub fn noted(&self, kind: Kind) -> Vec<u32> {
        self.disk.notes.iter().filter(|note| note.0 == kind).map(|note| note.1.0).collect()
    }
}

/// A leader of an epoch with all three in sync, and followers that have heard of it.
pub fn three(options: Options) -> [Bench; 3] {
    let mut all = [0, 1, 2].map(|me| Bench::new(me, options));
    let state = state(Some(0), 1, 1, &[0, 1, 2]);
    all[0].lead(&state);
    all[1].follow(&state);
    all[2].follow(&state);
    all
}
