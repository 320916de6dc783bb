//! The table of schemes against repeats (`facts` 7), cell by cell: what must hold
//! at every seed, and that the bad end really comes for some.

use super::rig::{BROKER, CACHE, CONSUMER, DATABASE, MESSAGES, OTHER_CONSUMER, PRODUCER, REPLICA, Shop};
use crate::client::consumer::{Dedupe, OnException};
use crate::event::{Kind, MessageId};
use crate::flaw::{self, Flaw};
use crate::lab::Totals;
use crate::protocol::FrameKind;
use crate::service::database::Durability;
use crate::sim::{Action, Trigger};
use crate::time::Span;

const SEEDS: u64 = 60;
const SAFE: [Dedupe; 3] = [Dedupe::Inbox, Dedupe::Upsert, Dedupe::Version];
const ALL: [Dedupe; 7] =
    [Dedupe::None, Dedupe::GetThenSet, Dedupe::SetNx, Dedupe::Lease, Dedupe::Inbox, Dedupe::Upsert, Dedupe::Version];

fn shop(dedupe: Dedupe) -> Shop {
    let mut shop = Shop::new();
    shop.consumer.handler.dedupe = dedupe;
    shop
}

fn with_lease(millis: u64) -> Shop {
    let mut shop = shop(Dedupe::Lease);
    shop.consumer.handler.lease = Span::from_millis(millis);
    shop
}

/// The connection breaks in mid-work: the first consumer goes on, and the second
/// gets the message as well.
fn two_at_once(shop: Shop) -> Shop {
    shop.at_work(Action::Cut { from: BROKER, to: CONSUMER }, 10, 1)
}

/// The consumer dies at any point from the beginning of its work to its end.
fn crash(shop: Shop) -> Shop {
    shop.at_work(Action::Crash(CONSUMER), 70, 300)
}

/// How many messages were never applied, and how many effects were repeats.
fn ends(shop: &Shop) -> (u64, u64) {
    let Totals { applied, duplicates, .. } = shop.sum(SEEDS);
    (SEEDS * u64::from(MESSAGES) - applied, duplicates)
}

#[test]
fn without_faults_every_scheme_applies_everything_once() {
    for dedupe in ALL {
        assert_eq!(ends(&shop(dedupe)), (0, 0), "{dedupe:?}");
    }
}

#[test]
fn two_at_once_apply_twice_without_a_scheme_and_with_a_look_before_the_work() {
    for dedupe in [Dedupe::None, Dedupe::GetThenSet] {
        let (gone, duplicates) = ends(&two_at_once(shop(dedupe)));
        assert!(gone == 0 && duplicates > SEEDS / 2, "{dedupe:?}: {duplicates}");
    }
}

#[test]
fn two_at_once_apply_once_with_a_claim_and_with_whatever_the_database_decides() {
    for dedupe in [Dedupe::SetNx, Dedupe::Lease].into_iter().chain(SAFE) {
        assert_eq!(ends(&two_at_once(shop(dedupe))), (0, 0), "{dedupe:?}");
    }
}

#[test]
fn a_claim_that_is_always_granted_is_noticed() {
    assert!(flaw::with(Flaw::SetNxIgnoresNx, || ends(&two_at_once(shop(Dedupe::SetNx))).1) > 0);
}

#[test]
fn a_lease_that_ends_before_the_work_lets_a_second_do_it_too() {
    let (gone, duplicates) = ends(&two_at_once(with_lease(15)));
    assert!(gone == 0 && duplicates > 0, "{duplicates}");
}

#[test]
fn a_crash_between_the_steps_doubles_an_effect_whose_mark_comes_after_it() {
    for dedupe in [Dedupe::None, Dedupe::GetThenSet] {
        let (gone, duplicates) = ends(&crash(shop(dedupe)));
        assert!(gone == 0 && duplicates > 0, "{dedupe:?}: {duplicates}");
    }
}

#[test]
fn a_crash_between_the_steps_loses_a_message_whose_mark_comes_before_its_effect() {
    let (gone, duplicates) = ends(&crash(shop(Dedupe::SetNx)));
    assert!(gone > SEEDS / 4 && duplicates == 0, "{gone} {duplicates}");
    let lost = crash(shop(Dedupe::SetNx)).sum(SEEDS).lost_after_ok;
    assert_eq!(lost, gone, "the producer was told ok");
}

#[test]
fn a_lease_lets_a_message_be_done_again_once_it_has_run_out() {
    let shop = crash(with_lease(500));
    let (gone, duplicates) = ends(&shop);
    assert_eq!(gone, 0);
    assert!(duplicates > 0 && duplicates < SEEDS / 4, "only a crash after the effect doubles it: {duplicates}");
    let retried = (0..SEEDS).map(|seed| shop.run(seed)).filter(|run| run.count(Kind::Leased) > MESSAGES as usize);
    assert!(retried.count() as u64 > SEEDS / 2);
}

#[test]
fn a_lease_that_never_ends_is_noticed() {
    assert!(flaw::with(Flaw::LeaseNeverExpires, || crash(with_lease(500)).sum(10).pending) > 0);
}

