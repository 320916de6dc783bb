mod truncation;

use super::*;
use crate::client::log::bench::{Bench, STORE};
use crate::client::log::fake::{BROKERS, Fake, GROUP, TOPIC, place};
use crate::event::{Kind, MessageId, Reason, detail_offset};
use crate::flaw::{self, Flaw};
use crate::node::{Disturbance, Input};
use crate::protocol::log::{Error, Member, MemberId, Strategy};
use crate::random::Seed;
use crate::time::Span;

const COORDINATOR_NODE: crate::event::NodeId = BROKERS[0];

/// One partition with nine messages, each of which takes 100 ms or so.
fn options(offset_commit: OffsetCommit) -> LogConsumerOptions {
    let mut options = LogConsumerOptions {
        offset_commit,
        offset_reset: OffsetReset::Earliest,
        max_poll_records: 9,
        ..LogConsumerOptions::new(BROKERS.into(), STORE, TOPIC, GROUP, 0, Seed(4))
    };
    options.handler.processing = Span::from_millis(100);
    options
}

fn fake(partitions: u16, messages: u32) -> Fake {
    let mut fake = Fake::new(partitions);
    (1..=messages).for_each(|message| fake.fill((message % u32::from(partitions)) as u16, [message]));
    fake
}

fn started(options: LogConsumerOptions) -> Bench<LogConsumer> {
    Bench::started(LogConsumer::new(options), fake(1, 9))
}

fn up_to(n: u32) -> Vec<u32> {
    (1..=n).collect()
}

fn sorted(mut list: Vec<u32>) -> Vec<u32> {
    list.sort_unstable();
    list
}

/// The messages that took effect in the end, after a crash `at` some millisecond.
fn crashed(options: LogConsumerOptions, at: u64) -> Vec<u32> {
    let mut bench = started(options);
    bench.run_for(at);
    bench.crash(Span::from_secs(1));
    bench.run_for(30_000);
    bench.applied
}

fn lost(applied: &[u32]) -> Vec<u32> {
    up_to(9).into_iter().filter(|message| !applied.contains(message)).collect()
}

const ALL: [OffsetCommit; 6] = [
    OffsetCommit::Auto,
    OffsetCommit::AutoHandoff,
    OffsetCommit::AutoRacing,
    OffsetCommit::StoredBefore,
    OffsetCommit::After,
    OffsetCommit::Before,
];

#[test]
fn whatever_the_policy_in_good_times_everything_is_done_once_and_in_order() {
    for policy in ALL {
        let mut bench = started(options(policy));
        bench.run_for(20_000);
        assert_eq!(bench.applied, up_to(9), "{policy:?}");
        assert_eq!(bench.fake.committed.get(&0), Some(&9), "{policy:?}");
        assert_eq!(bench.messages(Kind::AckSent).len(), 9, "{policy:?}");
        assert!(bench.in_memory().is_empty());
    }
}

#[test]
fn a_crash_in_mid_batch_repeats_or_loses_as_the_policy_has_it() {
    let after = crashed(options(OffsetCommit::After), 450);
    assert!(lost(&after).is_empty() && after.len() > 9, "{after:?}");
    let auto = LogConsumerOptions { auto_commit_interval: Span::from_millis(1), ..options(OffsetCommit::Auto) };
    let in_loop = crashed(auto.clone(), 450);
    assert!(lost(&in_loop).is_empty() && in_loop.len() > 9, "{in_loop:?}");
    let before = crashed(options(OffsetCommit::Before), 450);
    assert!(lost(&before).len() >= 4 && before.len() < 9, "{before:?}");
    let handed = LogConsumerOptions { offset_commit: OffsetCommit::AutoHandoff, ..auto.clone() };
    assert!(lost(&crashed(handed, 450)).len() >= 4);
    let stored = LogConsumerOptions { offset_commit: OffsetCommit::StoredBefore, ..auto.clone() };
    assert_eq!(lost(&crashed(stored, 450)).len(), 1, "one at a time: the record in hand");
    assert!(!lost(&flaw::with(Flaw::OffsetOfNextBatch, || crashed_with_prefetch(auto.clone()))).is_empty());
    assert!(lost(&crashed_with_prefetch(auto)).is_empty());
}

/// Small batches: while one is worked on, others are in memory already.
fn crashed_with_prefetch(options: LogConsumerOptions) -> Vec<u32> {
    crashed(LogConsumerOptions { max_poll_records: 2, ..options }, 450)
}

