//! Appends, and who waits for them. With `acks=1` the answer comes once the leader
//! has written; with `acks=all` the request waits until the high watermark has
//! passed its records, or until its time is up: the records are in the log then,
//! and nobody can tell the producer whether they will stay there.
//!
//! Source: `ReplicaManager.appendRecords`, `DelayedProduce`.

use std::sync::Arc;

use super::LogBroker;
use super::coordination::Marking;
use super::seats::slot_of;
use crate::event::{Closed, Kind};
use crate::flaw::{self, Flaw};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::log::{
    Acks, Batch, Client, Control, Error, ProducePartition, ProducedPartition, Record, TopicPartition, Transaction,
};
use crate::time::{Span, Time};

/// A request whose records are in the log, or were refused.
#[derive(Clone, Debug)]
pub(super) struct Produce {
    asker: Asker,
    acks: Acks,
    deadline: Time,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Asker {
    Producer {
        connection: ConnectionId,
        correlation: u32,
    },
    /// A transaction coordinator on another broker.
    Coordinator {
        connection: ConnectionId,
        correlation: u32,
    },
    /// One on this broker.
    Own(Marking),
}

#[derive(Clone, Debug)]
struct Part {
    partition: TopicPartition,
    /// `u32::MAX`: no such replica.
    slot: u32,
    first: u64,
    end: u64,
    records: Arc<[Record]>,
    answer: Option<Result<(), Error>>,
}

impl LogBroker {
    pub(super) fn produce(
        &mut self,
        (connection, correlation): (ConnectionId, u32),
        acks: Acks,
        timeout: Span,
        partitions: Box<[ProducePartition]>,
        now: Time,
        out: &mut Outputs,
    ) {
        let asker = Asker::Producer { connection, correlation };
        for record in partitions.iter().flat_map(|produce| produce.batch.records.iter()) {
            out.note(Kind::Received, Some(record.copy));
        }
        let mut parts = Vec::with_capacity(partitions.len());
        for ProducePartition { partition, batch } in partitions {
            let is_internal = self.options.is_internal(partition.topic);
            parts.push(match is_internal {
                true => Part::refused(partition, Error::InvalidRecordState),
                false => self.append(partition, batch, acks, now, out),
            });
        }
        if acks == Acks::None {
            // Nobody is told; but a connection on which something went wrong is
            // closed, so that the producer asks for metadata.
            if parts.iter().any(|part| matches!(part.answer, Some(Err(_)))) {
                self.connection_closed(connection, now, out);
                out.close(connection, Closed::Orderly);
            }
            return self.connections.done(connection);
        }
        self.await_answers(Produce { asker, acks, deadline: now + timeout, parts }, out);
    }

    /// Writes the end of a transaction into partitions led here.
    pub(super) fn write_markers(
        &mut self,
        asker: Asker,
        batch: &Batch,
        partitions: &[TopicPartition],
        now: Time,
        out: &mut Outputs,
    ) {
        let mut parts = Vec::with_capacity(partitions.len());
        for &partition in partitions {
            let mut batch = batch.clone();
            if flaw::is_on(Flaw::MarkersDisagree) && partition.partition % 2 == 1 {
                batch.control = Some(Control::Abort);
            }
            let part = self.append(partition, batch.clone(), Acks::All, now, out);
            if part.answer.is_none() {
                self.marker_appended(part.slot, part.end, &batch);
            }
            parts.push(part);
        }
        self.await_answers(Produce { asker, acks: Acks::All, deadline: Time::MAX, parts }, out);
    }

    fn append(&mut self, partition: TopicPartition, batch: Batch, acks: Acks, now: Time, out: &mut Outputs) -> Part {
        let at = slot_of(&self.options, partition).and_then(|slot| self.seats.at(slot));
        let Some(at) = at else { return Part::refused(partition, self.why_not_here(partition)) };
        let seat = &mut self.seats.list[at];
        let (slot, records) = (seat.slot, Arc::clone(&batch.records));
        let appended = seat.replica.produce(now, batch, acks, out, &mut self.effects);
        self.absorb(at, now, out);
        match appended {
            Ok(appended) => Part { partition, slot, first: appended.first, end: appended.end, records, answer: None },
            Err(error) => Part { slot, records, ..Part::refused(partition, error) },
        }
    }

