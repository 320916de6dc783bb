//! The counts of a ledger, and their names: what claims, sweeps, `--json` and
//! the bench all speak of.
//!
//! Ends are counted by row (a message and a subscription entitled to it), what
//! producers were told by message. A measure that ends in `_ms` is a length of
//! time, defined in `ledger/timing.rs`. Over many runs counts and times are added
//! up alike, so the mean of a time is its sum by the number of runs.

mod measure;

use serde::Serialize;

use super::ledger::Fate;
use crate::event::Kind;

pub use measure::Measure;

/// Counts over all rows of a ledger, or sums of them over many runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Business facts that occurred.
    pub attempted: u64,
    pub applied: u64,
    pub pending: u64,
    pub dead_lettered: u64,
    /// Gone although the producer was told ok: the silent loss.
    pub lost_after_ok: u64,
    /// Gone, and the producer was never told ok.
    pub lost: u64,
    /// Gone, and the producer knows it was refused.
    pub refused: u64,
    /// Effects beyond the first.
    pub duplicates: u64,
    /// First effects that came after a newer one of their key.
    pub reordered: u64,
    /// Keys whose last effect is not their newest message.
    pub stale: u64,
    /// Applied, yet a copy is still pending or dead-lettered.
    pub residue: u64,
    /// Refused, yet applied, pending or dead-lettered.
    pub refused_yet_there: u64,
    pub told_ok: u64,
    pub told_unknown: u64,
    pub told_refused: u64,
    pub unsent: u64,
    /// Rows of facts that occurred: one for each subscription that must see a
    /// message. The ends add up to it.
    pub entitled: u64,
    /// Messages that no subscription is entitled to.
    pub nowhere: u64,
    /// Effects for a subscription that was not entitled to the message.
    pub stray: u64,
    /// Deliveries marked as redelivered.
    pub redelivered: u64,
    /// Messages that a consumer found done, and let pass.
    pub skipped: u64,
    /// Elections of a leader, but for the first of each queue and partition.
    pub elections: u64,
    /// Orders that were undone, as their rest could not be done.
    pub compensated: u64,
    /// Undone beyond the first time: too much was put back.
    pub overcompensated: u64,
    /// Rows whose fact stands in its shop's books, not undone, and which are not
    /// applied: half of an operation.
    pub half_done: u64,
    /// Reservations that nobody has used or given back.
    pub frozen: u64,
    /// Given back although nothing was reserved.
    pub overreleased: u64,
    /// How long producers were held back by the broker, in milliseconds.
    pub blocked_ms: u64,
    /// The longest time a producer had no channel to any broker.
    pub unconnected_ms: u64,
    /// The longest time in which facts waited for an answer and none was told ok.
    pub unavailable_ms: u64,
    /// The longest time in which messages waited for a subscription and none was
    /// applied.
    pub stalled_ms: u64,
    /// The most rows that had occurred and were not applied, at one time.
    pub backlog: u64,
    /// From the first fact until the last one that was told ok.
    pub answered_ms: u64,
    /// The longest time in which rows waited to be applied without a moment's
    /// break: how long a backlog took to drain.
    pub drained_ms: u64,
    /// Generations of consumer groups of a log, the first ones included.
    pub rebalances: u64,
    /// How often a leader took replicas out of those in sync.
    pub isr_shrinks: u64,
    /// Elections of a leader that may lack what was acknowledged.
    pub unclean_elections: u64,
    /// Consumers that were handed at least one message.
    pub busy_consumers: u64,
}

impl Totals {
    #[must_use]
    pub const fn get(&self, measure: Measure) -> u64 {
        match measure {
            Measure::Attempted => self.attempted,
            Measure::Applied => self.applied,
            Measure::Pending => self.pending,
            Measure::DeadLettered => self.dead_lettered,
            Measure::LostAfterOk => self.lost_after_ok,
            Measure::Lost => self.lost,
            Measure::Refused => self.refused,
            Measure::Duplicates => self.duplicates,
            Measure::Reordered => self.reordered,
            Measure::Stale => self.stale,
            Measure::Residue => self.residue,
            Measure::RefusedYetThere => self.refused_yet_there,
            Measure::ToldOk => self.told_ok,
            Measure::ToldUnknown => self.told_unknown,
            Measure::ToldRefused => self.told_refused,
            Measure::Unsent => self.unsent,
            Measure::Entitled => self.entitled,
            Measure::Nowhere => self.nowhere,
            Measure::Stray => self.stray,
            Measure::Redelivered => self.redelivered,
            Measure::Skipped => self.skipped,
            Measure::Elections => self.elections,
            Measure::Compensated => self.compensated,
            Measure::Overcompensated => self.overcompensated,
            Measure::HalfDone => self.half_done,
            Measure::Frozen => self.frozen,
            Measure::Overreleased => self.overreleased,
            Measure::BlockedMs => self.blocked_ms,
            Measure::UnconnectedMs => self.unconnected_ms,
            Measure::UnavailableMs => self.unavailable_ms,
            Measure::StalledMs => self.stalled_ms,
            Measure::Backlog => self.backlog,
            Measure::AnsweredMs => self.answered_ms,
            Measure::DrainedMs => self.drained_ms,
            Measure::Rebalances => self.rebalances,
            Measure::IsrShrinks => self.isr_shrinks,
            Measure::UncleanElections => self.unclean_elections,
            Measure::BusyConsumers => self.busy_consumers,
        }
    }

