//! What a broker does for groups and transactions, beside keeping records. Three
//! coordinators, each a pure state machine that the broker hosts while it leads a
//! partition of the internal topic in which that coordinator keeps its state:
//!
//! - `group`: consumer groups by the classic protocol, their offsets, and the
//!   members of share groups (`__consumer_offsets`).
//! - `transaction`: producer ids and transactions (`__transaction_state`).
//! - `share`: what became of single records (`__share_group_state`), and the share
//!   partitions themselves, which live with the leader of the partition shared.
//!
//! A coordinator has no disk of its own. What must outlive it is appended to its
//! partition, and the asker is answered once that is below the high watermark; the
//! next leader reads the partition from its start. It is told of appends by their
//! token: either [`committed`](GroupCoordinator::committed), in the order in which
//! they were asked for, or [`append_failed`](GroupCoordinator::append_failed).
//!
//! The host's duties: load a coordinator with everything its replica holds as it
//! begins to lead, once all of that is below the high watermark (Kafka loads at
//! once and hides what is above; until then both answer `CoordinatorLoadInProgress`);
//! resign it when another leads; answer `FindCoordinator` itself; call
//! `time_passed` at `next_deadline`. Left out: compaction of the internal topics,
//! expiry of committed offsets (7 days), the new `consumer` group protocol.
//!
//! Source: apache/kafka, `group-coordinator`, `core/.../coordinator/transaction`,
//! `share-coordinator`, `core/.../server/share/SharePartition`.

mod effect;
pub mod group;
#[cfg(test)]
mod rig;
pub mod share;
pub mod transaction;

pub use effect::{Caller, Effect, Effects, Loaded, earlier};
pub use group::{GroupCoordinator, GroupOptions};
pub use share::{ShareCoordinator, ShareLog, ShareOptions, SharePartitions};
pub use transaction::{ProducerIds, TransactionCoordinator, TransactionOptions};
