//! Between coordinators and the rest of the broker: what they want done is done,
//! and what happens to their partitions is told to them.

use std::sync::Arc;

use super::LogBroker;
use super::coordination::Marking;
use super::fetch::PARTITION_BYTES;
use super::peers::{Asked, markers};
use super::produce::Asker;
use super::seats::Seats;
use crate::broker::log::coordinator::share::ShareLog;
use crate::broker::log::coordinator::{Caller, Effect, Loaded};
use crate::broker::log::settings::Options;
use crate::event::{CopyId, Kind, NodeId};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::Name;
use crate::protocol::log::{
    Acks, Batch, Controller, Error, FetchPartition, Isolation, Message, ProducerId, Record, Sequence, Share,
    TopicPartition,
};
use crate::time::Time;

/// Stands for the connection of a question that this broker asks itself.
pub(super) const OWN: ConnectionId = ConnectionId(u32::MAX);

/// The logs of this broker, as share partitions read them.
struct Logs<'a> {
    seats: &'a Seats,
    options: &'a Options,
}

impl ShareLog for Logs<'_> {
    fn bounds(&self, partition: TopicPartition) -> Option<(u64, u64)> {
        let at = self.seats.find(self.options, partition)?;
        self.seats.list[at].replica.offsets(Isolation::ReadUncommitted).ok()
    }

    fn leader_epoch(&self, partition: TopicPartition) -> u32 {
        let at = self.seats.find(self.options, partition);
        at.map_or(0, |at| self.seats.list[at].replica.leader_epoch())
    }

    fn read(&self, partition: TopicPartition, from: u64, _: u32) -> Vec<Arc<Batch>> {
        let Some(at) = self.seats.find(self.options, partition) else { return Vec::new() };
        let asked = FetchPartition { partition, offset: from, leader_epoch: None, last_epoch: None, high_watermark: 0 };
        let read = self.seats.list[at].replica.read(&asked, Isolation::ReadUncommitted, PARTITION_BYTES);
        read.batches.into_vec()
    }
}

impl LogBroker {
    /// Does the next thing that a coordinator wants. False: none wants anything.
    pub(super) fn coordinate(&mut self, now: Time, out: &mut Outputs) -> bool {
        if let Some((marking, answers)) = self.coordination.markers_written.pop() {
            if let Some(at) = self.coordination.at(marking.slot) {
                self.coordination.markers_answered(at, marking, &answers, now);
            }
            return true;
        }
        let Some((slot, effect)) = self.coordination.queue.pop_front() else { return false };
        match effect {
            Effect::Reply(caller, message) => self.reply(caller, message, now, out),
            Effect::Append { token, records, producer } => {
                self.append_for(slot, token, &records, producer, now, out);
            }
            Effect::SendMarkers { producer, control, partitions } => {
                self.send_markers(Marking { slot, producer, control }, &partitions, now, out);
            }
            Effect::AskShareCoordinator { group, message } => self.ask_share_coordinator(group, message, now, out),
            Effect::Note(kind, detail) => out.note_with(kind, None, detail),
            Effect::NoteRecord { kind, partition, offset, detail } => {
                let copy = self.replica(partition).and_then(|replica| replica.copy_at(offset));
                copy.into_iter().for_each(|copy| out.note_with(kind, Some(copy), detail));
            }
        }
        true
    }

    fn reply(&mut self, caller: Caller, message: Message, now: Time, out: &mut Outputs) {
        if caller.connection == OWN {
            return self.share_state_answered(Name(caller.correlation), Some(message), now);
        }
        let about = if self.connections.is_open(caller.connection) { note_shared(&message, out) } else { None };
        self.connections.answer(caller.connection, caller.correlation, message, about, out);
    }

