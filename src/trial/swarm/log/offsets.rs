//! How far a group has come in each partition. A committed offset is a record of a
//! replicated log like any other, and generations keep former members from
//! committing: so it never goes back, and is never forgotten. Where it does, nothing
//! is lost: the group merely does a good deal of work twice, as it may after any
//! crash. So nobody would notice who looks at the end alone.

use std::collections::BTreeMap;

use crate::event::{Event, Kind, detail_offset};

/// Follows the events of a run.
#[derive(Debug, Default)]
pub struct Offsets {
    /// By partition.
    committed: BTreeMap<u16, u64>,
    pub went_back: u64,
    pub forgotten: u64,
}

impl Offsets {
    pub fn see(&mut self, event: &Event) {
        let (partition, offset) = detail_offset(event.detail);
        match event.kind {
            Kind::OffsetCommitted => {
                let former = self.committed.insert(partition, offset);
                self.went_back += u64::from(former > Some(offset));
            }
            Kind::OffsetReset => self.forgotten += u64::from(self.committed.remove(&partition).is_some()),
            _ => {}
        }
    }
}
