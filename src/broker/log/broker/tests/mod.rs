//! What must hold of brokers, together with the real controller, in a world.

mod banker;
mod cells;
mod check;
mod committer;
mod groups;
mod promises;
mod quiet;
mod random;
mod reader;
mod town;
mod transactions;
mod writer;
