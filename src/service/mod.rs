//! What consumers write to. Each service is a node that speaks the store
//! protocol, so that the lab can put another in its place: a store like Redis,
//! or a database with transactions and a real log.
//!
//! - [`database`]: counts effects, and never fails.
//! - [`tally`]: a table of numbers that is cheap to clone.

pub mod database;
pub mod tally;
