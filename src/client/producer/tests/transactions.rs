use super::*;

fn in_transactions(count: u32) -> Bench<Producer> {
    Bench::started(Producer::new(with_confirms(count, Confirms::Transaction)))
}

#[test]
fn each_message_is_committed_and_answered_before_the_next_goes_out() {
    let mut bench = in_transactions(3);
    assert!(bench.said.contains(&Method::TxSelect) && !bench.said.contains(&Method::ConfirmSelect));
    at(&mut bench, 100);
    assert_eq!(bench.sends(), [(1, 1)]);
    assert_eq!(bench.said.last(), Some(&Method::TxCommit));
    assert!(!bench.story().contains(&(1, 1, Kind::Told(Answer::Ok))));
    bench.hear(Method::TxCommitOk);
    assert!(bench.story().contains(&(1, 1, Kind::Told(Answer::Ok))));
    assert_eq!(bench.sends(), [(1, 1), (2, 1)]);
}

#[test]
fn a_returned_message_is_refused_although_its_commit_succeeds() {
    let mut bench = in_transactions(1);
    at(&mut bench, 10);
    bench.hear(Method::Return { copy: copy(1, 1), code: 312 });
    bench.hear(Method::TxCommitOk);
    assert!(bench.story().contains(&(1, 1, Kind::Told(Answer::Refused))));
}

#[test]
fn a_commit_without_an_answer_is_sent_again_on_the_next_connection() {
    let mut bench = in_transactions(1);
    at(&mut bench, 10);
    at(&mut bench, 7_000);
    assert_eq!(bench.sends(), [(1, 1), (1, 2)]);
}

#[test]
fn a_larger_transaction_is_filled_as_far_as_messages_wait_and_then_committed() {
    let mut options = with_confirms(4, Confirms::Transaction);
    options.batch = 3;
    let mut bench = Bench::started(Producer::new(options));
    at(&mut bench, 100);
    assert_eq!(bench.sends(), [(1, 1)], "one fact had occurred, and a transaction waits for nobody");
    bench.hear(Method::TxCommitOk);
    assert_eq!(bench.sends(), [(1, 1), (2, 1), (3, 1), (4, 1)]);
    assert_eq!(bench.said.iter().filter(|said| **said == Method::TxCommit).count(), 2);
    assert_eq!(bench.said.last(), Some(&Method::TxCommit));
    bench.hear(Method::TxCommitOk);
    assert!((1..=4).all(|message| bench.story().contains(&(message, 1, Kind::Told(Answer::Ok)))));
}