#[test]
fn no_crash_harms_what_the_database_decides() {
    for dedupe in SAFE {
        assert_eq!(ends(&crash(shop(dedupe))), (0, 0), "{dedupe:?}");
        let mut shop = shop(dedupe).at_work(Action::PowerCut(vec![DATABASE]), 70, 300);
        shop.database = Durability::OnCommit;
        assert_eq!(ends(&shop), (0, 0), "{dedupe:?}: the database lost its power");
    }
}

#[test]
fn flaws_in_the_database_are_noticed() {
    let inbox = || ends(&two_at_once(shop(Dedupe::Inbox))).1;
    assert!(flaw::with(Flaw::InboxOutsideTransaction, inbox) > 0);
    assert!(flaw::with(Flaw::UpsertCountsTwice, || ends(&two_at_once(shop(Dedupe::Upsert))).1) > 0);
}

/// A consumer that stands still while its message goes to another, and then
/// wakes up and goes on.
#[test]
fn a_zombie_finishes_its_work_and_only_some_schemes_stop_it() {
    let zombie = |shop: Shop| ends(&shop.at_work(Action::Pause(CONSUMER), 10, 20_000));
    for dedupe in [Dedupe::None, Dedupe::GetThenSet] {
        assert!(zombie(shop(dedupe)).1 > 0, "{dedupe:?}");
    }
    assert!(zombie(with_lease(2_000)).1 > 0, "its lease ran out in its sleep");
    for dedupe in SAFE.into_iter().chain([Dedupe::SetNx]) {
        assert_eq!(zombie(shop(dedupe)), (0, 0), "{dedupe:?}");
    }
}

/// The answer to a publish is lost, so the producer sends the message again,
/// which is no redelivery.
fn sent_twice(shop: Shop) -> Shop {
    let (from, to, frame) = (BROKER, PRODUCER, FrameKind::Confirm);
    let trigger = Trigger { kind: Kind::Sent, node: Some(PRODUCER), message: Some(MessageId(8)) };
    shop.with(Action::LoseFrame { from, to, frame, message: Some(MessageId(8)) }, trigger, 1, 0, 1)
}

#[test]
fn what_the_producer_sends_twice_is_told_by_every_scheme_and_marked_as_skipped() {
    let (_, duplicates) = ends(&sent_twice(shop(Dedupe::None)));
    assert!(duplicates >= SEEDS);
    for dedupe in ALL.into_iter().skip(1) {
        let shop = sent_twice(shop(dedupe));
        assert_eq!(ends(&shop), (0, 0), "{dedupe:?}");
        assert!(shop.run(1).count(Kind::Skipped) > 0);
    }
}

#[test]
fn a_mark_that_does_not_outlive_the_repeat_is_no_mark() {
    let mut shop = sent_twice(shop(Dedupe::GetThenSet));
    shop.consumer.handler.mark_life = Span::from_millis(100);
    assert!(ends(&shop).1 > 0);
}

#[test]
fn a_failover_forgets_marks_that_were_not_replicated_yet() {
    let lags = Action::Partition { from: CACHE, to: REPLICA, one_way: false };
    let sent = Trigger { kind: Kind::Sent, node: Some(PRODUCER), message: Some(MessageId(7)) };
    let marked = Trigger { kind: Kind::Marked, node: None, message: Some(MessageId(8)) };
    let failover = |shop: Shop| {
        let shop = sent_twice(shop).with(lags.clone(), sent, 1, 0, 60_000);
        ends(&shop.with(Action::PowerCut(vec![CACHE]), marked, 1, 0, 60_000))
    };
    let (gone, duplicates) = failover(shop(Dedupe::GetThenSet));
    assert!(gone == 0 && duplicates > 0, "{gone} {duplicates}");
    assert_eq!(failover(shop(Dedupe::Inbox)), (0, 0), "which has no marks there");
}

#[test]
fn a_handler_that_throws_takes_its_claim_back() {
    for dedupe in [Dedupe::SetNx, Dedupe::Lease] {
        let mut shop = shop(dedupe);
        shop.consumer.on_exception = OnException::Requeue;
        let throws = |node| Action::Throw { node, message: MessageId(8) };
        let begun = Trigger { kind: Kind::WorkBegan, node: None, message: Some(MessageId(8)) };
        let shop = shop.with(throws(CONSUMER), begun, 1, 0, 1).with(throws(OTHER_CONSUMER), begun, 1, 0, 1);
        assert_eq!(ends(&shop), (0, 0), "{dedupe:?}");
        assert!(shop.run(0).fired());
    }
}

/// The consumer's own database says "committed" before it is: the message is
/// acknowledged, and the effect goes with the power.
#[test]
fn an_effect_that_is_not_synced_when_the_message_is_acknowledged_can_be_lost() {
    let cut = |durability| {
        let mut shop = shop(Dedupe::Inbox).at_work(Action::PowerCut(vec![DATABASE]), 70, 300);
        shop.database = durability;
        shop.sum(SEEDS)
    };
    let lazy = cut(Durability::Lazy);
    assert!(lazy.lost_after_ok > 0);
    assert_eq!(cut(Durability::OnCommit).lost_after_ok, 0);
    assert!(flaw::with(Flaw::CommitBeforeSync, || cut(Durability::OnCommit)).lost_after_ok > 0);
}
