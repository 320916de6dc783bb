//! Readers of committed records.

use super::bench::{Bench, batch, by, in_transaction, marker, messages, options, state, three};
use crate::flaw::{self, Flaw};
use crate::protocol::log::{Acks, Batch, Control, Error, Isolation};

const ONE: (u64, u16) = (1, 0);
/// The same producer in its next transaction.
const ONE_AGAIN: (u64, u16) = (1, 1);
const OTHER: (u64, u16) = (2, 0);
const COMMITTED: Isolation = Isolation::ReadCommitted;

fn leader() -> Bench {
    let mut leader = Bench::new(0, options());
    leader.lead(&state(Some(0), 1, 1, &[0]));
    leader
}

fn send(leader: &mut Bench, batch: Batch) {
    leader.produce(batch, Acks::Leader).unwrap();
}

#[test]
fn readers_of_committed_records_stop_at_the_first_open_transaction() {
    let mut leader = leader();
    send(&mut leader, batch([1]));
    send(&mut leader, in_transaction(ONE, 0, [2]));
    send(&mut leader, in_transaction(OTHER, 0, [3]));
    send(&mut leader, marker(OTHER, Control::Commit));
    send(&mut leader, batch([4]));
    assert_eq!(leader.replica.last_stable_offset(), 1);
    assert_eq!(messages(&leader.read(0, COMMITTED)), [(0, 1)]);
    assert_eq!(messages(&leader.read(0, Isolation::ReadUncommitted)).len(), 4);
    send(&mut leader, marker(ONE, Control::Commit));
    assert_eq!(leader.replica.last_stable_offset(), 6);
    assert_eq!(messages(&leader.read(0, COMMITTED)), [(0, 1), (1, 2), (2, 3), (4, 4)]);
    assert!(leader.read(0, COMMITTED).aborted.is_empty());
}

/// What a consumer makes of an answer: it skips what an aborted producer wrote
/// between the first offset listed and the marker.
fn committed(leader: &Bench, offset: u64) -> Vec<u32> {
    let answer = leader.read(offset, COMMITTED);
    let mut listed = answer.aborted.to_vec();
    listed.sort_unstable_by_key(|(_, first)| *first);
    let (mut aborting, mut seen) = (std::collections::BTreeSet::new(), Vec::new());
    for batch in &answer.batches {
        while listed.first().is_some_and(|(_, first)| *first <= batch.first_offset) {
            aborting.insert(listed.remove(0).0);
        }
        let producer = batch.sequence.map(|sequence| sequence.producer.number);
        match (batch.control, producer) {
            (Some(Control::Abort), Some(producer)) => {
                aborting.remove(&producer);
            }
            (None, Some(producer)) if batch.is_transactional && aborting.contains(&producer) => {}
            _ => seen.extend(batch.records.iter().map(|record| record.copy.message.0)),
        }
    }
    seen
}

fn aborted_records_are_told_apart() -> bool {
    let mut leader = leader();
    send(&mut leader, in_transaction(ONE, 0, [1]));
    send(&mut leader, in_transaction(OTHER, 0, [2]));
    send(&mut leader, in_transaction(ONE, 1, [3]));
    send(&mut leader, marker(ONE, Control::Abort));
    send(&mut leader, in_transaction(ONE_AGAIN, 0, [4]));
    send(&mut leader, marker(OTHER, Control::Commit));
    send(&mut leader, marker(ONE_AGAIN, Control::Commit));
    let whole = committed(&leader, 0) == [2, 4];
    let late = committed(&leader, 2) == [4];
    assert_eq!(committed(&leader, 4), [4]);
    leader.start();
    leader.lead(&state(Some(0), 2, 2, &[0]));
    whole && late && committed(&leader, 0) == [2, 4]
}

#[test]
fn readers_of_committed_records_learn_what_was_aborted() {
    assert!(aborted_records_are_told_apart());
    assert!(!flaw::with(Flaw::AbortedRecordsVisible, aborted_records_are_told_apart));
}

