use super::rig::{ID, OFFSETS, Rig, add, at, end, init};
use crate::protocol::Name;
use crate::protocol::log::{Control, Error, ProducerId, TopicPartition, Transaction};
use crate::time::Span;

fn error(error: Error) -> Transaction {
    Transaction::Answer { error: Some(error) }
}

fn ended(answer: Result<ProducerId, Error>) -> Transaction {
    Transaction::Ended { answer }
}

fn next(producer: ProducerId) -> ProducerId {
    ProducerId { epoch: producer.epoch + 1, ..producer }
}

#[test]
fn without_an_id_every_process_is_somebody_new() {
    let mut rig = Rig::new();
    let request = Transaction::InitProducerId { transactional_id: None };
    let first = rig.ask(request.clone());
    assert_ne!(first, rig.ask(request.clone()));
    while rig.ids.take().is_some() {}
    assert!(rig.ids.is_low());
    let again = Transaction::ProducerIdGiven { answer: Err(Error::CoordinatorLoadInProgress) };
    assert_eq!(rig.ask(request), again);
}

#[test]
fn the_decision_is_committed_before_anyone_hears_of_it() {
    let mut rig = Rig::new();
    let producer = rig.ongoing();
    let number = rig.send(end(producer, true));
    assert!(rig.answer(number).is_none() && rig.sent.is_empty());
    rig.commit_one();
    assert_eq!(rig.answer(number), Some(ended(Ok(next(producer)))), "before the markers are written");
    assert_eq!(rig.sent.iter().map(|sent| sent.partition).collect::<Vec<_>>(), [at(0), at(1)]);
    assert!(rig.sent.iter().all(|sent| sent.producer == next(producer) && sent.control == Control::Commit));
}

#[test]
fn the_next_transaction_waits_for_the_markers_of_the_last() {
    let mut rig = Rig::new();
    let producer = rig.ongoing();
    rig.ask(end(producer, false));
    let again = next(producer);
    assert_eq!(rig.ask(add(again, &[0])), error(Error::ConcurrentTransactions));
    rig.deliver(0, None);
    assert_eq!(rig.ask(add(again, &[0])), error(Error::ConcurrentTransactions));
    rig.finish();
    assert_eq!(rig.ask(add(again, &[0])), Transaction::Answer { error: None });
    assert_eq!(rig.ask(add(producer, &[0])), error(Error::ProducerFenced), "what is late of the last one");
}

#[test]
fn a_marker_goes_on_until_the_leader_has_it() {
    let mut rig = Rig::new();
    let producer = rig.ongoing();
    rig.ask(end(producer, true));
    for _ in 0..5 {
        rig.deliver(0, Some(Error::NotLeaderOrFollower));
        assert_eq!(rig.sent.len(), 1, "not at once");
        rig.pass(Span::from_millis(100));
        rig.sent.rotate_right(1);
    }
    assert_eq!(rig.sent.len(), 2);
    rig.finish();
    assert_eq!(rig.written.len(), 2);
    assert!(rig.written.values().all(|markers| *markers == [(next(producer), Control::Commit)]));
    assert_eq!(rig.coordinator.next_deadline(), None);
}

#[test]
fn a_marker_that_nobody_answers_comes_again_and_not_too_soon() {
    let mut rig = Rig::new();
    let producer = rig.ongoing();
    rig.ask(end(producer, true));
    rig.deliver(0, None);
    rig.sent.clear();
    rig.pass(Span::from_secs(59));
    assert!(rig.sent.is_empty(), "the first may still be on its way");
    rig.pass(Span::from_secs(1));
    assert_eq!(rig.sent.len(), 1, "the one that was not answered");
    rig.finish();
    assert_eq!(rig.coordinator.next_deadline(), None);
}

#[test]
fn offsets_are_a_partition_like_any_other() {
    let mut rig = Rig::new();
    let producer = rig.producer();
    let request = Transaction::AddOffsets { transactional_id: ID, producer, group: Name(7) };
    assert_eq!(rig.ask(request), Transaction::Answer { error: None });
    rig.ask(end(producer, true));
    assert_eq!(rig.sent[0].partition, TopicPartition { topic: OFFSETS, partition: 0 });
}

