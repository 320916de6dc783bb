//! What a queue says of its deliveries: only the first of a copy is said to be one.
//! A copy that is handed out twice as new is in the queue twice, or was on its way
//! twice; consumers that count on the flag take it for two.

use crate::event::{CopyId, Event, Kind};

/// Follows the events of a run.
#[derive(Debug, Default)]
pub struct Handed {
    out: Vec<CopyId>,
    pub twice_as_new: u64,
}

impl Handed {
    pub fn clear(&mut self) {
        self.out.clear();
        self.twice_as_new = 0;
    }

    pub fn see(&mut self, event: &Event) {
        if let (Kind::Delivered { redelivered }, Some(copy)) = (event.kind, event.copy) {
            self.twice_as_new += u64::from(!redelivered && self.out.contains(&copy));
            self.out.push(copy);
        }
    }
}
