//! Followers: how a log that went another way is brought back.

use super::bench::{Bench, batch, options, state, three};
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::protocol::log::{Acks, Error};

fn send(leader: &mut Bench, messages: std::ops::Range<u32>) {
    for message in messages {
        leader.produce(batch([message]), Acks::Leader).unwrap();
    }
}

#[test]
fn a_follower_appends_what_the_leader_has_as_it_is() {
    let [mut leader, mut follower, _] = three(options());
    send(&mut leader, 0..20);
    follower.catch_up(&mut leader);
    assert_eq!(follower.log(), leader.log());
    assert!(follower.disk.files.len() > 2, "more than one segment");
    assert_eq!(follower.replica.high_watermark(), 0, "the third has not fetched");
    leader.follower_has(2, 20);
    follower.catch_up(&mut leader);
    assert_eq!(follower.replica.high_watermark(), 20);
}

#[test]
fn what_the_new_leader_never_had_is_cut_off() {
    let [mut old, mut new, mut third] = three(options());
    send(&mut old, 0..5);
    new.catch_up(&mut old);
    third.catch_up(&mut old);
    send(&mut old, 5..12);
    let next = state(Some(1), 2, 2, &[1, 2]);
    new.lead(&next);
    third.follow(&next);
    send(&mut new, 100..103);
    third.catch_up(&mut new);
    old.follow(&next);
    old.catch_up(&mut new);
    assert_eq!(old.log(), [0, 1, 2, 3, 4, 100, 101, 102]);
    assert_eq!(old.log(), new.log());
    let mut cut = old.noted(Kind::Dropped(Reason::Overwritten));
    cut.sort_unstable();
    assert_eq!(cut, [5, 6, 7, 8, 9, 10, 11]);
    old.start();
    assert_eq!(old.log(), new.log(), "the files say the same");
}

/// Two epochs each in a log, of which only the first is shared: the follower must
/// go back twice (KIP-279).
#[test]
fn logs_that_parted_twice_are_brought_together_epoch_by_epoch() {
    let [mut one, mut other, _] = three(options());
    send(&mut one, 0..2);
    other.catch_up(&mut one);
    send(&mut one, 2..4);
    other.lead(&state(Some(1), 2, 2, &[1]));
    send(&mut other, 20..23);
    one.lead(&state(Some(0), 3, 3, &[0]));
    send(&mut one, 30..36);
    other.lead(&state(Some(1), 4, 4, &[1]));
    send(&mut other, 40..41);
    one.follow(&state(Some(1), 4, 4, &[1]));
    one.catch_up(&mut other);
    assert_eq!(one.log(), [0, 1, 20, 21, 22, 40]);
    assert_eq!(one.log(), other.log());
}

/// KIP-101's first scenario: a follower has a record that it does not yet know to
/// be committed, restarts, and at once becomes leader.
fn a_committed_record_survives_two_changes() -> bool {
    let [mut leader, mut follower, _] = three(options());
    let both = state(Some(0), 1, 2, &[0, 1]);
    leader.lead(&both);
    follower.follow(&both);
    leader.produce(batch([1]), Acks::All).unwrap();
    follower.catch_up(&mut leader);
    leader.produce(batch([2]), Acks::All).unwrap();
    let asked = follower.replica.next_fetch().expect("a follower");
    let answer = leader.follower_asks(1, &asked);
    follower.act(|it, now, out, effects| it.fetched(now, &asked, answer, out, effects));
    follower.settle();
    leader.follower_has(1, 2);
    assert_eq!(leader.replica.answer(Acks::All, 2), Some(Ok(())));
    assert_eq!(follower.replica.high_watermark(), 1, "the news of that was still under way");
    follower.start();
    follower.follow(&state(Some(0), 2, 3, &[0, 1]));
    follower.lead(&state(Some(1), 3, 4, &[0, 1]));
    follower.log() == [1, 2]
}

#[test]
fn a_follower_cuts_where_the_logs_part_and_not_at_its_own_watermark() {
    assert!(a_committed_record_survives_two_changes());
    assert!(!flaw::with(Flaw::TruncateToWatermark, a_committed_record_survives_two_changes));
}

#[test]
fn a_replica_that_lost_its_disk_fetches_from_the_leaders_log_start() {
    let [mut leader, mut follower, _] = three(options());
    leader.lead(&state(Some(0), 1, 2, &[0]));
    send(&mut leader, 0..40);
    leader.options.retention_bytes = Some(500);
    leader.replica.options = leader.options;
    leader.replica.start_clocks(leader.now);
    leader.wait(crate::time::Span::from_secs(300));
    let first = leader.replica.log_start();
    assert!(first > 0);
    follower.catch_up(&mut leader);
    assert_eq!(follower.replica.log_start(), first);
    assert_eq!(follower.log(), leader.log());
    follower.start();
    assert_eq!((follower.replica.log_start(), follower.replica.log_end()), (first, 40));
}

#[test]
fn an_answer_from_another_epoch_is_ignored() {
    let [mut leader, mut follower, _] = three(options());
    send(&mut leader, 0..3);
    let asked = follower.replica.next_fetch().expect("a follower");
    let answer = leader.follower_asks(1, &asked);
    follower.follow(&state(Some(2), 2, 2, &[0, 1, 2]));
    follower.act(|it, now, out, effects| it.fetched(now, &asked, answer, out, effects));
    assert!(follower.log().is_empty());
    let asked = follower.replica.next_fetch().expect("a follower");
    assert_eq!(leader.follower_asks(1, &asked).error, Some(Error::UnknownLeaderEpoch));
}

#[test]
fn nothing_is_asked_while_there_is_no_leader_or_a_write_is_under_way() {
    let [mut leader, mut follower, _] = three(options());
    send(&mut leader, 0..3);
    let asked = follower.replica.next_fetch().expect("a follower");
    let answer = leader.follower_asks(1, &asked);
    follower.act(|it, now, out, effects| it.fetched(now, &asked, answer, out, effects));
    assert_eq!(follower.replica.next_fetch(), None);
    follower.settle();
    assert_eq!(follower.replica.next_fetch().map(|asks| asks.offset), Some(3));
    follower.follow(&state(None, 2, 2, &[1]));
    assert_eq!(follower.replica.next_fetch(), None);
}
