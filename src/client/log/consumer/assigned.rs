//! The partitions that a consumer may read now: how far it is in each, and what it
//! has fetched ahead.
//!
//! An offset alone does not say what was read there. A leader that is elected
//! uncleanly, or that has lost what it had not synced, cuts the log and writes other
//! records at the same offsets; a consumer that has read on would wait ahead of the
//! log, or skip what was written meanwhile. So a position has the epoch of the last
//! record read, and with every new leader it is asked where that epoch ended
//! (KIP-320).

use std::collections::VecDeque;

use super::tracker::Tracker;
use crate::event::{CopyId, NodeId};
use crate::flaw::{self, Flaw};
use crate::protocol::fact::Fact;
use crate::protocol::log::{Batch, Control, FetchedPartition, Isolation, TopicPartition};

/// A record that was fetched and that no `poll()` has returned.
#[derive(Clone, Copy, Debug)]
pub struct Arrived {
    pub offset: u64,
    pub leader_epoch: u32,
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
    /// There is one, and another leader: whether its log has what was read is to be
    /// asked, or is being asked.
    Unvalidated,
    ValidationAsked,
    Known,
}

/// The next record to read, and in which epoch of its leader the last one before it
/// was written, if that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub offset: u64,
    pub leader_epoch: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct Assigned {
    pub partition: TopicPartition,
    pub start: Start,
    /// The next record that `poll()` returns.
    pub position: Position,
    /// The next record to fetch.
    pub fetch_at: Position,
    /// Whose log that is a position in, and in which epoch of it.
    pub leader: Option<(NodeId, u32)>,
    pub arrived: VecDeque<Arrived>,
    pub is_fetching: bool,
    /// The offset that is to be committed next, with librdkafka's way.
    pub stored: Option<Position>,
    /// The last one that was committed.
    pub committed: Option<Position>,
    pub tracker: Tracker,
}

impl Assigned {
    pub fn new(partition: TopicPartition) -> Self {
        Self {
            partition,
            start: Start::Unknown,
            position: Position::default(),
            fetch_at: Position::default(),
            leader: None,
            arrived: VecDeque::new(),
            is_fetching: false,
            stored: None,
            committed: None,
            tracker: Tracker::default(),
        }
    }

    /// Reads on from an offset.
    pub fn begin_at(&mut self, offset: u64, leader_epoch: Option<u32>) {
        self.position = Position { offset, leader_epoch };
        self.tracker.seek(offset);
        self.begin_anew();
        self.leader = None;
    }

    /// Goes back to the position, and forgets what was fetched ahead.
    fn begin_anew(&mut self) {
        self.start = Start::Known;
        self.fetch_at = self.position;
        self.arrived.clear();
    }

    /// Takes note of the partition's leader. The log of another one, or of the same
    /// one in a new epoch, may have been cut below the position.
    pub fn is_led_by(&mut self, leader: (NodeId, u32)) {
        let has_position = matches!(self.start, Start::Known | Start::Unvalidated | Start::ValidationAsked);
        if !has_position || self.leader == Some(leader) {
            return;
        }
        self.leader = Some(leader);
        if self.position.leader_epoch.is_some() && !flaw::is_on(Flaw::PositionNotValidated) {
            self.begin_anew();
            self.start = Start::Unvalidated;
        }
    }

    /// The leader's log ends the epoch of the last record read at `end`. Below the
    /// position: it was cut, and what stands there now was never read.
    pub fn validated(&mut self, (leader_epoch, end): (u32, u64)) -> bool {
        let is_cut = end < self.position.offset;
        if is_cut {
            self.position = Position { offset: end, leader_epoch: Some(leader_epoch) };
            self.tracker.seek(end);
        }
        self.begin_anew();
        is_cut
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
            if batch.end_offset() > self.fetch_at.offset {
                self.fetch_at = Position { offset: batch.end_offset(), leader_epoch: Some(batch.leader_epoch) };
            }
        }
        if self.arrived.is_empty() {
            self.position = self.fetch_at;
        }
    }

    fn append(&mut self, batch: &Batch) {
        for (offset, record) in (batch.first_offset..).zip(batch.records.iter()) {
            if offset >= self.fetch_at.offset {
                let fact = Fact::decode(&record.payload);
                let key = record.key.or(fact.map(|fact| fact.key)).unwrap_or_default();
                let leader_epoch = batch.leader_epoch;
                self.arrived.push_back(Arrived { offset, leader_epoch, copy: record.copy, key, fact });
            }
        }
    }

    /// The next record, for a `poll()` that returns it.
    pub fn next(&mut self) -> Option<Arrived> {
        let arrived = self.arrived.pop_front()?;
        let next = Position { offset: arrived.offset + 1, leader_epoch: Some(arrived.leader_epoch) };
        self.position = if self.arrived.is_empty() { self.fetch_at } else { next };
        self.tracker.returned(arrived.offset, arrived.copy);
        Some(arrived)
    }
}
