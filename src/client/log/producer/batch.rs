//! Batches of one partition: those that wait to be sent, and those in flight.
//!
//! An idempotent producer numbers the records of a partition as it first sends
//! them, and a batch keeps its numbers however often it is sent. A batch that
//! failed goes back to the front of the queue, in the order of its numbers; and
//! while one waits to be sent again, only the first unanswered one may go. That is
//! how five requests in flight keep their order. Without numbers a failed batch
//! simply goes to the front, and what was in flight behind it has overtaken it.
//!
//! Source: `RecordAccumulator`, `TransactionManager`, `TxnPartitionEntry`.

use std::collections::VecDeque;

use crate::flaw::{self, Flaw};
use crate::protocol::log::{ProducerId, Sequence};
use crate::time::Time;

/// Records that are sent together, by their places in the workload.
#[derive(Clone, Debug)]
pub struct Batch {
    pub id: u64,
    pub records: Vec<u32>,
    pub created: Time,
    /// How often it was sent.
    pub attempts: u16,
    /// It may not be sent before.
    pub not_before: Time,
    pub sequence: Option<Sequence>,
    /// Its numbers were given anew, so that old answers say nothing.
    pub is_renumbered: bool,
    /// Some attempt went unanswered, or was answered with a doubt.
    pub is_doubtful: bool,
}

impl Batch {
    pub const fn new(id: u64, created: Time) -> Self {
        Self {
            id,
            records: Vec::new(),
            created,
            attempts: 0,
            not_before: Time::ZERO,
            sequence: None,
            is_renumbered: false,
            is_doubtful: false,
        }
    }

    const fn first(&self) -> Option<u32> {
        match self.sequence {
            Some(sequence) => Some(sequence.first),
            None => None,
        }
    }

    fn last(&self) -> Option<u32> {
        self.first().map(|first| first + self.records.len() as u32 - 1)
    }
}

/// The batches of one partition.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// To be sent, those that failed first.
    pub queue: VecDeque<Batch>,
    /// Sent and not answered.
    pub in_flight: VecDeque<Batch>,
    /// Under which id and epoch the records are numbered.
    producer: Option<ProducerId>,
    next: u32,
    last_acknowledged: Option<u32>,
    /// A batch was given up after it had been sent: whether the broker has its
    /// numbers is open until all others are answered. The number after its last.
    unresolved: Option<u32>,
    /// The numbers are to begin anew, in a new epoch.
    pub wants_epoch: bool,
}

impl Lane {
    /// Batches that have numbers and no answer.
    fn numbered(&self) -> impl Iterator<Item = &Batch> {
        self.in_flight.iter().chain(&self.queue).filter(|batch| batch.sequence.is_some())
    }

    /// Whether the order of numbers lets the first waiting batch go.
    pub fn may_send(&self, producer: ProducerId) -> bool {
        let Some(first) = self.queue.front() else { return false };
        match first.first() {
            None => {
                let is_stale = self.producer != Some(producer) && self.numbered().next().is_some();
                !is_stale && self.unresolved.is_none()
            }
            Some(_) if flaw::is_on(Flaw::ResendOutOfOrder) => true,
            Some(number) => self.numbered().filter_map(Batch::first).min() == Some(number),
        }
    }

    /// Takes the first waiting batch to be sent, numbered if `producer` numbers.
    pub fn take(&mut self, producer: Option<ProducerId>) -> Option<Batch> {
        let mut batch = self.queue.pop_front()?;
        if let (Some(producer), None) = (producer, batch.sequence) {
            if self.producer != Some(producer) {
                self.producer = Some(producer);
                self.next = 0;
                self.last_acknowledged = None;
            }
            batch.sequence = Some(Sequence { producer, first: self.next });
            self.next += batch.records.len() as u32;
        }
        batch.attempts = batch.attempts.saturating_add(1);
        Some(batch)
    }

    /// A batch is to be sent again.
    pub fn put_back(&mut self, mut batch: Batch) {
        if flaw::is_on(Flaw::RetryTakesNewSequence) {
            batch.sequence = None;
        }
        let place = match batch.first() {
            // Each in front of the last: so two that fail together change places.
            None => 0,
            Some(number) => {
                self.queue.iter().take_while(|other| other.first().is_some_and(|other| other < number)).count()
            }
        };
        self.queue.insert(place, batch);
    }

    pub fn take_in_flight(&mut self, id: u64) -> Option<Batch> {
        let place = self.in_flight.iter().position(|batch| batch.id == id)?;
        self.in_flight.remove(place)
    }

    /// A batch was acknowledged.
    pub fn acknowledged(&mut self, batch: &Batch) {
        if batch.sequence.is_some_and(|sequence| Some(sequence.producer) == self.producer) {
            self.last_acknowledged = self.last_acknowledged.max(batch.last());
        }
    }

    /// A batch was given up. Its numbers are missing, or may be.
    pub fn given_up(&mut self, batch: &Batch, is_doubtful: bool) {
        if batch.sequence.is_none() {
            return;
        }
        if is_doubtful {
            self.unresolved = self.unresolved.max(batch.last().map(|last| last + 1));
        } else {
            self.wants_epoch = true;
        }
    }

    /// The broker misses numbers before this batch's. That is to be expected while
    /// an earlier batch is on its way; otherwise they are missing for good.
    pub fn is_gap(&mut self, batch: &Batch) {
        let first = batch.first();
        let follows = self.last_acknowledged.map_or(0, |last| last + 1) == first.unwrap_or(0);
        self.wants_epoch |= match self.unresolved {
            None => !batch.is_renumbered && follows,
            Some(_) => self.unresolved == first,
        };
    }

    /// The broker does not know this producer any more.
    pub const fn is_unknown(&mut self, batch: &Batch) {
        if !batch.is_renumbered {
            self.wants_epoch = true;
        }
    }

    /// Once nothing is unanswered, it shows whether what was given up was written.
    pub fn resolve(&mut self) {
        if self.unresolved.is_none() || self.numbered().next().is_some() {
            return;
        }
        self.unresolved = None;
        self.wants_epoch |= self.last_acknowledged.map_or(0, |last| last + 1) != self.next;
    }

    /// A new epoch begins, and the numbers of what is unanswered with it.
    pub fn renumber(&mut self, producer: ProducerId) {
        self.wants_epoch = false;
        self.unresolved = None;
        self.producer = Some(producer);
        self.last_acknowledged = None;
        let mut next = 0;
        let numbered = self.in_flight.iter_mut().chain(&mut self.queue).filter(|batch| batch.sequence.is_some());
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort_by_key(|batch| batch.first());
        for batch in numbered {
            batch.sequence = Some(Sequence { producer, first: next });
            batch.is_renumbered = true;
            next += batch.records.len() as u32;
        }
        self.next = next;
    }

    /// All batches that are not answered, oldest first.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.in_flight.iter().chain(&self.queue)
    }
}
