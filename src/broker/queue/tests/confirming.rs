//! What publishers are told, and when.

use super::rig::*;
use crate::event::{Kind, Reason};
use crate::protocol::Name;
use crate::protocol::queue::{ExchangeKind, Method, Publish, code};
use crate::time::Span;

#[test]
fn a_transient_message_is_confirmed_on_entering_the_queue() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.disk_is_fast = false;
    rig.publish_transient(publisher, 1);
    assert_eq!(rig.confirms(publisher), [(1, false)]);
}

#[test]
fn a_persistent_message_is_confirmed_only_once_it_is_written() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.disk_is_fast = false;
    rig.publish(publisher, 1);
    rig.wait(Span::from_secs(1));
    assert!(rig.confirms(publisher).is_empty());
    assert_eq!(rig.in_memory(), [1]);
    rig.disk_step();
    assert_eq!(rig.confirms(publisher), [(1, false)]);
    assert_eq!(rig.syncs, 1, "only the queue's declaration is synced, no message");
    assert!(rig.in_memory().is_empty());
}

#[test]
fn before_confirm_means_only_once_it_is_synced() {
    let mut rig = Rig::syncing_before_confirm();
    let publisher = rig.publisher();
    rig.disk_is_fast = false;
    rig.publish(publisher, 1);
    rig.wait(Span::from_secs(1));
    rig.disk_step();
    assert_eq!(rig.noted(Kind::Written), [1]);
    assert!(rig.confirms(publisher).is_empty());
    rig.disk_step();
    assert_eq!(rig.noted(Kind::Synced), [1]);
    assert_eq!(rig.confirms(publisher), [(1, false)]);
}

#[test]
fn messages_that_come_during_a_sync_wait_and_share_the_next_one() {
    let mut rig = Rig::syncing_before_confirm();
    let publisher = rig.publisher();
    rig.disk_is_fast = false;
    rig.publish(publisher, 1);
    rig.wait(Span::from_millis(1));
    rig.disk_step();
    (2..=9).for_each(|message| rig.publish(publisher, message));
    rig.wait(Span::from_secs(1));
    let syncs = rig.syncs;
    rig.settle();
    assert_eq!(rig.syncs, syncs + 1);
    assert_eq!(rig.confirms(publisher), [(1, false), (9, true)]);
}

#[test]
fn a_burst_is_written_with_one_append_and_confirmed_with_one_frame() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let appends = rig.appends;
    (1..=100).for_each(|message| rig.publish(publisher, message));
    rig.wait(Span::from_millis(5));
    assert_eq!(rig.appends, appends + 1);
    assert_eq!(rig.confirms(publisher), [(100, true)]);
    assert_eq!(rig.noted(Kind::Confirmed), (1..=100).collect::<Vec<_>>());
}

#[test]
fn a_busy_broker_writes_after_200_ms_at_the_latest() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let begin = rig.now;
    let mut message = 0;
    while rig.noted(Kind::Confirmed).is_empty() {
        message += 1;
        rig.publish(publisher, message);
        rig.wait(Span::from_micros(300));
    }
    let waited = rig.now.since(begin).as_millis();
    assert!((199..=202).contains(&waited), "{waited} ms");
}

#[test]
fn without_confirms_a_message_may_stay_in_memory_for_a_second() {
    let mut rig = Rig::new();
    rig.publisher();
    let other = rig.client();
    rig.publish(other, 1);
    rig.wait(Span::from_millis(900));
    assert_eq!(rig.in_memory(), [1]);
    rig.wait(Span::from_millis(200));
    assert!(rig.in_memory().is_empty());
    assert!(rig.confirms(other).is_empty());
}

#[test]
fn a_message_consumed_before_it_was_written_is_confirmed_and_never_written() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(0);
    let appends = rig.appends;
    rig.publish(publisher, 1);
    rig.ack(consumer, 1);
    assert_eq!(rig.confirms(publisher), [(1, false)]);
    rig.settle();
    assert_eq!(rig.appends, appends);
    assert!(rig.noted(Kind::Written).is_empty());
}

#[test]
fn an_unroutable_message_is_acknowledged_all_the_same() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.say(publisher, Method::Publish(Publish { key: NOWHERE, ..persistent(1) }));
    assert_eq!(rig.confirms(publisher), [(1, false)]);
    assert_eq!(rig.noted(Kind::Dropped(Reason::Unroutable)), [1]);
}

