//! Consumer groups by the classic protocol, and their committed offsets. The
//! coordinator only keeps members and generations; who gets which partition is
//! decided by one of the members, the group's leader.

use std::sync::Arc;

use super::{Error, FrameKind, ProducerId, TopicPartition};
use crate::event::NodeId;
use crate::protocol::Name;
use crate::time::Span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// Which broker coordinates this group, or this transactional id.
    FindCoordinator {
        key: Name,
        is_transaction: bool,
    },
    Coordinator {
        broker: Result<NodeId, Error>,
    },
    Join(Join),
    Joined {
        member: MemberId,
        answer: Result<Joined, Error>,
    },
    /// The leader brings everyone's assignment; the others nothing.
    Sync {
        group: Name,
        member: MemberId,
        generation: u32,
        assignments: Box<[(MemberId, Assignment)]>,
    },
    Synced {
        answer: Result<Assignment, Error>,
    },
    Heartbeat {
        group: Name,
        member: MemberId,
        generation: u32,
    },
    HeartbeatAnswer {
        error: Option<Error>,
    },
    Leave {
        group: Name,
        member: MemberId,
    },
    Left,
    OffsetCommit {
        group: Name,
        /// `None`: a consumer with partitions of its own choice, never fenced.
        member: Option<(MemberId, u32)>,
        offsets: Box<[OffsetAt]>,
    },
    /// Part of a transaction: it counts when that commits.
    TxnOffsetCommit {
        group: Name,
        producer: ProducerId,
        member: Option<(MemberId, u32)>,
        offsets: Box<[OffsetAt]>,
    },
    OffsetCommitted {
        error: Option<Error>,
    },
    OffsetFetch {
        group: Name,
        partitions: Assignment,
    },
    /// Partitions without a committed offset are absent.
    OffsetsFetched {
        answer: Result<Box<[OffsetAt]>, Error>,
    },
}

/// A member's number within its group, given by the coordinator. Zero: not yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(pub u64);

/// Partitions, in order.
pub type Assignment = Arc<[TopicPartition]>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    pub group: Name,
    pub member: MemberId,
    /// `session.timeout.ms`.
    pub session_timeout: Span,
    /// `max.poll.interval.ms`: how long the others wait for this member to rejoin.
    pub rebalance_timeout: Span,
    pub topics: Arc<[Name]>,
    pub strategy: Strategy,
    /// What it owned before, for cooperative assignment.
    pub owned: Assignment,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    pub generation: u32,
    pub leader: MemberId,
    pub strategy: Strategy,
    /// Everyone, with topics and what they owned; for the leader alone.
    pub members: Box<[Member]>,
}

/// A member as its group's leader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub topics: Arc<[Name]>,
    pub owned: Assignment,
}

/// `partition.assignment.strategy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Everybody gives everything back, then neighbours go to one member.
    #[default]
    Range,
    /// Only what moves is given back, in two rebalances.
    CooperativeSticky,
}

/// The next offset to read of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetAt {
    pub partition: TopicPartition,
    pub offset: u64,
    /// The epoch of the last record before it, if whoever commits has read that: so
    /// that it shows whether the log has been cut since (KIP-320).
    pub leader_epoch: Option<u32>,
}

impl Group {
    pub(super) const fn kind(&self) -> FrameKind {
        match self {
            Self::Heartbeat { .. } | Self::HeartbeatAnswer { error: None } => FrameKind::Heartbeat,
            Self::OffsetCommit { .. } | Self::TxnOffsetCommit { .. } => FrameKind::Ack,
            _ => FrameKind::Control,
        }
    }
}
