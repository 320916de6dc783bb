//! Between brokers and the controller: the node that leads the metadata log and
//! decides who leads which partition.

use std::sync::Arc;

use super::{Error, FrameKind, TopicPartition};
use crate::event::NodeId;
use crate::protocol::Name;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Controller {
    /// A broker's process began. It is fenced until it has caught up.
    Register {
        /// Different after every start.
        incarnation: u64,
        /// It stopped in good order and knows that its logs are whole.
        is_clean: bool,
    },
    Registered {
        /// The broker epoch, which fences what an earlier incarnation still says.
        answer: Result<u64, Error>,
    },
    /// A broker is alive. The next change it needs is `offset`: it has applied
    /// everything before.
    Heartbeat {
        broker_epoch: u64,
        offset: u64,
    },
    HeartbeatAnswer {
        error: Option<Error>,
        is_fenced: bool,
    },
    /// A leader proposes other in-sync replicas.
    AlterPartition {
        broker_epoch: u64,
        changes: Box<[IsrChange]>,
    },
    PartitionAltered {
        answers: Box<[(TopicPartition, Result<Partition, Error>)]>,
    },
    /// A broker takes a block of producer ids to give out.
    AllocateProducerIds,
    ProducerIdsAllocated {
        /// The first, and how many.
        answer: Result<(u64, u32), Error>,
    },
    /// A broker asks for the metadata log from an offset on; news follow unasked.
    Subscribe {
        offset: u64,
    },
    /// Committed changes, in order; the first has offset `first`. That may lie
    /// beyond what was asked for: changes that later ones replaced are left out, as
    /// from a compacted log. After these the next is `first` and their number.
    News {
        first: u64,
        changes: Box<[Change]>,
    },
}

/// A committed record of the metadata log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Broker {
        broker: NodeId,
        epoch: u64,
        incarnation: u64,
        is_fenced: bool,
    },
    /// A partition is created or changed: its state, whole.
    Partition {
        partition: TopicPartition,
        state: Arc<Partition>,
    },
    /// Producer ids below `next` are given out.
    ProducerIds {
        next: u64,
    },
    /// A new controller leads.
    Leader {
        controller: NodeId,
    },
    Topic {
        topic: Name,
        partitions: u16,
    },
}

/// What the metadata log says of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub replicas: Arc<[NodeId]>,
    pub in_sync: Arc<[NodeId]>,
    /// Eligible leader replicas (KIP-966): they left the in-sync replicas while
    /// these were fewer than `min.insync.replicas`, and did not stop uncleanly.
    pub eligible: Arc<[NodeId]>,
    /// Who led last, when nobody is in sync or eligible.
    pub last_known_leader: Option<NodeId>,
    pub leader: Option<NodeId>,
    /// Counts leaders.
    pub leader_epoch: u32,
    /// Counts changes of any kind.
    pub partition_epoch: u32,
    pub recovery: RecoveryState,
}

/// Whether the leader may lack acknowledged records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecoveryState {
    #[default]
    Recovered,
    /// An unclean election, and the leader has not yet said that it is done.
    Recovering,
}

/// A leader's proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IsrChange {
    pub partition: TopicPartition,
    pub leader_epoch: u32,
    pub partition_epoch: u32,
    /// With the broker epoch in which each fetched: a replica that has restarted
    /// since must not be counted.
    pub in_sync: Box<[(NodeId, u64)]>,
    pub recovery: RecoveryState,
}

impl Controller {
    pub(super) const fn kind(&self) -> FrameKind {
        match self {
            Self::Heartbeat { .. } | Self::HeartbeatAnswer { error: None, .. } => FrameKind::Heartbeat,
            Self::AlterPartition { .. } | Self::PartitionAltered { .. } | Self::News { .. } => FrameKind::Replicate,
            _ => FrameKind::Control,
        }
    }
}
