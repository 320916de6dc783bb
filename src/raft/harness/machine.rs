//! The state machine of the harness: a chain of digests.

use bytes::Bytes;

use crate::random::Digest;

/// The state machine: how far it is, and a digest of all it has applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Machine {
    pub index: u64,
    pub state: Digest,
    pub since_snapshot: u64,
}

impl Machine {
    /// Applies a command, and says whether that was the last of `most` since the
    /// last snapshot.
    pub fn apply(&mut self, index: u64, command: &[u8], most: u64) -> bool {
        self.index = index;
        self.state.add(index);
        self.state.add(Digest::of(command).0);
        self.since_snapshot += 1;
        let is_due = self.since_snapshot >= most;
        if is_due {
            self.since_snapshot = 0;
        }
        is_due
    }

    pub fn encode(&self) -> Bytes {
        let words = [self.index.to_le_bytes(), self.state.0.to_le_bytes()];
        Bytes::copy_from_slice(words.as_flattened())
    }

    pub fn decode(bytes: &[u8]) -> Self {
        let word = |at: usize| bytes[at..at + 8].iter().rev().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        Self { index: word(0), state: Digest(word(8)), since_snapshot: 0 }
    }
}
