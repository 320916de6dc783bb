//! What survives what.

use super::rig::*;
use crate::broker::queue::Options;
use crate::event::{Kind, NodeId};
use crate::flaw::{self, Flaw};
use crate::node::{ConnectionId, FileId, FileInfo, Input};
use crate::picture::Status;
use crate::protocol::queue::{ExchangeKind, Method, Publish};
use crate::time::Span;

#[test]
fn a_confirmed_persistent_message_in_a_durable_queue_survives_a_crash() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.wait(Span::from_millis(5));
    rig.crash();
    assert_eq!(rig.holds(), [1, 2, 3]);
    assert_eq!(rig.noted(Kind::Recovered), [1, 2, 3]);
    let started: Vec<_> = rig.notes.iter().filter(|note| note.kind == Kind::Started).map(|note| note.detail).collect();
    assert_eq!(started, [0, 3]);
    let consumer = rig.consumer(0);
    assert_eq!(rig.deliveries(consumer), [(1, 1, true), (2, 2, true), (3, 3, true)]);
}

#[test]
fn a_transient_message_dies_with_the_process_even_in_a_durable_queue() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.publish_transient(publisher, 1);
    rig.settle();
    rig.crash();
    assert!(rig.holds().is_empty());
}

#[test]
fn a_persistent_message_dies_with_a_queue_that_is_not_durable() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.say(client, Method::declare(QUEUE, false));
    rig.publish(client, 1);
    rig.settle();
    rig.crash();
    assert!(rig.holds().is_empty());
    assert!(rig.picture().lanes.is_empty(), "the queue itself is gone");
}

#[test]
fn a_message_still_in_the_write_buffer_dies_with_the_process() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.publish(publisher, 1);
    rig.crash();
    assert!(rig.holds().is_empty());
    assert!(rig.confirms(publisher).is_empty(), "and nobody was told otherwise");
}

#[test]
fn a_power_cut_may_take_confirmed_messages_that_were_only_written() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.publish(publisher, 1);
    rig.wait(Span::from_millis(5));
    assert_eq!(rig.confirms(publisher), [(1, false)]);
    rig.power_cut();
    assert!(rig.holds().is_empty());
    assert_eq!(rig.picture().lanes.len(), 1, "the queue's declaration was synced");
}

#[test]
fn a_power_cut_takes_nothing_that_was_confirmed_after_a_sync() {
    let mut rig = Rig::syncing_before_confirm();
    let publisher = rig.publisher();
    rig.publish(publisher, 1);
    rig.wait(Span::from_millis(5));
    assert_eq!(rig.confirms(publisher), [(1, false)]);
    rig.power_cut();
    assert_eq!(rig.holds(), [1]);
}

#[test]
fn an_acknowledged_message_does_not_come_back_once_its_ack_is_written() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.wait(Span::from_millis(5));
    rig.ack(consumer, 2);
    rig.settle();
    rig.crash();
    assert_eq!(rig.holds(), [1, 3]);
    flaw::with(Flaw::RecoversAcked, || rig.crash());
    assert_eq!(rig.holds(), [1, 2, 3], "the flaw shows");
}

#[test]
fn an_ack_that_was_not_written_is_forgotten_and_the_message_comes_twice() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    rig.publish(publisher, 1);
    rig.wait(Span::from_millis(5));
    rig.ack(consumer, 1);
    rig.crash();
    assert_eq!(rig.holds(), [1]);
}

#[test]
fn recovering_twice_gives_the_same_and_new_messages_go_behind() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.wait(Span::from_millis(5));
    rig.crash();
    let files = rig.files.clone();
    rig.crash();
    assert_eq!(rig.files, files);
    let publisher = rig.publisher();
    rig.publish(publisher, 4);
    rig.settle();
    rig.crash();
    let consumer = rig.consumer(0);
    assert_eq!(rig.delivered(consumer), [1, 2, 3, 4]);
}

#[test]
fn a_torn_tail_is_cut_off_and_the_log_goes_on_behind_the_last_good_record() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.wait(Span::from_millis(5));
    let log = rig.files.get_mut(&FileId(1)).unwrap();
    log.truncate(log.len() - 5);
    rig.crash();
    assert_eq!(rig.holds(), [1, 2]);
    let publisher = rig.publisher();
    rig.publish(publisher, 4);
    rig.settle();
    rig.crash();
    assert_eq!(rig.holds(), [1, 2, 4]);
}

#[test]
fn exchanges_and_bindings_survive_when_both_ends_are_durable() {
    let mut rig = Rig::new();
    let client = rig.publisher();
    rig.say(client, Method::exchange(EXCHANGE, ExchangeKind::Direct, true));
    rig.say(client, Method::QueueBind { queue: QUEUE, exchange: EXCHANGE, key: KEY });
    rig.power_cut();
    let client = rig.client();
    rig.say(client, Method::Publish(Publish { exchange: EXCHANGE, key: KEY, ..persistent(1) }));
    assert_eq!(rig.holds(), [1]);
}

#[test]
fn segments_roll_and_go_when_all_their_messages_are_settled() {
    let mut rig = Rig::with(Options { segment_length: 400, ..Options::default() });
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    for message in 1..=100 {
        rig.publish(publisher, message);
        rig.wait(Span::from_millis(1));
        if message != 50 {
            rig.ack(consumer, u64::from(message));
        }
    }
    rig.settle();
    assert!(!rig.removed.is_empty(), "dead segments went");
    rig.crash();
    assert_eq!(rig.holds(), [50], "and nothing settled came back");
    let consumer = rig.consumer(0);
    rig.ack(consumer, 1);
    rig.settle();
    let publisher = rig.publisher();
    for message in 101..=120 {
        rig.publish(publisher, message);
        rig.wait(Span::from_millis(1));
        rig.ack(consumer, u64::from(message) - 99);
    }
    rig.settle();
    assert!(rig.files.len() <= 3, "one old message held many segments, and no longer does");
}

#[test]
fn who_connects_during_recovery_is_answered_when_it_is_done() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.publish(publisher, 1);
    rig.settle();
    let files: Vec<_> = rig.files.clone().into_iter().collect();
    let mut rig = Rig::new();
    let info = files.iter().map(|(file, bytes)| FileInfo { file: *file, length: bytes.len() as u64 });
    rig.broker = crate::broker::queue::QueueBroker::new(Options::default());
    rig.give_without_reading(Input::Start(info.collect()));
    assert_eq!(rig.picture().status, Status::Recovering);
    let connection = ConnectionId(0);
    rig.give(Input::Opened { connection, peer: NodeId(1), inbound: true });
    rig.frame(connection, 0, Method::ConnectionOpen { heartbeat: Span::ZERO });
    assert!(rig.heard(connection).is_empty());
    for (file, bytes) in files {
        rig.give_without_reading(Input::ReadDone { file, offset: 0, bytes: bytes.into() });
    }
    assert_eq!(rig.heard(connection), [Method::ConnectionOpenOk]);
    assert_eq!(rig.picture().status, Status::Up);
}
