//! Several brokers in a simulated world.

mod homes;
mod links;
mod metadata;
mod mirrors;
pub mod town;
