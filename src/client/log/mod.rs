//! Clients of the log: producers, and consumers in groups, after Kafka's own
//! clients (4.x).
//!
//! - [`producer`]: batches records by partition, and sends each batch until the
//!   leader has acknowledged it or its time is over.
//! - [`consumer`]: a member of a consumer group: joins, polls, works, commits; or
//!   of a share group, where records are settled one by one (`share`).
//! - `network`: a connection to each broker, with the requests that await answers.
//! - `metadata`: who leads which partition, as far as a client knows.
//! - `partitioner`: which partition a record goes to.
//!
//! A client learns who leads from any broker, and finds out that it was wrong by
//! an error or a broken connection. Everything it does about failure (waiting,
//! asking again, sending again) follows from that.

#[cfg(test)]
mod bench;
pub mod consumer;
#[cfg(test)]
mod fake;
mod metadata;
mod network;
mod partitioner;
pub mod producer;

pub use consumer::{LogConsumer, LogConsumerOptions};
pub use producer::{LogProducer, LogProducerOptions};
