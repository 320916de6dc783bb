//! What makes a link or a disk slow. Several faults may do so at once: the worst of
//! them is what is felt, each ends in its own time, and what is left goes on.

use crate::time::Time;

/// How slow something is: each cause with the time until which it lasts.
#[derive(Clone, Debug)]
pub(super) struct Slowness<T> {
    causes: Vec<(Time, T)>,
}

impl<T: Copy + Ord> Slowness<T> {
    pub const fn none() -> Self {
        Self { causes: Vec::new() }
    }

    pub fn add(&mut self, until: Time, much: T) {
        self.causes.push((until, much));
    }

    /// The worst there is at present.
    pub fn worst(&self) -> Option<T> {
        self.causes.iter().map(|(_, much)| *much).max()
    }

    /// Ends what is due by now. True if nothing is left of what there was.
    pub fn end(&mut self, now: Time) -> bool {
        let was_slow = !self.causes.is_empty();
        self.causes.retain(|(until, _)| *until > now);
        was_slow && self.causes.is_empty()
    }
}
