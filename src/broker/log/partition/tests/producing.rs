//! Idempotent producers.

use super::bench::{Bench, batch, by, options, state, three};
use crate::broker::log::partition::Options;
use crate::flaw::{self, Flaw};
use crate::protocol::log::{Acks, Batch, Control, Error};
use crate::time::Span;

const ME: (u64, u16) = (5, 0);

fn alone() -> Bench {
    let mut leader = Bench::new(0, options());
    leader.lead(&state(Some(0), 1, 1, &[0]));
    leader
}

fn send(
    leader: &mut Bench,
    producer: (u64, u16),
    first: u32,
    messages: std::ops::Range<u32>,
) -> Result<(u64, u64), Error> {
    let appended = leader.produce(by(producer, first, batch(messages)), Acks::Leader)?;
    Ok((appended.first, appended.end))
}

#[test]
fn a_repeat_is_answered_like_the_first_and_written_once() {
    let mut leader = alone();
    assert_eq!(send(&mut leader, ME, 0, 0..2), Ok((0, 2)));
    assert_eq!(send(&mut leader, ME, 2, 2..5), Ok((2, 5)));
    assert_eq!(send(&mut leader, ME, 0, 0..2), Ok((0, 2)));
    assert_eq!(send(&mut leader, ME, 2, 2..5), Ok((2, 5)));
    assert_eq!(leader.log(), [0, 1, 2, 3, 4]);
}

#[test]
fn five_batches_are_remembered_and_no_more() {
    let mut leader = alone();
    (0..6).for_each(|at| assert!(send(&mut leader, ME, at, at..at + 1).is_ok()));
    assert_eq!(send(&mut leader, ME, 1, 1..2), Ok((1, 2)));
    assert_eq!(send(&mut leader, ME, 0, 0..1), Err(Error::OutOfOrderSequenceNumber));
}

#[test]
fn a_gap_is_refused() {
    let mut leader = alone();
    send(&mut leader, ME, 0, 0..2).unwrap();
    assert_eq!(send(&mut leader, ME, 3, 3..4), Err(Error::OutOfOrderSequenceNumber));
    assert_eq!(send(&mut leader, ME, 2, 2..3), Ok((2, 3)));
}

#[test]
fn a_new_epoch_begins_at_zero_and_fences_the_old() {
    let mut leader = alone();
    send(&mut leader, ME, 0, 0..2).unwrap();
    assert_eq!(send(&mut leader, (5, 1), 2, 2..3), Err(Error::OutOfOrderSequenceNumber));
    assert_eq!(send(&mut leader, (5, 1), 0, 2..3), Ok((2, 3)));
    assert_eq!(send(&mut leader, ME, 2, 3..4), Err(Error::InvalidProducerEpoch));
    assert_eq!(send(&mut leader, ME, 0, 0..2), Err(Error::InvalidProducerEpoch));
}

#[test]
fn an_unknown_producer_may_begin_with_any_number() {
    let mut leader = alone();
    assert_eq!(send(&mut leader, ME, 17, 0..2), Ok((0, 2)));
    assert_eq!(send(&mut leader, ME, 0, 0..2), Err(Error::OutOfOrderSequenceNumber));
}

#[test]
fn a_marker_of_a_newer_epoch_fences_the_old_producer() {
    let mut leader = alone();
    leader.produce(super::bench::in_transaction(ME, 0, [1]), Acks::Leader).unwrap();
    leader.produce(super::bench::marker(ME, Control::Abort), Acks::Leader).unwrap();
    let late = super::bench::in_transaction(ME, 1, [2]);
    assert_eq!(leader.produce(late, Acks::Leader), Err(Error::InvalidProducerEpoch));
    let old_marker = Batch { control: Some(Control::Commit), ..by(ME, 0, batch([])) };
    assert_eq!(leader.produce(old_marker, Acks::Leader), Err(Error::InvalidProducerEpoch));
}

fn a_repeat_at_the_next_leader_is_known() -> bool {
    let [mut old, mut new, _] = three(options());
    old.produce(by(ME, 0, batch([1])), Acks::All).unwrap();
    old.produce(by(ME, 1, batch([2])), Acks::All).unwrap();
    new.catch_up(&mut old);
    new.lead(&state(Some(1), 2, 2, &[1, 2]));
    let again = new.produce(by(ME, 1, batch([2])), Acks::All).unwrap();
    again.is_repeat && (again.first, again.end) == (1, 2) && new.log() == [1, 2]
}

#[test]
fn followers_know_the_sequences_from_the_log() {
    assert!(a_repeat_at_the_next_leader_is_known());
    assert!(!flaw::with(Flaw::SequenceForgottenAtFailover, a_repeat_at_the_next_leader_is_known));
}

#[test]
fn sequences_are_known_again_after_a_restart_and_after_a_cut() {
    let [mut old, mut new, _] = three(options());
    for at in 0..8 {
        old.produce(by(ME, at, batch([at])), Acks::Leader).unwrap();
    }
    new.catch_up(&mut old);
    for at in 8..14 {
        old.produce(by(ME, at, batch([at])), Acks::Leader).unwrap();
    }
    let next = state(Some(1), 2, 2, &[1]);
    new.lead(&next);
    new.produce(by(ME, 8, batch([8])), Acks::Leader).unwrap();
    old.follow(&next);
    old.catch_up(&mut new);
    for restarts in [false, true] {
        if restarts {
            old.start();
        }
        let mut leader = old.clone();
        leader.lead(&state(Some(0), 3, 3, &[0]));
        assert!(leader.produce(by(ME, 8, batch([8])), Acks::Leader).unwrap().is_repeat);
        assert!(leader.produce(by(ME, 6, batch([6])), Acks::Leader).unwrap().is_repeat);
        assert_eq!(send(&mut leader, ME, 10, 10..11), Err(Error::OutOfOrderSequenceNumber));
        assert_eq!(send(&mut leader, ME, 9, 9..10), Ok((9, 10)));
    }
}

#[test]
fn a_producer_that_is_silent_for_a_day_is_forgotten() {
    let options = Options { producer_expiry: Span::from_secs(3600), ..options() };
    let mut leader = Bench::new(0, options);
    leader.lead(&state(Some(0), 1, 1, &[0]));
    send(&mut leader, ME, 0, 0..1).unwrap();
    leader.wait(Span::from_secs(1800));
    assert_eq!(send(&mut leader, ME, 7, 7..8), Err(Error::OutOfOrderSequenceNumber));
    leader.wait(Span::from_secs(3000));
    assert_eq!(send(&mut leader, ME, 7, 7..8), Ok((1, 2)));
}

#[test]
fn coordinators_send_no_sequences() {
    let mut leader = Bench::new(0, Options { is_internal: true, ..options() });
    leader.lead(&state(Some(0), 1, 1, &[0]));
    assert_eq!(send(&mut leader, ME, 0, 0..1), Ok((0, 1)));
    assert_eq!(send(&mut leader, ME, 0, 0..1), Ok((1, 2)));
    assert_eq!(send(&mut leader, (5, 1), 0, 0..1), Ok((2, 3)));
    assert_eq!(send(&mut leader, ME, 0, 0..1), Err(Error::InvalidProducerEpoch));
    assert!(leader.disk.notes.is_empty(), "internal topics are silent");
}
