//! On how many brokers a record is when it is said to be safe. A record counts as
//! committed, and `acks=all` is answered, once all in-sync replicas have it; and
//! they are never fewer than `min.insync.replicas` then. What is lost later for
//! want of a copy was promised too early here, and here every run can show it.

use super::Settings;
use crate::event::{CopyId, Event, Kind, NodeId};

/// Follows the events of a run.
#[derive(Debug)]
pub struct Copies {
    /// Each copy of a record, with a bit for each broker that has ever written it.
    written: Vec<(CopyId, u64)>,
    /// As many brokers must have a record that counts as committed.
    fewest: u32,
    /// As many must have one that a producer is told is there.
    fewest_told: u32,
    pub thinly_committed: u64,
    pub thinly_confirmed: u64,
}

impl Copies {
    pub fn new(settings: &Settings) -> Self {
        let fewest = if settings.is("min_insync", "2") { 2 } else { 1 };
        let fewest_told = if settings.is("acks", "all") { fewest } else { 0 };
        Self { written: Vec::new(), fewest, fewest_told, thinly_committed: 0, thinly_confirmed: 0 }
    }

    pub fn see(&mut self, event: &Event) {
        let Some(copy) = event.copy else { return };
        match event.kind {
            // A process that dies in mid-write never learns that the bytes got there;
            // its next life finds them.
            Kind::Written | Kind::Recovered => self.write(copy, event.node),
            Kind::Committed => {
                self.thinly_committed += u64::from(self.brokers_with(|it| it == copy) < self.fewest);
            }
            // A batch that is sent again is confirmed for what it was the first time.
            Kind::Confirmed => {
                let brokers = self.brokers_with(|it| it.message == copy.message);
                self.thinly_confirmed += u64::from(brokers < self.fewest_told);
            }
            _ => {}
        }
    }

    fn write(&mut self, copy: CopyId, broker: NodeId) {
        let bit = 1 << (broker.0 % 64);
        match self.written.iter_mut().find(|(known, _)| *known == copy) {
            Some((_, brokers)) => *brokers |= bit,
            None => self.written.push((copy, bit)),
        }
    }

    fn brokers_with(&self, is_it: impl Fn(CopyId) -> bool) -> u32 {
        let copies = self.written.iter().filter(|(copy, _)| is_it(*copy));
        copies.fold(0, |all, (_, brokers)| all | brokers).count_ones()
    }
}
