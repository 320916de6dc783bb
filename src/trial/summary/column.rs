//! A column of a summary: something that went wrong, and in how many runs.

use crate::lab::{DEFECTS, Defect};
use crate::text::Text;
use crate::trial::sweep::Row;

/// Means below this are not worth a column, in milliseconds.
const DULL_MS: u64 = 1000;

/// What a column of a block shows.
#[derive(Clone, Copy, Debug)]
pub enum Column {
    /// Runs in which not every part of the fault struck, or nothing was left to harm.
    Missed,
    /// Runs that were not quiet in the end.
    Undecided,
    /// Runs with any of it.
    Defect(&'static Defect),
    /// Mean of the longest time without an ok, in milliseconds.
    UnavailableMs,
    /// Mean time for which producers were held back, in milliseconds.
    BlockedMs,
}

impl Column {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let defects = DEFECTS.iter().map(Self::Defect);
        [Self::Missed, Self::Undecided].into_iter().chain(defects).chain([Self::UnavailableMs, Self::BlockedMs])
    }

    /// Whether it is a time rather than a number of runs.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::UnavailableMs | Self::BlockedMs)
    }

    /// What a row has in it; a time too short to matter is none.
    #[must_use]
    pub fn of(self, row: &Row) -> u64 {
        let mean = |sum: u64| Some(sum / row.runs.max(1)).filter(|mean| *mean >= DULL_MS).unwrap_or(0);
        match self {
            Self::Missed => row.runs.saturating_sub(row.witnesses),
            Self::Undecided => row.undecided,
            Self::Defect(defect) => row.runs_against.get(defect.measure),
            Self::UnavailableMs => mean(row.totals.unavailable_ms),
            Self::BlockedMs => mean(row.totals.blocked_ms),
        }
    }

    /// Rows of the same class came to the same: none, all, and a quarter between; of
    /// times, none and the power of two.
    pub(super) fn class(self, row: &Row) -> u8 {
        match self.of(row) {
            0 => 0,
            ms if self.is_time() => ms.ilog2() as u8,
            all if all == row.runs => 5,
            some => 1 + (some * 4 / row.runs.max(1)) as u8,
        }
    }

    /// What it is called, in few cells.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Missed => Text { zh: "没触发", en: "missed" },
            Self::Undecided => Text { zh: "没完", en: "not over" },
            Self::Defect(defect) => defect.short,
            Self::UnavailableMs => Text { zh: "不可用", en: "no ok" },
            Self::BlockedMs => Text { zh: "被挡", en: "held" },
        }
    }

    /// The least and the most of a cell in words; nothing is a dot.
    #[must_use]
    pub fn shown(self, (least, most): (u64, u64), dot: &str) -> String {
        let one = |count: u64| match count {
            ms if self.is_time() => format!("{}.{}s", ms / 1000, ms % 1000 / 100),
            count => count.to_string(),
        };
        match (one(least), one(most)) {
            _ if most == 0 => dot.to_owned(),
            (least, most) if least == most => most,
            (least, most) => format!("{least}-{most}"),
        }
    }
}
