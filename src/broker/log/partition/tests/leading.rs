//! The high watermark, and who may read what.

use super::bench::{Bench, batch, consumer_asks, messages, options, state, three};
use crate::broker::log::partition::{CommitRule, Options, Policy, SyncRule};
use crate::event::Kind;
use crate::flaw::{self, Flaw};
use crate::protocol::log::{Acks, Error, FetchPartition, Isolation};

const PLAIN: Isolation = Isolation::ReadUncommitted;

fn min_insync(min_insync: u16) -> Options {
    Options { min_insync, ..options() }
}

#[test]
fn the_high_watermark_is_the_lowest_log_end_of_the_in_sync_replicas() {
    let [mut leader, ..] = three(options());
    leader.produce(batch([1, 2, 3]), Acks::Leader).unwrap();
    assert_eq!(leader.replica.log_end(), 3);
    assert_eq!(leader.replica.high_watermark(), 0, "nobody has fetched in this epoch");
    leader.follower_has(1, 3);
    assert_eq!(leader.replica.high_watermark(), 0);
    leader.follower_has(2, 0);
    assert_eq!(leader.replica.high_watermark(), 0);
    leader.follower_has(2, 3);
    assert_eq!(leader.replica.high_watermark(), 3);
    assert_eq!(leader.noted(Kind::Enqueued), [1, 2, 3]);
    assert_eq!(leader.noted(Kind::Written), [1, 2, 3]);
    assert_eq!(leader.noted(Kind::Committed), [1, 2, 3]);
}

fn consumers_read_only_what_is_committed() -> bool {
    let [mut leader, ..] = three(options());
    leader.produce(batch([1, 2]), Acks::Leader).unwrap();
    let unseen = messages(&leader.read(0, PLAIN)).is_empty();
    leader.follower_has(1, 2);
    leader.follower_has(2, 2);
    assert_eq!(messages(&leader.read(0, PLAIN)), [(0, 1), (1, 2)]);
    unseen
}

#[test]
fn consumers_do_not_read_ahead_of_the_high_watermark() {
    assert!(consumers_read_only_what_is_committed());
    assert!(!flaw::with(Flaw::FollowerReadsAhead, consumers_read_only_what_is_committed));
    assert!(!flaw::with(Flaw::HighWatermarkFromLeaderAlone, consumers_read_only_what_is_committed));
}

#[test]
fn the_high_watermark_stands_still_while_too_few_are_in_sync_whatever_acks_was_used() {
    let mut leader = Bench::new(0, min_insync(2));
    leader.lead(&state(Some(0), 1, 1, &[0]));
    assert_eq!(leader.produce(batch([1]), Acks::All), Err(Error::NotEnoughReplicas));
    assert_eq!(leader.replica.log_end(), 0, "nothing was written");
    leader.produce(batch([2]), Acks::Leader).unwrap();
    assert_eq!(leader.replica.answer(Acks::Leader, 1), Some(Ok(())));
    assert_eq!(leader.replica.high_watermark(), 0);
    leader.follower_has(1, 1);
    assert_eq!(leader.replica.high_watermark(), 0, "it has it all, and is not in sync yet");
    leader.lead(&state(Some(0), 1, 2, &[0, 1]));
    assert_eq!(leader.replica.high_watermark(), 1);
}

#[test]
fn more_in_sync_replicas_than_there_are_count_as_all_of_them() {
    let mut leader = Bench::new(0, min_insync(5));
    leader.lead(&state(Some(0), 1, 1, &[0, 1]));
    assert_eq!(leader.produce(batch([1]), Acks::All), Err(Error::NotEnoughReplicas));
    leader.lead(&state(Some(0), 1, 2, &[0, 1, 2]));
    leader.produce(batch([1]), Acks::All).unwrap();
}

fn all_waits_for_all() -> bool {
    let [mut leader, ..] = three(options());
    let end = leader.produce(batch([1]), Acks::All).unwrap().end;
    let waits = leader.replica.answer(Acks::All, end).is_none();
    leader.follower_has(1, end);
    leader.follower_has(2, end);
    assert_eq!(leader.replica.answer(Acks::All, end), Some(Ok(())));
    waits
}

#[test]
fn acks_all_is_answered_when_all_in_sync_have_it() {
    assert!(all_waits_for_all());
    assert!(!flaw::with(Flaw::AckBeforeIsr, all_waits_for_all));
}

#[test]
fn too_few_in_sync_after_the_append_is_told_only_when_the_record_is_committed() {
    let mut leader = Bench::new(0, min_insync(2));
    leader.lead(&state(Some(0), 1, 1, &[0, 1]));
    leader.produce(batch([1]), Acks::All).unwrap();
    leader.lead(&state(Some(0), 1, 2, &[0]));
    assert_eq!(leader.replica.answer(Acks::All, 1), None, "it waits, and will time out");

    let mut leader = Bench::new(0, min_insync(2));
    leader.lead(&state(Some(0), 1, 1, &[0, 1]));
    leader.produce(batch([1]), Acks::All).unwrap();
    leader.follower_has(1, 1);
    leader.lead(&state(Some(0), 1, 2, &[0]));
    assert_eq!(leader.replica.answer(Acks::All, 1), Some(Err(Error::NotEnoughReplicasAfterAppend)));
}

#[test]
fn one_that_may_soon_be_in_sync_is_waited_for() {
    let [mut leader, ..] = three(options());
    leader.lead(&state(Some(0), 1, 2, &[0, 1]));
    leader.produce(batch([1]), Acks::Leader).unwrap();
    leader.follower_has(1, 1);
    assert_eq!(leader.replica.high_watermark(), 1, "nobody has heard of the third in this epoch");
    leader.follower_has(2, 1);
    leader.produce(batch([2]), Acks::Leader).unwrap();
    leader.follower_has(1, 2);
    assert_eq!(leader.replica.high_watermark(), 1);
}

