use std::sync::Arc;

use super::*;
use crate::client::peer::{BROKER, Bench, confirm, copy, nack};
use crate::event::{Closed, MessageId, NodeId};
use crate::protocol::Name;
use crate::protocol::fact::Fact;
use crate::protocol::queue::ExchangeKind;
use crate::random::Seed;
use crate::setting::Settings;
use crate::time::Span;

mod deadlines;
mod halves;
mod transactions;

const QUEUE: Name = Name(1);
const MS: u64 = 1_000_000;

/// `count` facts, one every 10 ms, the first after 10 ms.
pub fn workload(count: u32) -> Arc<[Occurrence]> {
    let occurrence = |n: u32| {
        let fact = Fact { message: MessageId(n), key: 0, version: n };
        let at = Time::from_millis(u64::from(n) * 10);
        Occurrence { at, fact, payload: fact.encode().to_vec().into() }
    };
    (1..=count).map(occurrence).collect()
}

pub fn options(count: u32) -> ProducerOptions {
    ProducerOptions::new(BROKER, QUEUE, workload(count), Seed(1))
}

fn with_confirms(count: u32, confirms: Confirms) -> ProducerOptions {
    ProducerOptions { confirms, ..options(count) }
}

fn at(bench: &mut Bench<Producer>, millis: u64) {
    bench.run_until(Time::from_millis(millis));
}

fn span(millis: u64) -> Span {
    Span::from_nanos(millis * MS)
}

#[test]
fn a_fact_goes_out_at_its_time_and_without_confirms_nobody_knows_what_becomes_of_it() {
    let mut bench = Bench::started(Producer::new(options(3)));
    at(&mut bench, 20);
    assert_eq!(
        bench.story(),
        [1, 2].map(|n| [(n, 1, Kind::Attempted), (n, 1, Kind::Sent), (n, 1, Kind::Told(Answer::Unknown))]).concat()
    );
    assert_eq!(bench.notes.last().unwrap().0, Time::from_millis(20));
    assert_eq!(Fact::decode(&bench.published[1].payload).unwrap().message, MessageId(2));
    assert!(bench.in_memory().is_empty());
}

#[test]
fn it_declares_queue_exchange_and_binding_and_asks_for_confirms_before_it_publishes() {
    let exchange = Name(9);
    let options = ProducerOptions { exchange, durable: false, ..with_confirms(1, Confirms::Async) };
    let bench = Bench::started(Producer::new(options));
    let expected = [
        Method::ConnectionOpen { heartbeat: Span::from_secs(60) },
        Method::ChannelOpen,
        Method::declare(QUEUE, false),
        Method::exchange(exchange, ExchangeKind::Direct, false),
        Method::QueueBind { queue: QUEUE, exchange, key: QUEUE },
        Method::ConfirmSelect,
    ];
    assert_eq!(bench.said, expected);
}

#[test]
fn an_unbound_queue_is_declared_and_not_bound() {
    let options = ProducerOptions { exchange: Name(9), bound: false, ..options(1) };
    let bench = Bench::started(Producer::new(options));
    assert!(bench.said.iter().any(|method| matches!(method, Method::QueueDeclare { .. })));
    assert!(!bench.said.iter().any(|method| matches!(method, Method::QueueBind { .. })));
}

#[test]
fn without_confirms_a_fact_that_finds_no_connection_is_dropped_and_never_told() {
    let mut bench = Bench::started(Producer::new(options(3)));
    at(&mut bench, 10);
    bench.cut(BROKER);
    at(&mut bench, 20);
    assert_eq!(bench.noted(Kind::Dropped(Reason::NotConnected)), [2]);
    assert_eq!(bench.told(Answer::Unknown), [1]);
    assert!(bench.in_memory().is_empty());
}

#[test]
fn what_occurs_while_the_first_connection_opens_waits_for_it() {
    let mut bench = Bench::new(Producer::new(options(3)));
    bench.listening = false;
    bench.input(Input::Start(Box::default()));
    at(&mut bench, 25);
    assert_eq!(bench.in_memory(), [(1, 1), (2, 1)]);
    let connection = bench.connection(BROKER);
    bench.input(Input::Opened { connection, peer: BROKER, inbound: false });
    assert_eq!(bench.sends(), [(1, 1), (2, 1)]);
}

