//! What is published of facts: each encoded, and padded to the length that the
//! workload says.

use bytes::Bytes;

use super::{Occurrences, Source};

/// The payloads of those facts that are published next. They are made many at
/// once and share one allocation; what is sent keeps its part of it alive.
#[derive(Clone, Debug, Default)]
pub struct Payloads {
    first: usize,
    bytes: Bytes,
}

/// Payloads made at once.
const TOGETHER: usize = 64;

impl Payloads {
    /// The payload of the fact at a place.
    pub fn of(&mut self, occurrences: &Occurrences, place: usize) -> Bytes {
        let pattern = match &occurrences.0 {
            Source::Listed(list) => return list[place].payload.clone(),
            Source::Paced { pattern, .. } => pattern,
        };
        let length = pattern.payload.max(1);
        let is_made = place >= self.first && (place - self.first + 1) * length <= self.bytes.len();
        if !is_made {
            let together = TOGETHER.min(occurrences.len() - place);
            let mut bytes = Vec::with_capacity(together * length);
            for next in 0..together {
                bytes.extend_from_slice(&occurrences.fact(place + next).encode());
                bytes.resize((next + 1) * length, b'.');
            }
            (self.first, self.bytes) = (place, bytes.into());
        }
        let start = (place - self.first) * length;
        self.bytes.slice(start..start + length)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::occurrences;
    use super::*;
    use crate::protocol::fact::Fact;

    #[test]
    fn a_payload_holds_its_fact_whatever_was_asked_before() {
        let all = occurrences(300, 5).share(1, 2);
        let mut payloads = Payloads::default();
        for place in (0..all.len()).chain([3, 90, 2, all.len() - 1]) {
            let payload = payloads.of(&all, place);
            assert_eq!((Fact::decode(&payload), payload.len()), (Some(all.fact(place)), 32));
        }
    }
}
