//! What must hold of brokers, together with the real controller, in a world.

mod check;
mod quiet;
mod random;
mod reader;
mod town;
mod writer;
