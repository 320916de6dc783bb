//! Quorum queues: a queue that several nodes hold by agreement. A publish is
//! confirmed when a majority has synced it, so neither the loss of a minority of
//! nodes nor a power cut of all of them loses what was confirmed; without a
//! majority the queue stands still rather than promise what it cannot keep.
//!
//! - `command`: what is written to the queue's log.
//! - `machine`: the state that the log's commands make, the same on every node.
//! - `serve`: handing messages to consumers.
//! - `settle`: acknowledgements, returns, the delivery limit.
//! - `subscribe`: consumers come and go; `active`: the single active consumer.
//! - `limit`: the length limit. `dead`: dead letters that must arrive.
//! - `snapshot`: the whole state as bytes.
//! - `message`, `consumer`, `ready`: what the state is made of.
//! - `effect`: what applying a command sets in motion outside.
//! - `config`: what the queue was declared with.
//! - `node`: a broker's part in its quorum queues.
//! - `client`: the end of the channel, wherever the leader is; `intake`: its
//!   deliveries.
//!
//! Facts: RabbitMQ's documentation of quorum queues, and `rabbit_fifo`,
//! `rabbit_fifo_client` and `rabbit_quorum_queue` of version 4.3.5.

mod active;
pub mod client;
pub mod command;
pub mod config;
mod consumer;
mod dead;
pub mod effect;
mod intake;
mod limit;
pub mod machine;
pub mod message;
mod node;
mod ready;
mod serve;
mod settle;
mod snapshot;
mod subscribe;

pub(super) use node::{Lease, Quorum, Settlement, TIMER, is_lawful};

#[cfg(test)]
mod tests;