#[test]
fn when_the_first_connection_is_refused_a_producer_without_confirms_drops_what_waited() {
    let mut bench = Bench::new(Producer::new(options(3)));
    bench.listening = false;
    bench.input(Input::Start(Box::default()));
    at(&mut bench, 25);
    bench.input(Input::Closed { connection: bench.connection(BROKER), why: Closed::Refused });
    assert_eq!(bench.noted(Kind::Dropped(Reason::NotConnected)), [1, 2]);
}

#[test]
fn wait_each_sends_the_next_fact_only_after_the_answer_to_the_last() {
    let mut bench = Bench::started(Producer::new(with_confirms(3, Confirms::WaitEach)));
    at(&mut bench, 30);
    assert_eq!(bench.sends(), [(1, 1)]);
    assert_eq!(bench.in_memory(), [(1, 1), (2, 1), (3, 1)]);
    bench.hear(confirm(1));
    assert_eq!(bench.sends(), [(1, 1), (2, 1)]);
    assert_eq!(bench.told(Answer::Ok), [1]);
}

#[test]
fn async_leaves_at_most_a_window_unanswered() {
    let options = ProducerOptions { window: 2, ..with_confirms(5, Confirms::Async) };
    let mut bench = Bench::started(Producer::new(options));
    at(&mut bench, 50);
    assert_eq!(bench.sends().len(), 2);
    bench.hear(confirm(2));
    assert_eq!(bench.sends(), [(1, 1), (2, 1), (3, 1)]);
}

#[test]
fn one_confirm_may_answer_several_and_confirms_may_come_out_of_order() {
    let mut bench = Bench::started(Producer::new(with_confirms(6, Confirms::Async)));
    at(&mut bench, 60);
    bench.hear(confirm(5));
    bench.hear(confirm(2));
    bench.hear(Method::Confirm { tag: 4, multiple: true });
    assert_eq!(bench.told(Answer::Ok), [5, 2, 1, 3, 4]);
    bench.hear(Method::Confirm { tag: 0, multiple: true });
    assert_eq!(bench.told(Answer::Ok), [5, 2, 1, 3, 4, 6]);
    for tag in [0, 1, 5, 6, 7, u64::MAX] {
        bench.hear(confirm(tag));
        bench.hear(nack(tag));
    }
    assert_eq!(bench.told(Answer::Ok).len(), 6, "an answer to nothing says nothing");
    assert_eq!(bench.sends().len(), 6);
}

#[test]
fn a_nacked_message_is_sent_again_after_a_back_off_and_later_facts_overtake_it() {
    let mut bench = Bench::started(Producer::new(with_confirms(2, Confirms::Async)));
    at(&mut bench, 10);
    bench.hear(nack(1));
    assert_eq!(bench.in_memory(), [(1, 2)]);
    at(&mut bench, 59);
    assert_eq!(bench.sends(), [(1, 1), (2, 1)]);
    at(&mut bench, 110);
    assert_eq!(bench.sends(), [(1, 1), (2, 1), (1, 2)]);
    bench.hear(confirm(3));
    assert_eq!(bench.story().last(), Some(&(1, 2, Kind::Told(Answer::Ok))));
}

#[test]
fn wait_each_keeps_the_order_even_when_a_message_is_nacked() {
    let mut bench = Bench::started(Producer::new(with_confirms(2, Confirms::WaitEach)));
    at(&mut bench, 20);
    bench.hear(nack(1));
    at(&mut bench, 120);
    assert_eq!(bench.sends(), [(1, 1), (1, 2)]);
    bench.hear(confirm(2));
    assert_eq!(bench.sends().last(), Some(&(2, 1)));
}

