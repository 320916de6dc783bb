//! What the table of failures says of Kafka's brokers (three replicas, a record
//! that was acknowledged), cell by cell: some hold at every seed, some losses are
//! only possible.

use super::check::{agrees, doubled, lost};
use super::town::{CONTROLLER, Layout, Town, topic};
use crate::broker::log::Options;
use crate::event::{Kind, NodeId};
use crate::flaw::{self, Flaw};
use crate::protocol::log::{Acks, Error};
use crate::sim::Action;
use crate::time::Span;

/// One partition; replicas that lag leave after five seconds.
fn layout(acks: Acks, min_insync: u16, unclean_election: bool) -> Layout {
    let options = Options { min_insync, unclean_election, replica_lag: Span::from_secs(5), ..Options::default() };
    Layout { partitions: 1, messages: 60, acks, options, ..Layout::default() }
}

fn all_but(node: u16) -> Vec<NodeId> {
    (1..=3).filter(|it| *it != node).map(NodeId).collect()
}

fn end(town: &mut Town) {
    town.heal();
    for _ in 0..40 {
        town.run_for(2_000);
        if town.writer().is_done() && agrees(town).is_ok() {
            return;
        }
    }
}

/// The leader loses its followers for a while, the controller it still hears.
fn cut_followers_off(town: &mut Town, ms: u64) -> u16 {
    town.run_until(3_000);
    let leader = town.leader(0).expect("somebody leads");
    town.inject(Action::Split { one: vec![NodeId(leader)], other: all_but(leader) }, ms);
    leader
}

/// Writes on the leader alone, which then dies before its followers are taken out.
fn leader_dies_with_a_tail(acks: Acks, seed: u64) -> Town {
    let mut town = layout(acks, 1, false).build(seed);
    let leader = cut_followers_off(&mut town, 20_000);
    town.run_until(5_000);
    town.inject(Action::Crash(NodeId(leader)), 20_000);
    town.run_until(15_000);
    assert_ne!(town.leader(0), Some(leader), "one in sync takes over");
    end(&mut town);
    town
}

#[test]
fn a_leader_that_dies_loses_what_only_it_has_and_only_that_was_promised_by_acks_1() {
    for seed in 0..10 {
        let town = leader_dies_with_a_tail(Acks::Leader, seed);
        assert!(!lost(&town).is_empty(), "seed {seed}: the tail was acknowledged");
        let town = leader_dies_with_a_tail(Acks::All, seed);
        assert_eq!((lost(&town), agrees(&town)), (vec![], Ok(())), "seed {seed}");
    }
}

/// A leader that hears neither the controller nor its followers goes on leading.
fn leader_is_isolated(acks: Acks, seed: u64) -> Town {
    let mut town = layout(acks, 1, false).build(seed);
    town.run_until(3_000);
    let leader = town.leader(0).expect("somebody leads");
    let mut others = all_but(leader);
    others.push(CONTROLLER);
    town.inject(Action::Split { one: vec![NodeId(leader)], other: others }, 20_000);
    town.run_until(15_000);
    let leaders = (1..=3).filter(|node| town.broker(*node).leads(topic(0))).count();
    assert_eq!(leaders, 2, "seed {seed}: the old one does not know better");
    end(&mut town);
    town
}

#[test]
fn an_isolated_leader_still_acknowledges_acks_1_and_later_cuts_it_off() {
    for seed in 0..10 {
        let town = leader_is_isolated(Acks::Leader, seed);
        assert!(!lost(&town).is_empty(), "seed {seed}");
        let town = leader_is_isolated(Acks::All, seed);
        assert_eq!((lost(&town), agrees(&town)), (vec![], Ok(())), "seed {seed}");
    }
}

#[test]
fn a_reader_ahead_of_the_high_watermark_is_noticed() {
    let is_wrong = |seed| agrees(&leader_is_isolated(Acks::All, seed)).is_err();
    assert!(flaw::with(Flaw::FollowerReadsAhead, || (0..100).any(is_wrong)));
}

/// Followers lag until the leader is alone in sync, and goes on alone; it dies.
fn sole_replica_dies(acks: Acks, (min_insync, unclean, elr): (u16, bool, bool), seed: u64) -> (Town, bool) {
    let mut layout = layout(acks, min_insync, unclean);
    layout.options.eligible_leader_replicas = elr;
    layout.messages = 150;
    let mut town = layout.build(seed);
    let leader = cut_followers_off(&mut town, 20_000);
    town.run_until(13_000);
    assert!(town.count(Kind::IsrShrunk) > 0, "seed {seed}: followers that lag are taken out");
    town.inject(Action::Crash(NodeId(leader)), 20_000);
    town.run_until(30_000);
    let is_available = town.leader(0).is_some();
    end(&mut town);
    (town, is_available)
}

#[test]
fn when_the_last_in_sync_replica_dies_one_waits_for_it_unless_unclean_elections_are_on() {
    for seed in 0..6 {
        let (town, is_available) = sole_replica_dies(Acks::All, (1, false, true), seed);
        assert_eq!((lost(&town), agrees(&town), is_available), (vec![], Ok(()), false), "seed {seed}");
        let (town, is_available) = sole_replica_dies(Acks::All, (1, true, true), seed);
        assert!(is_available && !lost(&town).is_empty(), "seed {seed}: unclean");
        assert!(town.count(Kind::UncleanLeaderElected) > 0);
        // Writes were refused in time, so nothing is missing wherever it goes on.
        let (town, is_available) = sole_replica_dies(Acks::All, (2, false, true), seed);
        assert_eq!((lost(&town), agrees(&town), is_available), (vec![], Ok(()), true), "seed {seed}");
        let (town, is_available) = sole_replica_dies(Acks::All, (2, false, false), seed);
        assert_eq!((lost(&town), agrees(&town), is_available), (vec![], Ok(()), false), "seed {seed}");
        // The lone leader accepts acks=1, and an eligible replica leads without it.
        let (town, is_available) = sole_replica_dies(Acks::Leader, (2, false, true), seed);
        assert!(is_available && !lost(&town).is_empty(), "seed {seed}: eligible");
        let (town, _) = sole_replica_dies(Acks::Leader, (2, false, false), seed);
        assert_eq!(lost(&town), vec![], "seed {seed}: without eligible replicas");
    }
}

