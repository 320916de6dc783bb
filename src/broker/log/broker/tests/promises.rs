//! What a broker owes the controller, each with the flaw that breaks it.

use super::check::lost;
use super::town::{CONTROLLER, Layout, Town};
use crate::broker::log::Options;
use crate::event::{Kind, NodeId};
use crate::flaw::{self, Flaw};
use crate::protocol::FrameKind;
use crate::sim::Action;
use crate::time::Span;

fn town(replica_lag_ms: u64, seed: u64) -> (Town, u16) {
    let replica_lag = Span::from_millis(replica_lag_ms);
    let options = Options { min_insync: 2, replica_lag, ..Options::default() };
    let mut town = Layout { partitions: 1, messages: 300, options, ..Layout::default() }.build(seed);
    town.run_until(3_000);
    let leader = town.leader(0).expect("somebody leads");
    (town, leader)
}

/// The leader's proposal to shrink the in-sync replicas is lost with its connection.
fn a_lost_proposal_is_made_again() -> bool {
    let (mut town, leader) = town(5_000, 1);
    let lost = Action::LoseFrame { from: NodeId(leader), to: CONTROLLER, frame: FrameKind::Replicate, message: None };
    town.inject(lost, 0);
    let follower = NodeId(leader % 3 + 1);
    town.inject(Action::Partition { from: NodeId(leader), to: follower, one_way: false }, 40_000);
    town.run_until(18_000);
    town.count(Kind::IsrShrunk) > 0 && town.writer().ok.last().is_some_and(|ok| ok.3.as_millis() > 17_000)
}

#[test]
fn a_proposal_is_repeated_until_it_is_answered() {
    assert!(a_lost_proposal_is_made_again());
    assert!(!flaw::with(Flaw::ProposalForgotten, a_lost_proposal_is_made_again));
}

/// Followers are taken out of the in-sync replicas and stay eligible; then they lose
/// power, and what they had not synced; then the leader dies.
fn loses_what_eligible_replicas_had(seed: u64) -> bool {
    let (mut town, leader) = town(500, seed);
    let followers: Vec<NodeId> = (1..=3).filter(|node| *node != leader).map(NodeId).collect();
    town.inject(Action::Split { one: vec![NodeId(leader)], other: followers.clone() }, 30_000);
    town.run_until(4_000);
    town.inject(Action::PowerCut(followers), 2_000);
    town.run_until(4_200);
    town.inject(Action::Crash(NodeId(leader)), 25_000);
    town.run_until(34_000);
    town.heal();
    town.run_for(20_000);
    !lost(&town).is_empty()
}

#[test]
fn a_broker_that_did_not_stop_in_good_order_says_so() {
    let losses = (0..30).filter(|seed| loses_what_eligible_replicas_had(*seed)).count();
    assert_eq!(losses, 0);
    assert!(flaw::with(Flaw::BrokerClaimsCleanStop, || (0..100).any(loses_what_eligible_replicas_had)));
}
