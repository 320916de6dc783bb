//! Three brokers with a replicated log, a controller, and clients all round them:
//! the whole lab, from the producer to the database. Settings are drawn as well as
//! faults, and what must hold depends on both.
//!
//! What is found is named as Jepsen names it: a *lost write* was acknowledged and
//! is gone; an *unseen* one is in the log and nobody is handed it; a *duplicate* is
//! twice in a log; an order that differs from that of the producer is a
//! *nonmonotonic poll*. For transactions see `transactions`.

mod copies;
mod inside;
mod judge;
mod offsets;
mod promise;
mod reader;
#[cfg(test)]
mod tests;
mod transactions;

use super::hazard::{self, Drawn, Ends, Hazard, Season};
use super::rig::Rig;
use super::{Run, Scope};
use crate::lab::Totals;
use crate::random::{Draw, Purpose, Seed};
use copies::Copies;
use judge::{Seen, judge};
use offsets::Offsets;
use promise::Promise;
use reader::Reader;

pub struct ReplicatedLog;

/// The last five are for runs with transactions: whoever sends without keeps what a
/// producer's death takes from its buffer for lost.
const HAZARDS: [Hazard; 25] = [
    hazard::CRASH,
    Hazard::new("crash of the leader", "crash leader", Ends::ByRestart),
    hazard::POWER_CUT,
    hazard::POWER_CUT_OF_ALL,
    hazard::TORN_WRITE,
    hazard::LOST_DISK,
    hazard::PAUSE,
    hazard::ISOLATION,
    Hazard::new("isolation of the leader", "isolate leader from brokers + controllers", Ends::Later),
    hazard::PARTITION,
    hazard::ONE_WAY_CUT,
    hazard::SLOW_LINK,
    hazard::SLOW_DISK,
    Hazard::new("full disk", "disk-full {b}", Ends::Later),
    hazard::CONNECTIONS_CUT,
    Hazard::new("producer cut", "cut producer-1 {b}", Ends::AtOnce),
    Hazard::new("controller crash", "crash controller-1", Ends::ByRestart),
    hazard::CONSUMER_CRASH,
    Hazard::new("consumer pause", "pause consumer-1", Ends::Later),
    Hazard::new("zombie consumer", "pause consumer-1", Ends::MuchLater),
    Hazard::new("producer crash", "crash producer-1", Ends::ByRestart),
    Hazard::new("producer-2 crash", "crash producer-2", Ends::ByRestart),
    Hazard::new("producer pause", "pause producer-1", Ends::Later),
    Hazard::new("crash at a decision", "crash {b} within 8ms after any broker decides-commit", Ends::ByRestart),
    Hazard::new("isolation at a decision", "isolate {b} within 8ms after any broker decides-commit", Ends::Later),
];
const WITHOUT_TRANSACTIONS: usize = HAZARDS.len() - 5;
/// A log's workload begins after eight seconds: its group takes three to form.
const SEASON: Season = Season { begins_ms: 7_700, lasts_ms: 1_500, longest_ms: 6_000 };

/// The settings of a run, as drawn.
struct Settings {
    set: Vec<(String, String)>,
    has_transactions: bool,
}

impl Settings {
    fn draw(draw: Draw) -> Self {
        let pick = |subject: u64, values: &[&'static str]| values[draw.by(subject).below(values.len() as u64) as usize];
        let has_transactions = draw.by(12).chance(1, 3);
        // Transactions ask for idempotence, which asks for acks = all.
        let acks = if has_transactions { "all" } else { pick(1, &["all", "all", "all", "1", "0"]) };
        let idempotence = match acks {
            _ if has_transactions => "true",
            "all" => pick(2, &["true", "true", "false"]),
            _ => "false",
        };
        let mut set = vec![
            ("acks", acks),
            ("idempotence", idempotence),
            ("min_insync", pick(3, &["2", "2", "1"])),
            ("unclean_election", pick(4, &["false", "false", "false", "true"])),
            ("eligible_leader_replicas", pick(5, &["true", "false"])),
            ("offset_commit", pick(6, &["after", "auto"])),
            ("assignment", pick(7, &["range", "cooperative-sticky"])),
            ("batch_records", pick(10, &["100", "3"])),
            ("linger_ms", pick(11, &["5", "100"])),
            ("max_poll_records", pick(12, &["500", "1"])),
        ];
        if has_transactions {
            set.extend([
                ("isolation", pick(13, &["read_committed", "read_committed", "read_uncommitted"])),
                ("transactional_id", pick(14, &["own", "own", "shared"])),
                ("transaction_timeout_ms", pick(15, &["60000", "2000"])),
                ("abort_every", pick(16, &["5", "0"])),
            ]);
        }
        let set = set.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { set, has_transactions }
    }

    const fn has_transactions(&self) -> bool {
        self.has_transactions
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.set.iter().any(|(known, set)| known == name && set == value)
    }
}

fn events(totals: &Totals, promise: Promise, reader: &Reader) -> [(&'static str, bool); 12] {
    [
        ("acknowledged", totals.told_ok > 0),
        ("a second election", totals.elections > 0),
        ("an unclean election", totals.unclean_elections > 0),
        ("in-sync replicas shrank", totals.isr_shrinks > 0),
        ("rebalanced again", totals.rebalances > 1),
        ("applied twice", totals.duplicates > 0),
        ("promised to keep all", promise.keeps_all),
        ("promised to keep all, and no power or disk was lost", promise.keeps_all && promise.is_mild),
        ("promised all or nothing of a transaction", promise.is_atomic),
        ("transactions committed", reader.commits > 0),
        ("transactions aborted", reader.aborts > 0),
        ("a producer fenced", reader.fenced > 0),
    ]
}

impl Scope for ReplicatedLog {
    fn name(&self) -> &'static str {
        "log"
    }

    fn counted(&self) -> Vec<&'static str> {
        let events = events(&Totals::default(), Promise::default(), &Reader::default()).map(|(name, _)| name);
        HAZARDS.iter().map(|hazard| hazard.name).chain(events).collect()
    }

    fn runner(&self) -> Run<'_> {
        let mut plain = Rig::new(include_str!("log.toml"));
        let mut transactional = Rig::new(include_str!("log/transactions.toml"));
        let mut reader = Reader::default();
        Box::new(move |seed| {
            let draw = Seed(seed).draw(Purpose::Workload);
            let settings = Settings::draw(draw.by(9));
            let (rig, hazards) = match settings.has_transactions() {
                true => (&mut transactional, &HAZARDS[..]),
                false => (&mut plain, &HAZARDS[..WITHOUT_TRANSACTIONS]),
            };
            let faults: Vec<Drawn> = hazard::draw(draw, hazards, SEASON);
            reader.clear();
            let topic = rig.partitions().first().map(|partition| partition.topic).unwrap_or_default();
            let (mut copies, mut offsets) = (Copies::new(&settings), Offsets::new(topic));
            let outcome = rig.run(seed, &settings.set, &faults, &mut |event| {
                reader.see(event);
                copies.see(event);
                offsets.see(event);
            });
            judge(rig, &outcome, (&settings, &faults), &Seen { reader: &reader, copies, offsets })
        })
    }
}
