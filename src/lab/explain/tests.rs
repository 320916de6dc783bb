//! What is told of a message's end must be about that message, its group and its log.

use std::sync::Arc;

use super::*;
use crate::event::detail_partition;
use crate::lab::{Lab, Session, sample};
use crate::random::Seed;

/// A run of a lab of the course.
fn run(id: &str, set: &[(&str, &str)], fault: &str, seed: u64) -> Session {
    let path = format!("{}/labs/{id}.toml", env!("CARGO_MANIFEST_DIR"));
    let lab: Arc<Lab> = sample::lab(std::fs::read_to_string(&path).expect(&path));
    let fault = lab.faults.iter().find(|known| known.id == fault).expect(fault).sentence.clone();
    let faults: Vec<&str> = fault.split(';').map(str::trim).collect();
    let mut session = Session::new(Arc::new(sample::plan(&lab, set, &faults)), Seed(seed));
    session.finish();
    session
}

/// All messages of a run, explained.
fn lives(session: &Session) -> impl Iterator<Item = Explanation> {
    let messages = (1..=session.plan().messages() as u32).map(MessageId);
    messages.map(|message| explain(session.events(), session.plan(), session.ledger(), message))
}

fn kinds(session: &Session, life: &Explanation) -> Vec<Kind> {
    life.events.iter().map(|id| session.events()[id.0 as usize].kind).collect()
}

#[test]
fn a_group_that_began_behind_a_record_is_the_one_that_missed_it() {
    for seed in 0..5 {
        let session = run("partitions-and-groups", &[("offset_reset", "latest")], "new-group", seed);
        let plan = session.plan();
        let texts = plan.lab.wiring.groups.iter().find(|group| plan.name(group.name) == "texts").unwrap();
        let mut lost = 0;
        for life in lives(&session).filter(|life| is_gone(life.fate)) {
            let end = &session.events()[life.end.unwrap().0 as usize];
            assert_eq!(life.missed, [texts.subscription.unwrap()], "#{} of seed {seed}", life.message.0);
            assert_eq!(end.kind, Kind::OffsetReset, "it never committed: #{} of seed {seed}", life.message.0);
            assert_eq!(plan.group_of(end.node).unwrap().name, texts.name, "#{} of seed {seed}", life.message.0);
            assert_eq!(life.blame, Some(Blame::Setting { name: "offset_reset", better: "earliest" }));
            lost += 1;
        }
        assert!(lost > 0, "seed {seed}");
    }
}

#[test]
fn what_two_groups_did_once_each_was_done_once() {
    let session = run("partitions-and-groups", &[("max_poll_interval_ms", "10000")], "slow-database", 1);
    let mut repeated = 0;
    for life in lives(&session) {
        let effects = kinds(&session, &life).iter().filter(|kind| matches!(kind, Kind::Applied { .. })).count() as u64;
        assert_eq!((life.counts.applied, life.counts.duplicates), (2, effects - 2), "#{}", life.message.0);
        assert_eq!(life.end.is_some(), effects > 2, "#{}", life.message.0);
        repeated += effects - 2;
    }
    assert!(repeated > 0);
}

#[test]
fn a_member_that_left_before_its_commit_is_in_the_lives_of_what_was_read_again() {
    for seed in 0..5 {
        let session = run("partitions-and-groups", &[("max_poll_interval_ms", "10000")], "slow-database", seed);
        let (mut told, mut repeated) = (0, 0);
        for life in lives(&session) {
            let kinds = kinds(&session, &life);
            let left = kinds.iter().position(|kind| *kind == Kind::PollIntervalExceeded);
            if let Some(again) = kinds.iter().position(|kind| *kind == Kind::Applied { first: false }) {
                assert!(left.is_some_and(|left| left < again), "#{} of seed {seed}", life.message.0);
                repeated += 1;
            }
            told += u64::from(left.is_some());
        }
        assert!(repeated > 0 && told < 40, "seed {seed}: {told} of 40 lives, {repeated} repeats");
    }
}

#[test]
fn a_lock_that_ran_out_and_the_refused_acknowledgement_are_events() {
    let session = run("backlog-kafka", &[("share_group", "true")], "slow-database", 1);
    let mut repeated = 0;
    for life in lives(&session) {
        let kinds = kinds(&session, &life);
        if let Some(again) = kinds.iter().position(|kind| *kind == Kind::Applied { first: false }) {
            let over = kinds.iter().position(|kind| *kind == Kind::LockExpired);
            assert!(over.is_some_and(|over| over < again), "#{}", life.message.0);
            repeated += 1;
        }
    }
    let refused = session.events().iter().filter(|event| event.kind == Kind::AckRefused).count();
    assert!(repeated > 0 && refused > 0, "{repeated} repeats, {refused} refused");
    let calm = run("backlog-kafka", &[("share_group", "true"), ("max_poll_records", "10")], "slow-database", 1);
    assert!(calm.totals().duplicates > 0 || calm.events().iter().all(|event| event.kind != Kind::LockExpired));
}

#[test]
fn a_record_that_a_new_leader_lacks_was_lost_in_that_election_and_its_life_says_so() {
    for seed in 0..5 {
        let session = run("kafka-ha", &[("unclean_election", "true")], "lagging-then-crash", seed);
        let mut lost = 0;
        for life in lives(&session) {
            let kinds = kinds(&session, &life);
            let elected = life.events.iter().map(|id| &session.events()[id.0 as usize]);
            let elected: Vec<_> = elected.filter(|event| event.kind == Kind::LeaderElected).collect();
            if life.fate != Fate::LostAfterOk {
                continue;
            }
            lost += 1;
            assert_eq!(elected.len(), 1, "#{} of seed {seed}", life.message.0);
            assert_eq!(detail_partition(elected[0].detail).0, session.plan().lab.wiring.topic);
            assert!(kinds.contains(&Kind::UncleanLeaderElected), "#{} of seed {seed}", life.message.0);
            assert!(kinds.iter().any(|kind| matches!(kind, Kind::Fault(_))), "#{} of seed {seed}", life.message.0);
            assert!(life.events.is_sorted());
        }
        assert!(lost > 0, "seed {seed}");
        let calm = run("kafka-ha", &[], "leader-crash", seed);
        let told = lives(&calm).filter(|life| kinds(&calm, life).contains(&Kind::LeaderElected)).count();
        assert!(told < 5, "an election that took nothing is in no life: {told}");
    }
}