    pub const fn get_mut(&mut self, measure: Measure) -> &mut u64 {
        match measure {
            Measure::Attempted => &mut self.attempted,
            Measure::Applied => &mut self.applied,
            Measure::Pending => &mut self.pending,
            Measure::DeadLettered => &mut self.dead_lettered,
            Measure::LostAfterOk => &mut self.lost_after_ok,
            Measure::Lost => &mut self.lost,
            Measure::Refused => &mut self.refused,
            Measure::Duplicates => &mut self.duplicates,
            Measure::Reordered => &mut self.reordered,
            Measure::Stale => &mut self.stale,
            Measure::Residue => &mut self.residue,
            Measure::RefusedYetThere => &mut self.refused_yet_there,
            Measure::ToldOk => &mut self.told_ok,
            Measure::ToldUnknown => &mut self.told_unknown,
            Measure::ToldRefused => &mut self.told_refused,
            Measure::Unsent => &mut self.unsent,
            Measure::Entitled => &mut self.entitled,
            Measure::Nowhere => &mut self.nowhere,
            Measure::Stray => &mut self.stray,
            Measure::Redelivered => &mut self.redelivered,
            Measure::Skipped => &mut self.skipped,
            Measure::Elections => &mut self.elections,
            Measure::Compensated => &mut self.compensated,
            Measure::Overcompensated => &mut self.overcompensated,
            Measure::HalfDone => &mut self.half_done,
            Measure::Frozen => &mut self.frozen,
            Measure::Overreleased => &mut self.overreleased,
            Measure::BlockedMs => &mut self.blocked_ms,
            Measure::UnconnectedMs => &mut self.unconnected_ms,
            Measure::UnavailableMs => &mut self.unavailable_ms,
            Measure::StalledMs => &mut self.stalled_ms,
            Measure::Backlog => &mut self.backlog,
            Measure::AnsweredMs => &mut self.answered_ms,
            Measure::DrainedMs => &mut self.drained_ms,
            Measure::Rebalances => &mut self.rebalances,
            Measure::IsrShrinks => &mut self.isr_shrinks,
            Measure::UncleanElections => &mut self.unclean_elections,
            Measure::BusyConsumers => &mut self.busy_consumers,
        }
    }

    /// Counts one end. In flight counts as pending: it is neither applied nor gone.
    pub const fn count(&mut self, fate: Fate) {
        let end = match fate {
            Fate::NotYet => return,
            Fate::Applied => &mut self.applied,
            Fate::InFlight | Fate::Pending => &mut self.pending,
            Fate::DeadLettered => &mut self.dead_lettered,
            Fate::LostAfterOk => &mut self.lost_after_ok,
            Fate::Lost => &mut self.lost,
            Fate::Refused => &mut self.refused,
            Fate::Nowhere => &mut self.nowhere,
        };
        *end += 1;
    }

    /// Counts what is reserved, or is so no more.
    pub const fn reserve(&mut self, kind: Kind) {
        match kind {
            Kind::Frozen => self.frozen += 1,
            Kind::Used | Kind::Released { frozen: true } => self.frozen = self.frozen.saturating_sub(1),
            Kind::Released { frozen: false } => self.overreleased += 1,
            _ => {}
        }
    }

    /// All ends together.
    #[must_use]
    pub const fn ends(&self) -> u64 {
        self.applied + self.pending + self.dead_lettered + self.lost_after_ok + self.lost + self.refused + self.nowhere
    }

    /// Forgets the ends, to count them anew.
    pub const fn clear_ends(&mut self) {
        (self.applied, self.pending, self.dead_lettered, self.nowhere) = (0, 0, 0, 0);
        (self.lost_after_ok, self.lost, self.refused) = (0, 0, 0);
    }

    /// Adds the counts of one more run.
    pub fn add(&mut self, other: &Self) {
        for (measure, _) in Measure::ALL {
            *self.get_mut(measure) += other.get(measure);
        }
    }

    /// Counts, for each defect, whether the run had any.
    pub fn add_defects(&mut self, other: &Self) {
        for (defect, _) in other.defects() {
            *self.get_mut(defect.measure) += 1;
        }
    }

    /// Counts, for each measure, whether the run had any.
    pub fn add_presence(&mut self, other: &Self) {
        for (measure, _) in Measure::ALL {
            *self.get_mut(measure) += u64::from(other.get(measure) > 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_its_own_place_and_name() {
        for (index, (measure, name)) in Measure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, index);
            assert_eq!(Measure::named(name), Some(measure));
            assert_eq!(measure.name(), name);
            let mut totals = Totals::default();
            *totals.get_mut(measure) = 7;
            assert_eq!(totals.get(measure), 7);
            let json = serde_json::to_value(totals).unwrap();
            assert_eq!(json[name], 7);
            assert_eq!(json.as_object().unwrap().values().filter(|v| **v != 0).count(), 1);
        }
    }
}
