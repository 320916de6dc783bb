use super::*;
use crate::client::peer::{BROKER, Bench, STORE as DATABASE, copy};
use crate::event::MessageId;
use crate::node::Disturbance;
use crate::protocol::Name;
use crate::protocol::store;
use crate::random::Seed;
use crate::setting::Settings;
use crate::time::Span;

const QUEUE: Name = Name(1);

fn options(ack: AckPolicy) -> ConsumerOptions {
    ConsumerOptions { ack, ..ConsumerOptions::new(BROKER, DATABASE, QUEUE, 3, Seed(1)) }
}

fn started(ack: AckPolicy) -> Bench<Consumer> {
    Bench::started(Consumer::new(options(ack)))
}

/// The broker delivers messages with tags from `tag`.
fn deliver(bench: &mut Bench<Consumer>, tag: u64, messages: &[u32]) {
    for (tag, message) in (tag..).zip(messages) {
        let fact = Fact { message: MessageId(*message), key: 0, version: 1 };
        let payload = fact.encode().to_vec().into();
        bench.hear(Method::Deliver(Deliver { consumer: 1, tag, redelivered: false, copy: copy(*message, 1), payload }));
    }
}

/// What the consumer said to the broker about deliveries.
fn settlements(bench: &Bench<Consumer>) -> Vec<Method> {
    let is_settlement = |method: &&Method| matches!(method, Method::Ack { .. } | Method::Nack { .. });
    bench.said.iter().filter(is_settlement).cloned().collect()
}

const fn ack(tag: u64) -> Method {
    Method::Ack { tag, multiple: false }
}

const fn nack(tag: u64, requeue: bool) -> Method {
    Method::Nack { tag, multiple: false, requeue }
}

fn millis(millis: u64) -> Time {
    Time::from_millis(millis)
}

#[test]
fn it_declares_its_queue_sets_the_prefetch_and_consumes() {
    for policy in [AckPolicy::Auto, AckPolicy::BeforeEffect, AckPolicy::AfterEffect] {
        let bench = started(policy);
        let consume = Method::consume(QUEUE, 1, policy == AckPolicy::Auto);
        let expected = [Method::declare(QUEUE, true), Method::Qos { prefetch: 10 }, consume];
        assert_eq!(bench.said[2..], expected);
    }
}

#[test]
fn it_works_on_one_message_at_a_time_in_the_order_of_arrival() {
    let mut bench = started(AckPolicy::AfterEffect);
    deliver(&mut bench, 1, &[5, 4, 6]);
    bench.run_until(millis(1_000));
    let of = |kind| move |n| (n, 1, kind);
    let work = [of(Kind::WorkBegan), of(Kind::AckSent)];
    let mut expected = vec![(5, 1, Kind::Taken), (5, 1, Kind::WorkBegan), (4, 1, Kind::Taken), (6, 1, Kind::Taken)];
    expected.push((5, 1, Kind::AckSent));
    expected.extend([4, 6].iter().flat_map(|n| work.iter().map(move |of| of(*n))));
    assert_eq!(bench.story(), expected);
}

#[test]
fn work_takes_its_time_give_or_take_a_quarter_whatever_the_order() {
    let moments = |messages: &[u32]| {
        let mut bench = started(AckPolicy::AfterEffect);
        deliver(&mut bench, 1, messages);
        bench.run_until_quiet();
        let ends = bench.notes.iter().filter(|(_, note)| note.kind == Kind::AckSent);
        let mut begun = Time::ZERO;
        let mut spans: Vec<_> = ends
            .map(|(time, note)| (note.copy.unwrap().message, time.since(std::mem::replace(&mut begun, *time))))
            .collect();
        spans.sort();
        spans
    };
    let spans = moments(&[1, 2, 3]);
    assert_eq!(spans, moments(&[3, 1, 2]));
    assert!(spans.iter().all(|(_, span)| (15_000_000..=25_000_000).contains(&span.as_nanos())), "{spans:?}");
    assert!(spans[0].1 != spans[1].1, "each message draws its own");
}

#[test]
fn after_effect_the_acknowledgement_waits_for_the_store() {
    let mut bench = started(AckPolicy::AfterEffect);
    bench.committing = false;
    deliver(&mut bench, 1, &[1]);
    bench.run_until(millis(100));
    assert_eq!(bench.applies, [(1, copy(1, 1))]);
    assert_eq!(settlements(&bench), []);
    assert!(bench.in_memory().is_empty(), "the broker still has it");
    let answer = store::Method::Applied { request: 1 };
    bench.input(Input::Frame { connection: bench.connection(DATABASE), frame: answer.into(), about: None });
    assert_eq!(settlements(&bench), [ack(1)]);
}

