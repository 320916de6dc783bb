use super::*;
use crate::client::peer::{Bench, STORE, copy};
use crate::node::{Input, Output};
use crate::protocol::store::{CANCELLED, CONFIRMED, POINTS, TRIED, Write};

const CALLER: ConnectionId = ConnectionId(77);

fn participant(guard: Guard) -> Bench<Participant> {
    let mut bench = Bench::started(Participant::new(ParticipantOptions::new(STORE, 0, guard, Seed(1))));
    bench.input(Input::Opened { connection: CALLER, peer: NodeId(1), inbound: true });
    bench
}

fn call(bench: &mut Bench<Participant>, call: Call) {
    let fact = Fact { message: MessageId(5), key: 0, version: 1 };
    let request = bench.called.len() as u64 + 1;
    let frame = Method::Call { request, call, copy: copy(5, 1), fact }.into();
    bench.input(Input::Frame { connection: CALLER, frame, about: None });
}

/// The writes that the database was asked for last.
fn asked(bench: &Bench<Participant>) -> Vec<Write> {
    match bench.asked.last() {
        Some(store::Method::Transact { transaction, .. }) => transaction.writes().collect(),
        other => panic!("{other:?}"),
    }
}

fn database_says(bench: &mut Bench<Participant>, outcome: Outcome) {
    let request = bench.asked.len() as u64;
    let frame = store::Method::Transacted { request, outcome }.into();
    bench.input(Input::Frame { connection: bench.connection(STORE), frame, about: None });
}

fn answers(bench: &Bench<Participant>) -> Vec<Answer> {
    let answer = |method: &Method| match method {
        Method::Answer { answer, .. } => Some(*answer),
        Method::Call { .. } => None,
    };
    bench.called.iter().filter_map(answer).collect()
}

const fn step(from: u8, to: u8) -> Write {
    Write::Step { step: POINTS, from, to }
}

#[test]
fn with_a_guard_every_call_looks_at_the_row_first() {
    let first = |guard, what| {
        let mut bench = participant(guard);
        call(&mut bench, what);
        asked(&bench)[0]
    };
    assert_eq!(first(Guard::Row, Call::Try), step(0, TRIED));
    assert_eq!(first(Guard::Row, Call::Confirm), step(TRIED, CONFIRMED));
    assert_eq!(first(Guard::Row, Call::Cancel), step(TRIED, CANCELLED));
    assert_eq!(first(Guard::Mark, Call::Cancel), step(0, CANCELLED));
    assert_eq!(first(Guard::Off, Call::Cancel), Write::Release { step: POINTS });
}

#[test]
fn an_empty_rollback_leaves_a_mark_and_a_real_one_gives_back() {
    let mut bench = participant(Guard::Mark);
    call(&mut bench, Call::Cancel);
    database_says(&mut bench, Outcome::Committed);
    assert_eq!((answers(&bench), bench.asked.len()), (vec![Answer::Done], 1));
    assert_eq!(bench.noted(Kind::RolledBackEmpty { marked: true }), [5]);
    call(&mut bench, Call::Cancel);
    database_says(&mut bench, Outcome::Unchanged);
    assert_eq!(asked(&bench), [step(TRIED, CANCELLED), Write::Release { step: POINTS }]);
    database_says(&mut bench, Outcome::Unchanged);
    assert_eq!(answers(&bench), [Answer::Done; 2], "cancelled before is as good");
    assert_eq!((bench.noted(Kind::Skipped), bench.noted(Kind::RolledBackEmpty { marked: true })), (vec![5], vec![5]));
}

#[test]
fn a_try_that_finds_a_row_is_refused_and_a_confirm_that_finds_it_confirmed_is_done() {
    let mut bench = participant(Guard::Mark);
    call(&mut bench, Call::Try);
    database_says(&mut bench, Outcome::Unchanged);
    call(&mut bench, Call::Confirm);
    database_says(&mut bench, Outcome::Unchanged);
    assert_eq!(answers(&bench), [Answer::Refused, Answer::Done]);
    assert_eq!((bench.noted(Kind::TryRefused), bench.noted(Kind::Skipped)), (vec![5], vec![5]));
}

#[test]
fn a_handler_that_throws_refuses_a_try_and_fails_anything_else() {
    let mut bench = participant(Guard::Mark);
    for what in [Call::Try, Call::Cancel] {
        bench.input(Input::Disturbed(Disturbance::Throw(MessageId(5))));
        call(&mut bench, what);
    }
    assert_eq!(answers(&bench), [Answer::Refused, Answer::Failed]);
    assert!(bench.asked.is_empty());
    assert_eq!(bench.noted(Kind::Threw), [5, 5]);
}

#[test]
fn what_the_database_did_not_answer_is_asked_again_and_nobody_is_answered_who_is_gone() {
    let mut bench = participant(Guard::Mark);
    call(&mut bench, Call::Try);
    bench.cut(STORE);
    bench.run_until(Time::from_millis(2_000));
    assert_eq!(bench.asked.len(), 2);
    bench.input(Input::Closed { connection: CALLER, why: Closed::Reset });
    let mut out = Outputs::default();
    let frame = store::Method::Transacted { request: 2, outcome: Outcome::Committed }.into();
    let input = Input::Frame { connection: bench.connection(STORE), frame, about: None };
    bench.node.handle(bench.now, input, &mut out);
    assert!(!out.list.iter().any(|output| matches!(output, Output::Send { .. })));
}
