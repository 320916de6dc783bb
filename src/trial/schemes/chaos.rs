//! Whatever goes wrong, short of a lost disk: three faults drawn for each seed.

use std::sync::Arc;

use super::rig::{BROKER, CACHE, CONSUMER, DATABASE, OTHER_CONSUMER, PRODUCER, REPLICA, Shop};
use crate::client::consumer::Dedupe;
use crate::random::{Draw, Purpose, Seed};
use crate::service::database::Durability;
use crate::sim::{Action, Fault, When};
use crate::time::{Span, Time};

const SEEDS: u64 = 120;

fn action(draw: Draw) -> Action {
    let cut = |from, to| Action::Cut { from, to };
    let partition = |from, to, one_way| Action::Partition { from, to, one_way };
    let actions = [
        Action::Crash(CONSUMER),
        Action::Crash(OTHER_CONSUMER),
        Action::PowerCut(vec![CONSUMER]),
        Action::Pause(CONSUMER),
        cut(BROKER, CONSUMER),
        partition(CONSUMER, BROKER, false),
        partition(BROKER, OTHER_CONSUMER, true),
        cut(CONSUMER, DATABASE),
        partition(CONSUMER, DATABASE, true),
        partition(DATABASE, CONSUMER, true),
        Action::Crash(BROKER),
        Action::Pause(BROKER),
        Action::Crash(PRODUCER),
        Action::Pause(PRODUCER),
        cut(PRODUCER, BROKER),
        partition(BROKER, PRODUCER, true),
        cut(PRODUCER, DATABASE),
        partition(DATABASE, PRODUCER, true),
        Action::Crash(DATABASE),
        Action::PowerCut(vec![DATABASE]),
        Action::TornWrite(DATABASE),
        Action::DiskFull(DATABASE),
        Action::Pause(DATABASE),
        Action::Crash(CACHE),
        Action::PowerCut(vec![CACHE, REPLICA]),
        partition(CACHE, REPLICA, false),
        cut(CONSUMER, CACHE),
    ];
    actions[draw.below(actions.len() as u64) as usize].clone()
}

fn troubled(dedupe: Dedupe, seed: u64) -> Shop {
    let mut shop = Shop::new();
    shop.consumer.handler.dedupe = dedupe;
    shop.consumer.handler.lease = Span::from_millis(300);
    shop.producer.database = Arc::from([DATABASE]);
    shop.producer.outbox = true;
    shop.database = Durability::OnCommit;
    let draw = |fault: u64, part: u64| Seed(seed).draw(Purpose::Test).by(fault).by(part);
    let fault = |n: u64| Fault {
        action: action(draw(n, 0)),
        when: When::At(Time::from_millis(200 + draw(n, 1).below(700))),
        lasting: Some(draw(n, 2).span(Span::from_millis(50), Span::from_millis(6_000))),
    };
    shop.faults = (0..3).map(fault).collect();
    shop
}

#[test]
fn an_outbox_and_a_scheme_of_the_database_apply_every_order_exactly_once() {
    for dedupe in [Dedupe::Inbox, Dedupe::Upsert, Dedupe::Version] {
        for seed in 0..SEEDS {
            let shop = troubled(dedupe, seed);
            let totals = shop.run(seed).totals;
            let ends = (totals.duplicates, totals.lost_after_ok, totals.pending, totals.residue);
            assert_eq!(ends, (0, 0, 0, 0), "{dedupe:?}, seed {seed}: {:?}", shop.faults);
        }
    }
}

#[test]
fn no_scheme_that_marks_after_the_effect_loses_an_order() {
    for dedupe in [Dedupe::None, Dedupe::GetThenSet, Dedupe::Lease] {
        let mut duplicates = 0;
        for seed in 0..SEEDS {
            let shop = troubled(dedupe, seed);
            let totals = shop.run(seed).totals;
            assert_eq!((totals.lost_after_ok, totals.pending), (0, 0), "{dedupe:?}, seed {seed}: {:?}", shop.faults);
            duplicates += totals.duplicates;
        }
        assert!(duplicates > 0, "{dedupe:?}");
    }
}

#[test]
fn a_claim_before_the_effect_loses_orders() {
    let lost: u64 = (0..SEEDS).map(|seed| troubled(Dedupe::SetNx, seed).run(seed).totals.lost_after_ok).sum();
    assert!(lost > 0);
}

#[test]
fn the_same_seed_makes_the_same_run() {
    for dedupe in [Dedupe::Lease, Dedupe::Inbox] {
        for seed in 0..SEEDS / 8 {
            let shop = troubled(dedupe, seed);
            assert_eq!(shop.run(seed).events, shop.run(seed).events);
        }
    }
}
