//! What producers, consumers and following replicas ask of the broker that leads
//! a partition, and where they learn who that is.

use std::sync::Arc;

use super::{Batch, Error, FrameKind, TopicPartition};
use crate::event::NodeId;
use crate::time::Span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Client {
    /// Any broker answers, from the metadata it has.
    Metadata,
    MetadataAnswer {
        /// Brokers that are not fenced.
        brokers: Arc<[NodeId]>,
        partitions: Arc<[PartitionInfo]>,
    },
    Produce {
        acks: Acks,
        /// How long the leader may wait for its followers.
        timeout: Span,
        /// At most one batch a partition.
        partitions: Box<[ProducePartition]>,
    },
    /// No answer comes to `acks = 0`.
    Produced {
        partitions: Box<[ProducedPartition]>,
    },
    Fetch {
        /// A following replica says who it is; a consumer is nobody.
        replica: Option<ReplicaState>,
        /// How long the broker may wait until there are `min_bytes`.
        max_wait: Span,
        min_bytes: u32,
        isolation: Isolation,
        partitions: Box<[FetchPartition]>,
    },
    Fetched {
        partitions: Box<[FetchedPartition]>,
    },
    /// Where a partition begins and ends, for consumers without an offset.
    ListOffsets {
        partition: TopicPartition,
        isolation: Isolation,
    },
    OffsetsListed {
        partition: TopicPartition,
        /// The first offset there is, and the one after the last that may be read.
        offsets: Result<(u64, u64), Error>,
    },
    /// Where an epoch ended in the leader's log: a consumer goes back to there.
    OffsetForLeaderEpoch {
        partition: TopicPartition,
        current_epoch: u32,
        epoch: u32,
    },
    /// The largest epoch not above the one asked for, and its end offset.
    EpochEnd {
        partition: TopicPartition,
        end: Result<(u32, u64), Error>,
    },
}

/// `acks`: when the leader answers a producer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// Never.
    None,
    /// Once it has appended.
    Leader,
    /// Once all in-sync replicas have it.
    #[default]
    All,
}

/// `isolation.level`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    #[default]
    ReadUncommitted,
    /// Up to the first open transaction, and without aborted ones.
    ReadCommitted,
}

/// What a client knows of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionInfo {
    pub partition: TopicPartition,
    pub leader: Option<NodeId>,
    pub leader_epoch: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducePartition {
    pub partition: TopicPartition,
    pub batch: Batch,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducedPartition {
    pub partition: TopicPartition,
    /// The offset of the first record. A repeat of a batch that the broker
    /// remembers is answered like the first.
    pub answer: Result<u64, Error>,
}

/// A follower that fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaState {
    pub replica: NodeId,
    /// The incarnation the controller gave it: a leader must not count a fetch of
    /// a broker that has since lost its log.
    pub broker_epoch: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchPartition {
    pub partition: TopicPartition,
    /// The next offset wanted. For a follower it says what it has.
    pub offset: u64,
    /// The epoch in which the asker believes the leader leads.
    pub leader_epoch: Option<u32>,
    /// The epoch of the last record a follower has, to find where logs part.
    pub last_epoch: Option<u32>,
    /// A follower's high watermark: the leader answers at once with news of it.
    pub high_watermark: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedPartition {
    pub partition: TopicPartition,
    pub error: Option<Error>,
    pub high_watermark: u64,
    /// Where the first open transaction begins, at most the high watermark.
    pub last_stable_offset: u64,
    pub log_start: u64,
    /// The follower's log parts from the leader's: (epoch, end) of the last the
    /// leader shares.
    pub diverging: Option<(u32, u64)>,
    /// (producer's number, first offset) of transactions that were aborted, for
    /// those who read only what is committed.
    pub aborted: Box<[(u64, u64)]>,
    pub batches: Box<[Arc<Batch>]>,
}

impl Client {
    pub(super) const fn kind(&self) -> FrameKind {
        match self {
            Self::Produce { .. } => FrameKind::Publish,
            Self::Produced { .. } => FrameKind::Confirm,
            Self::Fetch { .. } => FrameKind::Poll,
            Self::Fetched { partitions } => {
                // A constant function cannot iterate.
                let mut at = 0;
                while at < partitions.len() {
                    if !partitions[at].batches.is_empty() || partitions[at].diverging.is_some() {
                        return FrameKind::Deliver;
                    }
                    at += 1;
                }
                FrameKind::Poll
            }
            Self::Metadata
            | Self::MetadataAnswer { .. }
            | Self::ListOffsets { .. }
            | Self::OffsetsListed { .. }
            | Self::OffsetForLeaderEpoch { .. }
            | Self::EpochEnd { .. } => FrameKind::Control,
        }
    }
}