#[test]
fn before_effect_the_acknowledgement_goes_out_when_work_begins_and_the_message_is_only_here() {
    let mut bench = started(AckPolicy::BeforeEffect);
    deliver(&mut bench, 1, &[1, 2]);
    assert_eq!(settlements(&bench), [ack(1)]);
    assert!(bench.applies.is_empty());
    assert_eq!(bench.in_memory(), [(1, 1)], "2 is still with the broker");
    bench.run_until(millis(100));
    assert_eq!(settlements(&bench), [ack(1), ack(2)]);
    assert_eq!(bench.noted(Kind::AckSent), [1, 2]);
    assert!(bench.in_memory().is_empty());
}

#[test]
fn auto_nothing_is_acknowledged_and_every_message_is_only_here() {
    let mut bench = started(AckPolicy::Auto);
    deliver(&mut bench, 1, &[1, 2]);
    assert_eq!(bench.in_memory(), [(1, 1), (2, 1)]);
    bench.run_until(millis(100));
    assert_eq!(settlements(&bench), []);
    assert_eq!(bench.applies.len(), 2);
    assert!(bench.noted(Kind::AckSent).is_empty());
}

#[test]
fn a_handler_that_throws_has_no_effect_and_puts_the_message_back_or_rejects_it() {
    for (on_exception, requeue) in [(OnException::Requeue, true), (OnException::Reject, false)] {
        let options = ConsumerOptions { on_exception, ..options(AckPolicy::AfterEffect) };
        let mut bench = Bench::started(Consumer::new(options));
        bench.input(Input::Disturbed(Disturbance::Throw(MessageId(1))));
        deliver(&mut bench, 1, &[1, 2]);
        bench.run_until(millis(100));
        assert_eq!(bench.noted(Kind::Threw), [1]);
        assert_eq!(settlements(&bench), [nack(1, requeue), ack(2)]);
        assert_eq!(bench.applies, [(1, copy(2, 1))]);
    }
}

#[test]
fn a_handler_told_to_throw_throws_once() {
    let mut bench = started(AckPolicy::AfterEffect);
    bench.input(Input::Disturbed(Disturbance::Throw(MessageId(1))));
    deliver(&mut bench, 1, &[1]);
    bench.run_until(millis(100));
    deliver(&mut bench, 2, &[1]);
    bench.run_until(millis(200));
    assert_eq!(settlements(&bench), [nack(1, true), ack(2)]);
}

#[test]
fn an_exception_loses_a_message_that_the_broker_has_forgotten() {
    for policy in [AckPolicy::Auto, AckPolicy::BeforeEffect] {
        let mut bench = started(policy);
        deliver(&mut bench, 1, &[1]);
        bench.input(Input::Disturbed(Disturbance::Throw(MessageId(1))));
        bench.run_until(millis(100));
        assert_eq!(bench.noted(Kind::Threw), [1], "told in mid-work, it throws at the end of it");
        assert!(bench.applies.is_empty() && bench.in_memory().is_empty());
        assert!(!bench.said.iter().any(|method| matches!(method, Method::Nack { .. })));
    }
}

#[test]
fn a_payload_that_is_no_fact_throws_every_time() {
    let mut bench = started(AckPolicy::AfterEffect);
    for tag in 1..=3 {
        let payload = vec![1, 2, 3].into();
        bench.hear(Method::Deliver(Deliver { consumer: 1, tag, redelivered: tag > 1, copy: copy(1, 1), payload }));
        bench.run_until(millis(100 * tag));
    }
    assert_eq!(bench.noted(Kind::Threw), [1, 1, 1]);
    assert_eq!(settlements(&bench).len(), 3);
}

#[test]
fn when_the_brokers_connection_breaks_the_message_in_hand_takes_effect_and_cannot_be_acknowledged() {
    let mut bench = started(AckPolicy::AfterEffect);
    deliver(&mut bench, 1, &[1, 2, 3]);
    bench.cut(BROKER);
    bench.run_until(millis(400));
    assert_eq!(bench.applies, [(1, copy(1, 1))], "what waited is forgotten");
    assert_eq!(settlements(&bench), []);
    bench.run_until(millis(700));
    deliver(&mut bench, 1, &[1, 2]);
    bench.run_until(millis(1_000));
    assert_eq!(bench.applies, [(1, copy(1, 1)), (2, copy(1, 1)), (3, copy(2, 1))], "1 takes effect twice");
    assert_eq!(settlements(&bench), [ack(1), ack(2)]);
}

#[test]
fn a_tag_of_an_old_channel_is_never_used_on_a_new_one() {
    let mut bench = started(AckPolicy::AfterEffect);
    bench.committing = false;
    deliver(&mut bench, 1, &[1]);
    bench.run_until(millis(50));
    bench.cut(BROKER);
    bench.run_until(millis(700));
    deliver(&mut bench, 1, &[2]);
    let answer = store::Method::Applied { request: 1 };
    bench.input(Input::Frame { connection: bench.connection(DATABASE), frame: answer.into(), about: None });
    assert_eq!(settlements(&bench), [], "tag 1 is message 2 now");
}

