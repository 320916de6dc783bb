//! Random faults. Whatever happens, what was confirmed is there, once.

use super::{nothing_confirmed_is_lost, quorum_consumer, quorum_publisher, times_of};
use crate::broker::queue::tests::cluster::town::{Town, publishes};
use crate::event::{Kind, NodeId};
use crate::flaw::{self, Flaw};
use crate::random::{Purpose, Seed};
use crate::sim::Action;

/// One to four faults, laid out before the run. At most one disk is lost.
fn town(seed: u64) -> Town {
    let draw = Seed(seed).draw(Purpose::Test);
    let mut town = Town::new(3, seed);
    town.client(&[1, 0, 2], false, &quorum_publisher(), publishes(60, 2_000, 15));
    town.client(&[2, 1, 0], true, &quorum_consumer(4), []);
    for index in 0..1 + draw.by(1).below(4) {
        let draw = draw.by(2).by(index);
        let (a, b) = (draw.by(1).below(3) as u16, draw.by(2).below(2) as u16);
        let (node, other) = (NodeId(a), NodeId((a + 1 + b) % 3));
        let action = match draw.by(3).below(7) {
            0 => Action::Crash(node),
            1 | 2 => Action::PowerCut(vec![node]),
            3 => Action::Pause(node),
            4 => Action::Partition { from: node, to: other, one_way: draw.by(4).chance(1, 2) },
            5 if index == 0 => Action::DiskLoss(node),
            _ => Action::Partition { from: node, to: other, one_way: false },
        };
        let lasting = 200 + draw.by(5).below(6_000);
        town.fault(1_500 + draw.by(6).below(2_500), action, Some(lasting));
    }
    town
}

fn check(seed: u64) -> usize {
    let mut town = town(seed);
    town.run(15_000);
    town.heal();
    nothing_confirmed_is_lost(&town, true);
    times_of(&town, Kind::Confirmed).len()
}

#[test]
fn nothing_confirmed_is_lost_at_any_seed() {
    let confirmed: usize = (0..100).map(check).sum();
    assert!(confirmed > 100 * 20, "{confirmed}");
}

#[test]
fn a_queue_that_confirms_too_early_is_noticed() {
    let noticed =
        std::panic::catch_unwind(|| flaw::with(Flaw::QuorumConfirmsBeforeCommit, || (0..60).map(check).count()));
    assert!(noticed.is_err());
}
