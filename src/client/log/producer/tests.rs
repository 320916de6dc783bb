use std::sync::Arc;

use super::*;
use crate::client::log::bench::Bench;
use crate::client::log::fake::{BROKERS, Fake, Fate, TOPIC};
use crate::client::producer::Occurrence;
use crate::event::MessageId;
use crate::flaw::{self, Flaw};
use crate::protocol::Name;
use crate::protocol::fact::Fact;
use crate::protocol::log::{Acks, Error};
use crate::random::Seed;
use crate::time::Span;

const LEADER: crate::event::NodeId = BROKERS[0];

/// One message every 10 ms, from 10 ms on, all of one key.
fn options(messages: u32) -> LogProducerOptions {
    let options = LogProducerOptions::new(BROKERS.into(), TOPIC, workload(messages), Seed(3));
    LogProducerOptions { batch_records: 1, linger: Span::ZERO, ..options }
}

fn workload(messages: u32) -> Arc<[Occurrence]> {
    let occurrence = |n: u32| {
        let fact = Fact { message: MessageId(n), key: 7, version: n };
        let payload = bytes::Bytes::copy_from_slice(&fact.encode());
        Occurrence { at: Time::from_millis(u64::from(n) * 10), fact, payload }
    };
    (1..=messages).map(occurrence).collect()
}

fn bench(options: LogProducerOptions) -> Bench<LogProducer> {
    Bench::started(LogProducer::new(options), Fake::new(1))
}

fn plain(messages: u32) -> LogProducerOptions {
    LogProducerOptions { idempotence: false, ..options(messages) }
}

fn seconds(n: u64) -> Time {
    Time::from_millis(n * 1_000)
}

fn up_to(n: u32) -> Vec<u32> {
    (1..=n).collect()
}

fn is_quiet(bench: &Bench<LogProducer>) -> bool {
    bench.timers.values().all(|(_, periodic)| *periodic)
}

#[test]
fn what_occurs_is_batched_sent_acknowledged_and_told_in_order() {
    let mut bench = bench(options(10));
    bench.run_until(seconds(1));
    assert_eq!(bench.fake.log(0), up_to(10));
    assert_eq!(bench.told(Answer::Ok), up_to(10));
    assert_eq!(bench.messages(Kind::Batched), up_to(10));
    assert!(bench.in_memory().is_empty() && is_quiet(&bench));
}

#[test]
fn a_batch_waits_for_company_and_goes_when_it_is_full_or_has_lingered() {
    let linger = LogProducerOptions { batch_records: 4, linger: Span::from_millis(25), ..options(6) };
    let mut bench = bench(linger);
    bench.run_until(seconds(1));
    let sizes: Vec<usize> = bench.fake.produced.iter().map(|(_, batch)| batch.records.len()).collect();
    assert_eq!(sizes, [3, 3]);
    let full = LogProducerOptions { batch_records: 2, linger: Span::from_secs(9), ..options(5) };
    let mut bench = self::bench(full);
    bench.run_until(seconds(1));
    assert_eq!(bench.told(Answer::Ok), up_to(4));
    bench.run_until(seconds(10));
    assert_eq!(bench.told(Answer::Ok), up_to(5));
}

#[test]
fn keys_decide_the_partition_and_each_leader_gets_its_own() {
    let mut many = options(40);
    let own_key = |mut occurrence: Occurrence| {
        occurrence.fact.key = occurrence.fact.message.0;
        occurrence
    };
    many.workload = workload(40).iter().cloned().map(own_key).collect();
    let mut bench = Bench::started(LogProducer::new(many), Fake::new(3));
    bench.run_until(seconds(2));
    for partition in 0..3 {
        let of_it = up_to(40).into_iter().filter(|key| crate::client::log::partitioner::of_key(*key, 3) == partition);
        assert_eq!(bench.fake.log(usize::from(partition)), of_it.collect::<Vec<_>>());
    }
}

#[test]
fn a_lost_answer_is_harmless_with_numbers_and_a_duplicate_without() {
    let lose = |options| {
        let mut bench = bench(options);
        bench.fake.fates.push_back(Fate::LoseAnswer);
        bench.run_until(seconds(2));
        assert_eq!(bench.told(Answer::Ok), up_to(3));
        bench.fake.log(0)
    };
    assert_eq!(lose(options(3)), [1, 2, 3]);
    let mut found = lose(plain(3));
    found.sort_unstable();
    assert_eq!(found, [1, 1, 2, 3]);
    assert_ne!(flaw::with(Flaw::RetryTakesNewSequence, || lose(options(3))), [1, 2, 3]);
}

