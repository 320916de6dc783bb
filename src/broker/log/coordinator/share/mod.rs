//! Share groups (KIP-932): several members take records of one partition, and each
//! record is settled by itself, as from a queue.
//!
//! - `window`: the records of a partition that a group has in hand.
//! - `partition`: a share partition at the partition's leader.
//! - `partitions`: all of them on a broker, and the fetches that wait.
//! - `coordinator`: where their state outlives the leader.
//!
//! Three brokers may take part: the group coordinator keeps the members, the leader
//! of a partition hands out its records under a lock of 30 s, and the share
//! coordinator keeps what was settled. A member is told that its answer counts when
//! the share coordinator has it. A delivery as such is written nowhere: when the
//! leader changes, its locks are gone, and what was in hand is delivered again.
//!
//! Left out: share sessions, `share.isolation.level=read_committed`,
//! `share.acquire.mode=record_limit`, dead-letter queues (KIP-1191), the check of
//! members by the partition's leader (Kafka has none either, but for its sessions).
//! Source: `SharePartition`, `SharePartitionManager`, `ShareCoordinatorShard`,
//! `PersisterStateManager`; KIP-1222 for `Renew`.

mod coordinator;
mod partition;
mod partitions;
#[cfg(test)]
mod tests;
mod window;

pub use coordinator::ShareCoordinator;
pub use partitions::{ShareLog, SharePartitions};

use crate::flaw::{self, Flaw};
use crate::time::Span;

/// What an operator may set. The default is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareOptions {
    /// `group.share.record.lock.duration.ms`.
    pub lock_duration: Span,
    /// `group.share.delivery.count.limit`.
    pub delivery_limit: u16,
    /// `group.share.partition.max.record.locks`.
    pub max_record_locks: u32,
    /// `share.auto.offset.reset`; Kafka's default is latest.
    pub begins_at_start: bool,
}

impl Default for ShareOptions {
    fn default() -> Self {
        Self { lock_duration: Span::from_secs(30), delivery_limit: 5, max_record_locks: 2000, begins_at_start: false }
    }
}
