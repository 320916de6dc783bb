//! Reading the partitions one has: from where, and ahead of what the program has
//! asked for. A partition is fetched once nothing of it is left in memory, from its
//! leader, one request a broker at a time; and from another leader once that has said
//! that its log has what was read so far.

use super::assigned::{Assigned, Position, Start};
use super::{Asked, AskedOfCoordinator, LogConsumer, OffsetReset};
use crate::event::{Kind, NodeId, offset_detail};
use crate::node::Outputs;
use crate::protocol::log::{Assignment, Client, Error, FetchPartition, Group, Message, OffsetAt, TopicPartition};
use crate::time::Time;

impl LogConsumer {
    pub(super) fn fetch(&mut self, now: Time, out: &mut Outputs) {
        if self.is_full() {
            return;
        }
        for assigned in &mut self.assigned {
            self.cluster.leader(assigned.partition).into_iter().for_each(|leader| assigned.is_led_by(leader));
        }
        for place in 0..self.assigned.len() {
            let assigned = &self.assigned[place];
            match assigned.start {
                Start::Reset => self.reset_offset(now, place, out),
                Start::Unvalidated => self.validate(now, place, out),
                Start::Known if assigned.arrived.is_empty() && !assigned.is_fetching => {
                    match self.cluster.leader(assigned.partition) {
                        Some((node, _)) => self.fetch_from(now, node, out),
                        None => self.cluster.suspect(),
                    }
                }
                _ => {}
            }
        }
    }

    /// Asks a broker for every partition of its that is due.
    fn fetch_from(&mut self, now: Time, node: NodeId, out: &mut Outputs) {
        // Another fetch of this broker is on its way, or was refused for now.
        let is_busy = self.assigned.iter().any(|assigned| {
            assigned.is_fetching && self.cluster.leader(assigned.partition).is_some_and(|(leader, _)| leader == node)
        });
        if is_busy || self.membership.not_before > now || !self.cluster.network().is_ready(now, node, out) {
            return;
        }
        let mut partitions = Vec::new();
        let mut asked = Vec::new();
        for assigned in &mut self.assigned {
            let Some((leader, epoch)) = self.cluster.leader(assigned.partition) else { continue };
            if leader != node || assigned.start != Start::Known || !assigned.arrived.is_empty() {
                continue;
            }
            assigned.is_fetching = true;
            let offset = assigned.fetch_at.offset;
            asked.push((assigned.partition, offset));
            partitions.push(FetchPartition {
                partition: assigned.partition,
                offset,
                leader_epoch: Some(epoch),
                last_epoch: None,
                high_watermark: 0,
            });
        }
        let message = Client::Fetch {
            replica: None,
            max_wait: self.options.fetch_max_wait,
            min_bytes: self.options.fetch_min_bytes,
            isolation: self.options.isolation,
            partitions: partitions.into(),
        };
        self.cluster.ask(now, node, message, Asked::Fetch(asked.into()), out);
    }

    pub(super) fn fetched(&mut self, now: Time, asked: &[(TopicPartition, u64)], message: Message) {
        let isolation = self.options.isolation;
        let partitions = match message {
            Message::Client(Client::Fetched { partitions }) => partitions,
            _ => Box::default(),
        };
        for (partition, offset) in asked {
            let Some(assigned) = self.find(*partition) else { continue };
            assigned.is_fetching = false;
            // It was given up and came back meanwhile, or the program went elsewhere.
            if assigned.fetch_at.offset != *offset || assigned.start != Start::Known {
                continue;
            }
            let Some(fetched) = partitions.iter().find(|fetched| fetched.partition == *partition) else { continue };
            match fetched.error {
                None => {
                    assigned.take_in(fetched, isolation);
                    self.membership.is_well();
                }
                Some(Error::OffsetOutOfRange) => assigned.start = Start::Reset,
                Some(_) => {
                    self.cluster.suspect();
                    self.membership.fail(now, &self.options);
                }
            }
        }
    }

    /// Asks a new leader where the epoch of the last record read has ended.
    fn validate(&mut self, now: Time, place: usize, out: &mut Outputs) {
        let Assigned { partition, position, leader, .. } = self.assigned[place];
        let (Some((node, current_epoch)), Some(epoch)) = (leader, position.leader_epoch) else { return };
        if self.membership.not_before > now || !self.cluster.network().is_ready(now, node, out) {
            return;
        }
        self.assigned[place].start = Start::ValidationAsked;
        let message = Client::OffsetForLeaderEpoch { partition, current_epoch, epoch };
        self.cluster.ask(now, node, message, Asked::EpochEnd(partition, current_epoch, position), out);
    }