#[test]
fn an_unroutable_mandatory_message_is_returned_before_its_ack() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.heard(publisher);
    rig.say(publisher, Method::Publish(Publish { key: NOWHERE, mandatory: true, ..persistent(1) }));
    let heard = rig.heard(publisher);
    assert!(
        matches!(heard[..], [Method::Return { code: code::NO_ROUTE, .. }, Method::Confirm { tag: 1, .. }]),
        "{heard:?}"
    );
    assert_eq!(rig.noted(Kind::Returned), [1]);
    assert!(rig.noted(Kind::Dropped(Reason::Unroutable)).is_empty());
}

#[test]
fn publishing_to_an_unknown_exchange_closes_the_channel_with_404() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.say(publisher, Method::Publish(Publish { exchange: EXCHANGE, ..persistent(1) }));
    rig.publish(publisher, 2);
    let heard = rig.heard(publisher);
    assert_eq!(heard.last(), Some(&Method::ChannelClose { code: code::NOT_FOUND }));
    assert!(rig.holds().is_empty(), "what follows on the closed channel is ignored");
}

#[test]
fn a_direct_exchange_copies_a_message_to_every_queue_its_key_is_bound_to() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.say(publisher, Method::declare(OTHER_QUEUE, true));
    rig.say(publisher, Method::exchange(EXCHANGE, ExchangeKind::Direct, true));
    for queue in [QUEUE, OTHER_QUEUE, QUEUE] {
        rig.say(publisher, Method::QueueBind { queue, exchange: EXCHANGE, key: KEY });
    }
    rig.disk_is_fast = false;
    rig.say(publisher, Method::Publish(Publish { exchange: EXCHANGE, key: KEY, ..persistent(1) }));
    let branches: Vec<_> = rig.notes.iter().filter(|note| note.kind == Kind::Enqueued).collect();
    assert_eq!(branches.iter().map(|note| note.copy.unwrap().branch).collect::<Vec<_>>(), [0, 1]);
    rig.wait(Span::from_millis(5));
    assert!(rig.confirms(publisher).is_empty());
    rig.disk_step();
    assert_eq!(rig.confirms(publisher), [(1, false)], "one confirm, once both copies are written");
    rig.say(publisher, Method::Publish(Publish { exchange: EXCHANGE, key: Name(99), ..persistent(2) }));
    assert_eq!(rig.noted(Kind::Dropped(Reason::Unroutable)), [2]);
}

#[test]
fn a_late_write_does_not_hold_back_the_confirms_of_transient_messages() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.disk_is_fast = false;
    rig.publish(publisher, 1);
    rig.publish_transient(publisher, 2);
    rig.publish_transient(publisher, 3);
    assert_eq!(rig.confirms(publisher), [(2, false), (3, false)]);
    rig.settle();
    assert_eq!(rig.confirms(publisher), [(1, false)]);
}

#[test]
fn a_full_disk_nacks_and_drops_what_it_could_not_write() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    rig.heard(publisher);
    rig.disk_is_full = true;
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.wait(Span::from_millis(5));
    assert_eq!(rig.heard(publisher), [Method::ConfirmNack { tag: 3, multiple: true }]);
    assert_eq!(rig.noted(Kind::Nacked), [1, 2, 3]);
    assert_eq!(rig.noted(Kind::Dropped(Reason::DiskError)), [1, 2, 3]);
    assert!(rig.holds().is_empty());
    rig.disk_is_full = false;
    rig.publish(publisher, 4);
    rig.settle();
    assert_eq!(rig.confirms(publisher), [(4, false)]);
    rig.crash();
    assert_eq!(rig.holds(), [4]);
}

#[test]
fn a_failed_sync_is_never_confirmed() {
    let mut rig = Rig::syncing_before_confirm();
    let publisher = rig.publisher();
    rig.sync_fails = true;
    rig.publish(publisher, 1);
    rig.wait(Span::from_millis(5));
    assert_eq!(rig.noted(Kind::Nacked), [1]);
    assert!(rig.noted(Kind::Confirmed).is_empty());
    rig.sync_fails = false;
    rig.settle();
    rig.crash();
    assert!(rig.holds().is_empty(), "refused means gone");
}
