use super::*;
use crate::client::peer::{Bench, STORE};
use crate::client::producer::Occurrence;
use crate::event::{MessageId, NodeId};
use crate::protocol::fact::Fact;
use crate::protocol::service::{self, Call};
use crate::protocol::store::{self, CANCELLING, CONFIRMING, Outcome, TRYING, Write};
use crate::random::Seed;
use crate::time::Span;

const POINTS: NodeId = NodeId(9);

/// A shop with so many orders, one every 10 ms.
fn coordinator(count: u32) -> Bench<Coordinator> {
    let occurrence = |n: u32| {
        let fact = Fact { message: MessageId(n), key: 0, version: n };
        Occurrence { at: Time::from_millis(u64::from(n) * 10), fact, payload: fact.encode().to_vec().into() }
    };
    let workload: Arc<[Occurrence]> = (1..=count).map(occurrence).collect();
    let mut bench = Bench::started(Coordinator::new(CoordinatorOptions::new(workload, STORE, POINTS, Seed(1))));
    log_has(&mut bench, &[]);
    bench
}

/// The log answers what it has open.
fn log_has(bench: &mut Bench<Coordinator>, rows: &[(MessageId, u8)]) {
    let Some(store::Method::FindOpen { request, .. }) = bench.asked.pop() else { panic!("{:?}", bench.asked) };
    hear(bench, STORE, store::Method::Open { request, rows: rows.into() });
}

fn hear(bench: &mut Bench<Coordinator>, peer: NodeId, frame: impl Into<Frame>) {
    let (connection, frame) = (bench.connection(peer), frame.into());
    bench.input(Input::Frame { connection, frame, about: None });
}

/// The writes asked for last, which are then answered.
fn written(bench: &mut Bench<Coordinator>, outcome: Outcome) -> Vec<Write> {
    let Some(store::Method::Transact { request, transaction }) = bench.asked.pop() else { panic!("{:?}", bench.asked) };
    hear(bench, STORE, store::Method::Transacted { request, outcome });
    transaction.writes().collect()
}

/// The call made last.
fn called(bench: &Bench<Coordinator>) -> (u64, Call) {
    match bench.called.last() {
        Some(service::Method::Call { request, call, .. }) => (*request, *call),
        other => panic!("{other:?}"),
    }
}

fn answered(bench: &mut Bench<Coordinator>, answer: service::Answer) -> Call {
    let (request, call) = called(bench);
    hear(bench, POINTS, service::Method::Answer { request, call, answer });
    call
}

fn tried() -> Bench<Coordinator> {
    let mut bench = coordinator(1);
    bench.run_until(Time::from_millis(10));
    assert_eq!(written(&mut bench, Outcome::Committed).len(), 2, "the log's row, and b and c");
    assert_eq!(called(&bench).1, Call::Try);
    bench
}

#[test]
fn an_order_is_begun_tried_decided_confirmed_and_ended() {
    let mut bench = tried();
    answered(&mut bench, service::Answer::Done);
    assert!(bench.told(Answer::Ok).is_empty(), "not before the decision is in the log");
    assert!(written(&mut bench, Outcome::Committed).contains(&Write::Order));
    assert_eq!(bench.told(Answer::Ok), [1]);
    assert_eq!(answered(&mut bench, service::Answer::Done), Call::Confirm);
    written(&mut bench, Outcome::Committed);
    bench.run_until_quiet();
    assert!(bench.node.orders.is_empty() && bench.timers.is_empty());
}

#[test]
fn one_that_is_refused_is_cancelled() {
    let mut bench = tried();
    answered(&mut bench, service::Answer::Refused);
    let writes = written(&mut bench, Outcome::Committed);
    assert!(writes.contains(&Write::Release { step: store::STOCK }) && !writes.contains(&Write::Order));
    assert_eq!((bench.told(Answer::Refused), called(&bench).1), (vec![1], Call::Cancel));
}

#[test]
fn a_try_without_an_answer_in_time_is_cancelled_on_another_connection() {
    let mut bench = tried();
    let first = bench.connection(POINTS);
    bench.run_until(Time::from_millis(1_005));
    assert!(bench.asked.is_empty());
    bench.run_until(Time::from_millis(2_500));
    written(&mut bench, Outcome::Committed);
    assert_eq!(called(&bench).1, Call::Cancel);
    assert!(bench.connection(POINTS) != first && bench.closed.iter().any(|(closed, _)| *closed == first));
}

#[test]
fn a_decision_is_called_until_it_is_answered() {
    let mut bench = tried();
    answered(&mut bench, service::Answer::Done);
    written(&mut bench, Outcome::Committed);
    assert_eq!(answered(&mut bench, service::Answer::Failed), Call::Confirm);
    let calls = bench.called.len();
    bench.run_until(bench.now + Span::from_millis(250));
    assert_eq!((bench.called.len(), called(&bench).1), (calls + 1, Call::Confirm));
    bench.cut(POINTS);
    bench.run_until(bench.now + Span::from_millis(1_000));
    assert_eq!((bench.called.len(), called(&bench).1), (calls + 2, Call::Confirm));
}

#[test]
fn after_a_crash_the_log_says_how_to_go_on() {
    for (state, call) in [(CONFIRMING, Call::Confirm), (CANCELLING, Call::Cancel)] {
        let mut bench = tried();
        bench.crash(Span::from_millis(100));
        log_has(&mut bench, &[(MessageId(1), state)]);
        assert_eq!(called(&bench).1, call);
    }
    let mut bench = tried();
    bench.crash(Span::from_millis(100));
    log_has(&mut bench, &[(MessageId(1), TRYING)]);
    written(&mut bench, Outcome::Committed);
    assert_eq!(
        (called(&bench).1, bench.told(Answer::Refused)),
        (Call::Cancel, vec![1]),
        "nobody knows how far it came"
    );
}

#[test]
fn who_finds_an_order_decided_asks_the_log_how() {
    let mut bench = tried();
    bench.crash(Span::from_millis(100));
    log_has(&mut bench, &[(MessageId(1), TRYING)]);
    written(&mut bench, Outcome::Unchanged);
    log_has(&mut bench, &[(MessageId(1), CONFIRMING)]);
    assert_eq!((called(&bench).1, bench.told(Answer::Ok)), (Call::Confirm, vec![1]));
}

#[test]
fn while_nobody_answers_the_phone_orders_are_refused() {
    let mut bench = coordinator(1);
    bench.cut(POINTS);
    bench.listening = false;
    bench.run_until(Time::from_millis(10));
    written(&mut bench, Outcome::Committed);
    bench.run_until(Time::from_millis(1_100));
    written(&mut bench, Outcome::Committed);
    assert_eq!((bench.told(Answer::Refused), bench.called.len()), (vec![1], 0));
}
