//! The log model: Kafka 4.x. Records are appended to partitions, replicated by
//! followers that fetch, and read by whoever asks, again if need be; reading
//! deletes nothing.
//!
//! - `partition`: one replica of one partition: its segments, and the rules of
//!   replication.
//! - `controller`: the node that decides who leads what.
//! - `coordinator`: consumer groups, transactions, share groups.
//! - `broker`: a node with its replicas and connections.
//! - `settings`: what a learner may toggle.
//!
//! Left out: brokers that are controllers as well, controlled shutdown, reads from
//! followers, compaction, tiered storage, reassignment of partitions, several log
//! folders, quotas, the newer group protocol, static members, and leaders that ask
//! the coordinator about a transaction before they append (KIP-890).

mod broker;
mod controller;
pub mod coordinator;
mod partition;
mod settings;

pub use broker::LogBroker;
pub use controller::LogController;
pub use settings::{Options, SETTINGS, TopicSpec};