    fn append_for(
        &mut self,
        slot: u32,
        token: u64,
        records: &[bytes::Bytes],
        producer: Option<ProducerId>,
        now: Time,
        out: &mut Outputs,
    ) {
        let (Some(office), Some(at)) = (self.coordination.at(slot), self.seats.at(slot)) else { return };
        let record = |payload: &bytes::Bytes| Record { copy: CopyId::default(), key: None, payload: payload.clone() };
        let batch = Batch {
            first_offset: 0,
            leader_epoch: 0,
            sequence: producer.map(|producer| Sequence { producer, first: 0 }),
            is_transactional: producer.is_some(),
            control: None,
            records: records.iter().map(record).collect(),
        };
        let appended = self.seats.list[at].replica.produce(now, batch, Acks::All, out, &mut self.effects);
        match appended {
            Ok(appended) => self.coordination.appended(office, token, appended.end),
            Err(error) => self.coordination.append_failed(office, token, error, now),
        }
        self.absorb(at, now, out);
    }

    fn send_markers(&mut self, marking: Marking, partitions: &[TopicPartition], now: Time, out: &mut Outputs) {
        let mut by_leader: Vec<(NodeId, Vec<TopicPartition>)> = Vec::new();
        for &partition in partitions {
            let Some(leader) = self.image.partition(partition).and_then(|state| state.leader) else {
                let lost = [(partition, Some(Error::NotLeaderOrFollower))];
                self.coordination.markers_written.push((marking, lost.into()));
                continue;
            };
            match by_leader.iter_mut().find(|(node, _)| *node == leader) {
                Some((_, list)) => list.push(partition),
                None => by_leader.push((leader, vec![partition])),
            }
        }
        for (leader, partitions) in by_leader {
            if leader == self.options.me {
                self.write_markers(Asker::Own(marking), &marking.batch(), &partitions, now, out);
            } else {
                let asked = Asked::Markers(marking, partitions.as_slice().into());
                self.ask(leader, asked, markers(marking, partitions), now, out);
            }
        }
    }

    fn ask_share_coordinator(&mut self, group: Name, message: Message, now: Time, out: &mut Outputs) {
        let partition = self.coordinator_of(self.options.share_topic, group);
        let leader = self.image.partition(partition).and_then(|state| state.leader);
        let caller = Caller { connection: OWN, correlation: group.0, client: self.options.me };
        match leader {
            None => self.share_state_answered(group, None, now),
            Some(leader) if leader != self.options.me => {
                self.ask(leader, Asked::ShareState { group }, message, now, out);
            }
            Some(_) => match self.office_of(partition) {
                Some(at) => self.coordination.handle(at, caller, message, now),
                None => self.share_state_answered(group, None, now),
            },
        }
    }

    /// The partition of an internal topic that a key belongs to.
    pub(super) fn coordinator_of(&self, topic: Name, key: Name) -> TopicPartition {
        TopicPartition::of(topic, key, self.image.partition_count(topic).max(1))
    }

    /// The office of a partition that this broker leads.
    pub(super) fn office_of(&self, partition: TopicPartition) -> Option<usize> {
        let slot = super::seats::slot_of(&self.options, partition)?;
        self.coordination.at(slot).filter(|at| self.coordination.offices[*at].epoch.is_some())
    }

    pub(super) fn share_state_answered(&mut self, group: Name, answer: Option<Message>, now: Time) {
        let logs = Logs { seats: &self.seats, options: &self.options };
        self.coordination.with_shares(|shares, effects| shares.answered(now, group, answer, &logs, effects));
    }

    pub(super) fn share_request(&mut self, caller: Caller, message: Message, now: Time) {
        let logs = Logs { seats: &self.seats, options: &self.options };
        self.coordination.with_shares(|shares, effects| shares.handle(now, caller, message, &logs, effects));
    }

    pub(super) fn coordinators_disconnected(&mut self, connection: ConnectionId, now: Time) {
        let logs = Logs { seats: &self.seats, options: &self.options };
        self.coordination.with_shares(|shares, effects| shares.disconnected(now, connection, &logs, effects));
    }

    pub(super) fn coordinators_time_passed(&mut self, now: Time) {
        let logs = Logs { seats: &self.seats, options: &self.options };
        self.coordination.time_passed(now);
        self.coordination.with_shares(|shares, effects| shares.time_passed(now, &logs, effects));
    }

