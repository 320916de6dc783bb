//! Several brokers in a simulated world.

mod chaos;
mod homes;
mod links;
mod metadata;
mod mirrors;
pub mod town;