/// The first of five batches in flight is refused while the others are written.
fn refuse_first(options: LogProducerOptions, error: Error) -> Vec<u32> {
    let mut bench = bench(options);
    bench.fake.latency = Span::from_millis(35);
    bench.fake.fates.push_back(Fate::Refuse(error));
    bench.run_until(seconds(5));
    bench.fake.log(0)
}

#[test]
fn a_refused_batch_is_overtaken_without_numbers_and_never_with_them() {
    assert_eq!(refuse_first(options(8), Error::NotEnoughReplicas), up_to(8));
    assert_ne!(refuse_first(plain(8), Error::NotEnoughReplicas), up_to(8));
    let alone = LogProducerOptions { in_flight: 1, ..plain(8) };
    assert_eq!(refuse_first(alone, Error::NotEnoughReplicas), up_to(8));
}

#[test]
fn five_in_flight_that_fail_together_come_back_in_order_only_if_numbered() {
    let fail = |options| {
        let mut bench = bench(options);
        bench.run_until(Time::from_millis(5));
        bench.fake.silent = vec![LEADER];
        bench.run_until(Time::from_millis(55));
        bench.fake.silent.clear();
        bench.reset_connection(LEADER);
        bench.run_until(seconds(5));
        assert_eq!(bench.told(Answer::Ok), up_to(8));
        bench.fake.log(0)
    };
    assert_eq!(fail(options(8)), up_to(8));
    assert_ne!(fail(plain(8)), up_to(8));
    assert!(fail(plain(8)).windows(2).any(|pair| pair[0] > pair[1]));
}

#[test]
fn numbered_batches_that_were_refused_are_resent_one_after_another() {
    let refuse = |seed| {
        let mut bench = bench(LogProducerOptions { seed: Seed(seed), ..options(8) });
        bench.fake.latency = Span::from_millis(35);
        let refuse = Fate::Refuse(Error::NotEnoughReplicas);
        bench.fake.fates.extend([refuse, Fate::Good, Fate::Good, Fate::Good, refuse]);
        bench.run_until(seconds(9));
        assert_eq!(bench.fake.log(0), up_to(8), "seed {seed}");
        bench.fake.produced.len()
    };
    let right: usize = (0..20).map(refuse).sum();
    let wrong: usize = flaw::with(Flaw::ResendOutOfOrder, || (0..20).map(refuse).sum());
    assert!(right < wrong, "out of order a resend is refused once more: {right} against {wrong}");
}

#[test]
fn a_request_without_an_answer_closes_the_connection_and_is_sent_again() {
    let mut bench = bench(options(2));
    bench.run_until(Time::from_millis(5));
    bench.fake.silent = vec![LEADER];
    bench.run_until(seconds(29));
    assert_eq!(bench.noted(Kind::Sent), [(1, 1), (2, 1)]);
    bench.fake.silent.clear();
    bench.run_until(seconds(33));
    assert_eq!(bench.noted(Kind::Sent)[2..], [(1, 2), (2, 2)]);
    assert_eq!(bench.told(Answer::Ok), [1, 2]);
}

#[test]
fn after_the_delivery_timeout_the_outcome_is_unknown_whatever_the_log_has() {
    let mut bench = bench(options(2));
    bench.run_until(Time::from_millis(5));
    bench.fake.fates.push_back(Fate::LoseAnswer);
    bench.run_until(Time::from_millis(15));
    BROKERS.into_iter().for_each(|broker| bench.kill(broker));
    bench.run_until(seconds(119));
    assert!(bench.told(Answer::Unknown).is_empty());
    bench.run_until(seconds(121));
    assert_eq!(bench.told(Answer::Unknown), [1, 2]);
    assert_eq!(bench.messages(Kind::Dropped(Reason::DeliveryTimeout)), [1, 2]);
    assert_eq!(bench.fake.log(0), [1]);
    assert!(bench.in_memory().is_empty() && is_quiet(&bench));
}

#[test]
fn an_idempotent_producer_without_an_id_lets_nothing_expire() {
    let expired = |options| {
        let mut fake = Fake::new(1);
        fake.no_ids = true;
        let mut bench = Bench::started(LogProducer::new(options), fake);
        bench.run_until(Time::from_millis(5));
        bench.fake.silent = BROKERS.into();
        bench.run_until(seconds(600));
        let expired = bench.told(Answer::Unknown);
        bench.fake.silent.clear();
        bench.fake.no_ids = false;
        bench.run_until(seconds(700));
        assert_eq!(bench.told(Answer::Unknown).len() + bench.told(Answer::Ok).len(), 3);
        expired
    };
    assert!(expired(options(3)).is_empty());
    assert_eq!(expired(plain(3)), [1, 2, 3]);
}

