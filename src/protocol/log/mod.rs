//! The log protocol: Kafka's requests and responses (4.x), cut down to what
//! changes the fate of a record. A client sends requests on one connection, each
//! with a correlation number, and the broker answers in the order of requests.
//!
//! - `record`: batches of records, the unit that is appended, replicated, fetched.
//! - `client`: metadata, producing, fetching.
//! - `group`: consumer groups (the classic protocol) and their offsets.
//! - `transaction`: producer ids and transactions.
//! - `share`: share groups, a queue on top of a log.
//! - `controller`: between brokers and the controller that leads the metadata log.
//!
//! Left out: versions of requests, security, quotas, throttling, fetch sessions,
//! topic ids (a name is a topic here), compression, timestamps of records. Source:
//! the message definitions in apache/kafka, `clients/src/main/resources/common/message`.

mod client;
mod controller;
mod group;
mod record;
mod share;
mod transaction;

pub use client::{
    Acks, Client, FetchPartition, FetchedPartition, Isolation, PartitionInfo, ProducePartition, ProducedPartition,
    ReplicaState,
};
pub use controller::{Change, Controller, IsrChange, Partition, RecoveryState};
pub use group::{Assignment, Group, Join, Joined, Member, MemberId, OffsetAt, Strategy};
pub use record::{Batch, Control, Record, Sequence};
pub use share::{AcquiredRange, Share, ShareAnswer, ShareFetched, ShareRange, ShareState};
pub use transaction::{ProducerId, Transaction};

use super::{Frame, FrameKind, Name};
use crate::event::CopyId;

/// The most partitions that a topic may have. An event about several of them has a bit
/// for each, of 64; a broker has places for their files.
pub const MOST_PARTITIONS: u16 = 16;

/// One partition of a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    pub topic: Name,
    pub partition: u16,
}

impl TopicPartition {
    /// Which partition of an internal topic holds what belongs to a group or a
    /// transactional id; that partition's leader is its coordinator.
    #[must_use]
    pub const fn of(topic: Name, key: Name, partitions: u16) -> Self {
        Self { topic, partition: (key.0 % partitions as u32) as u16 }
    }
}

/// A request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Client(Client),
    Group(Group),
    Transaction(Transaction),
    Share(Share),
    Controller(Controller),
}

/// Why a request was refused, by the names of Kafka's error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Error {
    // Partitions and leaders.
    UnknownTopicOrPartition,
    NotLeaderOrFollower,
    LeaderNotAvailable,
    FencedLeaderEpoch,
    UnknownLeaderEpoch,
    OffsetOutOfRange,
    KafkaStorageError,
    RequestTimedOut,
    /// Refused before the append: nothing was written.
    NotEnoughReplicas,
    /// The record is in the log, and too few replicas have it.
    NotEnoughReplicasAfterAppend,
    // Producers.
    OutOfOrderSequenceNumber,
    UnknownProducerId,
    /// A newer producer with the same transactional id has taken over.
    InvalidProducerEpoch,
    ProducerFenced,
    InvalidTxnState,
    ConcurrentTransactions,
    // Groups and coordinators.
    CoordinatorNotAvailable,
    CoordinatorLoadInProgress,
    NotCoordinator,
    UnknownMemberId,
    IllegalGeneration,
    RebalanceInProgress,
    MemberIdRequired,
    InconsistentGroupProtocol,
    /// Offsets of an open transaction are pending: ask again.
    UnstableOffsetCommit,
    // Share groups.
    InvalidRecordState,
    // Controller.
    NotController,
    /// An earlier process of this broker still has a session. Try again: it ends.
    DuplicateBrokerRegistration,
    StaleBrokerEpoch,
    /// The change was decided on an older state of the partition.
    InvalidUpdateVersion,
    /// A proposed member of the in-sync replicas is fenced or shutting down.
    IneligibleReplica,
    FencedBroker,
}

impl Message {
    /// The class for latency draws and for faults that name a frame.
    #[must_use]
    pub const fn kind(&self) -> FrameKind {
        match self {
            Self::Client(client) => client.kind(),
            Self::Group(group) => group.kind(),
            Self::Transaction(_) => FrameKind::Control,
            Self::Share(share) => share.kind(),
            Self::Controller(controller) => controller.kind(),
        }
    }

    /// Names the copies of messages in it: the records of its batches.
    pub fn copies(&self, visit: &mut dyn FnMut(CopyId)) {
        let mut all = |batch: &Batch| batch.records.iter().for_each(|record| visit(record.copy));
        match self {
            Self::Client(Client::Produce { partitions, .. }) => partitions.iter().for_each(|one| all(&one.batch)),
            Self::Client(Client::Fetched { partitions }) => {
                partitions.iter().flat_map(|one| one.batches.iter()).for_each(|batch| all(batch));
            }
            Self::Share(Share::Fetched { partitions }) => {
                let ranges = partitions.iter().filter_map(|one| one.answer.as_ref().ok()).flatten();
                ranges.flat_map(AcquiredRange::records).for_each(|record| visit(record.copy));
            }
            _ => {}
        }
    }

    /// As a frame with its correlation number.
    #[must_use]
    pub const fn on(self, correlation: u32) -> Frame {
        Frame::Log { correlation, message: self }
    }
}

macro_rules! into_message {
    ($($kind:ident),*) => {
        $(impl From<$kind> for Message {
            fn from(message: $kind) -> Self {
                Self::$kind(message)
            }
        })*
    };
}
into_message!(Client, Group, Transaction, Share, Controller);