    /// A replica has news: its coordinator, or those who share it, may go on.
    pub(super) fn coordinators_progress(&mut self, at: usize, now: Time) {
        let seat = &self.seats.list[at];
        let (id, slot, replica) = (seat.replica.id(), seat.slot, &seat.replica);
        let epoch = replica.is_leader().then(|| replica.leader_epoch());
        if !self.options.is_internal(id.topic) {
            let logs = Logs { seats: &self.seats, options: &self.options };
            return self.coordination.with_shares(|shares, effects| match epoch {
                Some(_) => shares.progress(now, id, &logs, effects),
                None => shares.resign(id, effects),
            });
        }
        let office = match self.coordination.at(slot) {
            Some(office) => office,
            None if epoch.is_none() => return,
            None => self.coordination.open(slot, id.topic, &self.options),
        };
        if self.coordination.offices[office].epoch != epoch {
            match epoch {
                Some(epoch) => self.coordination.lead(office, epoch),
                None => self.coordination.resign(office),
            }
        }
        if epoch.is_none() {
            return;
        }
        if self.coordination.offices[office].is_loaded {
            self.coordination.committed(office, replica.high_watermark(), now);
        } else if replica.high_watermark() >= replica.log_end() {
            let mut log = Vec::new();
            replica.batches(replica.log_start(), &mut |batch| load(batch, &mut log));
            self.coordination.load(office, log, now);
        }
    }

    pub(super) fn marker_appended(&mut self, slot: u32, end: u64, batch: &Batch) {
        if let (Some(sequence), Some(control)) = (batch.sequence, batch.control) {
            self.coordination.marker_appended(slot, end, sequence.producer, control);
        }
    }

    /// Asks the controller for producer ids while there are few.
    pub(super) fn ask_for_ids(&mut self, out: &mut Outputs) {
        if self.coordination.ids_asked || !self.coordination.ids.is_low() || !self.is_published {
            return;
        }
        if let Some((connection, correlation)) = self.session.active() {
            self.coordination.ids_asked = true;
            out.send(connection, Message::from(Controller::AllocateProducerIds).on(correlation), None);
        }
    }

    pub(super) fn ids_allocated(&mut self, answer: Result<(u64, u32), Error>, now: Time, out: &mut Outputs) {
        self.coordination.ids_asked = false;
        match answer {
            Ok((first, count)) => self.coordination.ids.refill(first, count),
            Err(Error::NotController) => self.leave_controller(now, out),
            Err(_) => {}
        }
    }
}

impl Marking {
    pub fn batch(&self) -> Batch {
        Batch {
            first_offset: 0,
            leader_epoch: 0,
            sequence: Some(Sequence { producer: self.producer, first: 0 }),
            is_transactional: true,
            control: Some(self.control),
            records: Arc::default(),
        }
    }
}

fn load(batch: &Batch, log: &mut Vec<Loaded>) {
    let producer = batch.sequence.map(|sequence| sequence.producer);
    match (batch.control, producer) {
        (Some(control), Some(producer)) => log.push(Loaded::Marker { producer, control }),
        (Some(_), None) => {}
        (None, _) => {
            let producer = producer.filter(|_| batch.is_transactional);
            let records = batch.records.iter().map(|record| record.payload.clone());
            log.extend(records.map(|bytes| Loaded::Record { producer, bytes }));
        }
    }
}

/// Notes what members of share groups are handed. Returns the first copy.
fn note_shared(message: &Message, out: &mut Outputs) -> Option<CopyId> {
    let Message::Share(Share::Fetched { partitions }) = message else { return None };
    let mut first = None;
    for range in partitions.iter().filter_map(|it| it.answer.as_ref().ok()).flatten() {
        for record in range.records() {
            out.note(Kind::Delivered { redelivered: range.deliveries > 1 }, Some(record.copy));
            first = first.or(Some(record.copy));
        }
    }
    first
}
