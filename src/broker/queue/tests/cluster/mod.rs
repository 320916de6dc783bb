//! Several brokers in a simulated world.

mod alarms;
mod homes;
mod links;
mod metadata;
mod mirrors;
pub mod town;
