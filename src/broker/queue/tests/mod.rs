//! The broker alone, with a network and a disk that do what a test says.

pub mod cluster;
mod confirming;
mod connecting;
mod delivering;
mod durability;
mod invariants;
mod quorum;
mod rig;
