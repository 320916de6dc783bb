//! Who may be answered: requests name the epoch in which the asker believes the
//! leader leads, so an old leader is found out by any newer client, and the other
//! way round.

use super::Replica;
use super::policy::FencingRule;
use super::role::Role;
use crate::protocol::log::{Error, FetchPartition, FetchedPartition};

impl Replica {
    pub(super) fn check_leads(&self, epoch: Option<u32>) -> Result<(), Error> {
        if self.has_failed {
            return Err(Error::KafkaStorageError);
        }
        let own = self.leader_epoch();
        if self.options.policy.fencing == FencingRule::LeaderEpoch
            && let Some(epoch) = epoch
        {
            if epoch < own {
                return Err(Error::FencedLeaderEpoch);
            } else if epoch > own {
                return Err(Error::UnknownLeaderEpoch);
            }
        }
        if matches!(self.role, Role::Leader(_)) { Ok(()) } else { Err(Error::NotLeaderOrFollower) }
    }

    /// An answer without records, for good or ill.
    pub(super) fn empty(&self, asked: &FetchPartition, error: Option<Error>) -> FetchedPartition {
        FetchedPartition {
            partition: asked.partition,
            error,
            high_watermark: self.high_watermark,
            last_stable_offset: self.last_stable_offset(),
            log_start: self.log.log_start,
            diverging: None,
            aborted: Box::default(),
            batches: Box::default(),
        }
    }
}
