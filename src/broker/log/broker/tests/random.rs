//! Random faults, at every seed. With three replicas, `min.insync.replicas=2`,
//! `acks=all` and no unclean elections nothing that was acknowledged is lost, what
//! was read stays where it was read, all logs agree in the end, and everything is
//! served again.

use super::check::{agrees, doubled, lost};
use super::town::{CONTROLLER, Layout, Town};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::random::{Purpose, Seed};
use crate::sim::Action;
use crate::time::Span;

/// A few faults, of which at most one harms a disk.
fn trouble(seed: u64, layout: Layout) -> Layout {
    let draw = |what: u64| Seed(seed).draw(Purpose::Test).by(what);
    let mut layout = layout;
    let count = 1 + draw(0).below(3);
    let disk_at = draw(1).below(2 * count);
    for index in 0..count {
        let of = |what: u64| draw(10 * (index + 1) + what);
        let node = NodeId(1 + of(0).below(3) as u16);
        let other = NodeId(1 + (node.0 + of(1).below(2) as u16) % 3);
        let others: Vec<NodeId> = (0..=3).map(NodeId).filter(|it| *it != node).collect();
        let brokers: Vec<NodeId> = others.iter().copied().filter(|it| *it != CONTROLLER).collect();
        // Harm to a disk comes first, with everybody in sync.
        let (action, at) = match (index == 0 && disk_at == 0, of(2).below(8)) {
            (true, 0..3) => (Action::DiskLoss(node), 1_500),
            (true, _) => (Action::PowerCut(vec![node]), 1_500),
            (false, 0 | 1) => (Action::Crash(node), 2_000),
            (false, 2 | 3) => (Action::Pause(node), 2_000),
            (false, 4) => (Action::Split { one: vec![node], other: others }, 2_000),
            (false, 5) => (Action::Split { one: vec![node], other: brokers }, 2_000),
            (false, 6) => (Action::Partition { from: node, to: CONTROLLER, one_way: of(3).chance(1, 2) }, 2_000),
            (false, _) => (Action::Partition { from: node, to: other, one_way: of(3).chance(1, 2) }, 2_000),
        };
        let after = if index == 0 { of(4).below(4_000) } else { of(4).below(20_000) };
        layout = layout.fault(at + after, 500 + of(5).below(19_000), action);
    }
    layout
}

fn run(seed: u64) -> Town {
    let mut layout = Layout { messages: 60, ..Layout::default() };
    layout.options.replica_lag = Span::from_secs(5);
    let mut town = trouble(seed, layout).build(seed);
    town.run_until(45_000);
    town.heal();
    for _ in 0..30 {
        town.run_for(2_000);
        if town.writer().is_done() && agrees(&town).is_ok() {
            break;
        }
    }
    town
}

/// What is wrong with a run.
fn judge(seed: u64) -> Result<(), String> {
    let town = run(seed);
    let blame = |what: String| format!("seed {seed}: {what}; faults {:?}", town.layout.faults);
    let lost = lost(&town);
    if !lost.is_empty() {
        return Err(blame(format!("{lost:?} lost")));
    }
    agrees(&town).map_err(blame)?;
    if doubled(&town) > 0 {
        return Err(blame("records are there twice".to_owned()));
    }
    Ok(())
}

#[test]
fn nothing_acknowledged_is_lost_and_all_is_served_again() {
    let failures: Vec<String> = (0..150).filter_map(|seed| judge(seed).err()).collect();
    assert!(failures.is_empty(), "{} of 150: {:#?}", failures.len(), &failures[..failures.len().min(5)]);
}

/// Seeds that found something once. A follower that had led an epoch without a
/// record asked for what came after it, for ever.
#[test]
fn what_went_wrong_once_goes_well() {
    for seed in [27, 259, 1340, 1346] {
        assert_eq!(judge(seed), Ok(()));
    }
}

fn noticed(flaw: Flaw) -> bool {
    flaw::with(flaw, || (0..1000).any(|seed| judge(seed).is_err()))
}

#[test]
fn flaws_of_replication_are_noticed() {
    for flaw in [Flaw::AckBeforeIsr, Flaw::HighWatermarkFromLeaderAlone] {
        assert!(noticed(flaw), "{flaw:?}");
    }
}
