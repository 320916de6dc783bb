//! Producer ids, and transactions over several partitions.

use super::{Error, TopicPartition};
use crate::protocol::Name;

/// Who an idempotent producer is. A new process gets a new number, unless it has
/// a transactional id: then the number stays and the epoch grows, and the old
/// process is fenced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProducerId {
    pub number: u64,
    pub epoch: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transaction {
    InitProducerId {
        /// Without one, any broker answers.
        transactional_id: Option<Name>,
    },
    ProducerIdGiven {
        answer: Result<ProducerId, Error>,
    },
    AddPartitions {
        transactional_id: Name,
        producer: ProducerId,
        partitions: Box<[TopicPartition]>,
    },
    /// The offsets of this group will be part of the transaction.
    AddOffsets {
        transactional_id: Name,
        producer: ProducerId,
        group: Name,
    },
    End {
        transactional_id: Name,
        producer: ProducerId,
        is_commit: bool,
    },
    /// To the two that add.
    Answer {
        error: Option<Error>,
    },
    /// To `End`: who the producer is from now on. Its epoch grows with every
    /// transaction (KIP-890, the default since 4.0), so that nothing late of one
    /// can get into the next.
    Ended {
        answer: Result<ProducerId, Error>,
    },
    /// From the coordinator to the leaders of the partitions.
    WriteMarkers {
        producer: ProducerId,
        is_commit: bool,
        partitions: Box<[TopicPartition]>,
    },
    MarkersWritten {
        answers: Box<[(TopicPartition, Option<Error>)]>,
    },
}
