//! A quorum queue on three brokers, with clients all round it: the whole lab, from
//! the producer to the database. Whatever a run draws, short of the disks of a
//! majority, what was confirmed is applied in the end, and nothing is left waiting
//! once everything is healed.

mod handed;

use super::hazard::{self, Ends, Hazard, Season};
use super::rig::{Findings, Rig};
use super::{Run, Scope};
use crate::lab::Totals;
use crate::random::{Purpose, Seed};
use handed::Handed;

pub struct QuorumQueue;

const HAZARDS: [Hazard; 15] = [
    hazard::CRASH,
    hazard::POWER_CUT,
    hazard::POWER_CUT_OF_ALL,
    hazard::TORN_WRITE,
    hazard::LOST_DISK,
    hazard::PAUSE,
    hazard::ISOLATION,
    Hazard::new("isolation of the leader", "isolate leader from brokers", Ends::Later),
    hazard::PARTITION,
    hazard::ONE_WAY_CUT,
    hazard::SLOW_LINK,
    hazard::SLOW_DISK,
    Hazard::new("failed sync", "sync-error {b}", Ends::Later),
    hazard::CONNECTIONS_CUT,
    hazard::CONSUMER_CRASH,
];
const SEASON: Season = Season { begins_ms: 250, lasts_ms: 1_200, longest_ms: 4_000 };

fn events(totals: &Totals) -> [(&'static str, bool); 5] {
    [
        ("confirmed", totals.told_ok > 0),
        ("a second election", totals.elections > 0),
        ("redelivered", totals.redelivered > 0),
        ("applied twice", totals.duplicates > 0),
        ("publisher waited 1 s", totals.unavailable_ms >= 1_000),
    ]
}

impl Scope for QuorumQueue {
    fn name(&self) -> &'static str {
        "queue"
    }

    fn counted(&self) -> Vec<&'static str> {
        HAZARDS.iter().map(|hazard| hazard.name).chain(events(&Totals::default()).map(|(name, _)| name)).collect()
    }

    fn runner(&self) -> Run<'_> {
        let mut rig = Rig::new(include_str!("queue.toml"));
        let mut handed = Handed::default();
        Box::new(move |seed| {
            handed.clear();
            let faults = hazard::draw(Seed(seed).draw(Purpose::Workload), &HAZARDS, SEASON);
            let outcome = rig.run(seed, &[], &faults, &mut |event| handed.see(event));
            let totals = &outcome.totals;
            let mut findings = Findings::new(&outcome, &[], &faults);
            let mut none = |count: u64, what: &str| findings.expect(count == 0, || format!("{count} {what}"));
            none(totals.lost_after_ok, "confirmed messages are gone");
            none(totals.lost, "messages are gone though they are sent again");
            none(totals.pending, "messages still wait though all is healed");
            none(handed.twice_as_new, "deliveries say that they are the first of their copy, and are not");
            findings.report(&outcome, &events(totals))
        })
    }
}
