//! Fetches, of consumers and of followers. One that finds less than it wants waits
//! for more, up to its limit. A consumer's waits for the high watermark, a
//! follower's for the log end; news of the high watermark alone wake no follower
//! (since 2.6), so it learns them up to half a second later when nothing is sent.
//!
//! Source: `ReplicaManager.fetchMessages`, `DelayedFetch`. A consumer that asks for
//! an offset above the high watermark, as it may after a change of leaders, waits
//! here like one that asks for the next; Kafka answers it at once, with nothing.

use super::LogBroker;
use crate::event::{CopyId, Kind};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::log::{Client, Error, FetchPartition, FetchedPartition, Isolation, ReplicaState, TopicPartition};
use crate::time::Time;

/// `max.partition.fetch.bytes`, `replica.fetch.max.bytes`.
pub(super) const PARTITION_BYTES: u32 = 1 << 20;
/// What a record takes besides its payload, about.
const RECORD_BYTES: u32 = 20;

/// Who fetches, and how.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    pub connection: ConnectionId,
    pub correlation: u32,
    pub replica: Option<ReplicaState>,
    /// Until when it may wait.
    pub deadline: Time,
    pub min_bytes: u32,
    pub isolation: Isolation,
    pub partitions: Box<[FetchPartition]>,
}

impl LogBroker {
    pub(super) fn fetch(&mut self, fetch: Fetch, now: Time, out: &mut Outputs) {
        let mut answers = Vec::with_capacity(fetch.partitions.len());
        for asked in &fetch.partitions {
            answers.push(match self.seats.find(&self.options, asked.partition) {
                None => refused(asked.partition, self.why_not_here(asked.partition)),
                Some(at) => match fetch.replica {
                    None => self.seats.list[at].replica.read(asked, fetch.isolation, PARTITION_BYTES),
                    Some(replica) => {
                        let seat = &mut self.seats.list[at].replica;
                        let answer = seat.follower_fetch(now, replica, asked, PARTITION_BYTES, out, &mut self.effects);
                        self.absorb(at, now, out);
                        answer
                    }
                },
            });
        }
        let is_urgent = |answer: &FetchedPartition| answer.error.is_some() || answer.diverging.is_some();
        if fetch.deadline <= now
            || fetch.partitions.is_empty()
            || answers.iter().any(is_urgent)
            || bytes_of(&answers) >= fetch.min_bytes.max(1)
        {
            return self.answer_fetch(&fetch, answers, out);
        }
        self.fetches.push(fetch);
    }

    /// A replica has news: fetches that wait for it may have their answer.
    pub(super) fn look_at_fetches(&mut self, at: usize, out: &mut Outputs) {
        let partition = self.seats.list[at].replica.id();
        let mut index = 0;
        while index < self.fetches.len() {
            let fetch = &self.fetches[index];
            let asked = fetch.partitions.iter().find(|asked| asked.partition == partition);
            if !asked.is_some_and(|asked| self.is_ripe(at, fetch, asked)) {
                index += 1;
                continue;
            }
            let answers = self.read_for(fetch);
            if fetch.min_bytes > 1
                && answers.iter().all(|answer| answer.error.is_none())
                && bytes_of(&answers) < fetch.min_bytes
            {
                index += 1;
                continue;
            }
            let fetch = self.fetches.remove(index);
            self.answer_fetch(&fetch, answers, out);
        }
    }

    /// Whether there is something to say about one partition of a fetch.
    fn is_ripe(&self, at: usize, fetch: &Fetch, asked: &FetchPartition) -> bool {
        let replica = &self.seats.list[at].replica;
        if !replica.is_leader() || asked.leader_epoch.is_some_and(|epoch| epoch != replica.leader_epoch()) {
            return true;
        }
        let end = match (fetch.replica, fetch.isolation) {
            (Some(_), _) => replica.log_end(),
            (None, Isolation::ReadUncommitted) => replica.high_watermark(),
            (None, Isolation::ReadCommitted) => replica.last_stable_offset(),
        };
        asked.offset < end
    }

    /// What there is for a fetch that has waited.
    fn read_for(&self, fetch: &Fetch) -> Vec<FetchedPartition> {
        let read = |asked: &FetchPartition| match self.seats.find(&self.options, asked.partition) {
            None => refused(asked.partition, self.why_not_here(asked.partition)),
            Some(at) => {
                let replica = &self.seats.list[at].replica;
                match fetch.replica {
                    None => replica.read(asked, fetch.isolation, PARTITION_BYTES),
                    Some(follower) => replica.read_for_follower(follower, asked, PARTITION_BYTES),
                }
            }
        };
        fetch.partitions.iter().map(read).collect()
    }

    pub(super) fn fetches_time_out(&mut self, now: Time, out: &mut Outputs) {
        while let Some(at) = self.fetches.iter().position(|fetch| fetch.deadline <= now) {
            let fetch = self.fetches.remove(at);
            let answers = self.read_for(&fetch);
            self.answer_fetch(&fetch, answers, out);
        }
    }

    pub(super) fn fetches_due(&self) -> Option<Time> {
        self.fetches.iter().map(|fetch| fetch.deadline).min()
    }

    fn answer_fetch(&mut self, fetch: &Fetch, answers: Vec<FetchedPartition>, out: &mut Outputs) {
        if !self.connections.is_open(fetch.connection) {
            return;
        }
        if fetch.replica.is_none() {
            for (asked, answer) in fetch.partitions.iter().zip(&answers) {
                note_delivered(asked, answer, out);
            }
        }
        let about = first_copy(&answers);
        let partitions = answers.into_boxed_slice();
        self.connections.answer(fetch.connection, fetch.correlation, Client::Fetched { partitions }, about, out);
    }

    /// Why a request for a partition of which this broker has no replica fails.
    pub(super) fn why_not_here(&self, partition: TopicPartition) -> Error {
        match self.image.partition(partition) {
            Some(_) => Error::NotLeaderOrFollower,
            None => Error::UnknownTopicOrPartition,
        }
    }
}

/// A batch may begin before the offset that was asked for; a consumer skips those.
fn note_delivered(asked: &FetchPartition, answer: &FetchedPartition, out: &mut Outputs) {
    for batch in &answer.batches {
        for (offset, record) in (batch.first_offset..).zip(batch.records.iter()) {
            if offset >= asked.offset {
                out.note(Kind::Delivered { redelivered: false }, Some(record.copy));
            }
        }
    }
}

fn first_copy(answers: &[FetchedPartition]) -> Option<CopyId> {
    let batches = answers.iter().flat_map(|answer| answer.batches.iter());
    batches.flat_map(|batch| batch.records.first()).next().map(|record| record.copy)
}

fn bytes_of(answers: &[FetchedPartition]) -> u32 {
    let batches = answers.iter().flat_map(|answer| answer.batches.iter());
    let of = |payload: usize| RECORD_BYTES.saturating_add(payload as u32);
    let bytes = batches.map(|batch| {
        let records = batch.records.iter().map(|record| of(record.payload.len()));
        records.fold(RECORD_BYTES, u32::saturating_add)
    });
    bytes.fold(0, u32::saturating_add)
}

pub(super) fn refused(partition: TopicPartition, error: Error) -> FetchedPartition {
    FetchedPartition {
        partition,
        error: Some(error),
        high_watermark: 0,
        last_stable_offset: 0,
        log_start: 0,
        diverging: None,
        aborted: Box::default(),
        batches: Box::default(),
    }
}
