//! Which partition a record goes to.
//!
//! With a key: the hash of its bytes modulo the number of partitions. That is why
//! adding partitions moves about half of the keys, and the records of one key
//! then lie in two partitions whose order nobody knows. Without a key a producer
//! sticks to one partition until it has put a batch there, then draws another.
//!
//! Source: `BuiltInPartitioner` and `Utils.murmur2`; Austin Appleby's MurmurHash2
//! (public domain). Left out: preferring partitions with shorter queues.

use crate::event::MessageId;
use crate::random::{Purpose, Seed};

/// The partition of a key. Kafka's `StringSerializer` makes bytes of the key; so
/// the key 17 is the two bytes `17`.
pub fn of_key(key: u32, partitions: u16) -> u16 {
    let mut digits = [0; 10];
    let mut first = digits.len();
    let mut rest = key;
    loop {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    let positive = murmur2(&digits[first..]) & 0x7fff_ffff;
    (positive % u32::from(partitions)) as u16
}

/// MurmurHash2 with Kafka's seed.
fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ bytes.len() as u32;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        let tail = rest.iter().rev().fold(0, |tail, byte| tail << 8 | u32::from(*byte));
        hash = (hash ^ tail).wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ hash >> 15
}

/// The partition that records without a key stick to, and for how many more.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sticky {
    partition: u16,
    left: usize,
}

impl Sticky {
    /// The partition of the next record without a key.
    pub fn next(&mut self, message: MessageId, partitions: u16, batch: usize, seed: Seed) -> u16 {
        if self.left == 0 || self.partition >= partitions {
            let draw = seed.draw(Purpose::Partition).by(u64::from(message.0));
            self.partition = draw.below(u64::from(partitions)) as u16;
            self.left = batch.max(1);
        }
        self.left -= 1;
        self.partition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_kafkas_clients() {
        let known: [(&str, i32); 6] = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ];
        for (text, hash) in known {
            assert_eq!(murmur2(text.as_bytes()) as i32, hash, "{text}");
        }
    }

    #[test]
    fn from_three_to_six_partitions_about_half_of_the_keys_move_and_each_by_three() {
        let moved = (0..1_000).filter(|key| of_key(*key, 3) != of_key(*key, 6)).count();
        assert!((450..550).contains(&moved), "{moved}");
        for key in 0..1_000 {
            assert_eq!(of_key(key, 6) % 3, of_key(key, 3), "a multiple of the partitions only splits them");
        }
    }

    #[test]
    fn keys_spread_over_all_partitions() {
        for partitions in 1..=7 {
            let mut found = vec![0; usize::from(partitions)];
            (0..1_000).for_each(|key| found[usize::from(of_key(key, partitions))] += 1);
            let fair = 1_000 / i32::from(partitions);
            assert!(found.iter().all(|count| (count - fair).abs() < fair / 2 + 20), "{found:?}");
        }
    }

    #[test]
    fn without_a_key_a_batch_sticks_to_one_partition_and_all_get_some() {
        let mut sticky = Sticky::default();
        let places: Vec<u16> = (0..400).map(|n| sticky.next(MessageId(n), 4, 10, Seed(5))).collect();
        assert!(places.chunks(10).all(|batch| batch.iter().all(|place| *place == batch[0])));
        assert!((0..4).all(|partition| places.contains(&partition)), "{places:?}");
    }
}