#[test]
fn positions_that_race_with_poll_lose_the_batch_in_hand_now_and_then() {
    let lost_with = |seed| {
        let racing = options(OffsetCommit::AutoRacing);
        let interval = Span::from_millis(1);
        let racing = LogConsumerOptions { seed: Seed(seed), auto_commit_interval: interval, ..racing };
        !lost(&crashed_with_prefetch(racing)).is_empty()
    };
    let losses = (0..40).filter(|seed| lost_with(*seed)).count();
    assert!((5..35).contains(&losses), "{losses}");
}

#[test]
fn what_is_committed_and_not_done_is_only_in_this_process() {
    let mut bench = started(options(OffsetCommit::Before));
    bench.run_for(450);
    let held = bench.in_memory();
    assert!(held.len() >= 4 && held.last() == Some(&9), "{held:?}");
    let mut bench = started(options(OffsetCommit::After));
    bench.run_for(450);
    assert!(bench.in_memory().is_empty());
}

fn throwing(policy: OffsetCommit, on_poll_exception: OnPollException) -> Bench<LogConsumer> {
    let interval = Span::from_millis(10);
    let options = LogConsumerOptions { on_poll_exception, auto_commit_interval: interval, ..options(policy) };
    let mut bench = Bench::started(LogConsumer::new(options), fake(1, 9));
    bench.input(Input::Disturbed(Disturbance::Throw(MessageId(3))));
    bench.run_for(3_000);
    bench.fake.fill(0, [10]);
    bench.run_for(20_000);
    bench
}

#[test]
fn an_exception_that_is_swallowed_costs_the_rest_of_the_batch() {
    for policy in [OffsetCommit::Auto, OffsetCommit::After] {
        let bench = throwing(policy, OnPollException::Swallow);
        assert_eq!(bench.applied, [1, 2, 10], "{policy:?}");
        assert_eq!(bench.messages(Kind::Dropped(Reason::OffsetSkipped)), (3..=9).collect::<Vec<_>>());
    }
}

#[test]
fn a_close_in_mid_batch_commits_it_if_commits_are_automatic_and_repeats_it_otherwise() {
    let auto = throwing(OffsetCommit::Auto, OnPollException::Close);
    assert_eq!(auto.applied, [1, 2, 10]);
    assert_eq!(auto.messages(Kind::Dropped(Reason::OffsetSkipped)), (3..=9).collect::<Vec<_>>());
    assert_eq!(auto.fake.left, 1);
    let after = throwing(OffsetCommit::After, OnPollException::Close);
    assert_eq!(after.applied, [vec![1, 2], up_to(10)].concat());
    assert!(after.messages(Kind::Dropped(Reason::OffsetSkipped)).is_empty());
}

#[test]
fn going_back_to_the_record_loses_nothing_and_a_poison_message_is_skipped_in_the_end() {
    for policy in [OffsetCommit::Auto, OffsetCommit::After] {
        assert_eq!(throwing(policy, OnPollException::Seek).applied, up_to(10), "{policy:?}");
    }
    let seeking = LogConsumerOptions { on_poll_exception: OnPollException::Seek, ..options(OffsetCommit::After) };
    let mut fake = fake(1, 9);
    fake.logs[0][4].payload = bytes::Bytes::from_static(b"poison");
    let mut bench = Bench::started(LogConsumer::new(seeking), fake);
    bench.run_for(30_000);
    assert_eq!(bench.applied, [1, 2, 3, 4, 6, 7, 8, 9]);
    assert_eq!(bench.messages(Kind::Threw), [5; 10]);
    assert_eq!(bench.messages(Kind::Dropped(Reason::OffsetSkipped)), [5]);
}

#[test]
fn without_a_committed_offset_it_begins_where_the_policy_says_and_says_so() {
    let begin = |offset_reset| {
        let mut bench = started(LogConsumerOptions { offset_reset, ..options(OffsetCommit::After) });
        bench.run_for(10_000);
        let reset = bench.notes.iter().find(|(_, note)| note.kind == Kind::OffsetReset).expect("a reset");
        (detail_offset(reset.1.detail), bench.applied.len())
    };
    assert_eq!(begin(OffsetReset::Earliest), ((0, 0), 9));
    assert_eq!(begin(OffsetReset::Latest), ((0, 9), 0));
    // What was committed is gone: retention was faster.
    let mut fake = fake(1, 9);
    fake.committed.insert(0, 2);
    fake.log_start = 6;
    let mut bench = Bench::started(LogConsumer::new(options(OffsetCommit::After)), fake);
    bench.run_for(10_000);
    assert_eq!(bench.applied, [7, 8, 9]);
}

