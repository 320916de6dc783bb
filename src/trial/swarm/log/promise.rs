//! What Kafka promises under some settings and faults.

use std::collections::BTreeSet;

use super::Settings;
use crate::trial::swarm::hazard::{DISK_LOSS, Drawn, Ends};

/// Faults that destroy what was written and not synced, or more.
const DESTRUCTIVE: [&str; 4] = ["power cut", "power cut of all", "torn write", DISK_LOSS];

#[derive(Clone, Copy, Debug, Default)]
pub struct Promise {
    /// What was acknowledged is there for good.
    pub keeps_all: bool,
    /// Nothing that was written is destroyed on any machine.
    pub is_mild: bool,
    /// Consumers get the records of a key in the order of their producer.
    pub keeps_order: bool,
    /// Of a transaction either everything counts or nothing, and none stays open.
    pub is_atomic: bool,
}

impl Promise {
    /// With `acks=all`, two in sync and no unclean elections:
    ///
    /// - while page caches survive, everything survives;
    /// - if one machine loses its power or its disk, what it had is elsewhere. But
    ///   the controller must not elect that machine by itself, and to know that it
    ///   came back with less it takes eligible leader replicas (KIP-966). And
    ///   whoever crashes is no better to the controller than one that lost its
    ///   power: with a second one down, neither is eligible, and the last known
    ///   leader is elected, whatever it has left.
    pub fn of(settings: &Settings, faults: &[Drawn]) -> Self {
        let is_mild = !faults.iter().any(|fault| DESTRUCTIVE.contains(&fault.name));
        // A broker whose only disk refuses a write stops, and is started again.
        let is_death = |fault: &&Drawn| fault.ends == Ends::ByRestart || fault.name == "full disk";
        let deaths = faults.iter().filter(is_death).filter(|fault| !is_of_others(fault));
        let unknown = deaths.clone().filter(|fault| fault.broker == 0).count();
        let known: BTreeSet<u64> = deaths.map(|fault| fault.broker).filter(|broker| *broker > 0).collect();
        let has_one_death = known.len() + unknown <= 1 && !faults.iter().any(|fault| fault.name.ends_with("all"));
        let is_kept = is_mild || (has_one_death && settings.is("eligible_leader_replicas", "true"));
        let waits_for_two = settings.is("min_insync", "2") && settings.is("acks", "all");
        // With `acks=all` one replica is enough, as long as it loses nothing itself.
        let keeps_acknowledged = is_kept && (waits_for_two || is_mild) && settings.is("unclean_election", "false");
        let keeps_all = is_kept && waits_for_two && settings.is("unclean_election", "false");
        Self {
            keeps_all,
            is_mild,
            keeps_order: keeps_all && settings.is("idempotence", "true"),
            is_atomic: keeps_acknowledged && settings.has_transactions(),
        }
    }
}

/// Clients and controllers have no log of records.
fn is_of_others(fault: &Drawn) -> bool {
    ["controller", "consumer", "producer"].iter().any(|word| fault.name.starts_with(word))
}
