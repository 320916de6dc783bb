//! Which elections are news. Every replicated queue and every partition begins with
//! one, and so does every run; what a learner counts is what comes after it. Who leads
//! the cluster's own metadata is not counted at all.

use crate::protocol::Name;

#[derive(Clone, Debug, Default)]
pub(super) struct Leaders {
    /// What has had a leader. Few queues and partitions have one.
    led: Vec<Name>,
}

impl Leaders {
    pub fn clear(&mut self) {
        self.led.clear();
    }

    /// A leader was elected. Whether there had been one before.
    pub fn elected(&mut self, of: Name) -> bool {
        if of == Name::EMPTY || self.led.contains(&of) {
            return of != Name::EMPTY;
        }
        self.led.push(of);
        false
    }
}