#[test]
fn a_handler_that_stays_away_too_long_leaves_the_group_and_its_commit_fails() {
    let zombie = || {
        let slow = LogConsumerOptions { max_poll_interval: Span::from_millis(700), ..options(OffsetCommit::After) };
        let mut bench = started(slow);
        bench.run_for(850);
        assert_eq!(bench.fake.left, 1);
        // The group gives the partition to another, which commits further.
        bench.fake.committed.insert(0, 4);
        bench.run_for(350);
        assert!(bench.applied.len() >= 9, "its effects happen all the same");
        (bench.fake.commits.iter().any(|(_, member, _)| member.is_none()), bench)
    };
    let (went_through, mut bench) = zombie();
    assert!(!went_through);
    assert!(bench.fake.commits.is_empty());
    bench.run_for(2_000);
    assert_eq!(bench.applied.iter().filter(|message| **message == 5).count(), 2, "it joins and reads on from 4");
    assert!(flaw::with(Flaw::ZombieKeepsCommitting, zombie).0);
}

#[test]
fn heartbeats_go_on_while_the_handler_works_and_a_rebalance_waits_for_the_batch() {
    let mut slow = options(OffsetCommit::After);
    slow.handler.processing = Span::from_secs(2);
    let mut bench = started(slow);
    bench.run_for(10_000);
    let heartbeats = |bench: &Bench<LogConsumer>| {
        let is_one =
            |message: &&Message| matches!(message, Message::Group(crate::protocol::log::Group::Heartbeat { .. }));
        bench.asked.iter().map(|(_, message)| message).filter(is_one).count()
    };
    assert!(heartbeats(&bench) >= 3);
    bench.fake.heartbeat = Some(Error::RebalanceInProgress);
    bench.run_for(5_000);
    assert_eq!(bench.fake.generation, 1, "it joins when it polls");
    bench.run_for(10_000);
    assert_eq!(bench.fake.generation, 2);
    assert_eq!(bench.applied, up_to(9), "what it had done was committed before");
}

#[test]
fn before_a_rebalance_positions_are_committed_and_eager_members_give_everything_back() {
    let mut bench = Bench::started(LogConsumer::new(options(OffsetCommit::Auto)), fake(2, 8));
    bench.run_for(2_000);
    assert!(bench.fake.commits.is_empty());
    bench.fake.heartbeat = Some(Error::RebalanceInProgress);
    bench.fake.others.push(Member { id: MemberId(7_000), topics: [TOPIC].into(), owned: [].into() });
    bench.run_for(3_000);
    assert_eq!(bench.fake.committed.values().sum::<u64>(), 8);
    let masks = |kind| {
        let of_kind = bench.notes.iter().filter(move |(_, note)| note.kind == kind);
        of_kind.map(|(_, note)| note.detail).collect::<Vec<_>>()
    };
    assert_eq!(masks(Kind::PartitionsAssigned), [0b11, 0b01]);
    assert_eq!(masks(Kind::PartitionsRevoked), [0b11]);
    assert_eq!(bench.fake.assignments[1].1.to_vec(), [place(1)], "the leader deals out for all");
    assert_eq!(sorted(bench.applied.clone()), up_to(8));
}

#[test]
fn a_cooperative_member_keeps_reading_what_it_keeps_and_joins_twice() {
    let cooperative = LogConsumerOptions { assignment: Strategy::CooperativeSticky, ..options(OffsetCommit::Auto) };
    let mut bench = Bench::started(LogConsumer::new(cooperative), fake(2, 8));
    bench.run_for(2_000);
    bench.fake.heartbeat = Some(Error::RebalanceInProgress);
    bench.fake.others.push(Member { id: MemberId(7_000), topics: [TOPIC].into(), owned: [].into() });
    bench.run_for(4_000);
    assert_eq!(bench.fake.generation, 3);
    let revoked = bench.notes.iter().filter(|(_, note)| note.kind == Kind::PartitionsRevoked);
    assert_eq!(revoked.map(|(_, note)| note.detail.count_ones()).sum::<u32>(), 1);
    assert_eq!(sorted(bench.applied.clone()), up_to(8));
}