#[test]
fn an_epoch_that_is_not_the_leaders_is_refused() {
    let mut leader = Bench::new(0, options());
    assert_eq!(leader.read(0, PLAIN).error, Some(Error::NotLeaderOrFollower));
    leader.lead(&state(Some(0), 4, 9, &[0]));
    let asks = |epoch| FetchPartition { leader_epoch: Some(epoch), ..consumer_asks(0) };
    let answer = |epoch| leader.replica.read(&asks(epoch), PLAIN, 1000).error;
    assert_eq!(answer(3), Some(Error::FencedLeaderEpoch));
    assert_eq!(answer(4), None);
    assert_eq!(answer(5), Some(Error::UnknownLeaderEpoch));
    leader.follow(&state(Some(1), 5, 10, &[0, 1]));
    assert_eq!(leader.produce(batch([1]), Acks::All), Err(Error::NotLeaderOrFollower));
    assert_eq!(leader.replica.answer(Acks::All, 0), Some(Err(Error::NotLeaderOrFollower)));
    leader.lead(&state(Some(0), 4, 9, &[0]));
    assert!(!leader.replica.is_leader(), "older than what it knows");
}

#[test]
fn a_fetch_of_an_earlier_incarnation_or_of_a_stranger_counts_for_nothing() {
    let [mut leader, ..] = three(options());
    leader.produce(batch([1]), Acks::Leader).unwrap();
    leader.follower_has(2, 1);
    leader.replica.broker_changed(crate::event::NodeId(1), 2, false);
    assert_eq!(leader.follower_has(1, 1).error, Some(Error::NotLeaderOrFollower));
    assert_eq!(leader.replica.high_watermark(), 0);
    assert_eq!(leader.follower_has(9, 1).error, Some(Error::UnknownLeaderEpoch));
}

#[test]
fn offsets_that_are_not_there_are_out_of_range() {
    let [mut leader, ..] = three(options());
    leader.produce(batch([1, 2]), Acks::Leader).unwrap();
    assert_eq!(leader.read(2, PLAIN).error, None, "written, and not yet committed");
    assert_eq!(leader.read(3, PLAIN).error, Some(Error::OffsetOutOfRange));
}

#[test]
fn a_fetch_brings_as_many_batches_as_fit_and_at_least_one() {
    let mut leader = Bench::new(0, options());
    leader.lead(&state(Some(0), 1, 1, &[0]));
    (0..10).for_each(|at| {
        leader.produce(batch([2 * at, 2 * at + 1]), Acks::Leader).unwrap();
    });
    assert_eq!(messages(&leader.replica.read(&consumer_asks(3), PLAIN, 1)), [(2, 2), (3, 3)]);
    let all = leader.replica.read(&consumer_asks(0), PLAIN, u32::MAX);
    assert_eq!(messages(&all).len(), 20);
    let some = leader.replica.read(&consumer_asks(0), PLAIN, 300);
    assert!((2..10).contains(&some.batches.len()));
}

#[test]
fn the_rule_of_commitment_can_be_another() {
    let with = |commit| Options { policy: Policy { commit, ..Policy::default() }, ..options() };
    let [mut leader, ..] = three(with(CommitRule::LeaderAlone));
    leader.produce(batch([1]), Acks::All).unwrap();
    assert_eq!(leader.replica.high_watermark(), 1);
    let [mut leader, ..] = three(with(CommitRule::Majority));
    leader.produce(batch([1]), Acks::All).unwrap();
    assert_eq!(leader.replica.high_watermark(), 0);
    leader.follower_has(2, 1);
    assert_eq!(leader.replica.answer(Acks::All, 1), Some(Ok(())));
}

#[test]
fn a_record_that_must_be_synced_counts_when_it_is() {
    let policy = Policy { sync: SyncRule::Every(2), ..Policy::default() };
    let mut leader = Bench::new(0, Options { policy, segment_bytes: 1 << 20, ..options() });
    leader.lead(&state(Some(0), 1, 1, &[0]));
    leader.produce(batch([1]), Acks::Leader).unwrap();
    assert_eq!(leader.replica.answer(Acks::Leader, 1), Some(Ok(())));
    let send = |leader: &mut Bench| leader.act(|it, now, out, all| it.produce(now, batch([2]), Acks::Leader, out, all));
    send(&mut leader).unwrap();
    assert_eq!(leader.replica.answer(Acks::Leader, 2), None);
    leader.hear_disk();
    assert_eq!(leader.replica.answer(Acks::Leader, 2), None, "written only");
    leader.hear_disk();
    assert_eq!(leader.replica.answer(Acks::Leader, 2), Some(Ok(())));
    assert_eq!(leader.noted(Kind::Synced), [1, 2]);
}

#[test]
fn a_disk_that_refuses_takes_the_replica_offline_with_nothing_promised() {
    let mut leader = Bench::new(0, options());
    leader.lead(&state(Some(0), 1, 1, &[0]));
    leader.disk.is_full = true;
    leader.produce(batch([1]), Acks::Leader).unwrap();
    assert_eq!(leader.replica.answer(Acks::Leader, 1), Some(Err(Error::KafkaStorageError)));
    assert_eq!(leader.read(0, PLAIN).error, Some(Error::KafkaStorageError));
    assert_eq!(leader.replica.log_end(), 0);
}
