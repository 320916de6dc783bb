//! What is known of a message, whoever must see it: what its producer knows, and
//! since when it lies in a queue. Ten bytes, as there may be millions.

use super::row::{Fate, Row, Told};
use crate::event::{Answer, NodeId};
use crate::lab::totals::Totals;
use crate::time::Time;

/// It has occurred.
pub(super) const ATTEMPTED: u8 = 1;
pub(super) const SENT: u8 = 1 << 1;
/// Its producer waits for an answer.
pub(super) const WAITS: u8 = 1 << 2;
/// Its shop has committed it, with whatever else it does at once.
pub(super) const RECORDED: u8 = 1 << 3;
/// What its producer was told; none of these: nothing.
const OK: u8 = 1 << 4;
const REFUSED: u8 = 1 << 5;
const UNKNOWN: u8 = 1 << 6;

/// Later than this, three days on, is this.
const LATEST: u64 = (1 << 48) - 1;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    /// When a broker first put it in a queue, in nanoseconds; zero: not yet.
    enqueued: [u8; 6],
    pub producer: NodeId,
    /// How often its shop has undone it; many times is 255.
    pub undone: u8,
    flags: u8,
}

impl Said {
    /// When a broker first put it in a queue.
    pub fn enqueued(&self) -> Option<Time> {
        let mut bytes = [0; 8];
        bytes[..6].copy_from_slice(&self.enqueued);
        Some(Time::from_nanos(u64::from_le_bytes(bytes))).filter(|at| *at > Time::ZERO)
    }

    pub fn enqueue(&mut self, now: Time) {
        if self.enqueued == [0; 6] {
            let bytes = now.as_nanos().min(LATEST).to_le_bytes();
            self.enqueued.copy_from_slice(&bytes[..6]);
        }
    }

    pub const fn is(self, flag: u8) -> bool {
        self.flags & flag > 0
    }

    /// Sets a flag, and says whether it was set before.
    pub const fn set(&mut self, flag: u8) -> bool {
        let before = self.is(flag);
        self.flags |= flag;
        before
    }

    /// Clears a flag, and says whether it was set before.
    pub const fn clear(&mut self, flag: u8) -> bool {
        let before = self.is(flag);
        self.flags &= !flag;
        before
    }

    /// Its producer was told something. Once ok, always ok; otherwise the last word
    /// counts.
    pub const fn answer(&mut self, answer: Answer) {
        if !self.is(OK) {
            self.flags &= !(REFUSED | UNKNOWN);
            self.flags |= match answer {
                Answer::Ok => OK,
                Answer::Refused => REFUSED,
                Answer::Unknown => UNKNOWN,
            };
        }
    }

    pub fn told(&self) -> Told {
        if self.is(OK) {
            Told::Ok
        } else if self.is(REFUSED) {
            Told::Refused
        } else if self.is(UNKNOWN | SENT) {
            Told::Unknown
        } else {
            Told::Unsent
        }
    }

    /// What its producer was told, once it has occurred.
    pub fn standing(&self) -> Option<Told> {
        self.is(ATTEMPTED).then(|| self.told())
    }

    /// What became of one of its rows; `entitled` is false for nowhere.
    pub fn fate(&self, row: Row, entitled: bool) -> Fate {
        match row {
            row if row.effects > 0 => Fate::Applied,
            _ if !self.is(ATTEMPTED) => Fate::NotYet,
            _ if !entitled => Fate::Nowhere,
            row if row.held => Fate::Pending,
            row if row.dead_lettered => Fate::DeadLettered,
            _ => match self.told() {
                Told::Ok => Fate::LostAfterOk,
                Told::Refused => Fate::Refused,
                Told::Unknown | Told::Unsent => Fate::Lost,
            },
        }
    }

    /// Counts one of its rows.
    pub fn count_row(&self, row: Row, entitled: bool, totals: &mut Totals) {
        let fate = self.fate(row, entitled);
        if fate == Fate::NotYet {
            return;
        }
        totals.entitled += 1;
        totals.count(fate);
        totals.duplicates += u64::from(row.effects.saturating_sub(1));
        totals.residue += u64::from(fate == Fate::Applied && (row.held || row.dead_lettered));
        totals.half_done += u64::from(self.is(RECORDED) && self.undone == 0 && entitled && row.effects == 0);
        totals.refused_yet_there +=
            u64::from(self.told() == Told::Refused && !matches!(fate, Fate::Refused | Fate::Nowhere));
    }

    /// Counts what its producer was told, once for all of its rows.
    pub fn count_told(&self, totals: &mut Totals) {
        if !self.is(ATTEMPTED) {
            return;
        }
        totals.compensated += u64::from(self.undone > 0);
        totals.overcompensated += u64::from(self.undone.saturating_sub(1));
        match self.told() {
            Told::Ok => totals.told_ok += 1,
            Told::Unknown => totals.told_unknown += 1,
            Told::Unsent => totals.unsent += 1,
            Told::Refused => totals.told_refused += 1,
        }
    }
}
