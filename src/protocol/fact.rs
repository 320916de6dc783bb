//! The business content of a message: which fact, about what, in which version.
//! It is what travels as payload, so a broker cannot know it and a consumer must
//! decode it.

use crate::event::MessageId;

/// For example: order 17 (the key) is now in its third state (the version).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    pub message: MessageId,
    /// What the fact is about. Order matters within a key.
    pub key: u32,
    /// Counts the facts about one key, from 1.
    pub version: u32,
}

impl Fact {
    /// The bytes an encoded fact needs at least.
    pub const LENGTH: usize = 12;

    /// Encodes into the first [`Fact::LENGTH`] bytes; the rest of a payload is padding.
    #[must_use]
    pub fn encode(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..4].copy_from_slice(&self.message.0.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.key.to_le_bytes());
        bytes[8..].copy_from_slice(&self.version.to_le_bytes());
        bytes
    }

    /// `None` if the payload is too short to be a fact.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        Some(Self { message: MessageId(word(0)?), key: word(4)?, version: word(8)? })
    }
}