#[test]
fn back_offs_grow_and_each_message_draws_its_own() {
    let mut bench = Bench::started(Producer::new(with_confirms(2, Confirms::Async)));
    at(&mut bench, 20);
    bench.hear(Method::ConfirmNack { tag: 2, multiple: true });
    let (first, second) = (bench.node.later[0], bench.node.later[1]);
    assert!(first.0 < second.0, "both wait the same");
    bench.run_until(first.0);
    assert_eq!(bench.sends().len(), 3, "each is sent at its own time");
    bench.run_until(second.0);
    bench.hear(Method::ConfirmNack { tag: 4, multiple: true });
    assert!(bench.node.later[0].0.since(bench.now) >= span(100));
    assert!(bench.node.later[1].0.since(bench.now) <= span(200));
}

#[test]
fn without_resend_a_nacked_message_is_refused() {
    let options = ProducerOptions { resend: false, ..with_confirms(1, Confirms::Async) };
    let mut bench = Bench::started(Producer::new(options));
    at(&mut bench, 10);
    bench.hear(nack(1));
    bench.run_until_quiet();
    assert_eq!(bench.told(Answer::Refused), [1]);
    assert_eq!(bench.sends().len(), 1);
}

#[test]
fn a_returned_message_is_refused_although_it_is_acknowledged() {
    let options = ProducerOptions { mandatory: true, ..with_confirms(2, Confirms::Async) };
    let mut bench = Bench::started(Producer::new(options));
    at(&mut bench, 20);
    assert!(bench.published[0].mandatory);
    bench.hear(Method::Return { copy: copy(2, 1), code: 312 });
    bench.hear(Method::Confirm { tag: 2, multiple: true });
    assert_eq!((bench.told(Answer::Ok), bench.told(Answer::Refused)), (vec![1], vec![2]));
    bench.run_until_quiet();
    assert_eq!(bench.sends().len(), 2, "what nobody would take is not sent again");
}

#[test]
fn a_return_counts_even_if_the_connection_breaks_before_its_confirm() {
    let options = ProducerOptions { mandatory: true, ..with_confirms(1, Confirms::Async) };
    let mut bench = Bench::started(Producer::new(options));
    at(&mut bench, 10);
    bench.hear(Method::Return { copy: copy(1, 1), code: 312 });
    bench.cut(BROKER);
    assert_eq!(bench.told(Answer::Refused), [1]);
}

#[test]
fn a_return_without_confirms_is_the_one_answer_such_a_producer_gets() {
    let options = ProducerOptions { mandatory: true, ..options(1) };
    let mut bench = Bench::started(Producer::new(options));
    at(&mut bench, 10);
    bench.hear(Method::Return { copy: copy(1, 1), code: 312 });
    assert_eq!(bench.told(Answer::Refused), [1]);
}

#[test]
fn what_a_broken_connection_left_unanswered_goes_out_again_in_order_on_the_next() {
    let options = ProducerOptions { window: 3, ..with_confirms(5, Confirms::Async) };
    let mut bench = Bench::started(Producer::new(options));
    at(&mut bench, 40);
    bench.hear(confirm(2));
    bench.hear(Method::Blocked);
    at(&mut bench, 50);
    bench.cut(BROKER);
    assert_eq!(bench.in_memory(), [(1, 2), (3, 2), (4, 2), (5, 1)]);
    at(&mut bench, 700);
    assert_eq!(bench.sends()[4..], [(1, 2), (3, 2), (4, 2)]);
    bench.hear(confirm(1));
    assert_eq!(bench.told(Answer::Ok), [2, 1], "tags count from 1 on a new channel");
}

#[test]
fn an_answer_on_an_old_connection_is_not_heard() {
    let mut bench = Bench::started(Producer::new(with_confirms(1, Confirms::Async)));
    at(&mut bench, 10);
    let old = bench.connection(BROKER);
    bench.cut(BROKER);
    at(&mut bench, 700);
    bench.hear_on(old, confirm(1));
    bench.input(Input::Closed { connection: old, why: Closed::Reset });
    assert!(bench.told(Answer::Ok).is_empty());
    assert_eq!(bench.opened.len(), 2);
}

