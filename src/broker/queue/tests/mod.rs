//! The broker alone, driven input by input: what must hold whatever comes.

mod alarming;
mod backlog;
pub mod cluster;
mod confirming;
mod connecting;
mod deleting;
mod delivering;
mod durability;
mod dying;
mod expiring;
mod flood;
mod halving;
mod invariants;
mod limiting;
mod lives;
mod preferring;
mod quorum;
mod rig;
mod routing;
mod transacting;
