//! Several brokers in a simulated world.

mod homes;
mod links;
mod metadata;
pub mod town;