#[test]
fn without_resend_what_went_unanswered_stays_unknown() {
    let options = ProducerOptions { resend: false, ..with_confirms(2, Confirms::Async) };
    let mut bench = Bench::started(Producer::new(options));
    at(&mut bench, 10);
    assert!(bench.in_memory().is_empty(), "nothing would send it again");
    bench.cut(BROKER);
    assert_eq!(bench.told(Answer::Unknown), [1]);
    at(&mut bench, 700);
    assert_eq!(bench.sends(), [(1, 1), (2, 1)], "what was never sent is still sent");
}

#[test]
fn a_producer_gives_up_after_its_last_attempt() {
    let options = ProducerOptions { attempts_at_most: 2, ..with_confirms(1, Confirms::Async) };
    let mut bench = Bench::started(Producer::new(options));
    at(&mut bench, 10);
    bench.cut(BROKER);
    at(&mut bench, 700);
    bench.cut(BROKER);
    assert_eq!(bench.story()[3..], [(1, 2, Kind::Told(Answer::Unknown)), (1, 2, Kind::Dropped(Reason::GaveUp))]);
    assert!(bench.in_memory().is_empty());
}

#[test]
fn a_message_nacked_every_time_is_refused_unless_some_attempt_went_unanswered() {
    for (cut_first, answer) in [(false, Answer::Refused), (true, Answer::Unknown)] {
        let options = ProducerOptions { attempts_at_most: 2, ..with_confirms(1, Confirms::Async) };
        let mut bench = Bench::started(Producer::new(options));
        at(&mut bench, 10);
        if cut_first {
            bench.cut(BROKER)
        } else {
            bench.hear(nack(1))
        }
        at(&mut bench, 700);
        bench.hear(nack(if cut_first { 1 } else { 2 }));
        assert_eq!(bench.told(answer), [1]);
        assert_eq!(bench.noted(Kind::Dropped(Reason::GaveUp)), [1]);
    }
}

#[test]
fn a_restarted_producer_has_forgotten_what_waited_and_goes_on_with_the_next_fact() {
    let mut bench = Bench::started(Producer::new(with_confirms(6, Confirms::WaitEach)));
    at(&mut bench, 20);
    bench.crash(span(25));
    assert!(bench.in_memory().is_empty());
    at(&mut bench, 60);
    assert_eq!(bench.noted(Kind::Attempted), [1, 2, 5, 6], "3 and 4 fell into the time it was down");
    assert_eq!(bench.sends(), [(1, 1), (5, 1)]);
}

#[test]
fn after_a_pause_the_facts_occur_late() {
    let mut bench = Bench::started(Producer::new(options(5)));
    bench.now = Time::from_millis(35);
    bench.run_until(Time::from_millis(35));
    assert_eq!(bench.noted(Kind::Sent), [1, 2, 3]);
    assert!(bench.notes.iter().filter(|(_, note)| note.copy.is_some()).all(|(time, _)| time.as_millis() == 35));
}

#[test]
fn the_picture_counts_what_waits_and_what_was_told() {
    let mut bench = Bench::started(Producer::new(with_confirms(3, Confirms::WaitEach)));
    at(&mut bench, 20);
    bench.hear(confirm(1));
    at(&mut bench, 30);
    let mut picture = Picture::default();
    bench.node.picture(&mut picture);
    assert_eq!(picture.lanes, [Lane { label: LaneLabel::Unconfirmed, ready: 1, unacked: 1 }]);
    assert_eq!(picture.figures, [Figure::Sent(2), Figure::ToldOk(1), Figure::ToldRefused(0), Figure::ToldUnknown(0)]);
    assert_eq!(picture.peers, [NodeId(7)]);
    assert_eq!(picture.copies.len(), 2);
}

#[test]
fn the_defaults_of_the_settings_are_the_defaults_of_the_options() {
    let specs = || SETTINGS.iter().chain(session::SETTINGS);
    assert!(specs().all(|spec| spec.values.admit(spec.default)));
    let plain = options(1);
    let with_defaults = options(1).with(&Settings::defaults(specs()));
    assert_eq!(format!("{plain:?}"), format!("{with_defaults:?}"));
    let mut settings = Settings::default();
    settings.set("confirms", "wait-each");
    settings.set("persistent", "true");
    let changed = options(1).with(&settings);
    assert!(changed.persistent && changed.confirms == Confirms::WaitEach && changed.resend);
}
