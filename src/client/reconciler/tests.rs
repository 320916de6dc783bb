use super::*;
use crate::client::peer::{BROKER, Bench, STORE, confirm, nack};
use crate::client::producer::Occurrence;
use crate::random::Seed;

const QUEUE: Name = Name(1);
const AT: Time = Time::from_millis(2_000);

const fn fact(n: u32) -> Fact {
    Fact { message: MessageId(n), key: n % 3, version: n }
}

fn options(rate: u64) -> ReconcilerOptions {
    let occurrence =
        |n: u32| Occurrence { at: Time::from_millis(100), fact: fact(n), payload: fact(n).encode().to_vec().into() };
    let workload = (1..=9).map(occurrence).collect();
    let options = ReconcilerOptions::new(Arc::from([BROKER]), STORE, QUEUE, Seed(1));
    ReconcilerOptions { workload, at: AT, rate, ..options }
}

fn started(rate: u64) -> Bench<Reconciler> {
    Bench::started(Reconciler::new(options(rate)))
}

/// The books answer the last question.
fn answer(bench: &mut Bench<Reconciler>, messages: &[u32]) {
    let request = asked(bench).last().copied().expect("a question");
    let messages = messages.iter().map(|message| MessageId(*message)).collect();
    let frame = store::Method::Missing { request, messages }.into();
    bench.input(Input::Frame { connection: bench.connection(STORE), frame, about: None });
}

fn asked(bench: &Bench<Reconciler>) -> Vec<u64> {
    let request = |method: &store::Method| match method {
        store::Method::FindMissing { request, subscription: 0 } => *request,
        other => panic!("{other:?}"),
    };
    bench.asked.iter().map(request).collect()
}

fn published(bench: &Bench<Reconciler>) -> Vec<(u32, Option<u16>)> {
    bench.published.iter().map(|publish| (publish.copy.message.0, publish.copy.refill())).collect()
}

#[test]
fn it_asks_at_its_time_and_sends_what_is_missing_with_its_own_id_key_and_version() {
    let mut bench = started(0);
    bench.run_until(Time::from_millis(1_999));
    assert_eq!(asked(&bench), [0; 0]);
    bench.run_until(AT);
    answer(&mut bench, &[4, 7]);
    assert_eq!(published(&bench), [(4, Some(1)), (7, Some(1))]);
    assert_eq!(bench.noted(Kind::FoundMissing), [4, 7]);
    assert_eq!(Fact::decode(&bench.published[1].payload), Some(fact(7)));
    assert!(bench.published.iter().all(|publish| publish.persistent && publish.key == QUEUE));
}

#[test]
fn a_copy_that_is_made_up_anew_is_noticed() {
    flaw::with(Flaw::ReconcilerRenumbersFacts, || {
        let mut bench = started(0);
        bench.run_until(AT);
        answer(&mut bench, &[7]);
        assert_ne!(Fact::decode(&bench.published[0].payload), Some(fact(7)));
    });
}

#[test]
fn a_bounded_rate_spreads_them_out() {
    let mut bench = started(10);
    bench.run_until(AT);
    answer(&mut bench, &[1, 2, 3]);
    assert_eq!(published(&bench).len(), 1);
    bench.run_until(AT + Span::from_millis(99));
    assert_eq!(published(&bench).len(), 1);
    bench.run_until(AT + Span::from_millis(100));
    assert_eq!(published(&bench).len(), 2);
    bench.run_until(AT + Span::from_millis(500));
    assert_eq!(published(&bench).len(), 3);
}

#[test]
fn it_looks_again_only_a_while_after_all_is_answered_and_whatever_was_refused_is_found_again() {
    let mut bench = started(0);
    bench.run_until(AT);
    answer(&mut bench, &[1, 2]);
    bench.hear(confirm(2));
    bench.run_until(AT + Span::from_secs(20));
    assert_eq!(asked(&bench).len(), 1, "one is unanswered");
    bench.hear(nack(1));
    bench.run_until(AT + Span::from_millis(24_900));
    assert_eq!(asked(&bench).len(), 1);
    bench.run_until(AT + Span::from_secs(25));
    assert_eq!(asked(&bench).len(), 2);
    answer(&mut bench, &[1]);
    assert_eq!(published(&bench)[2], (1, Some(6)), "a new copy, told apart by its look");
    bench.hear(confirm(3));
    bench.run_until(bench.now + Span::from_millis(4_900));
    assert_eq!(asked(&bench).len(), 2);
}

#[test]
fn a_process_that_dies_midway_finds_the_rest_at_its_next_look() {
    let mut bench = started(1);
    bench.run_until(AT);
    answer(&mut bench, &[1, 2, 3]);
    bench.crash(Span::from_millis(200));
    bench.run_until(AT + Span::from_millis(4_999));
    assert_eq!((published(&bench).len(), asked(&bench).len()), (1, 1));
    bench.run_until(AT + Span::from_secs(5));
    answer(&mut bench, &[2, 3]);
    assert_eq!(published(&bench), [(1, Some(1)), (2, Some(2))]);
}

#[test]
fn a_lost_channel_ends_the_round_and_an_unanswered_question_is_asked_again() {
    let mut bench = started(1);
    bench.run_until(AT);
    answer(&mut bench, &[1, 2, 3]);
    bench.cut(BROKER);
    bench.run_until(AT + Span::from_millis(4_900));
    assert_eq!(published(&bench).len(), 1);
    bench.run_until(AT + Span::from_millis(5_100));
    assert_eq!(asked(&bench).len(), 2);
    bench.cut(STORE);
    bench.run_until(AT + Span::from_secs(7));
    assert_eq!(asked(&bench).len(), 3);
    // No answer for as long as it has patience.
    bench.run_until(AT + Span::from_secs(13));
    assert_eq!(asked(&bench).len(), 4);
}

#[test]
fn once_the_day_is_over_and_nothing_is_missing_it_keeps_no_run_alive() {
    let mut bench = started(0);
    bench.run_until(AT);
    answer(&mut bench, &[]);
    assert!(bench.timers.get(&LOOK.0).is_some_and(|(_, housekeeping)| !housekeeping), "the day is young");
    bench.run_until(AT + Span::from_secs(5));
    answer(&mut bench, &[]);
    assert!(bench.timers.get(&LOOK.0).is_some_and(|(_, housekeeping)| *housekeeping));
    bench.run_until(AT + Span::from_secs(10));
    assert_eq!(asked(&bench).len(), 3, "it looks all the same");
}

#[test]
fn what_is_never_done_is_left_to_people_after_a_while() {
    let mut bench = started(0);
    bench.run_until(AT);
    for look in 1..=u64::from(LOOKS) {
        answer(&mut bench, &[5]);
        bench.hear(confirm(look));
        bench.run_until(bench.now + Span::from_secs(5));
    }
    answer(&mut bench, &[5]);
    assert_eq!(published(&bench).len() as u32, LOOKS);
    assert!(!bench.timers.contains_key(&LOOK.0));
}
