//! Three brokers with a replicated log, a controller, and clients all round them:
//! the whole lab, from the producer to the database. Settings are drawn as well as
//! faults, and what must hold depends on both.
//!
//! What is found is named as Jepsen names it: a *lost write* was acknowledged and
//! is gone; an *unseen* one is in the log and nobody is handed it; a *duplicate* is
//! twice in a log; an order that differs from that of the producer is a
//! *nonmonotonic poll*. Transactions are not among them yet.

mod copies;
mod inside;
mod offsets;
mod promise;
mod reader;

use super::hazard::{self, Drawn, Ends, Hazard, Season};
use super::rig::{Findings, Rig};
use super::{Run, Scope};
use crate::lab::Totals;
use crate::random::{Draw, Purpose, Seed};
use copies::Copies;
use inside::look_inside;
use offsets::Offsets;
use promise::Promise;
use reader::Reader;

pub struct ReplicatedLog;

const HAZARDS: [Hazard; 20] = [
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
];
/// A log's workload begins after eight seconds: its group takes three to form.
const SEASON: Season = Season { begins_ms: 7_700, lasts_ms: 1_500, longest_ms: 6_000 };

/// The settings of a run, as drawn.
struct Settings(Vec<(String, String)>);

impl Settings {
    fn draw(draw: Draw) -> Self {
        let pick = |subject: u64, values: &[&'static str]| values[draw.by(subject).below(values.len() as u64) as usize];
        let acks = pick(1, &["all", "all", "all", "1", "0"]);
        // Idempotence asks for acks = all, and is refused without.
        let idempotence = if acks == "all" { pick(2, &["true", "true", "false"]) } else { "false" };
        let set = [
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
        Self(set.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(known, set)| known == name && set == value)
    }
}

fn events(totals: &Totals, promise: Promise) -> [(&'static str, bool); 8] {
    [
        ("acknowledged", totals.told_ok > 0),
        ("a second election", totals.elections > 2),
        ("an unclean election", totals.unclean_elections > 0),
        ("in-sync replicas shrank", totals.isr_shrinks > 0),
        ("rebalanced again", totals.rebalances > 1),
        ("applied twice", totals.duplicates > 0),
        ("promised to keep all", promise.keeps_all),
        ("promised to keep all, and no power or disk was lost", promise.keeps_all && promise.is_mild),
    ]
}

impl Scope for ReplicatedLog {
    fn name(&self) -> &'static str {
        "log"
    }

    fn counted(&self) -> Vec<&'static str> {
        let events = events(&Totals::default(), Promise::default()).map(|(name, _)| name);
        HAZARDS.iter().map(|hazard| hazard.name).chain(events).collect()
    }

    fn runner(&self) -> Run<'_> {
        let mut rig = Rig::new(include_str!("log.toml"));
        let mut reader = Reader::default();
        Box::new(move |seed| {
            let draw = Seed(seed).draw(Purpose::Workload);
            let faults: Vec<Drawn> = hazard::draw(draw, &HAZARDS, SEASON);
            let settings = Settings::draw(draw.by(9));
            reader.clear();
            let (mut copies, mut offsets) = (Copies::new(&settings), Offsets::default());
            let outcome = rig.run(seed, &settings.0, &faults, &mut |event| {
                reader.see(event);
                copies.see(event);
                offsets.see(event);
            });
            let totals = &outcome.totals;
            let promise = Promise::of(&settings, &faults);
            let mut findings = Findings::new(&outcome, &settings.0, &faults);
            for trouble in look_inside(rig.runner.nodes(), &settings) {
                findings.expect(false, || trouble);
            }
            // By then a leader has been there for minutes, and every batch has time.
            findings
                .expect(totals.refused < totals.attempted, || "every record refused, though all is healed".to_owned());
            let mut none = |count: u64, what: &str| findings.expect(count == 0, || format!("{what}: {count} records"));
            none(reader.read_ahead, "handed out above the high watermark");
            none(copies.thinly_committed, "committed on fewer than min.insync.replicas");
            none(copies.thinly_confirmed, "acknowledged on fewer than min.insync.replicas");
            // Of eligible leader replicas, the last known leader may lack records, too.
            let is_clean = settings.is("unclean_election", "false") && settings.is("eligible_leader_replicas", "false");
            none(if is_clean { totals.unclean_elections } else { 0 }, "at the mercy of a leader that may lack them");
            if promise.is_mild && settings.is("unclean_election", "false") {
                none(offsets.went_back, "committed again by a group, which had come further");
                none(offsets.forgotten, "of a group's committed offsets forgotten");
            }
            // A consumer that has read what was lost afterwards is ahead of the log,
            // and this one does not ask where an epoch ended (KIP-320).
            let may_be_ahead = !promise.keeps_what_was_read || totals.unclean_elections > 0;
            none(if may_be_ahead { 0 } else { totals.pending }, "unseen, though all is healed");
            if promise.keeps_all {
                none(totals.lost_after_ok, "lost write");
                // A batch that goes to a new leader while the first of the session
                // is still unanswered by the old one is accepted out of turn, as
                // the new leader knows nothing of the session; the first is then
                // refused until its time is up (KAFKA-14359; from 4.5 on an empty
                // partition insists on the first). The program is told.
                none(if settings.is("idempotence", "true") { 0 } else { totals.lost }, "gone though sent again");
            }
            if promise.keeps_order {
                none(totals.reordered, "nonmonotonic poll");
            }
            findings.report(&outcome, &events(totals, promise))
        })
    }
}
