//! What is stored of a half: the message, and in front of it where it is to go
//! and what the broker must know after a restart. RocketMQ keeps the same as
//! properties of the message (`REAL_TOPIC`, the time of birth, `CHECK_TIMES`).

use bytes::Bytes;

use crate::codec::Coded;
use crate::protocol::Name;
use crate::time::Time;

/// How long the front is, in bytes.
const FRONT: usize = 4 + 4 + 8 + 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub exchange: Name,
    pub key: Name,
    /// When it was first stored.
    pub born: Time,
    /// How often its producer was asked.
    pub checks: u8,
    pub payload: Bytes,
}

impl Envelope {
    pub fn seal(&self) -> Bytes {
        let mut bytes = Vec::with_capacity(FRONT + self.payload.len());
        self.exchange.put(&mut bytes);
        self.key.put(&mut bytes);
        self.born.put(&mut bytes);
        self.checks.put(&mut bytes);
        bytes.extend_from_slice(&self.payload);
        bytes.into()
    }

    /// `None`: this was never sealed.
    pub fn open(bytes: &Bytes) -> Option<Self> {
        let mut from = bytes.clone();
        Some(Self {
            exchange: Coded::get(&mut from)?,
            key: Coded::get(&mut from)?,
            born: Coded::get(&mut from)?,
            checks: Coded::get(&mut from)?,
            payload: from,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_can_be_opened() {
        let envelope = Envelope {
            exchange: Name(3),
            key: Name(9),
            born: Time::from_millis(1_234),
            checks: 14,
            payload: Bytes::from_static(b"order 12"),
        };
        let sealed = envelope.seal();
        assert_eq!(Envelope::open(&sealed), Some(envelope));
        assert_eq!(Envelope::open(&sealed.slice(..FRONT - 1)), None);
    }
}