#[test]
fn a_full_buffer_blocks_send_and_throws_in_the_end() {
    let small = LogProducerOptions { buffer_records: 2, max_block: Span::from_secs(1), ..options(4) };
    let mut bench = bench(small);
    bench.run_until(Time::from_millis(5));
    bench.fake.silent = BROKERS.into();
    bench.run_until(Time::from_millis(900));
    assert_eq!(bench.messages(Kind::BufferFull), [3, 4]);
    assert!(bench.told(Answer::Refused).is_empty());
    bench.run_until(seconds(2));
    assert_eq!(bench.told(Answer::Refused), [3, 4]);
    assert_eq!(bench.noted(Kind::Sent).len(), 2);
    bench.fake.silent.clear();
    bench.run_until(seconds(40));
    assert_eq!(bench.told(Answer::Ok), [1, 2]);
}

#[test]
fn without_metadata_send_blocks_as_well() {
    let mut fake = Fake::new(1);
    fake.down = BROKERS.into();
    let mut bench = Bench::started(LogProducer::new(options(2)), fake);
    bench.run_until(seconds(59));
    assert_eq!(bench.messages(Kind::BufferFull), [1, 2]);
    bench.run_until(seconds(61));
    assert_eq!(bench.told(Answer::Refused), [1, 2]);
    assert!(is_quiet(&bench));
}

#[test]
fn without_a_broker_the_topic_is_forgotten_and_send_blocks_before_4_0_it_buffered() {
    for rebootstraps in [true, false] {
        let options = LogProducerOptions { rebootstraps, max_block: Span::from_secs(1), ..options(30) };
        let mut bench = bench(options);
        bench.run_until(Time::from_millis(45));
        BROKERS.into_iter().for_each(|broker| bench.kill(broker));
        bench.run_until(seconds(2));
        assert_eq!(bench.told(Answer::Refused).contains(&30), rebootstraps);
        BROKERS.into_iter().for_each(|broker| bench.revive(broker));
        bench.run_until(seconds(9));
        let told = bench.told(Answer::Ok).len() + bench.told(Answer::Refused).len();
        assert_eq!((told, bench.told(Answer::Ok).len() == 30), (30, !rebootstraps));
        assert_eq!(bench.fake.log(0), bench.told(Answer::Ok));
    }
}

#[test]
fn with_acks_0_nothing_is_known_and_what_dies_with_the_connection_is_gone() {
    let mut bench = bench(LogProducerOptions { acks: Acks::None, ..options(3) });
    bench.run_until(Time::from_millis(5));
    bench.fake.fates.push_back(Fate::LoseRequest);
    bench.run_until(seconds(5));
    assert_eq!(bench.told(Answer::Unknown), [1, 2, 3]);
    assert_eq!(bench.fake.log(0), [2, 3]);
    assert!(bench.in_memory().is_empty());
}

#[test]
fn without_retries_the_first_error_is_the_last() {
    let end = |fate| {
        let mut bench = bench(LogProducerOptions { retries: false, ..options(1) });
        bench.fake.fates.push_back(fate);
        bench.run_until(seconds(5));
        (bench.told(Answer::Refused), bench.told(Answer::Unknown), bench.fake.log(0))
    };
    assert_eq!(end(Fate::Refuse(Error::NotEnoughReplicas)), (vec![1], vec![], vec![]));
    assert_eq!(end(Fate::Refuse(Error::NotEnoughReplicasAfterAppend)), (vec![], vec![1], vec![]));
    assert_eq!(end(Fate::LoseAnswer), (vec![], vec![1], vec![1]));
    assert_eq!(end(Fate::LoseRequest), (vec![], vec![1], vec![]));
}

#[test]
fn a_new_leader_is_found_by_metadata() {
    let mut bench = bench(options(6));
    bench.run_until(Time::from_millis(35));
    bench.kill(LEADER);
    bench.run_until(seconds(3));
    assert_eq!(bench.told(Answer::Ok), up_to(3));
    bench.fake.leaders[0] = (Some(BROKERS[1]), 1);
    bench.run_until(seconds(6));
    assert_eq!(bench.fake.log(0), up_to(6));
    // Not dead, only deposed.
    let mut bench = self::bench(options(6));
    bench.run_until(Time::from_millis(35));
    bench.fake.leaders[0] = (Some(BROKERS[1]), 1);
    bench.run_until(seconds(3));
    assert_eq!(bench.fake.log(0), up_to(6));
}