#[test]
fn too_few_in_sync_refuse_acks_all_and_hide_what_acks_1_appends() {
    for acks in [Acks::All, Acks::Leader] {
        let mut town = layout(acks, 2, false).build(1);
        town.run_until(3_000);
        let leader = town.leader(0).expect("somebody leads");
        town.inject(Action::Together(all_but(leader).into_iter().map(Action::Crash).collect()), 0);
        town.run_until(5_000);
        let (told, seen) = (town.writer().ok.len(), town.reader().seen.len());
        town.run_until(15_000);
        let refused = town.writer().errors.iter().any(|(error, _)| *error == Error::NotEnoughReplicas);
        assert_eq!(refused, acks == Acks::All);
        assert_eq!(town.writer().ok.len() > told, acks == Acks::Leader);
        assert_eq!(town.reader().seen.len(), seen, "below min.insync.replicas nothing new is visible");
        end(&mut town);
        assert_eq!((lost(&town), agrees(&town)), (vec![], Ok(())));
    }
}

fn power_of_all(flush_messages: Option<u64>, seed: u64) -> Town {
    let mut layout = layout(Acks::All, 2, false);
    layout.options.flush_messages = flush_messages;
    let mut town = layout.build(seed);
    town.run_until(4_000);
    town.inject(Action::PowerCut((1..=3).map(NodeId).collect()), 3_000);
    town.run_until(12_000);
    end(&mut town);
    town
}

#[test]
fn a_power_cut_of_all_replicas_can_lose_what_nobody_synced() {
    let losses = (0..30).filter(|seed| !lost(&power_of_all(None, *seed)).is_empty()).count();
    assert!((1..30).contains(&losses), "{losses} of 30");
    for seed in 0..30 {
        let town = power_of_all(Some(1), seed);
        assert_eq!((lost(&town), agrees(&town)), (vec![], Ok(())), "seed {seed}");
    }
}

#[test]
fn one_machine_without_power_or_disk_loses_nothing() {
    for seed in 0..20 {
        let mut town = layout(Acks::All, 2, false).build(seed);
        town.run_until(4_000);
        let leader = NodeId(town.leader(0).expect("somebody leads"));
        let action = if seed % 2 == 0 { Action::PowerCut(vec![leader]) } else { Action::DiskLoss(leader) };
        town.inject(action, 1_000 + 700 * seed);
        town.run_until(20_000);
        end(&mut town);
        assert_eq!((lost(&town), agrees(&town), doubled(&town)), (vec![], Ok(()), 0), "seed {seed}");
    }
}

#[test]
fn a_sole_replica_that_loses_power_may_come_back_without_its_tail() {
    let run = |min_insync: u16, seed: u64| {
        let mut layout = layout(Acks::All, min_insync, false);
        layout.messages = 150;
        let mut town = layout.build(seed);
        let leader = cut_followers_off(&mut town, 25_000);
        town.run_until(14_000);
        town.inject(Action::PowerCut(vec![NodeId(leader)]), 2_000);
        town.run_until(30_000);
        end(&mut town);
        town
    };
    let losses = (0..20).filter(|seed| !lost(&run(1, *seed)).is_empty()).count();
    assert!((1..20).contains(&losses), "{losses} of 20");
    for seed in 0..10 {
        assert_eq!(lost(&run(2, seed)), vec![], "seed {seed}: an eligible replica has it");
    }
}

#[test]
fn a_request_that_waits_too_long_is_in_the_log_and_a_producer_without_numbers_doubles_it() {
    for is_idempotent in [true, false] {
        let mut layout = layout(Acks::All, 1, false);
        layout.options.replica_lag = Span::from_secs(30);
        let mut town = layout.build_with(1, |writer| writer.is_idempotent = is_idempotent);
        cut_followers_off(&mut town, 8_000);
        town.run_until(11_000);
        let timed_out = town.writer().errors.iter().any(|(error, _)| *error == Error::RequestTimedOut);
        assert!(timed_out, "followers are awaited for two seconds");
        end(&mut town);
        assert_eq!((lost(&town), agrees(&town)), (vec![], Ok(())));
        assert_eq!(doubled(&town) > 0, !is_idempotent);
    }
}

#[test]
fn a_broker_whose_disk_is_full_stops_and_others_lead() {
    for seed in 0..5 {
        let mut town = layout(Acks::All, 2, false).build(seed);
        town.run_until(3_000);
        let leader = town.leader(0).expect("somebody leads");
        town.inject(Action::DiskFull(NodeId(leader)), 20_000);
        // Its next process is let in once the session of this one is over.
        town.run_until(15_000);
        assert!(town.leader(0).is_some_and(|now| now != leader), "seed {seed}");
        end(&mut town);
        assert_eq!((lost(&town), agrees(&town)), (vec![], Ok(())), "seed {seed}");
    }
}
