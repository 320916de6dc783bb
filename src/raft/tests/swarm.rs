use crate::flaw::{self, Flaw};
use crate::raft::harness::{Report, Setup, run};
use crate::random::Seed;
use crate::sim::World;

const SMALL: Setup = Setup { nodes: 3, groups: 2 };

fn first_trouble(setup: Setup, seeds: std::ops::Range<u64>) -> Option<(u64, Report)> {
    let mut world = World::new();
    seeds
        .into_iter()
        .map(|seed| (seed, run(&mut world, setup, Seed(seed))))
        .find(|(_, report)| !report.troubles.is_empty())
}

#[test]
fn three_members_keep_every_promise_at_every_seed() {
    let trouble = first_trouble(SMALL, 0..400);
    assert!(trouble.is_none(), "{trouble:#?}");
}

#[test]
fn five_members_keep_every_promise_at_every_seed() {
    let trouble = first_trouble(Setup { nodes: 5, groups: 3 }, 0..100);
    assert!(trouble.is_none(), "{trouble:#?}");
}

/// How many seeds it takes until the checks notice the flaw.
fn noticed_after(flaw: Flaw, setup: Setup, most: u64) -> Option<(u64, String)> {
    let found = flaw::with(flaw, || first_trouble(setup, 0..most));
    found.map(|(seed, report)| (seed, report.troubles[0].clone()))
}

#[test]
fn the_checks_notice_every_flaw() {
    for flaw in [
        Flaw::RaftVotesTwice,
        Flaw::RaftForgetsTerm,
        Flaw::RaftCommitsOldTermByCount,
        Flaw::RaftAcksBeforeSync,
        Flaw::RaftAppliesTwice,
        Flaw::RaftSkipsLogCheckInVote,
        Flaw::RaftKeepsConflictingEntries,
        Flaw::RaftCommitsWithoutMajority,
    ] {
        eprintln!("{flaw:?} {:?}", noticed_after(flaw, Setup { nodes: 3, groups: 2 }, 4000));
    }
}
