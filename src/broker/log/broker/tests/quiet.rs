//! Nothing goes wrong.

use super::check::{agrees, doubled, lost};
use super::town::{Layout, topic};
use crate::event::Kind;
use crate::protocol::log::Acks;

#[test]
fn what_is_produced_is_replicated_and_read_whatever_acks_are() {
    for (seed, acks) in [(1, Acks::All), (2, Acks::Leader), (3, Acks::None)] {
        let mut town = Layout { acks, ..Layout::default() }.build(seed);
        town.run_until(12_000);
        assert_eq!(agrees(&town), Ok(()), "acks={acks:?}");
        assert_eq!((lost(&town), doubled(&town)), (Vec::new(), 0));
        let told = if acks == Acks::None { 0 } else { 40 };
        assert_eq!(town.writer().ok.len(), told);
        assert_eq!(town.count(Kind::Confirmed), told);
        assert_eq!(town.count(Kind::Received), 40);
        assert_eq!(town.count(Kind::Delivered { redelivered: false }), 40);
    }
}

#[test]
fn every_broker_leads_some_partition_of_many() {
    let mut town = Layout { partitions: 3, messages: 0, ..Layout::default() }.build(1);
    town.run_until(5_000);
    for node in 1..=3 {
        assert!((0..3).any(|partition| town.broker(node).leads(topic(partition))), "{node}");
    }
}

#[test]
fn a_town_at_rest_is_quiet_and_polls_seldom() {
    let mut town = Layout { messages: 4, is_read: false, ..Layout::default() }.build(1);
    town.run_until(6_000);
    let is_quiet = (0..100).any(|_| {
        town.run_for(10);
        town.world.is_quiet()
    });
    assert!(is_quiet, "a run would never end");
    let before = town.world.inputs();
    town.run_for(10_000);
    let happenings = town.world.inputs() - before;
    assert!(happenings < 900, "{happenings} happenings in ten idle seconds");
}
