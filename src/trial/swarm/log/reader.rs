//! What consumers were handed, beside what they could have been.

use crate::event::{CopyId, Event, Kind};

/// Follows the events of a run.
#[derive(Debug, Default)]
pub struct Reader {
    /// Copies that a high watermark has passed.
    committed: Vec<CopyId>,
    /// Deliveries of a copy that no high watermark had passed.
    pub read_ahead: u64,
}

impl Reader {
    pub fn clear(&mut self) {
        self.committed.clear();
        self.read_ahead = 0;
    }

    pub fn see(&mut self, event: &Event) {
        let Some(copy) = event.copy else { return };
        match event.kind {
            Kind::Committed => self.committed.push(copy),
            Kind::Delivered { .. } if !self.committed.contains(&copy) => self.read_ahead += 1,
            _ => {}
        }
    }
}
