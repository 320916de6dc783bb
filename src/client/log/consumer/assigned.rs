//! The partitions that a consumer may read now: how far it is in each, and what it
//! has fetched ahead.

use std::collections::VecDeque;

use super::tracker::Tracker;
use crate::event::CopyId;
use crate::protocol::fact::Fact;
use crate::protocol::log::{Batch, Control, FetchedPartition, Isolation, TopicPartition};

/// A record that was fetched and that no `poll()` has returned.
#[derive(Clone, Copy, Debug)]
pub struct Arrived {
    pub offset: u64,
    pub copy: CopyId,
    /// What a lane is chosen by.
    pub key: u32,
    /// `None` if the payload is no fact.
    pub fact: Option<Fact>,
}

/// Where a partition is to be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The committed offset is to be asked for; or it is being asked for.
    Unknown,
    Asked,
    /// There is none, or it is out of range.
    Reset,
    ResetAsked,
    Known,
}

#[derive(Clone, Debug)]
pub struct Assigned {
    pub partition: TopicPartition,
    pub start: Start,
    /// The next record that `poll()` returns.
    pub position: u64,
    /// The next record to fetch.
    pub fetch_at: u64,
    pub arrived: VecDeque<Arrived>,
    pub is_fetching: bool,
    /// The offset that is to be committed next, with librdkafka's way.
    pub stored: Option<u64>,
    /// The last one that was committed.
    pub committed: Option<u64>,
    pub tracker: Tracker,
}

impl Assigned {
    pub fn new(partition: TopicPartition) -> Self {
        Self {
            partition,
            start: Start::Unknown,
            position: 0,
            fetch_at: 0,
            arrived: VecDeque::new(),
            is_fetching: false,
            stored: None,
            committed: None,
            tracker: Tracker::default(),
        }
    }

    /// Reads on from `offset`.
    pub fn begin_at(&mut self, offset: u64) {
        self.start = Start::Known;
        self.position = offset;
        self.fetch_at = offset;
        self.arrived.clear();
        self.tracker.seek(offset);
    }

    /// Takes in what was fetched. What begins before the position is left out, and
    /// so are markers of transactions and, for some readers, aborted records.
    pub fn take_in(&mut self, fetched: &FetchedPartition, isolation: Isolation) {
        let mut aborted: Vec<(u64, u64)> = Vec::new();
        if isolation == Isolation::ReadCommitted {
            aborted.extend(&*fetched.aborted);
        }
        // Producers whose aborted transaction has begun and not ended.
        let mut open: Vec<u64> = Vec::new();
        for batch in &fetched.batches {
            let number = batch.sequence.map(|sequence| sequence.producer.number);
            aborted.retain(|(producer, first)| {
                let has_begun = *first < batch.end_offset();
                if has_begun {
                    open.push(*producer);
                }
                !has_begun
            });
            match batch.control {
                Some(Control::Abort) => open.retain(|producer| Some(*producer) != number),
                Some(Control::Commit) => {}
                None if batch.is_transactional && number.is_some_and(|number| open.contains(&number)) => {}
                None => self.append(batch),
            }
            self.fetch_at = self.fetch_at.max(batch.end_offset());
        }
        if self.arrived.is_empty() {
            self.position = self.fetch_at;
        }
    }

    fn append(&mut self, batch: &Batch) {
        for (offset, record) in (batch.first_offset..).zip(batch.records.iter()) {
            if offset >= self.fetch_at {
                let fact = Fact::decode(&record.payload);
                let key = record.key.or(fact.map(|fact| fact.key)).unwrap_or_default();
                self.arrived.push_back(Arrived { offset, copy: record.copy, key, fact });
            }
        }
    }

    /// The next record, for a `poll()` that returns it.
    pub fn next(&mut self) -> Option<Arrived> {
        let arrived = self.arrived.pop_front()?;
        self.position = if self.arrived.is_empty() { self.fetch_at } else { arrived.offset + 1 };
        self.tracker.returned(arrived.offset, arrived.copy);
        Some(arrived)
    }
}
