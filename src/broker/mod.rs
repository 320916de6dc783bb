//! Brokers.
pub mod queue;
