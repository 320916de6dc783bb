//! Numbers of producers.

/// The producer ids a broker may give out: a block it got from the controller.
/// The host refills it when it is low; it belongs to the broker, not to one
/// coordinator. (Kafka fetches the next block when nine tenths of one are used.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducerIds {
    next: u64,
    end: u64,
}

impl ProducerIds {
    /// Whether the host should ask for a new block: there is none left. Until it
    /// comes, who asks for an id is told to try again.
    #[must_use]
    pub const fn is_low(&self) -> bool {
        self.next >= self.end
    }

    /// A new block in place of the old.
    pub const fn refill(&mut self, first: u64, count: u32) {
        self.next = first;
        self.end = first + count as u64;
    }

    pub fn take(&mut self) -> Option<u64> {
        (self.next < self.end).then(|| {
            self.next += 1;
            self.next - 1
        })
    }
}
