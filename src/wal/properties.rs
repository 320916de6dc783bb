//! What must hold whatever happened to the bytes. The damage here is what
//! power cuts and devices do: a tail is missing or torn, a range was lost and
//! reads as zeros, bytes rotted, or an old log's bytes show through.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::*;
use crate::flaw::{self, Flaw};
use crate::node::FileId;

const FILE: FileId = FileId(7);

/// Offset, kind and payload of each record.
type Written = Vec<(u64, u8, Vec<u8>)>;
/// Kind and payload of each record, the damage, and the size of the pieces.
type Case = (Vec<(u8, Vec<u8>)>, Damage, usize);

#[derive(Clone, Debug)]
enum Damage {
    /// The file ends here.
    Cut { at: usize },
    /// A write never reached the device: its range reads as zeros.
    Lost { at: usize, length: usize },
    /// A write was torn: what follows the cut, up to the end of a range, is gone
    /// and the bytes behind moved nowhere (zeros in between).
    Torn { at: usize },
    /// Bits flipped.
    Rot { at: usize, mask: u8 },
    /// A record of an older log in the same blocks shows through.
    Stale { at: usize },
}

fn records() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)), 0..12)
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0usize..600;
    prop_oneof![
        at.clone().prop_map(|at| Damage::Cut { at }),
        (at.clone(), 1usize..80).prop_map(|(at, length)| Damage::Lost { at, length }),
        at.clone().prop_map(|at| Damage::Torn { at }),
        (at.clone(), 1u8..).prop_map(|(at, mask)| Damage::Rot { at, mask }),
        at.prop_map(|at| Damage::Stale { at }),
    ]
}

fn write(records: &[(u8, Vec<u8>)]) -> (Vec<u8>, Written) {
    let mut bytes = Vec::new();
    let mut written = Vec::new();
    for (kind, payload) in records {
        let offset = bytes.len() as u64;
        encode(&mut bytes, FILE, offset, *kind, |bytes| bytes.extend_from_slice(payload));
        written.push((offset, *kind, payload.clone()));
    }
    (bytes, written)
}

/// Damages the file and returns the first byte that differs from what was written.
fn apply(file: &mut Vec<u8>, damage: &Damage) -> usize {
    let before = file.clone();
    match *damage {
        Damage::Cut { at } => file.truncate(at),
        Damage::Lost { at, length } => {
            let end = file.len().min(at + length);
            file.get_mut(at..end).into_iter().flatten().for_each(|byte| *byte = 0);
        }
        Damage::Torn { at } => {
            file.get_mut(at..).into_iter().flatten().for_each(|byte| *byte = 0);
        }
        Damage::Rot { at, mask } => {
            if let Some(byte) = file.get_mut(at) {
                *byte ^= mask;
            }
        }
        Damage::Stale { at } => {
            let mut old = Vec::new();
            encode(&mut old, FILE, 1 << 20, 1, |bytes| bytes.extend_from_slice(b"from an older log"));
            let end = file.len().min(at + old.len());
            if at < end {
                file[at..end].copy_from_slice(&old[..end - at]);
            }
        }
    }
    let same = before.iter().zip(file.iter()).take_while(|(a, b)| a == b).count();
    if same == before.len() { usize::MAX } else { same }
}

fn read(file: &[u8], piece: usize) -> (Written, Recovery) {
    let mut recovery = Recovery::new(FILE);
    let mut read = Vec::new();
    for piece in file.chunks(piece) {
        recovery.feed(piece, |record| read.push((record.offset, record.kind, record.payload.to_vec())));
    }
    (read, recovery)
}

/// The properties, for one log, one damage and one size of pieces.
fn holds(records: &[(u8, Vec<u8>)], damage: &Damage, piece: usize) -> Result<(), TestCaseError> {
    let (mut file, written) = write(records);
    let first_bad = apply(&mut file, damage);
    let (read, recovery) = read(&file, piece);
    prop_assert!(read.len() <= written.len(), "more records than were written");
    prop_assert_eq!(&read[..], &written[..read.len()], "not a prefix of what was written");
    let whole = |(offset, _, payload): &(u64, u8, Vec<u8>)| *offset as usize + HEADER + 1 + payload.len() <= first_bad;
    let safe = written.iter().take_while(|record| whole(record)).count();
    prop_assert_eq!(read.len(), safe, "exactly the records before the first damaged byte");
    let end = read.last().map_or(0, |(offset, _, payload)| offset + (HEADER + 1 + payload.len()) as u64);
    prop_assert_eq!(recovery.end(), end, "the log is cut behind the last good record");
    Ok(())
}

/// The same cases in every run of the tests.
fn search(cases: u32) -> Result<(), TestError<Case>> {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner.run(&(records(), damage(), 1usize..200), |(records, damage, piece)| holds(&records, &damage, piece))
}

#[test]
fn recovery_returns_exactly_the_records_before_the_first_damaged_byte() {
    search(4_000).unwrap();
}

#[test]
fn the_properties_notice_a_recovery_that_checks_no_checksums() {
    assert!(flaw::with(Flaw::ChecksumSkipped, || search(4_000)).is_err());
}

#[test]
fn the_properties_notice_a_recovery_that_goes_on_behind_a_torn_record() {
    assert!(flaw::with(Flaw::ContinuesPastTornRecord, || search(4_000)).is_err());
}

#[test]
fn a_hole_of_zeros_is_no_record() {
    let (read, recovery) = read(&[0; 4096], 512);
    assert!(read.is_empty() && recovery.is_damaged());
    assert_eq!(recovery.end(), 0);
}

#[test]
fn a_whole_record_at_another_place_or_in_another_file_is_no_record() {
    let mut file = Vec::new();
    encode(&mut file, FILE, 64, 1, |bytes| bytes.extend_from_slice(b"moved"));
    assert!(read(&file, 4096).0.is_empty());
    file.clear();
    encode(&mut file, FileId(8), 0, 1, |bytes| bytes.extend_from_slice(b"another file's"));
    assert!(read(&file, 4096).0.is_empty());
}

#[test]
fn an_undamaged_log_reads_back_whole_whatever_the_pieces() {
    let (file, written) = write(&[(1, vec![1; 100]), (2, Vec::new()), (3, vec![3; 5_000])]);
    for piece in [1, 7, 64, 1_000, 100_000] {
        let (read, recovery) = read(&file, piece);
        assert_eq!(read, written);
        assert_eq!(recovery.end(), file.len() as u64);
        assert!(!recovery.is_damaged());
    }
}
