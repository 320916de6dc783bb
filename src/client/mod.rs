//! Producers and consumers with their policies: what an application decides
//! about confirms, resends, acknowledgements and exceptions, and what its client
//! library does underneath.
//!
//! - [`link`]: one connection that is opened again whenever it is lost.
//! - [`session`]: the AMQP conversation on top: handshake, topology, heartbeats.
//! - [`declare`]: what both declare, and with which arguments.
//! - [`occurrences`]: the business facts of a run, and when they occur.
//! - [`orders`]: the database of whoever tells of facts, and its outbox.
//! - [`pattern`]: what keeps an order whole that is done in parts.
//! - [`producer`]: tells the broker of facts as they occur.
//! - [`handler`]: what an application does with a message it was given.
//! - [`consumer`]: takes deliveries and writes their effects to a store.
//! - [`forwarder`]: moves messages from one queue to others.
//! - [`reconciler`]: sends again what the books have and nobody acted on.
//! - [`coordinator`], [`participant`]: services that call each other, by TCC.
//! - [`log`]: the same roles for a log: producers, and consumers in groups.

pub mod consumer;
pub mod coordinator;
pub mod declare;
pub mod forwarder;
pub mod handler;
pub mod link;
pub mod log;
pub mod occurrences;
pub mod orders;
pub mod participant;
pub mod pattern;
pub mod producer;
pub mod reconciler;
pub mod session;

#[cfg(test)]
mod peer;