#[test]
fn lanes_keep_the_order_of_a_key_and_commit_only_what_has_no_gap() {
    let mut fake = Fake::new(1);
    for message in 1..=60 {
        fake.fill(0, [message]);
        let fact = crate::protocol::fact::Fact { message: MessageId(message), key: message % 7, version: message };
        let record = fake.logs[0].last_mut().unwrap();
        record.key = Some(fact.key);
        record.payload = bytes::Bytes::copy_from_slice(&fact.encode());
    }
    let many = LogConsumerOptions { lanes: 4, max_poll_records: 60, ..options(OffsetCommit::After) };
    let run = || {
        let mut bench = Bench::started(LogConsumer::new(many.clone()), Fake::new(1));
        bench.fake.logs = fake.logs.clone();
        bench.run_for(600);
        bench.crash(Span::from_millis(10));
        bench.run_for(30_000);
        bench.applied
    };
    let applied = run();
    assert_eq!((1..=60).filter(|message| !applied.contains(message)).count(), 0);
    for key in 0..7 {
        let mut of_key: Vec<u32> = applied.iter().copied().filter(|message| message % 7 == key).collect();
        let mut seen = Vec::new();
        of_key.retain(|message| {
            !seen.contains(message) && {
                seen.push(*message);
                true
            }
        });
        assert!(of_key.is_sorted(), "{of_key:?}");
    }
    let applied = flaw::with(Flaw::LaneCommitsHighest, run);
    assert!((1..=60).any(|message| !applied.contains(&message)));
}

#[test]
fn threads_without_keys_do_a_batch_out_of_order() {
    let mut bench = started(LogConsumerOptions { threads: 3, ..options(OffsetCommit::After) });
    bench.run_for(5_000);
    assert_eq!(sorted(bench.applied.clone()), up_to(9));
    assert_ne!(bench.applied, up_to(9));
}

#[test]
fn a_dead_leader_or_coordinator_only_delays_it() {
    let mut bench = Bench::started(LogConsumer::new(options(OffsetCommit::After)), fake(3, 9));
    bench.run_for(150);
    bench.kill(COORDINATOR_NODE);
    bench.run_for(3_000);
    bench.revive(COORDINATOR_NODE);
    bench.run_for(20_000);
    assert_eq!(sorted(bench.applied.clone()), up_to(9));
    assert_eq!(bench.fake.committed.values().sum::<u64>(), 9);
}

#[test]
fn a_coordinator_that_is_away_for_longer_than_the_session_is_found_again_at_once() {
    let mut bench = Bench::started(LogConsumer::new(options(OffsetCommit::After)), fake(3, 9));
    bench.run_for(150);
    BROKERS.into_iter().for_each(|broker| bench.kill(broker));
    bench.run_for(90_000);
    BROKERS.into_iter().for_each(|broker| bench.revive(broker));
    bench.run_for(10_000);
    assert_eq!(bench.fake.committed.values().sum::<u64>(), 9);
}

#[test]
fn new_partitions_are_dealt_out_once_the_groups_leader_sees_them() {
    let mut bench = started(options(OffsetCommit::After));
    bench.run_for(150);
    bench.fake.leaders.push((Some(BROKERS[0]), 0));
    bench.fake.logs.push(Vec::new());
    bench.fake.fill(1, [10, 11]);
    bench.run_for(290_000);
    assert_eq!(sorted(bench.applied.clone()), up_to(9));
    bench.run_for(20_000);
    assert_eq!(sorted(bench.applied.clone()), up_to(11));
}

#[test]
fn an_idle_consumer_keeps_no_run_alive() {
    let mut bench = started(options(OffsetCommit::After));
    bench.run_for(12_000);
    assert!(bench.timers.values().all(|(_, periodic)| *periodic));
}

fn sharing(on_exception: crate::client::consumer::OnException) -> Bench<LogConsumer> {
    let options = LogConsumerOptions { share_group: true, on_exception, ..options(OffsetCommit::Auto) };
    let mut bench = Bench::started(LogConsumer::new(options), fake(3, 9));
    bench.input(Input::Disturbed(Disturbance::Throw(MessageId(3))));
    bench.run_for(20_000);
    bench
}

#[test]
fn in_a_share_group_each_record_is_settled_by_itself() {
    let released = sharing(crate::client::consumer::OnException::Requeue);
    assert_eq!(sorted(released.applied.clone()), up_to(9));
    assert_eq!(released.fake.share.accepted().len(), 9);
    let rejected = sharing(crate::client::consumer::OnException::Reject);
    assert_eq!(sorted(rejected.applied.clone()), [1, 2, 4, 5, 6, 7, 8, 9]);
    assert_eq!(rejected.fake.share.accepted().len(), 8);
}

#[test]
fn a_replay_begins_at_the_beginning_whatever_was_committed() {
    let mut bench = started(LogConsumerOptions { replay: true, ..options(OffsetCommit::After) });
    bench.run_for(5_000);
    bench.crash(Span::from_secs(1));
    bench.run_for(5_000);
    assert_eq!(bench.applied, [up_to(9), up_to(9)].concat());
}
