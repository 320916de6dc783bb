use super::rig::{AT, Rig, acknowledge, fetch, ranges};
use crate::protocol::log::{AcquiredRange, Control, Error, Share, ShareAnswer};
use crate::time::Span;

const LOCK: Span = Span::from_secs(30);

fn offsets(ranges: &[AcquiredRange]) -> Vec<(u64, u64, u16)> {
    ranges.iter().map(|range| (range.first, range.last, range.deliveries)).collect()
}

#[test]
fn members_share_a_partition_batch_by_batch() {
    let mut rig = Rig::new();
    rig.append(5);
    rig.append(5);
    assert_eq!(offsets(&rig.take(0, 3)), [(0, 4, 1)], "a batch is not split");
    assert_eq!(offsets(&rig.take(1, 3)), [(5, 9, 1)]);
    assert!(rig.take(2, 3).is_empty());
}

#[test]
fn a_fetch_waits_for_records_and_not_for_ever() {
    let mut rig = Rig::new();
    let number = rig.send(0, fetch(0, 10));
    rig.settle_state();
    assert_eq!(rig.answer(number), None);
    rig.append(1);
    assert_eq!(offsets(&ranges(rig.answer(number).unwrap())), [(0, 0, 1)]);
    let number = rig.send(0, fetch(0, 10));
    rig.pass(Span::from_millis(500));
    assert_eq!(rig.answer(number), Some(Share::Fetched { partitions: [].into() }));
}

#[test]
fn each_record_is_settled_by_itself_and_the_rest_comes_again() {
    let mut rig = Rig::new();
    rig.append(5);
    rig.take(0, 5);
    assert_eq!(rig.say(0, 1, 1, ShareAnswer::Accept), None);
    assert_eq!(rig.say(0, 2, 2, ShareAnswer::Reject), None);
    assert_eq!(rig.say(0, 3, 3, ShareAnswer::Release), None);
    assert_eq!(offsets(&rig.take(1, 5)), [(3, 3, 2)]);
    rig.disconnect(0);
    assert_eq!(offsets(&rig.take(1, 5)), [(0, 0, 2), (4, 4, 2)]);
}

#[test]
fn an_answer_counts_when_the_share_coordinator_has_it() {
    let mut rig = Rig::new();
    rig.append(1);
    rig.take(0, 1);
    let number = rig.send(0, acknowledge(0, 0, 0, ShareAnswer::Release));
    let other = rig.send(1, fetch(1, 1));
    assert_eq!((rig.answer(number), rig.answer(other)), (None, None));
    rig.settle_state();
    assert_eq!(rig.answer(number), Some(Share::Acknowledged { partition: AT, error: None }));
    assert!(rig.answer(other).is_some(), "released when it is written");
}

#[test]
fn a_lock_ends_by_itself_and_its_holder_has_nothing_to_say_any_more() {
    let mut rig = Rig::new();
    rig.append(2);
    rig.take(0, 2);
    assert_eq!(rig.say(0, 0, 0, ShareAnswer::Accept), None);
    rig.pass(LOCK);
    assert_eq!(offsets(&rig.take(1, 2)), [(1, 1, 2)]);
    assert_eq!(rig.say(0, 1, 1, ShareAnswer::Accept), Some(Error::InvalidRecordState));
    assert_eq!(rig.say(1, 1, 1, ShareAnswer::Accept), None);
    assert_eq!(rig.shares.next_deadline(), None);
}

#[test]
fn a_lock_that_is_renewed_lasts() {
    let mut rig = Rig::new();
    rig.append(1);
    rig.take(0, 1);
    for _ in 0..5 {
        rig.pass(Span::from_secs(20));
        assert_eq!(rig.say(0, 0, 0, ShareAnswer::Renew), None);
    }
    assert!(rig.take(1, 1).is_empty());
    rig.pass(LOCK);
    assert_eq!(rig.take(1, 1).len(), 1);
}

#[test]
fn a_record_is_tried_five_times() {
    let mut rig = Rig::new();
    rig.append(2);
    for deliveries in 1..=5 {
        assert_eq!(offsets(&rig.take(0, 2)), [(0, 1, deliveries)]);
        assert_eq!(rig.say(0, 0, 0, ShareAnswer::Release), None);
        rig.pass(LOCK);
    }
    assert!(rig.take(0, 2).is_empty());
}

