//! What applications write to. Each service is a node that speaks the store
//! protocol and knows nothing of brokers.
//!
//! - [`database`]: transactions, idempotent writes, an outbox; reliable, or with a
//!   log on a disk.
//! - [`store`]: a key-value store like Redis, with a replica.
//! - `log`: how a service reads its log back.

pub mod database;
mod log;
pub mod store;
