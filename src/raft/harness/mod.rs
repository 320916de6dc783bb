//! The harness: replicas of a small state machine in a simulated world, faults
//! drawn from a seed, and a check of what Raft promises. One seed is one run;
//! the unit tests make some hundreds and `examples/swarm.rs` a million.
//!
//! - [`Replica`] is a node with a host, connections and a failure detector. Its
//!   state is a chain of digests, so two replicas that applied the same commands
//!   in the same order show it in one number.
//! - `plan` draws the faults of a run before it begins.
//! - `check` reads what all replicas saw and says what must not have happened.
//!
//! What is checked: one leader a term; a leader has everything that was ever
//! committed; all replicas apply the same commands in the same order, once;
//! logs that agree on one entry agree on all before; what was reported committed
//! survives, even a power cut of all; no member breaks its `word`; once everything is healed, proposals are
//! committed again within seconds, and all replicas end up the same.

mod check;
mod habits;
mod machine;
mod operator;
mod plan;
mod replica;
mod run;
mod seen;
mod word;

pub use replica::Replica;
pub use run::{Report, Setup, run};
