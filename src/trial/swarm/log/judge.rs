//! What must hold of a run, by its settings and its faults.

use super::copies::Copies;
use super::inside::look_inside;
use super::offsets::Offsets;
use super::promise::Promise;
use super::reader::Reader;
use super::transactions::look_at_transactions;
use super::{Settings, events};
use crate::lab::Outcome;
use crate::lab::cast::Cast;
use crate::trial::swarm::Report;
use crate::trial::swarm::hazard::Drawn;
use crate::trial::swarm::rig::{Findings, Rig};

/// What was seen while it ran.
pub struct Seen<'a> {
    pub reader: &'a Reader,
    pub copies: Copies,
    pub offsets: Offsets,
}

pub fn judge(rig: &Rig, outcome: &Outcome, (settings, faults): (&Settings, &[Drawn]), seen: &Seen) -> Report {
    let promise = Promise::of(settings, faults);
    let mut findings = Findings::new(outcome, &settings.set, faults);
    for trouble in look_inside(rig.runner.nodes(), settings) {
        findings.expect(false, || trouble);
    }
    look_at_replication(&mut findings, outcome, settings, promise, seen);
    if promise.is_atomic {
        look_at_atomicity(&mut findings, rig, outcome, settings, seen.reader);
    }
    look_at_ends(&mut findings, outcome, settings, promise);
    findings.report(outcome, &events(&outcome.totals, promise, seen.reader))
}

/// What was promised, and on what it rested then.
fn look_at_replication(findings: &mut Findings, outcome: &Outcome, settings: &Settings, promise: Promise, seen: &Seen) {
    let Seen { reader, copies, offsets } = seen;
    let is_clean = settings.is("unclean_election", "false");
    let mut none = |count: u64, what: &str| findings.expect(count == 0, || format!("{what}: {count} records"));
    none(reader.read_ahead, "handed out above the high watermark");
    none(copies.thinly_committed, "committed on fewer than min.insync.replicas");
    // A coordinator that has lost its log gives an epoch away twice: what the second
    // producer sends is then taken for a repeat of what the first one sent.
    let is_told_apart = promise.is_atomic || !settings.has_transactions();
    let thinly_confirmed = if is_told_apart { copies.thinly_confirmed } else { 0 };
    none(thinly_confirmed, "acknowledged on fewer than min.insync.replicas");
    // Of eligible leader replicas, the last known leader may lack records, too.
    let never_unclean = is_clean && settings.is("eligible_leader_replicas", "false");
    let unclean = if never_unclean { outcome.totals.unclean_elections } else { 0 };
    none(unclean, "at the mercy of a leader that may lack them");
    if promise.is_mild && is_clean {
        none(offsets.went_back, "committed again by a group, which had come further");
        none(offsets.forgotten, "of a group's committed offsets forgotten");
    }
}

fn look_at_atomicity(findings: &mut Findings, rig: &Rig, outcome: &Outcome, settings: &Settings, reader: &Reader) {
    let is_committed_only = settings.is("isolation", "read_committed");
    let nodes: Vec<&Cast> = rig.runner.nodes().collect();
    let of_consumers = Some(reader).filter(|_| is_committed_only);
    for trouble in look_at_transactions(&nodes, &rig.partitions(), of_consumers) {
        findings.expect(false, || trouble);
    }
    let mut none = |count: u64, what: &str| findings.expect(count == 0, || format!("{what}: {count}"));
    none(reader.namesakes(), "a zombie is not fenced: processes of one epoch");
    if is_committed_only {
        none(outcome.totals.refused_yet_there, "aborted read of records of which their producer was told so");
    }
}

/// What is left of it all, once everything is healed.
fn look_at_ends(findings: &mut Findings, outcome: &Outcome, settings: &Settings, promise: Promise) {
    let totals = &outcome.totals;
    // By then a leader has been there for minutes, and every batch has time. Of two
    // producers with one transactional id, the first is fenced.
    let may_refuse_all = settings.has_transactions();
    findings.expect(may_refuse_all || totals.refused < totals.attempted, || {
        "every record refused, though all is healed".to_owned()
    });
    let mut none = |count: u64, what: &str| findings.expect(count == 0, || format!("{what}: {count} records"));
    // A coordinator that has lost its log knows nothing of a transaction that is open
    // in a partition. Readers of committed records wait behind it until an operator
    // ends it (`kafka-transactions.sh --find-hanging`).
    let may_hang = settings.has_transactions() && !promise.is_atomic;
    none(if may_hang { 0 } else { totals.pending }, "unseen, though all is healed");
    if promise.keeps_all {
        none(totals.lost_after_ok, "lost write");
        // A batch that goes to a new leader while the first of the session
        // is still unanswered by the old one is accepted out of turn, as
        // the new leader knows nothing of the session; the first is then
        // refused until its time is up (KAFKA-14359; from 4.5 on an empty
        // partition insists on the first). The program is told.
        none(if settings.is("idempotence", "true") { 0 } else { totals.lost }, "gone though sent again");
    }
    // Whose first batch was refused for good (see above) begins another epoch, and what
    // it still has comes behind what the new leader took out of turn.
    if promise.keeps_order && totals.told_unknown == 0 {
        none(totals.reordered, "nonmonotonic poll");
    }
}
