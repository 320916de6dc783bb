//! Transactions.

use super::rig::*;
use crate::event::Kind;
use crate::flaw::{self, Flaw};
use crate::node::ConnectionId;
use crate::protocol::queue::{Arguments, Method, Overflow, code};

fn in_transaction(rig: &mut Rig) -> ConnectionId {
    let client = rig.client();
    rig.say(client, Method::declare(QUEUE, true));
    rig.say(client, Method::TxSelect);
    client
}

/// What a queue holds of two publishes before and after their commit.
fn around_a_commit() -> [Vec<u32>; 2] {
    let mut rig = Rig::new();
    let client = in_transaction(&mut rig);
    (1..=2).for_each(|message| rig.publish(client, message));
    let before = rig.holds();
    rig.say(client, Method::TxCommit);
    rig.settle();
    [before, rig.holds()]
}

#[test]
fn nothing_is_there_before_the_commit_and_all_of_it_after() {
    assert_eq!(around_a_commit(), [vec![], vec![1, 2]]);
    assert_eq!(flaw::with(Flaw::TransactionCommitsEarly, around_a_commit)[0], [1, 2], "the flaw shows");
}

#[test]
fn commit_ok_waits_until_persistent_messages_are_written() {
    let mut rig = Rig::new();
    let client = in_transaction(&mut rig);
    rig.settle();
    rig.disk_is_fast = false;
    (1..=2).for_each(|message| rig.publish(client, message));
    rig.say(client, Method::TxCommit);
    rig.wait(crate::time::Span::from_secs(1));
    assert!(!rig.heard(client).contains(&Method::TxCommitOk));
    rig.settle();
    assert!(rig.heard(client).contains(&Method::TxCommitOk));
    assert_eq!(rig.noted(Kind::Confirmed), [1, 2]);
    rig.crash();
    assert_eq!(rig.holds(), [1, 2]);
}

#[test]
fn a_commit_without_persistent_messages_is_answered_at_once() {
    let mut rig = Rig::new();
    let client = in_transaction(&mut rig);
    rig.settle();
    rig.disk_is_fast = false;
    rig.publish_transient(client, 1);
    rig.say(client, Method::TxCommit);
    assert!(rig.heard(client).contains(&Method::TxCommitOk));
}

#[test]
fn a_commit_is_not_atomic_when_the_broker_dies_in_the_middle() {
    let mut rig = Rig::new();
    let client = in_transaction(&mut rig);
    rig.publish(client, 1);
    rig.publish_transient(client, 2);
    rig.say(client, Method::TxCommit);
    rig.settle();
    rig.crash();
    assert_eq!(rig.holds(), [1], "half of it is there");
}

#[test]
fn acknowledgements_wait_for_the_commit_too_and_a_rollback_undoes_them() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let client = in_transaction(&mut rig);
    rig.consume(client, 0, false);
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.ack(client, 1);
    assert!(rig.noted(Kind::Acked).is_empty());
    rig.say(client, Method::TxRollback);
    rig.ack(client, 2);
    rig.say(client, Method::TxCommit);
    assert_eq!(rig.noted(Kind::Acked), [2]);
    rig.ack(client, 3);
    rig.hang_up(client);
    assert_eq!(rig.noted(Kind::Requeued), [1, 3], "what was not committed did not happen");
}

#[test]
fn publishes_of_a_rolled_back_transaction_never_reach_a_queue() {
    let mut rig = Rig::new();
    let client = in_transaction(&mut rig);
    rig.publish(client, 1);
    rig.say(client, Method::TxRollback);
    rig.publish(client, 2);
    assert_eq!(rig.in_memory(), [2], "it dies with the process");
    rig.say(client, Method::TxCommit);
    assert_eq!(rig.noted(Kind::Enqueued), [2]);
}

#[test]
fn a_publish_that_a_queue_refuses_fails_the_commit_and_closes_the_channel() {
    let mut rig = Rig::new();
    let client = rig.client();
    let full = Arguments { max_length: Some(1), overflow: Overflow::RejectPublish, ..Arguments::default() };
    rig.declare(client, QUEUE, full);
    rig.say(client, Method::TxSelect);
    (1..=2).for_each(|message| rig.publish(client, message));
    rig.say(client, Method::TxCommit);
    rig.settle();
    assert!(rig.heard(client).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED }));
    assert_eq!(rig.holds(), [1], "the other one is there all the same");
}

#[test]
fn a_channel_has_transactions_or_confirms_not_both() {
    for (first, second) in [(Method::TxSelect, Method::ConfirmSelect), (Method::ConfirmSelect, Method::TxSelect)] {
        let mut rig = Rig::new();
        let client = rig.client();
        rig.say(client, first);
        rig.say(client, second);
        assert!(rig.heard(client).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED }));
    }
}
