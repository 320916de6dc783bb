//! Answering fetches as the leader. Consumers read what is committed, followers up
//! to the log end; a follower is told first if its log has parted from this one.

use std::sync::Arc;

use super::role::Role;
use super::{Effects, Replica};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::log::{Batch, Error, FetchPartition, FetchedPartition, Isolation, ReplicaState};
use crate::time::Time;

impl Replica {
    /// What a consumer may read. At least one batch, if there is any.
    #[must_use]
    pub fn read(&self, asked: &FetchPartition, isolation: Isolation, max_bytes: u32) -> FetchedPartition {
        if let Err(error) = self.check_leads(asked.leader_epoch) {
            return self.empty(asked, Some(error));
        }
        let offset = asked.offset;
        if offset < self.log.log_start || offset > self.log.next {
            return self.empty(asked, Some(Error::OffsetOutOfRange));
        }
        let mut limit = match isolation {
            Isolation::ReadUncommitted => self.high_watermark,
            Isolation::ReadCommitted => self.last_stable_offset(),
        };
        if flaw::is_on(Flaw::FollowerReadsAhead) {
            limit = self.log.log_end();
        }
        if flaw::is_on(Flaw::OpenRecordsVisible) {
            limit = limit.max(self.high_watermark);
        }
        let batches = self.batches_from(offset, limit, max_bytes);
        let mut answer = self.empty(asked, None);
        if isolation == Isolation::ReadCommitted && !flaw::is_on(Flaw::AbortedRecordsVisible) {
            let end = batches.last().map_or(offset, |last| last.end_offset());
            // By marker, so those that ended before the offset come first.
            let from = self.log.aborted.partition_point(|aborted| aborted.marker < offset);
            let overlapping = self.log.aborted[from..].iter().filter(|aborted| aborted.first < end);
            answer.aborted = overlapping.map(|aborted| (aborted.producer, aborted.first)).collect();
        }
        answer.batches = batches;
        answer
    }

    /// A follower's fetch: what it has may move the high watermark, and brings it
    /// back among the in-sync replicas. Once a request; when a request that waited
    /// gets its answer, use [`read_for_follower`](Self::read_for_follower).
    pub fn follower_fetch(
        &mut self,
        now: Time,
        follower: ReplicaState,
        asked: &FetchPartition,
        max_bytes: u32,
        out: &mut Outputs,
        effects: &mut Effects,
    ) -> FetchedPartition {
        let answer = self.read_for_follower(follower, asked, max_bytes);
        if answer.error.is_some() || answer.diverging.is_some() {
            return answer;
        }
        let end = self.log.log_end();
        if let Role::Leader(leader) = &mut self.role
            && let Some(known) = leader.follower_mut(follower.replica)
        {
            let before = known.log_end;
            let sent = answer.batches.last().map_or(asked.offset, |batch| batch.end_offset());
            let has = if flaw::is_on(Flaw::SentCountsAsReplicated) { sent } else { asked.offset };
            known.fetches(has, end, follower.broker_epoch, now);
            self.grow(follower.replica, effects);
            if before != Some(has) {
                self.advance_watermark(now, out, effects);
            }
        }
        // Read before this fetch counted: the follower learns of a watermark that it
        // has moved itself with its next fetch.
        answer
    }

    /// The same without taking note of the follower.
    #[must_use]
    pub fn read_for_follower(
        &self,
        follower: ReplicaState,
        asked: &FetchPartition,
        max_bytes: u32,
    ) -> FetchedPartition {
        if let Err(error) = self.check_leads(asked.leader_epoch).and_then(|()| self.check_follower(follower)) {
            return self.empty(asked, Some(error));
        }
        let offset = asked.offset;
        if let Some(epoch) = asked.last_epoch.filter(|_| !flaw::is_on(Flaw::DivergingLogKept)) {
            let Some(end) = self.log.epochs.end_of(epoch, self.log.next) else {
                return self.empty(asked, Some(Error::OffsetOutOfRange));
            };
            if offset >= self.log.log_start && (end.0 < epoch || end.1 < offset) {
                return FetchedPartition { diverging: Some(end), ..self.empty(asked, None) };
            }
        }
        // It may have what this one is still writing.
        if offset < self.log.log_start || offset > self.log.next {
            return self.empty(asked, Some(Error::OffsetOutOfRange));
        }
        let batches = self.batches_from(offset, self.log.log_end(), max_bytes);
        FetchedPartition { batches, ..self.empty(asked, None) }
    }

    /// It must be one of the replicas, and not an earlier incarnation.
    fn check_follower(&self, follower: ReplicaState) -> Result<(), Error> {
        if !self.state.as_ref().is_some_and(|state| state.replicas.contains(&follower.replica)) {
            return Err(Error::UnknownLeaderEpoch);
        }
        match self.known_broker(follower.replica) {
            Some(known) if known.epoch > follower.broker_epoch => Err(Error::NotLeaderOrFollower),
            _ => Ok(()),
        }
    }

    fn batches_from(&self, offset: u64, limit: u64, max_bytes: u32) -> Box<[Arc<Batch>]> {
        let mut bytes = 0;
        let within = self.log.entries.within(offset, limit);
        let fitting = within.take_while(|entry| {
            let is_first = bytes == 0;
            bytes += u64::from(entry.length);
            is_first || bytes <= u64::from(max_bytes)
        });
        fitting.map(|entry| entry.batch.clone()).collect()
    }

    /// The largest epoch not above `epoch`, and where it ends.
    ///
    /// # Errors
    /// It does not lead, or not in `current_epoch`.
    pub fn epoch_end(&self, current_epoch: Option<u32>, epoch: u32) -> Result<(u32, u64), Error> {
        self.check_leads(current_epoch)?;
        self.log.epochs.end_of(epoch, self.log.log_end()).ok_or(Error::UnknownLeaderEpoch)
    }

    /// The first offset there is, and the one after the last that may be read.
    ///
    /// # Errors
    /// It does not lead.
    pub fn offsets(&self, isolation: Isolation) -> Result<(u64, u64), Error> {
        self.check_leads(None)?;
        let end = match isolation {
            Isolation::ReadUncommitted => self.high_watermark,
            Isolation::ReadCommitted => self.last_stable_offset(),
        };
        Ok((self.log.log_start, end))
    }

    /// Where the first transaction begins that is not over, at most the high
    /// watermark.
    #[must_use]
    pub fn last_stable_offset(&self) -> u64 {
        let unstable = self.log.producers.first_unstable();
        unstable.map_or(self.high_watermark, |first| first.max(self.log.log_start).min(self.high_watermark))
    }
}
