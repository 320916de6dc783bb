//! What a replica shows of itself, to screens and to audits.

use super::Replica;
use super::producers::Aborted;
use super::role::Role;
use crate::event::CopyId;
use crate::picture::{PartitionPicture, Picture, Place, ReplicaRole};
use crate::protocol::log::Batch;

impl Replica {
    /// Visits the records from an offset on, with their offsets.
    pub fn records(&self, from: u64, visit: &mut dyn FnMut(CopyId, u64)) {
        if !self.options.is_internal {
            self.log.records(from, visit);
        }
    }

    /// The record at an offset.
    pub fn copy_at(&self, offset: u64) -> Option<CopyId> {
        let batch = &self.log.entries.from(offset).next()?.batch;
        batch.records.get(offset.checked_sub(batch.first_offset)? as usize).map(|record| record.copy)
    }

    /// Visits the batches from the one that holds an offset on, to the end of the
    /// log: a coordinator loads its topic so.
    pub fn batches(&self, from: u64, visit: &mut dyn FnMut(&Batch)) {
        self.log.entries.from(from.max(self.log.log_start)).for_each(|entry| visit(&entry.batch));
    }

    /// Whether the record at an offset belongs to a transaction that was aborted.
    pub fn is_aborted(&self, offset: u64) -> bool {
        let entry = self.log.entries.from(offset).next().filter(|entry| entry.batch.is_transactional);
        let sequence = entry.and_then(|entry| entry.batch.sequence);
        let is_within = |aborted: &Aborted| (aborted.first..aborted.marker).contains(&offset);
        sequence.is_some_and(|sequence| {
            self.log.aborted.iter().any(|aborted| aborted.producer == sequence.producer.number && is_within(aborted))
        })
    }

    /// Adds its copies, with their places, and itself.
    pub fn show(&self, picture: &mut Picture) {
        if !self.options.is_internal {
            for entry in self.log.entries.from(self.log.log_start) {
                let place = Place::File { file: entry.file, offset: entry.position };
                entry.batch.records.iter().for_each(|record| picture.hold(record.copy, place));
            }
        }
        let state = self.state.as_ref();
        let leader = state.and_then(|state| state.leader);
        let in_sync = state.map_or_else(Vec::new, |state| state.in_sync.to_vec());
        picture.partitions.push(PartitionPicture {
            partition: self.id,
            role: match self.role {
                Role::Leader(_) => ReplicaRole::Leader,
                Role::Follower { .. } if leader.is_some() => ReplicaRole::Follower,
                Role::Follower { .. } | Role::Idle => ReplicaRole::Candidate,
            },
            leader,
            leader_epoch: self.leader_epoch(),
            replicas: state.map_or(0, |state| state.replicas.len()),
            is_in_sync: in_sync.contains(&self.me),
            in_sync,
            log_start: self.log_start(),
            high_watermark: self.high_watermark,
            log_end: self.log_end(),
        });
    }
}
