use super::*;
use crate::client::peer::STORE;
use crate::node::Input;
use crate::protocol::queue::Verdict;
use crate::protocol::store;

fn sending_halves(count: u32) -> Bench<Producer> {
    let mut settings = Settings::default();
    settings.set("pattern", "half-message");
    settings.set("outbox", "true");
    let options = ProducerOptions { database: [STORE].into(), ..options(count) }.with(&settings);
    Bench::started(Producer::new(options))
}

fn answer(bench: &mut Bench<Producer>, method: store::Method) {
    bench.input(Input::Frame { connection: bench.connection(STORE), frame: method.into(), about: None });
}

fn committed(bench: &mut Bench<Producer>, request: u64) {
    answer(bench, store::Method::Transacted { request, outcome: store::Outcome::Committed });
}

fn verdicts(bench: &Bench<Producer>) -> Vec<(u32, Verdict)> {
    let verdict = |method: &Method| match method {
        Method::EndTransaction { copy, verdict } => Some((copy.message.0, *verdict)),
        _ => None,
    };
    bench.said.iter().filter_map(verdict).collect()
}

/// The broker asks about message 1, and the database knows or does not.
fn asked(bench: &mut Bench<Producer>, is_there: bool) {
    bench.hear(Method::CheckTransaction { copy: copy(1, 1) });
    let Some(store::Method::Find { request, message: MessageId(1) }) = bench.asked.last().cloned() else {
        panic!("{:?}", bench.asked)
    };
    answer(bench, store::Method::Found { request, is_there });
}

#[test]
fn the_half_is_confirmed_then_the_order_is_committed_then_the_half() {
    let mut bench = sending_halves(1);
    assert!(bench.said.contains(&Method::RegisterProducer) && bench.said.contains(&Method::ConfirmSelect));
    at(&mut bench, 50);
    assert_eq!(bench.sends(), [(1, 1)]);
    assert!(bench.asked.is_empty(), "nothing is done before the half is safe");
    bench.hear(confirm(1));
    let [store::Method::Transact { transaction, .. }] = &bench.asked[..] else { panic!("{:?}", bench.asked) };
    assert!(transaction.writes().eq([store::Write::Order]));
    assert!(verdicts(&bench).is_empty() && bench.told(Answer::Ok).is_empty());
    committed(&mut bench, 1);
    assert_eq!((verdicts(&bench), bench.told(Answer::Ok)), (vec![(1, Verdict::Commit)], vec![1]));
}

#[test]
fn without_a_confirm_no_order_is_placed() {
    let mut bench = sending_halves(1);
    at(&mut bench, 50);
    bench.cut(BROKER);
    bench.run_until_quiet();
    assert!(bench.asked.is_empty() && bench.told(Answer::Ok).is_empty());
    assert!(bench.sends().len() > 1, "the half is sent again");
}

#[test]
fn asked_back_it_looks_into_its_database_even_after_a_crash() {
    for (is_there, verdict) in [(true, Verdict::Commit), (false, Verdict::Rollback)] {
        let mut bench = sending_halves(1);
        at(&mut bench, 50);
        bench.crash(span(100));
        asked(&mut bench, is_there);
        assert_eq!(verdicts(&bench), [(1, verdict)]);
        let refused = if is_there { vec![] } else { vec![1] };
        assert_eq!(bench.told(Answer::Refused), refused, "what its own database does not have came to nothing");
    }
}

#[test]
fn what_it_has_still_to_commit_is_unknown() {
    let mut bench = sending_halves(1);
    at(&mut bench, 50);
    bench.hear(confirm(1));
    bench.hear(Method::CheckTransaction { copy: copy(1, 1) });
    assert_eq!(verdicts(&bench), [(1, Verdict::Unknown)]);
    committed(&mut bench, 1);
    assert_eq!(verdicts(&bench)[1..], [(1, Verdict::Commit)]);
}

#[test]
fn a_question_dies_with_the_connection_to_the_database() {
    let mut bench = sending_halves(1);
    at(&mut bench, 50);
    bench.hear(confirm(1));
    committed(&mut bench, 1);
    bench.hear(Method::CheckTransaction { copy: copy(1, 1) });
    bench.cut(STORE);
    bench.run_until_quiet();
    assert_eq!(verdicts(&bench).len(), 1, "the broker will ask again");
    asked(&mut bench, true);
    assert_eq!(verdicts(&bench).len(), 2);
}