    /// Keeps a request until it has its answer, which may be now.
    fn await_answers(&mut self, mut produce: Produce, out: &mut Outputs) {
        self.look_at(&mut produce, None);
        if produce.is_answered() {
            return self.answer_produce(produce, out);
        }
        self.produces.push(produce);
    }

    /// A replica has news: requests that wait for it may have their answer.
    pub(super) fn look_at_produces(&mut self, slot: u32, out: &mut Outputs) {
        let mut at = 0;
        while at < self.produces.len() {
            if self.produces[at].parts.iter().any(|part| part.slot == slot && part.answer.is_none()) {
                let mut produce = self.produces.remove(at);
                self.look_at(&mut produce, Some(slot));
                if produce.is_answered() {
                    self.answer_produce(produce, out);
                    continue;
                }
                self.produces.insert(at, produce);
            }
            at += 1;
        }
    }

    fn look_at(&self, produce: &mut Produce, slot: Option<u32>) {
        let acks = produce.acks;
        for part in &mut produce.parts {
            if part.answer.is_none() && slot.is_none_or(|slot| slot == part.slot) {
                part.answer = match self.seats.at(part.slot) {
                    Some(at) => self.seats.list[at].replica.answer(acks, part.end),
                    None => Some(Err(Error::NotLeaderOrFollower)),
                };
            }
        }
    }

    pub(super) fn produces_time_out(&mut self, now: Time, out: &mut Outputs) {
        while let Some(at) = self.produces.iter().position(|produce| produce.deadline <= now) {
            let mut produce = self.produces.remove(at);
            for part in &mut produce.parts {
                part.answer.get_or_insert(Err(Error::RequestTimedOut));
            }
            self.answer_produce(produce, out);
        }
    }

    pub(super) fn produces_due(&self) -> Option<Time> {
        self.produces.iter().map(|produce| produce.deadline).min().filter(|due| *due < Time::MAX)
    }

    fn answer_produce(&mut self, produce: Produce, out: &mut Outputs) {
        let errors = |parts: &[Part]| {
            parts.iter().map(|part| (part.partition, part.answer.and_then(Result::err))).collect::<Box<[_]>>()
        };
        match produce.asker {
            Asker::Own(marking) => self.coordination.markers_written.push((marking, errors(&produce.parts))),
            Asker::Coordinator { connection, correlation } => {
                let answer = Transaction::MarkersWritten { answers: errors(&produce.parts) };
                self.connections.answer(connection, correlation, answer, None, out);
            }
            Asker::Producer { connection, correlation } => {
                if !self.connections.is_open(connection) {
                    return;
                }
                for part in &produce.parts {
                    let kind = if part.answer == Some(Ok(())) { Kind::Confirmed } else { Kind::Nacked };
                    part.records.iter().for_each(|record| out.note(kind, Some(record.copy)));
                }
                let about = produce.parts.iter().find_map(|part| Some(part.records.first()?.copy));
                let partitions = produce.parts.iter().map(Part::produced).collect();
                self.connections.answer(connection, correlation, Client::Produced { partitions }, about, out);
                out.carries(produce.parts.iter().flat_map(|part| part.records.iter()).map(|record| record.copy));
            }
        }
    }

    /// Nobody is there to be answered any more. The records stay where they are.
    pub(super) fn forget_produces(&mut self, closed: ConnectionId) {
        self.produces.retain(|produce| match produce.asker {
            Asker::Producer { connection, .. } | Asker::Coordinator { connection, .. } => connection != closed,
            Asker::Own(_) => true,
        });
    }
}

impl Produce {
    fn is_answered(&self) -> bool {
        self.parts.iter().all(|part| part.answer.is_some())
    }
}

impl Part {
    fn refused(partition: TopicPartition, error: Error) -> Self {
        Self { partition, slot: u32::MAX, first: 0, end: 0, records: Arc::default(), answer: Some(Err(error)) }
    }

    fn produced(&self) -> ProducedPartition {
        let answer = self.answer.unwrap_or(Err(Error::RequestTimedOut)).map(|()| self.first);
        ProducedPartition { partition: self.partition, answer }
    }
}