#[test]
fn a_transaction_counts_as_open_until_its_marker_is_committed() {
    let [mut leader, ..] = three(options());
    leader.follower_has(2, 0);
    send(&mut leader, in_transaction(ONE, 0, [1]));
    send(&mut leader, batch([2]));
    send(&mut leader, marker(ONE, Control::Commit));
    leader.follower_has(1, 3);
    leader.follower_has(2, 2);
    assert_eq!(leader.replica.high_watermark(), 2);
    assert_eq!(leader.replica.last_stable_offset(), 0);
    leader.follower_has(2, 3);
    assert_eq!(leader.replica.last_stable_offset(), 3);
}

#[test]
fn a_producer_stays_within_its_transaction() {
    let mut leader = leader();
    send(&mut leader, in_transaction(ONE, 0, [1]));
    let outside = by(ONE, 1, batch([2]));
    assert_eq!(leader.produce(outside, Acks::Leader), Err(Error::InvalidTxnState));
}

/// A coordinator that got no answer sends its marker again, and so does the one that
/// took over from it; any of them may be late.
fn a_late_marker_ends_nothing() -> bool {
    let mut leader = leader();
    send(&mut leader, in_transaction(ONE, 0, [1]));
    send(&mut leader, marker(ONE, Control::Commit));
    assert!(leader.produce(marker(ONE, Control::Commit), Acks::Leader).is_ok(), "nothing is open");
    assert_eq!(leader.replica.last_stable_offset(), 3);
    send(&mut leader, in_transaction(ONE_AGAIN, 0, [2]));
    let late = leader.produce(marker(ONE, Control::Commit), Acks::Leader);
    let is_open = leader.replica.last_stable_offset() == 3;
    let old = leader.produce(in_transaction(ONE, 1, [3]), Acks::Leader);
    late == Err(Error::InvalidProducerEpoch) && is_open && old == Err(Error::InvalidProducerEpoch)
}

#[test]
fn what_is_late_of_the_last_transaction_does_not_get_into_the_next() {
    assert!(a_late_marker_ends_nothing());
    for flaw in [Flaw::LateMarkerEndsNext, Flaw::OldEpochAccepted] {
        assert!(!flaw::with(flaw, a_late_marker_ends_nothing), "{flaw:?}");
    }
}

#[test]
fn what_has_ended_stays_so_when_the_log_is_cut_behind_it() {
    let [mut old, mut new, mut third] = three(options());
    send(&mut old, in_transaction(ONE, 0, [1]));
    send(&mut old, marker(ONE, Control::Commit));
    new.catch_up(&mut old);
    third.catch_up(&mut old);
    new.catch_up(&mut old);
    send(&mut old, batch([2]));
    let next = state(Some(1), 2, 2, &[0, 1]);
    new.lead(&next);
    old.follow(&next);
    old.catch_up(&mut new);
    old.lead(&state(Some(0), 3, 3, &[0]));
    assert_eq!((old.log(), old.replica.high_watermark()), (vec![1], 2));
    assert_eq!(old.replica.last_stable_offset(), 2);
}

#[test]
fn an_open_transaction_is_known_at_the_next_leader_and_after_a_restart() {
    let [mut old, mut new, mut third] = three(options());
    send(&mut old, in_transaction(ONE, 0, [1]));
    (2..30).for_each(|message| send(&mut old, batch([message])));
    new.catch_up(&mut old);
    third.catch_up(&mut old);
    new.catch_up(&mut old);
    new.start();
    new.lead(&state(Some(1), 2, 2, &[1]));
    assert_eq!(new.replica.high_watermark(), 29);
    assert_eq!(new.replica.last_stable_offset(), 0);
    send(&mut new, marker(ONE, Control::Abort));
    assert_eq!(new.replica.last_stable_offset(), 30);
    assert_eq!(*new.read(0, COMMITTED).aborted, [(1, 0)]);
}
