//! Several brokers in a simulated world.

mod homes;
mod links;
pub mod town;
