//! One replica of one partition: what it keeps on disk, and the rules by which it
//! leads or follows.
//!
//! A leader appends what producers send, and followers fetch from it as consumers
//! do. Records below the *high watermark* are on every in-sync replica; only they
//! are read by consumers, and only they survive every change of leaders that stays
//! among the in-sync. A follower that has come to a new leader cuts off what this
//! one does not have, which leader epochs tell it, and goes on from there.
//!
//! - `replica`, `role`: its state; how inputs reach the rest; what it is to others.
//! - `policy`, `options`, `effect`: which rules hold, what is set, what it asks of
//!   the node around it.
//! - `produce`, `watermark`, `isr`, `leader`, `fence`, `read`: leading.
//! - `fetch`: following.
//! - `storage`, `cut`, `gates`, `entries`, `codec`, `checkpoint`, `recovery`: files.
//! - `epochs`, `producers`: what follows from the batches in the log.
//! - `upkeep`, `show`: by the clock; for screens and audits.
//!
//! Nothing here knows connections or requests: the node asks, and looks again at
//! whoever waits when an effect says [`Effect::Progress`]. Notes are made here for
//! what becomes of a copy (`Enqueued` by the leader that appends it, `Written`,
//! `Committed`, `Dropped`, `Recovered`); that a publish was `Received` and that it
//! was `Confirmed` the node notes, and what concerns nodes (`LeaderElected`,
//! `IsrShrunk`) as well. Internal topics are silent.
//!
//! Sources: `Partition.scala`, `UnifiedLog.scala`, `ProducerStateManager`,
//! `LeaderEpochFileCache`, `AbstractFetcherThread` (apache/kafka, October 2024);
//! KIP-101, 279, 497, 595.

// Policies that are not Kafka's are there for designs of one's own, later.
#![allow(dead_code, unused_imports)]

mod checkpoint;
mod codec;
mod cut;
mod effect;
mod entries;
mod epochs;
mod fence;
mod fetch;
mod gates;
mod isr;
mod leader;
mod options;
mod policy;
mod produce;
mod producers;
mod read;
mod recovery;
mod replica;
mod role;
mod show;
mod storage;
mod upkeep;
mod watermark;

#[cfg(test)]
mod tests;

pub use effect::{Appended, Effect, Effects};
pub use options::Options;
pub use policy::{CommitRule, ElectionRule, FencingRule, Policy, SyncRule};
pub use replica::{FILES, Replica};
