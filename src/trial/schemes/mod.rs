//! What applications do about repeats and losses, proved on the real nodes: how a
//! consumer tells a repeat, how a producer keeps what it must still send.
//!
//! - `rig`: a small shop, and a run of it.
//! - `cells`: the table of schemes against repeats. `outbox`: the producer's side.
//! - `chaos`: several faults at once.

mod cells;
mod chaos;
mod outbox;
mod rig;