#[test]
fn with_auto_what_waits_is_worked_on_although_the_broker_is_gone() {
    let mut bench = started(AckPolicy::Auto);
    deliver(&mut bench, 1, &[1, 2, 3]);
    bench.cut(BROKER);
    bench.run_until(millis(400));
    assert_eq!(bench.applies.len(), 3);
}

#[test]
fn when_the_stores_connection_breaks_the_write_is_repeated_on_the_next() {
    let mut bench = started(AckPolicy::AfterEffect);
    bench.committing = false;
    deliver(&mut bench, 1, &[1]);
    bench.run_until(millis(50));
    let old = bench.connection(DATABASE);
    bench.cut(DATABASE);
    bench.run_until(millis(700));
    assert_eq!(bench.applies, [(1, copy(1, 1)), (2, copy(1, 1))]);
    let answer = |request| store::Method::Applied { request }.into();
    bench.input(Input::Frame { connection: old, frame: answer(2), about: None });
    bench.input(Input::Frame { connection: bench.connection(DATABASE), frame: answer(1), about: None });
    assert_eq!(settlements(&bench), [], "neither is the answer it waits for");
    bench.input(Input::Frame { connection: bench.connection(DATABASE), frame: answer(2), about: None });
    assert_eq!(settlements(&bench), [ack(1)]);
}

#[test]
fn a_store_that_stays_silent_is_asked_again_on_another_connection() {
    let mut bench = started(AckPolicy::AfterEffect);
    bench.committing = false;
    deliver(&mut bench, 1, &[1]);
    bench.run_until(millis(4_900));
    assert_eq!((bench.applies.len(), bench.closed.len()), (1, 0));
    bench.run_until(millis(6_000));
    assert_eq!((bench.applies.len(), bench.closed.len()), (2, 1));
}

#[test]
fn every_write_has_its_own_deadline() {
    let mut bench = started(AckPolicy::AfterEffect);
    deliver(&mut bench, 1, &[1]);
    bench.run_until(millis(3_000));
    bench.committing = false;
    deliver(&mut bench, 2, &[2]);
    bench.run_until(millis(7_900));
    assert!(bench.closed.is_empty());
    bench.run_until(millis(8_100));
    assert_eq!(bench.closed.len(), 1);
}

#[test]
fn a_write_after_a_quiet_time_has_a_deadline_too() {
    let mut bench = started(AckPolicy::AfterEffect);
    deliver(&mut bench, 1, &[1]);
    bench.run_until(millis(20_000));
    bench.committing = false;
    deliver(&mut bench, 2, &[2]);
    bench.run_until(millis(25_100));
    assert_eq!(bench.closed.len(), 1);
}

#[test]
fn an_effect_waits_for_a_store_that_is_not_there_yet() {
    let mut bench = Bench::new(Consumer::new(options(AckPolicy::AfterEffect)));
    bench.listening = false;
    bench.input(Input::Start(Box::default()));
    let open = |bench: &mut Bench<Consumer>, peer| {
        let connection = bench.connection(peer);
        bench.input(Input::Opened { connection, peer, inbound: false });
    };
    open(&mut bench, BROKER);
    deliver(&mut bench, 1, &[1]);
    bench.run_until(millis(100));
    assert!(bench.applies.is_empty());
    open(&mut bench, DATABASE);
    assert_eq!(settlements(&bench), [ack(1)]);
}

#[test]
fn a_restarted_consumer_has_forgotten_everything() {
    let mut bench = started(AckPolicy::Auto);
    bench.input(Input::Disturbed(Disturbance::Throw(MessageId(9))));
    deliver(&mut bench, 1, &[1, 2]);
    bench.crash(Span::from_secs(1));
    bench.run_until_quiet();
    assert!(bench.applies.is_empty() && bench.in_memory().is_empty());
    deliver(&mut bench, 1, &[9]);
    bench.run_until_quiet();
    assert_eq!(bench.applies, [(1, copy(9, 1))]);
}

#[test]
fn the_defaults_of_the_settings_are_the_defaults_of_the_options() {
    let specs = || SETTINGS.iter().chain(crate::client::session::SETTINGS);
    assert!(specs().all(|spec| spec.values.admit(spec.default)));
    let plain = ConsumerOptions::new(BROKER, DATABASE, QUEUE, 0, Seed(1));
    let with_defaults = plain.clone().with(&Settings::defaults(specs()));
    assert_eq!(format!("{plain:?}"), format!("{with_defaults:?}"));
    let mut settings = Settings::default();
    settings.set("ack", "auto");
    settings.set("prefetch", "0");
    let changed = plain.with(&settings);
    assert!(changed.ack == AckPolicy::Auto && changed.prefetch == 0);
}