    /// The answer to that: if the log was cut below the position, the consumer goes
    /// back to where it was. (Without `auto.offset.reset`, which no lab goes without,
    /// `poll()` would throw instead.)
    pub(super) fn epoch_end(
        &mut self,
        now: Time,
        partition: TopicPartition,
        asked: (u32, Position),
        message: Message,
        out: &mut Outputs,
    ) {
        let is_asked = |assigned: &&mut Assigned| {
            let current = (assigned.leader.map(|(_, epoch)| epoch), assigned.position);
            assigned.start == Start::ValidationAsked && current == (Some(asked.0), asked.1)
        };
        let Some(assigned) = self.find(partition).filter(is_asked) else { return };
        if let Message::Client(Client::EpochEnd { end: Ok(end), .. }) = message {
            if assigned.validated(end) {
                let detail = offset_detail(partition.partition, end.1);
                out.note_with(Kind::TruncationDetected, None, detail);
            }
        } else {
            assigned.start = Start::Unvalidated;
            self.cluster.suspect();
            self.membership.fail(now, &self.options);
        }
    }

    pub(super) fn validation_lost(&mut self, partition: TopicPartition) {
        let is_asked = |assigned: &&mut Assigned| assigned.start == Start::ValidationAsked;
        self.find(partition).filter(is_asked).into_iter().for_each(|assigned| assigned.start = Start::Unvalidated);
    }

    /// Without a valid offset: begins at the end, or at the beginning.
    fn reset_offset(&mut self, now: Time, place: usize, out: &mut Outputs) {
        let partition = self.assigned[place].partition;
        let Some((node, _)) = self.cluster.leader(partition) else { return self.cluster.suspect() };
        if self.membership.not_before > now || !self.cluster.network().is_ready(now, node, out) {
            return;
        }
        self.assigned[place].start = Start::ResetAsked;
        let message = Client::ListOffsets { partition, isolation: self.options.isolation };
        self.cluster.ask(now, node, message, Asked::ListOffsets(partition), out);
    }

    pub(super) fn offsets_listed(&mut self, now: Time, partition: TopicPartition, message: Message, out: &mut Outputs) {
        let is_earliest = self.options.replay || self.options.offset_reset == OffsetReset::Earliest;
        let Some(assigned) = self.find(partition).filter(|assigned| assigned.start == Start::ResetAsked) else {
            return;
        };
        if let Message::Client(Client::OffsetsListed { offsets: Ok((start, end)), .. }) = message {
            let offset = if is_earliest { start } else { end };
            assigned.begin_at(offset, None);
            out.note_with(Kind::OffsetReset, None, offset_detail(partition.partition, offset));
        } else {
            assigned.start = Start::Reset;
            self.cluster.suspect();
            self.membership.fail(now, &self.options);
        }
    }

    /// Asks for the committed offsets of partitions that are new.
    pub(super) fn fetch_offsets(&mut self, now: Time, out: &mut Outputs) {
        let is_new = |assigned: &&Assigned| assigned.start == Start::Unknown;
        if self.membership.is_fetching_offsets || self.membership.not_before > now {
            return;
        }
        let partitions: Assignment = self.assigned.iter().filter(is_new).map(|assigned| assigned.partition).collect();
        if partitions.is_empty() {
            return;
        }
        let coordinator = self.ready_coordinator(now, out).filter(|_| !self.options.replay);
        if coordinator.is_none() && !self.options.replay {
            return;
        }
        let next = if self.options.replay { Start::Reset } else { Start::Asked };
        for assigned in self.assigned.iter_mut().filter(|assigned| assigned.start == Start::Unknown) {
            assigned.start = next;
        }
        let Some(node) = coordinator else { return };
        self.membership.is_fetching_offsets = true;
        let message = Group::OffsetFetch { group: self.options.group, partitions };
        self.ask(now, node, message, AskedOfCoordinator::OffsetFetch, out);
    }

    /// The committed offsets are here; partitions without one are absent.
    pub(super) fn offsets_fetched(&mut self, now: Time, answer: Result<Box<[OffsetAt]>, Error>) {
        let offsets = match answer {
            Ok(offsets) => offsets,
            Err(error) => {
                self.offset_fetch_lost();
                return self.refused(now, error);
            }
        };
        self.membership.is_fetching_offsets = false;
        for assigned in self.assigned.iter_mut().filter(|assigned| assigned.start == Start::Asked) {
            match offsets.iter().find(|at| at.partition == assigned.partition) {
                Some(at) => {
                    assigned.begin_at(at.offset, at.leader_epoch);
                    assigned.committed = Some(assigned.position);
                }
                None => assigned.start = Start::Reset,
            }
        }
    }

    pub(super) fn offset_fetch_lost(&mut self) {
        self.membership.is_fetching_offsets = false;
        for assigned in self.assigned.iter_mut().filter(|assigned| assigned.start == Start::Asked) {
            assigned.start = Start::Unknown;
        }
    }
}
