//! The shop's side: a fact is committed and an event is to be published, and the
//! process, the broker or the database dies in between (`facts` 2.1, 2.4, 12A).

use std::sync::Arc;

use super::rig::{BROKER, DATABASE, MESSAGES, PRODUCER, Shop};
use crate::client::consumer::Dedupe;
use crate::client::producer::Confirms;
use crate::event::{Kind, MessageId};
use crate::flaw::{self, Flaw};
use crate::service::database::Durability;
use crate::sim::{Action, Trigger};

const SEEDS: u64 = 60;

fn shop(outbox: bool, dedupe: Dedupe) -> Shop {
    let mut shop = Shop::new();
    shop.producer.database = Arc::from([DATABASE]);
    shop.producer.outbox = outbox;
    shop.consumer.handler.dedupe = dedupe;
    shop
}

fn when(kind: Kind) -> Trigger {
    Trigger { kind, node: None, message: Some(MessageId(8)) }
}

/// How many facts ended without an effect, and how many effects were repeats.
fn ends(shop: &Shop) -> (u64, u64) {
    let totals = shop.sum(SEEDS);
    (totals.attempted - totals.applied, totals.duplicates)
}

#[test]
fn without_faults_every_fact_is_recorded_told_and_applied_once() {
    for outbox in [false, true] {
        for confirms in [Confirms::Off, Confirms::WaitEach, Confirms::Async] {
            let mut shop = shop(outbox, Dedupe::None);
            shop.producer.confirms = confirms;
            for seed in 0..SEEDS {
                let run = shop.run(seed);
                let all = u64::from(MESSAGES);
                assert_eq!((run.totals.applied, run.totals.duplicates, run.totals.reordered), (all, 0, 0));
                assert_eq!(run.count(Kind::Recorded) as u64, all);
                let told_ok = if outbox || confirms != Confirms::Off { all } else { 0 };
                assert_eq!((run.totals.told_ok, run.totals.residue), (told_ok, 0));
                assert!(
                    run.end.as_millis() < 70_000,
                    "it ends once the heartbeats prove that all is well: {}",
                    run.end
                );
            }
        }
    }
}

/// The process dies as the fact's row is committed, or a little later.
fn crash_after_commit(shop: Shop) -> Shop {
    shop.with(Action::Crash(PRODUCER), when(Kind::Recorded), 1, 130, 500)
}

#[test]
fn without_an_outbox_a_crash_after_the_commit_leaves_an_order_that_nobody_hears_of() {
    let shop = crash_after_commit(shop(false, Dedupe::None));
    let silent = |seed: &u64| {
        let run = shop.run(*seed);
        run.totals.applied < run.count(Kind::Recorded) as u64
    };
    assert!((0..SEEDS).filter(silent).count() > 0);
}

#[test]
fn with_an_outbox_a_crash_loses_nothing_that_was_committed_but_may_send_it_twice() {
    let shop = crash_after_commit(shop(true, Dedupe::None));
    let mut duplicates = 0;
    for seed in 0..SEEDS {
        let run = shop.run(seed);
        assert_eq!(run.totals.applied, run.count(Kind::Recorded) as u64, "seed {seed}");
        assert_eq!((run.totals.lost_after_ok, run.totals.residue), (0, 0));
        duplicates += run.totals.duplicates;
    }
    assert!(duplicates > 0, "a crash between a publish and its mark");
}

#[test]
fn an_outbox_and_an_inbox_together_apply_once() {
    for dedupe in [Dedupe::Inbox, Dedupe::Upsert, Dedupe::Version] {
        let shop = crash_after_commit(shop(true, dedupe));
        assert_eq!(shop.sum(SEEDS).duplicates, 0, "{dedupe:?}");
    }
}

/// The broker is gone for a minute, and the producer's process once meanwhile.
#[test]
fn while_the_broker_is_down_the_backlog_lies_in_the_table() {
    let down = |shop: Shop| {
        let shop = shop.with(Action::Crash(BROKER), when(Kind::Attempted), 1, 0, 60_000);
        let last = Trigger { message: Some(MessageId(14)), ..when(Kind::Attempted) };
        shop.with(Action::Crash(PRODUCER), last, 1, 20, 100)
    };
    let with_outbox = down(shop(true, Dedupe::Inbox));
    let totals = with_outbox.sum(SEEDS / 4);
    assert_eq!((totals.lost_after_ok, totals.duplicates), (0, 0));
    assert!(totals.lost <= SEEDS / 4, "only what was under way to the database when the process died: {}", totals.lost);
    let without = down(shop(false, Dedupe::Inbox)).sum(SEEDS / 4);
    assert!(without.lost >= SEEDS, "what waited in memory is gone: {}", without.lost);
    let mut forgets = down(shop(false, Dedupe::Inbox));
    forgets.producer.confirms = Confirms::Off;
    assert!(forgets.sum(SEEDS / 4).lost >= SEEDS);
}

#[test]
fn a_row_that_is_marked_before_its_confirm_can_be_lost() {
    let broken = |shop: Shop| ends(&shop.with(Action::Crash(BROKER), when(Kind::Received), 1, 1, 1_000));
    assert_eq!(broken(shop(true, Dedupe::Inbox)), (0, 0));
    assert!(flaw::with(Flaw::SentMarkedBeforeConfirm, || broken(shop(true, Dedupe::Inbox))).0 > 0);
    let mut forgets = shop(true, Dedupe::Inbox);
    forgets.producer.confirms = Confirms::Off;
    assert!(broken(forgets).0 > 0, "as it is for a relay without confirms");
}

#[test]
fn a_shop_that_said_ok_keeps_its_word_through_faults_of_its_database_unless_that_is_lazy() {
    let faults = [
        Action::Crash(DATABASE),
        Action::PowerCut(vec![DATABASE]),
        Action::TornWrite(DATABASE),
        Action::DiskFull(DATABASE),
        Action::Pause(DATABASE),
        Action::Cut { from: PRODUCER, to: DATABASE },
        Action::Partition { from: PRODUCER, to: DATABASE, one_way: true },
    ];
    let strike = |action: &Action, durability| {
        let mut shop = shop(true, Dedupe::Inbox).with(action.clone(), when(Kind::Attempted), 1, 60, 700);
        shop.database = durability;
        shop.sum(SEEDS)
    };
    for action in &faults {
        let totals = strike(action, Durability::OnCommit);
        assert_eq!(totals.lost_after_ok + totals.duplicates + totals.lost + totals.residue, 0, "{action:?}");
    }
    assert!(strike(&faults[1], Durability::Lazy).lost_after_ok > 0);
}
