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

/// The flaws that show in the whole; those that need too rare a company are
/// tried one by one in `promises`.
#[test]
fn the_checks_notice_a_flaw_anywhere_in_consensus() {
    for flaw in [
        Flaw::RaftVotesTwice,
        Flaw::RaftAcksBeforeSync,
        Flaw::RaftAppliesTwice,
        Flaw::RaftSkipsLogCheckInVote,
        Flaw::RaftKeepsConflictingEntries,
        Flaw::RaftCommitsWithoutMajority,
    ] {
        let trouble = flaw::with(flaw, || first_trouble(SMALL, 0..4_000));
        assert!(trouble.is_some(), "nothing noticed {flaw:?}");
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let (mut one, mut other) = (World::new(), World::new());
    // The second world is not new any more when it makes the run.
    let _ = run(&mut other, SMALL, Seed(1));
    assert_eq!(run(&mut one, SMALL, Seed(2)).digest, run(&mut other, SMALL, Seed(2)).digest);
}

#[test]
fn a_few_hundred_runs_meet_every_fault_and_every_turn_of_events() {
    let mut world = World::new();
    let met: Vec<&str> = (0..300).flat_map(|seed| run(&mut world, SMALL, Seed(seed)).met).collect();
    let missing: Vec<&str> = Report::counted().into_iter().filter(|name| !met.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
