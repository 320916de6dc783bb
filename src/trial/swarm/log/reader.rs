//! What consumers were handed, beside what they could have been.

use std::collections::BTreeMap;

use crate::event::{CopyId, Event, Kind, detail_offset};

/// Follows the events of a run.
#[derive(Debug, Default)]
pub struct Reader {
    /// Copies that a high watermark has passed.
    committed: Vec<CopyId>,
    /// Deliveries of a copy that no high watermark had passed.
    pub read_ahead: u64,
    /// Events so far.
    seen: u64,
    /// What consumers got, each with the number of that event.
    pub taken: Vec<(CopyId, u64)>,
    /// The ends of transactions by partition and offset, with the first event.
    markers: BTreeMap<(u16, u64), u64>,
    /// The number and epoch of every process that began, as it was told.
    identities: Vec<u64>,
    /// Transactions that were decided.
    pub commits: u64,
    pub aborts: u64,
    /// Producers that were fenced.
    pub fenced: u64,
}

impl Reader {
    pub fn clear(&mut self) {
        self.committed.clear();
        self.taken.clear();
        self.markers.clear();
        self.identities.clear();
        (self.read_ahead, self.seen) = (0, 0);
        (self.commits, self.aborts, self.fenced) = (0, 0, 0);
    }

    pub fn see(&mut self, event: &Event) {
        self.seen += 1;
        match event.kind {
            Kind::TransactionDecided { is_commit: true } => self.commits += 1,
            Kind::TransactionDecided { is_commit: false } => self.aborts += 1,
            Kind::ProducerFenced => self.fenced += 1,
            Kind::ProducerIdentified => self.identities.push(event.detail),
            Kind::MarkerAppended { .. } => {
                self.markers.entry(detail_offset(event.detail)).or_insert(self.seen);
            }
            _ => {}
        }
        let Some(copy) = event.copy else { return };
        match event.kind {
            Kind::Committed => self.committed.push(copy),
            Kind::Delivered { .. } if !self.committed.contains(&copy) => self.read_ahead += 1,
            Kind::Taken => self.taken.push((copy, self.seen)),
            _ => {}
        }
    }

    /// How many processes began in an epoch that another had: neither fences the other.
    pub fn namesakes(&self) -> u64 {
        let is_taken = |place: usize| self.identities[..place].contains(&self.identities[place]);
        (0..self.identities.len()).filter(|place| is_taken(*place)).count() as u64
    }

    /// When the end of a transaction was first appended at this offset.
    pub fn marked(&self, at: (u16, u64)) -> Option<u64> {
        self.markers.get(&at).copied()
    }
}
