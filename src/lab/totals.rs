//! The counts of a ledger, and their names: what claims, sweeps, `--json` and
//! the bench all speak of.

use serde::Serialize;

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
}

/// One count, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    Attempted,
    Applied,
    Pending,
    DeadLettered,
    LostAfterOk,
    Lost,
    Refused,
    Duplicates,
    Reordered,
    Stale,
    Residue,
    RefusedYetThere,
    ToldOk,
    ToldUnknown,
    ToldRefused,
    Unsent,
}

impl Measure {
    pub const ALL: [(Self, &'static str); 16] = [
        (Self::Attempted, "attempted"),
        (Self::Applied, "applied"),
        (Self::Pending, "pending"),
        (Self::DeadLettered, "dead_lettered"),
        (Self::LostAfterOk, "lost_after_ok"),
        (Self::Lost, "lost"),
        (Self::Refused, "refused"),
        (Self::Duplicates, "duplicates"),
        (Self::Reordered, "reordered"),
        (Self::Stale, "stale"),
        (Self::Residue, "residue"),
        (Self::RefusedYetThere, "refused_yet_there"),
        (Self::ToldOk, "told_ok"),
        (Self::ToldUnknown, "told_unknown"),
        (Self::ToldRefused, "told_refused"),
        (Self::Unsent, "unsent"),
    ];

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(measure, _)| *measure)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
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
        }
    }

    /// Adds the counts of one more run.
    pub fn add(&mut self, other: &Self) {
        for (measure, _) in Measure::ALL {
            *self.get_mut(measure) += other.get(measure);
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
