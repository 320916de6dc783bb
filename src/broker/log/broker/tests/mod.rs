//! What must hold of brokers, together with the real controller, in a world.

mod cells;
mod check;
mod committer;
mod groups;
mod quiet;
mod random;
mod reader;
mod town;
mod writer;
