//! Keyed randomness. A draw is a pure function of the seed and of *what it is
//! about* (which link, which message, which attempt), never the next number of
//! a running generator. Removing one fault or flipping one setting therefore
//! leaves every other draw of the run alone, which is what makes a twin run a
//! fair comparison.

use crate::time::Span;

/// The seed of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(pub u64);

/// One keyed value. It is extended with [`Draw::by`] until it names its subject
/// fully, then read once.
#[derive(Clone, Copy, Debug)]
pub struct Draw(u64);

/// What a draw is for, so that two purposes about one subject never correlate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    LinkLatency = 1,
    WriteBack,
    PowerCutFate,
    TearPoint,
    Rot,
    WriteLatency,
    SyncLatency,
    FaultMoment,
    ProcessingTime,
    Workload,
    RetryBackOff,
    Test,
    ElectionDelay,
    Identity,
    Partition,
    HalfCheck,
}

impl Seed {
    /// Begins a draw for one purpose.
    #[must_use]
    pub const fn draw(self, purpose: Purpose) -> Draw {
        Draw(mix(self.0 ^ 0x9E37_79B9_7F4A_7C15)).by(purpose as u64)
    }
}

impl Draw {
    /// Narrows the draw to a subject.
    #[must_use]
    pub const fn by(self, subject: u64) -> Self {
        Self(mix(self.0.rotate_left(23) ^ mix(subject.wrapping_add(0xD1B5_4A32_D192_ED03))))
    }

    /// The value, uniform over all of `u64`.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// Uniform in `0..bound`; zero when `bound` is zero. The bias, below
    /// `bound / 2^64`, is far beneath anything a sweep could see.
    #[must_use]
    pub const fn below(self, bound: u64) -> u64 {
        ((self.0 as u128 * bound as u128) >> 64) as u64
    }

    /// True in `numerator` of `denominator` cases.
    #[must_use]
    pub const fn chance(self, numerator: u64, denominator: u64) -> bool {
        self.below(denominator) < numerator
    }

    /// Uniform in `least..=most`.
    #[must_use]
    pub const fn span(self, least: Span, most: Span) -> Span {
        let width = most.as_nanos().saturating_sub(least.as_nanos());
        Span::from_nanos(least.as_nanos() + self.below(width.saturating_add(1)))
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a bijection in
/// which every input bit reaches every output bit.
#[must_use]
pub const fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// A running digest, for the history of a run and the content of a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0x243F_6A88_85A3_08D3)
    }
}

impl Digest {
    /// Folds one word in; order matters.
    pub const fn add(&mut self, word: u64) {
        self.0 = mix(self.0.rotate_left(29) ^ word).wrapping_add(0x9E37_79B9_7F4A_7C15);
    }

    /// The digest of a text or a file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut digest = Self::default();
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            digest.add(u64::from_le_bytes(word));
        }
        digest.add(bytes.len() as u64);
        digest
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_its_whole_subject_and_on_nothing_else() {
        let draw = |seed, a, b| Seed(seed).draw(Purpose::Test).by(a).by(b).value();
        assert_eq!(draw(1, 2, 3), draw(1, 2, 3));
        assert_ne!(draw(1, 2, 3), draw(2, 2, 3));
        assert_ne!(draw(1, 2, 3), draw(1, 3, 2));
        assert_ne!(draw(1, 0, 0), Seed(1).draw(Purpose::Test).by(0).value());
    }

    #[test]
    fn draws_spread_evenly() {
        let mut buckets = [0u32; 16];
        for subject in 0..16_000 {
            buckets[Seed(7).draw(Purpose::Test).by(subject).below(16) as usize] += 1;
        }
        assert!(buckets.iter().all(|n| (850..1150).contains(n)), "{buckets:?}");
    }
}