#[test]
fn a_new_process_fences_the_old_and_aborts_what_it_left() {
    let mut rig = Rig::new();
    let old = rig.ongoing();
    let busy = Transaction::ProducerIdGiven { answer: Err(Error::ConcurrentTransactions) };
    assert_eq!(rig.ask(init()), busy);
    assert_eq!(rig.ask(add(old, &[2])), error(Error::ProducerFenced));
    assert_eq!(rig.ask(end(old, true)), ended(Err(Error::ConcurrentTransactions)));
    assert_eq!(rig.ask(init()), busy, "not before the markers are written");
    rig.finish();
    assert!(rig.written.values().all(|markers| markers[0].1 == Control::Abort));
    let new = rig.producer();
    assert!(new.number == old.number && new.epoch > old.epoch);
    assert_eq!(rig.ask(end(old, false)), ended(Err(Error::ProducerFenced)));
}

#[test]
fn the_end_may_be_asked_for_again_and_is_the_same() {
    let mut rig = Rig::new();
    let producer = rig.ongoing();
    rig.ask(end(producer, true));
    assert_eq!(rig.ask(end(producer, true)), ended(Err(Error::ConcurrentTransactions)), "under way");
    assert_eq!(rig.ask(end(producer, false)), ended(Err(Error::ConcurrentTransactions)));
    rig.finish();
    assert_eq!(rig.ask(end(producer, true)), ended(Ok(next(producer))));
    assert_eq!(rig.ask(end(producer, false)), ended(Err(Error::InvalidTxnState)));
    rig.fail_over(0);
    assert_eq!(rig.ask(end(producer, true)), ended(Ok(next(producer))), "another coordinator knows");
}

#[test]
fn nothing_to_commit_is_no_transaction_but_an_abort_fences() {
    let mut rig = Rig::new();
    let producer = rig.producer();
    assert_eq!(rig.ask(end(producer, true)), ended(Err(Error::InvalidTxnState)));
    assert_eq!(rig.ask(end(producer, false)), ended(Ok(next(producer))));
    rig.finish();
    assert!(rig.written.is_empty());
    assert_eq!(rig.ask(add(next(producer), &[0])), Transaction::Answer { error: None });
}

#[test]
fn a_transaction_that_is_open_too_long_is_aborted_at_the_next_look() {
    let mut rig = Rig::new();
    rig.pass(Span::from_secs(3));
    let producer = rig.ongoing();
    rig.pass(Span::from_secs(66));
    rig.commit_all();
    assert!(rig.sent.is_empty(), "over since second 63, looked at every ten");
    rig.pass(Span::from_secs(1));
    rig.finish();
    assert!(rig.written.len() == 2 && rig.written.values().all(|markers| markers[0].1 == Control::Abort));
    assert_eq!(rig.ask(add(producer, &[2])), error(Error::ProducerFenced), "its epoch is over");
    assert_eq!(rig.ask(end(producer, true)), ended(Err(Error::ProducerFenced)));
    assert_eq!(rig.ask(end(producer, false)), ended(Ok(next(producer))), "that is what it wants");
}

#[test]
fn another_coordinator_carries_out_what_was_decided() {
    let mut rig = Rig::new();
    let producer = rig.ongoing();
    rig.ask(end(producer, true));
    rig.deliver(0, None);
    rig.sent.clear();
    rig.fail_over(0);
    rig.finish();
    assert_eq!(rig.written[&at(1)], [(next(producer), Control::Commit)]);
    assert_eq!(rig.ask(add(next(producer), &[0])), Transaction::Answer { error: None });
}

#[test]
fn a_decision_that_was_not_committed_was_none() {
    let mut rig = Rig::new();
    let producer = rig.ongoing();
    let number = rig.send(end(producer, true));
    rig.fail_over(0);
    assert_eq!(rig.answer(number), Some(ended(Err(Error::NotCoordinator))));
    assert!(rig.sent.is_empty());
    assert_eq!(rig.ask(end(producer, false)), ended(Ok(next(producer))));
}

#[test]
fn a_refused_append_changes_nothing() {
    let mut rig = Rig::new();
    let producer = rig.ongoing();
    let number = rig.send(end(producer, true));
    rig.refuse_last(Error::NotEnoughReplicas);
    assert_eq!(rig.answer(number), Some(ended(Err(Error::CoordinatorNotAvailable))));
    assert_eq!(rig.ask(end(producer, true)), ended(Ok(next(producer))));
    while let Some(sent) = rig.sent.first().cloned() {
        rig.sent.remove(0);
        rig.say_written(sent.producer, sent.control, sent.partition, None);
    }
    rig.refuse_last(Error::NotEnoughReplicas);
    rig.pass(Span::from_millis(100));
    rig.commit_all();
    let added = rig.ask(add(next(producer), &[0]));
    assert_eq!(added, Transaction::Answer { error: None }, "the end is written in a second try");
}