#[test]
fn a_crash_loses_the_buffer_and_a_new_process_has_another_id() {
    let mut bench = bench(options(20));
    bench.run_until(Time::from_millis(5));
    bench.fake.silent = vec![LEADER];
    bench.run_until(Time::from_millis(55));
    assert_eq!(bench.in_memory(), up_to(5));
    bench.fake.silent.clear();
    bench.crash(Span::from_millis(60));
    bench.run_until(seconds(2));
    assert_eq!(bench.fake.log(0), (12..=20).collect::<Vec<_>>());
    assert!(bench.fake.producer_ids >= 2);
}

fn transactional(messages: u32) -> LogProducerOptions {
    LogProducerOptions { batch_records: 3, transactional_id: Some(Name(8)), ..options(messages) }
}

#[test]
fn a_transaction_is_told_ok_only_at_its_commit() {
    let mut bench = bench(transactional(7));
    bench.run_until(seconds(2));
    assert_eq!(bench.told(Answer::Ok), up_to(7));
    assert!(bench.fake.ended.iter().all(|is_commit| *is_commit) && !bench.fake.ended.is_empty());
    assert!(bench.fake.produced.iter().all(|(_, batch)| batch.is_transactional));
    assert!(is_quiet(&bench));
}

#[test]
fn a_transaction_that_fails_is_aborted_and_its_facts_are_refused() {
    let mut bench = bench(transactional(4));
    bench.fake.fates.push_back(Fate::Refuse(Error::OutOfOrderSequenceNumber));
    bench.run_until(seconds(3));
    assert!(!bench.fake.ended[0]);
    assert_eq!(bench.told(Answer::Refused), [1]);
    assert_eq!(bench.told(Answer::Ok), [2, 3, 4]);
}

#[test]
fn what_the_program_throws_on_takes_its_transaction_along() {
    let mut bench = bench(LogProducerOptions { abort_every: 4, ..transactional(9) });
    bench.run_until(seconds(3));
    assert_eq!(bench.told(Answer::Refused), [4, 8]);
    assert_eq!(bench.told(Answer::Ok), [1, 2, 3, 5, 6, 7, 9]);
    assert_eq!(bench.fake.log(0), up_to(9), "they were sent before it threw");
    assert_eq!(bench.fake.ended.iter().filter(|is_commit| !**is_commit).count(), 2);
    assert_eq!(bench.messages(Kind::Dropped(Reason::Aborted)), [4, 8]);
}

#[test]
fn a_producer_that_its_coordinator_has_lost_begins_anew() {
    let mut bench = bench(transactional(6));
    bench.run_until(Time::from_millis(35));
    bench.fake.forgets_producer = true;
    bench.run_until(seconds(3));
    assert_eq!(bench.told(Answer::Refused), [4]);
    assert_eq!(bench.told(Answer::Ok), [1, 2, 3, 5, 6]);
    assert_eq!(bench.fake.producer_ids, 2);
    assert!(is_quiet(&bench));
}

#[test]
fn an_epoch_that_is_over_costs_the_transaction_and_a_namesake_the_producer() {
    for has_namesake in [false, true] {
        let mut bench = bench(transactional(9));
        bench.run_until(Time::from_millis(35));
        bench.fake.fates.push_back(Fate::Refuse(Error::InvalidProducerEpoch));
        bench.run_until(Time::from_millis(40));
        bench.fake.fence_producers = has_namesake;
        bench.run_until(seconds(3));
        let fenced = bench.notes.iter().filter(|(_, note)| note.kind == Kind::ProducerFenced).count();
        let ok = bench.told(Answer::Ok);
        match has_namesake {
            false => assert_eq!((bench.told(Answer::Refused), ok.len(), fenced), (vec![4], 8, 0)),
            true => assert_eq!((bench.told(Answer::Refused).len() + ok.len(), fenced), (9, 1)),
        }
        assert!(is_quiet(&bench));
    }
}

#[test]
fn a_fenced_producer_stops_for_good() {
    let mut bench = bench(transactional(9));
    bench.run_until(Time::from_millis(35));
    bench.fake.fence_producers = true;
    bench.run_until(seconds(3));
    assert_eq!(bench.told(Answer::Ok), up_to(3));
    assert_eq!(bench.told(Answer::Refused).len() + bench.told(Answer::Unknown).len(), 6);
    assert!(is_quiet(&bench));
}