#[test]
fn no_more_than_the_cap_is_in_hand() {
    let mut rig = Rig::new();
    rig.options.max_record_locks = 4;
    rig.move_leader();
    for _ in 0..6 {
        rig.append(2);
    }
    assert_eq!(offsets(&rig.take(0, 100)), [(0, 1, 1), (2, 3, 1)]);
    assert!(rig.take(1, 100).is_empty());
    assert_eq!(rig.say(0, 2, 3, ShareAnswer::Accept), None);
    assert!(rig.take(1, 100).is_empty(), "the first two still hold the window back");
    assert_eq!(rig.say(0, 0, 0, ShareAnswer::Accept), None);
    assert_eq!(offsets(&rig.take(1, 100)), [(4, 5, 1)]);
}

#[test]
fn markers_and_deleted_records_are_nobodys() {
    let mut rig = Rig::new();
    rig.topic.append(1, None);
    rig.topic.append(0, Some(Control::Commit));
    rig.topic.append(2, None);
    assert_eq!(offsets(&rig.take(0, 10)), [(0, 0, 1), (2, 3, 1)]);
    rig.topic.append(3, None);
    rig.topic.start = 5;
    assert_eq!(offsets(&rig.take(1, 10)), [(5, 6, 1)]);
    assert_eq!(rig.say(0, 0, 3, ShareAnswer::Accept), None, "too late to matter");
}

#[test]
fn what_was_settled_survives_the_leader_and_what_was_in_hand_comes_again() {
    let mut rig = Rig::new();
    rig.append(3);
    rig.take(0, 3);
    assert_eq!(rig.say(0, 1, 1, ShareAnswer::Accept), None);
    assert_eq!(rig.say(0, 2, 2, ShareAnswer::Release), None);
    rig.move_leader();
    assert_eq!(offsets(&rig.take(1, 3)), [(0, 0, 1), (2, 2, 2)], "only ended deliveries are counted");
    assert_eq!(rig.say(0, 0, 0, ShareAnswer::Accept), Some(Error::InvalidRecordState));
}

#[test]
fn what_was_settled_survives_the_share_coordinator() {
    let mut rig = Rig::new();
    rig.append(2);
    rig.take(0, 2);
    assert_eq!(rig.say(0, 0, 0, ShareAnswer::Accept), None);
    let number = rig.send(0, acknowledge(0, 1, 1, ShareAnswer::Accept));
    rig.move_coordinator(0);
    rig.settle_state();
    assert_eq!(rig.answer(number), None, "it is asked again");
    rig.pass(Span::from_secs(1));
    rig.settle_state();
    assert_eq!(rig.answer(number), Some(Share::Acknowledged { partition: AT, error: None }));
    rig.move_leader();
    assert!(rig.take(1, 2).is_empty());
}

#[test]
fn an_answer_that_cannot_be_kept_is_none_and_its_lock_goes_on() {
    let mut rig = Rig::new();
    rig.append(1);
    rig.take(0, 1);
    let number = rig.send(0, acknowledge(0, 0, 0, ShareAnswer::Accept));
    for _ in 0..5 {
        rig.move_coordinator(0);
        rig.pass(Span::from_secs(1));
    }
    let error = Some(Error::CoordinatorNotAvailable);
    assert_eq!(rig.answer(number), Some(Share::Acknowledged { partition: AT, error }));
    rig.pass(LOCK);
    assert_eq!(offsets(&rig.take(1, 1)), [(0, 0, 2)]);
}

#[test]
fn a_former_leader_is_refused() {
    let mut rig = Rig::new();
    rig.append(1);
    rig.take(0, 1);
    let old = rig.shares.clone();
    rig.move_leader();
    assert_eq!(rig.take(1, 1).len(), 1);
    rig.shares = old;
    rig.topic.epoch = 1;
    assert_eq!(rig.say(0, 0, 0, ShareAnswer::Accept), Some(Error::NotLeaderOrFollower));
}

#[test]
fn a_broker_that_does_not_lead_says_so() {
    let mut rig = Rig::new();
    rig.topic.is_led = false;
    let number = rig.send(0, fetch(0, 1));
    let Some(Share::Fetched { partitions }) = rig.answer(number) else { panic!() };
    assert_eq!(partitions[0].answer, Err(Error::NotLeaderOrFollower));
    assert_eq!(rig.say(0, 0, 0, ShareAnswer::Accept), Some(Error::NotLeaderOrFollower));
}

#[test]
fn without_being_told_otherwise_a_group_begins_with_what_comes_next() {
    let mut rig = Rig::new();
    rig.options.begins_at_start = false;
    rig.append(3);
    rig.move_leader();
    assert!(rig.take(0, 10).is_empty());
    rig.append(1);
    assert_eq!(offsets(&rig.take(1, 10)), [(3, 3, 1)]);
}
