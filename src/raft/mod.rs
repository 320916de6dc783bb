//! Consensus, written once: Raft as RabbitMQ's library `ra` does it. Several
//! nodes keep the same log, and what more than half of them have on disk is
//! never lost and never reordered.
//!
//! - `member` is one member of one group, the algorithm itself, free of clocks
//!   and disks: `election`, `follow`, `lead`, `membership` are its parts, `log`
//!   and `progress` what it keeps, [`Outcome`] what its state machine is told.
//! - [`Host`] is all groups of one node with the one log they share on its disk:
//!   what a broker embeds.
//! - `harness` runs hosts in a simulated world with faults and checks what must
//!   hold: for the unit tests and for `examples/swarm.rs`.
//!
//! What a plain reading of the Raft paper would not lead to, and why `ra` does it:
//!
//! - No heartbeats. With thousands of quorum queues, each with its own, an idle
//!   cluster would be busy. The node has one failure detector for each other
//!   node, and hands its verdicts in.
//! - One log for all groups of a node, so that one sync serves whatever came in
//!   meanwhile, of any group.
//! - A leader writes and sends at the same time; its own disk is one vote among
//!   others. A follower answers when its own sync is done.
//!
//! Left out: chunked snapshots, flow control towards proposers, transfer of
//! leadership, consistent queries, and what `ra` does to keep old entries out of
//! memory (segment files). A record that rots in the middle of the synced log is
//! not told from a torn tail.

mod effects;
mod election;
mod follow;
pub mod harness;
mod host;
mod lead;
mod log;
mod member;
mod membership;
mod progress;

#[cfg(test)]
mod tests;

pub use effects::{Outcome, Role};
pub use host::{Host, NotLeader, Options, Status};
pub use membership::Refusal;
