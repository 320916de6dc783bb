//! A consumer that has read what the log has lost since: it goes back to where the
//! logs part, and skips nothing that was written there meanwhile.

use super::*;

/// The leader is another one, whose log has the first four messages of nine, and then
/// `others` in their place.
fn cut(bench: &mut Bench<LogConsumer>, others: std::ops::RangeInclusive<u32>) {
    bench.fake.logs[0].truncate(4);
    bench.fake.epochs = vec![(5, 4)];
    bench.fake.leaders[0] = (Some(BROKERS[1]), 5);
    bench.fake.fill(0, others);
}

fn skipped(applied: &[u32], others: std::ops::RangeInclusive<u32>) -> Vec<u32> {
    others.filter(|message| !applied.contains(message)).collect()
}

/// Read to the end, cut, and written to again: fewer records than there were, as many,
/// and more.
fn skipped_of(last: u32) -> Vec<u32> {
    let mut bench = started(options(OffsetCommit::After));
    bench.run_for(5_000);
    assert_eq!(bench.applied, up_to(9));
    cut(&mut bench, 101..=last);
    bench.run_for(20_000);
    assert_eq!(
        bench.notes.iter().any(|(_, note)| (note.kind, note.detail) == (Kind::TruncationDetected, 4)),
        !flaw::is_on(Flaw::PositionNotValidated),
    );
    skipped(&bench.applied, 101..=last)
}

#[test]
fn what_is_written_where_the_log_was_cut_is_read() {
    for last in [102, 105, 120] {
        assert_eq!(skipped_of(last), Vec::<u32>::new(), "up to {last}");
        assert!(!flaw::with(Flaw::PositionNotValidated, || skipped_of(last)).is_empty() || last == 102);
    }
}

#[test]
fn a_committed_offset_ahead_of_the_log_is_taken_back_as_well() {
    for last in [102, 105, 120] {
        let mut bench = started(options(OffsetCommit::After));
        bench.run_for(5_000);
        assert_eq!(bench.fake.committed.get(&0), Some(&9));
        cut(&mut bench, 101..=last);
        bench.crash(Span::from_secs(1));
        bench.run_for(20_000);
        assert!(skipped(&bench.applied, 101..=last).is_empty(), "up to {last}: {:?}", bench.applied);
    }
}

#[test]
fn a_new_leader_with_the_whole_log_has_nothing_read_twice() {
    let mut bench = started(options(OffsetCommit::Auto));
    bench.run_for(500);
    bench.fake.epochs = vec![(5, 9)];
    bench.fake.leaders[0] = (Some(BROKERS[1]), 5);
    bench.run_for(2_000);
    bench.fake.fill(0, [10]);
    bench.run_for(20_000);
    assert_eq!(bench.applied, up_to(10));
    assert!(!bench.notes.iter().any(|(_, note)| note.kind == Kind::TruncationDetected));
}
