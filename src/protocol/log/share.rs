//! Share groups (KIP-932, general availability in 4.2): several consumers take
//! records of one partition, and settle each by itself, as from a queue.

use std::sync::Arc;

use super::{Batch, Error, FrameKind, MemberId, Record, TopicPartition};
use crate::protocol::Name;
use crate::time::Span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    /// Joins, stays a member, and learns the partitions it may take from.
    Heartbeat {
        group: Name,
        member: MemberId,
        topics: Arc<[Name]>,
    },
    HeartbeatAnswer {
        member: MemberId,
        answer: Result<Arc<[TopicPartition]>, Error>,
    },
    Leave {
        group: Name,
        member: MemberId,
    },
    Fetch {
        group: Name,
        member: MemberId,
        max_wait: Span,
        max_records: u32,
        partitions: Box<[TopicPartition]>,
    },
    Fetched {
        partitions: Box<[ShareFetched]>,
    },
    Acknowledge {
        group: Name,
        member: MemberId,
        partition: TopicPartition,
        /// First and last offset, both included, and what became of them.
        answers: Box<[(u64, u64, ShareAnswer)]>,
    },
    Acknowledged {
        partition: TopicPartition,
        error: Option<Error>,
    },
    /// From a partition's leader to the share coordinator: what is known of the
    /// partition's records in this group, as it begins to lead.
    ReadState {
        group: Name,
        partition: TopicPartition,
        leader_epoch: u32,
    },
    StateRead {
        partition: TopicPartition,
        /// `None`: nothing yet.
        answer: Result<Option<ShareState>, Error>,
    },
    /// The same way: what is to be remembered from now on.
    WriteState {
        group: Name,
        partition: TopicPartition,
        leader_epoch: u32,
        /// Which write of this leader it is.
        write: u64,
        state: ShareState,
    },
    StateWritten {
        partition: TopicPartition,
        write: u64,
        error: Option<Error>,
    },
}

/// What outlives the leader of a partition that a group shares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareState {
    /// All before are done with.
    pub start: u64,
    /// What has been handed out from there on, without gaps in order.
    pub ranges: Arc<[ShareRange]>,
}

/// Neighbouring records of which the same is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareRange {
    pub first: u64,
    /// Included.
    pub last: u64,
    pub deliveries: u16,
    /// Accepted, or given up; if not, somebody may have it.
    pub is_done: bool,
}

/// What a member got of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareFetched {
    pub partition: TopicPartition,
    pub answer: Result<Box<[AcquiredRange]>, Error>,
}

/// Records that a member holds until it settles them or its lock ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcquiredRange {
    pub first: u64,
    /// Included.
    pub last: u64,
    /// How often they have been handed out, this time included.
    pub deliveries: u16,
    pub batch: Arc<Batch>,
}

impl AcquiredRange {
    /// The records of the batch that are in the range.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        let all = (self.batch.first_offset..).zip(self.batch.records.iter());
        all.filter(|(offset, _)| (self.first..=self.last).contains(offset)).map(|(_, record)| record)
    }
}

/// What a member says of records it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareAnswer {
    /// Done with.
    Accept,
    /// Somebody else may try.
    Release,
    /// Nobody should try again.
    Reject,
    /// More time: the lock begins anew.
    Renew,
}

impl Share {
    pub(super) const fn kind(&self) -> FrameKind {
        match self {
            Self::Heartbeat { .. } | Self::HeartbeatAnswer { answer: Ok(_), .. } => FrameKind::Heartbeat,
            Self::Fetch { .. } => FrameKind::Poll,
            Self::Fetched { partitions } => {
                let mut at = 0;
                while at < partitions.len() {
                    if matches!(&partitions[at].answer, Ok(ranges) if !ranges.is_empty()) {
                        return FrameKind::Deliver;
                    }
                    at += 1;
                }
                FrameKind::Poll
            }
            Self::Acknowledge { .. } => FrameKind::Ack,
            _ => FrameKind::Control,
        }
    }
}
