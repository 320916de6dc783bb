//! The broker as the home of a group coordinator: offsets that were answered are
//! kept, whoever leads `__consumer_offsets`.

use super::town::{Layout, OFFSETS, topic};
use crate::broker::log::LogBroker;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::TopicPartition;
use crate::random::{Purpose, Seed};
use crate::sim::Action;

pub const GROUP: Name = Name(7);

const HOME: TopicPartition = TopicPartition { topic: OFFSETS, partition: 0 };

fn committed(broker: &LogBroker) -> Option<u64> {
    let mut found = None;
    broker.committed_offsets(&mut |group, partition, offset| {
        if group == GROUP && partition == topic(0) {
            found = Some(offset);
        }
    });
    found
}

#[test]
fn offsets_that_were_answered_outlive_their_coordinator() {
    for seed in 0..40 {
        let draw = |what: u64| Seed(seed).draw(Purpose::Test).by(what);
        let mut layout = Layout { commits: true, messages: 0, ..Layout::default() };
        for index in 0..3 {
            let node = NodeId(1 + draw(index).below(3) as u16);
            let at = 3_000 + 6_000 * index + draw(10 + index).below(4_000);
            let action = if draw(20 + index).chance(1, 2) { Action::Crash(node) } else { Action::Pause(node) };
            layout = layout.fault(at, 500 + draw(30 + index).below(12_000), action);
        }
        let mut town = layout.build(seed);
        town.run_until(40_000);
        town.heal();
        town.run_for(10_000);
        let answered = town.committer().answered;
        assert!(answered > 20, "seed {seed}: only {answered} commits were answered");
        let homes: Vec<u64> =
            town.brokers().filter(|(_, broker)| broker.leads(HOME)).filter_map(|(_, it)| committed(it)).collect();
        assert!(matches!(homes[..], [offset] if offset >= answered), "seed {seed}: {homes:?}, answered {answered}");
        assert_eq!(town.committer().fetched, homes.first().copied(), "seed {seed}: what is fetched");
    }
}
