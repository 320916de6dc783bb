//! Reading files back.

use super::bench::{Bench, FIRST_FILE, batch, by, options, state};
use crate::event::{Kind, Reason};
use crate::protocol::log::{Acks, Batch, Record};
use crate::time::Span;

fn filled() -> Bench {
    let mut bench = Bench::new(0, options());
    bench.lead(&state(Some(0), 1, 1, &[0]));
    for message in 0..10 {
        bench.produce(by((1, 0), message, batch([message])), Acks::Leader).unwrap();
    }
    bench.lead(&state(Some(0), 4, 2, &[0]));
    for message in 10..30 {
        let records: Vec<Record> = batch([message]).records.iter().cloned().collect();
        let records = records.into_iter().map(|record| Record { key: Some(message), ..record }).collect();
        bench.produce(Batch { records, ..batch([]) }, Acks::Leader).unwrap();
    }
    bench
}

fn batches(bench: &Bench) -> Vec<Batch> {
    let mut all = Vec::new();
    bench.replica.batches(0, &mut |batch| all.push(batch.clone()));
    all
}

#[test]
fn everything_comes_back_as_it_was_after_a_crash_of_the_process() {
    let mut bench = filled();
    bench.wait(Span::from_secs(5));
    let (before, epochs) = (batches(&bench), bench.replica.log.epochs.clone());
    bench.disk.crash(false, |_, _| 0);
    bench.start();
    assert_eq!(batches(&bench), before);
    assert_eq!(bench.replica.log.epochs, epochs);
    assert_eq!((bench.replica.log_end(), bench.replica.high_watermark()), (30, 30));
    assert_eq!(bench.noted(Kind::Recovered), (0..30).collect::<Vec<_>>());
    assert_eq!(bench.replica.recovered(), 30);
}

#[test]
fn a_watermark_that_was_not_written_down_is_found_out_again() {
    let mut bench = filled();
    bench.start();
    assert_eq!(bench.replica.high_watermark(), 0);
    bench.lead(&state(Some(0), 5, 3, &[0]));
    assert_eq!(bench.replica.high_watermark(), 30);
}

#[test]
fn the_log_ends_at_the_first_record_that_is_not_certain() {
    let whole = filled();
    let segments: Vec<u32> = whole.disk.files.keys().copied().filter(|number| *number > FIRST_FILE).collect();
    assert!(segments.len() > 3);
    for number in segments {
        let length = whole.disk.files[&number].bytes.len();
        for (at, is_cut) in (0..length).step_by(37).flat_map(|at| [(at, true), (at, false)]) {
            let mut bench = whole.clone();
            bench.disk.notes.clear();
            let bytes = &mut bench.disk.files.get_mut(&number).expect("a segment").bytes;
            if is_cut {
                bytes.truncate(at)
            } else {
                bytes[at] ^= 1
            }
            bench.start();
            let kept = bench.log();
            assert_eq!(kept, (0..kept.len() as u32).collect::<Vec<_>>());
            assert_eq!(bench.replica.log_end(), kept.len() as u64);
            let torn = bench.noted(Kind::Dropped(Reason::TornLog));
            assert!(torn.iter().all(|message| *message as usize > kept.len()), "{kept:?} {torn:?}");
            let files = bench.disk.files.clone();
            bench.start();
            assert_eq!(bench.log(), kept, "a second recovery finds the same");
            assert!(bench.disk.files.keys().eq(files.keys()));
            bench.lead(&state(Some(0), 9, 9, &[0]));
            bench.produce(batch([77]), Acks::Leader).unwrap();
            bench.start();
            assert_eq!(bench.log(), [&kept[..], &[77]].concat(), "and appending goes on");
        }
    }
}

#[test]
fn a_lost_disk_leaves_an_empty_replica() {
    let mut bench = filled();
    bench.disk.files.clear();
    bench.disk.crash(true, |_, _| 0);
    bench.start();
    assert_eq!((bench.replica.log_start(), bench.replica.log_end()), (0, 0));
    assert!(bench.log().is_empty());
}

#[test]
fn a_replica_knows_its_files() {
    use crate::node::{FileId, Input};
    let bench = Bench::new(0, options());
    assert!(bench.replica.owns_file(FileId(FIRST_FILE)));
    assert!(!bench.replica.owns_file(FileId(FIRST_FILE - 1)));
    assert!(!bench.replica.owns_file(FileId(FIRST_FILE + super::super::FILES)));
    let mut bench = bench;
    let strange = Input::Written { file: FileId(1), end: 4 };
    assert!(!bench.act(|it, now, out, effects| it.handle(now, &strange, out, effects)));
}
