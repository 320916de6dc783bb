//! What a run of millions shows on its way, without a look at every row. An audit
//! asks every node for all that it holds, which is right at the end and too dear
//! for every frame of a screen. On the way it is not needed as long as no event
//! has ended a copy of a message that is still open: then every open message is
//! somewhere, and counters say the rest.
//!
//! Kept only for long runs ([`Books::is_long`](super::Books)). What needs the
//! marks of an audit (`residue`, `half_done`) is counted at the end. The longest
//! wait is that of the first messages still open, whoever has them.

use super::row::Told;
use super::said::ATTEMPTED;
use super::{Fate, Ledger, Pages};
use crate::event::{Event, Kind};
use crate::lab::totals::Totals;
use crate::time::Span;

/// Messages that are summed up together.
const BLOCK: usize = 1024;

#[derive(Clone, Copy, Debug, Default)]
struct Block {
    /// Messages that occurred.
    occurred: u32,
    /// Rows of these that are not applied.
    open: u32,
}

/// What happened to a message, in a byte: how often anything did, and whether
/// some copy of it has ended.
#[derive(Clone, Copy, Debug, Default)]
struct Touch(u8);

impl Touch {
    const HARMED: u8 = 1 << 7;

    const fn times(self) -> u8 {
        self.0 & !Self::HARMED
    }

    const fn is_harmed(self) -> bool {
        self.0 & Self::HARMED > 0
    }

    const fn count(&mut self) {
        self.0 = self.0 & Self::HARMED | (self.times() + 1) & !Self::HARMED;
    }

    /// True if it was harmed before.
    const fn harm(&mut self) -> bool {
        let before = self.is_harmed();
        self.0 |= Self::HARMED;
        before
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Running {
    touched: Pages<Touch>,
    blocks: Pages<Block>,
    /// Messages that occurred, by what their producers were told.
    told: [u64; 4],
    /// Effects beyond the first.
    repeats: u64,
    /// Open rows of messages of which a copy has ended.
    harmed: u64,
}

/// Whether an event may have ended a copy.
const fn may_end(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Destroyed(_)
            | Kind::Dropped(_)
            | Kind::Rejected
            | Kind::DeadLettered
            | Kind::Returned
            | Kind::Threw
            | Kind::Skipped
            | Kind::Superseded
            | Kind::EffectLost
            | Kind::Nacked
    )
}

impl Running {
    pub fn begin(&mut self, messages: usize) {
        self.touched.reset(0);
        self.blocks.reset(messages.div_ceil(BLOCK));
        (self.told, self.repeats, self.harmed) = ([0; 4], 0, 0);
    }

    /// A message occurred, with so many rows.
    pub fn occurred(&mut self, message: usize, rows: usize) {
        let block = self.blocks.get_mut(message / BLOCK);
        block.occurred += 1;
        block.open += rows as u32;
    }

    /// A row is applied, or open again.
    pub fn settled(&mut self, message: usize, is_open: bool, is_harmed: bool) {
        let block = self.blocks.get_mut(message / BLOCK);
        let (step, harm) = (1, u64::from(is_harmed));
        if is_open {
            block.open += step;
            self.harmed += harm;
        } else {
            block.open = block.open.saturating_sub(step);
            self.harmed = self.harmed.saturating_sub(harm);
        }
    }

    pub fn is_harmed(&self, message: usize) -> bool {
        self.touched.get(message).is_harmed()
    }

    /// One more effect beyond the first, or one less.
    pub const fn repeated(&mut self, more: bool) {
        self.repeats = if more { self.repeats + 1 } else { self.repeats.saturating_sub(1) };
    }

    pub const fn told(&mut self, before: Option<Told>, after: Option<Told>) {
        if let Some(before) = before {
            self.told[before as usize] -= 1;
        }
        if let Some(after) = after {
            self.told[after as usize] += 1;
        }
    }
}

impl Ledger {
    /// Counts that a message was touched, and whether a copy of it ended.
    pub(super) fn touch(&mut self, message: usize, event: &Event) {
        let touch = self.running.touched.get_mut(message);
        touch.count();
        if !may_end(event.kind) || touch.harm() || !self.said.get(message).is(ATTEMPTED) {
            return;
        }
        let books = &self.books;
        let rows = books.entitlement.rows_of(message);
        let is_entitled = !books.entitlement.entitled(message).is_empty();
        let open = rows.filter(|row| is_entitled && self.effects.get(*row) == 0).count();
        self.running.harmed += open as u64;
    }

    /// How often something happened to a message, as far as seven
    /// bits tell: between two snapshots of a run it is not a hundred times.
    #[must_use]
    pub fn touched(&self, message: usize) -> u8 {
        self.running.touched.get(message).times()
    }

    /// Whether no copy of any open message has ended, as far as events tell.
    #[must_use]
    pub const fn is_unharmed(&self) -> bool {
        self.running.harmed == 0
    }

    /// Rows that have occurred and are not applied.
    #[must_use]
    pub const fn open_rows(&self) -> u64 {
        self.occurred_rows.saturating_sub(self.settled)
    }

    /// Facts that occurred, and rows that are applied.
    #[must_use]
    pub const fn progress(&self) -> (u64, u64) {
        (self.attempted, self.settled)
    }

    /// The counts on the way, of a ledger that is unharmed.
    #[must_use]
    pub fn running_totals(&self) -> Totals {
        let mut totals = self.plain;
        [totals.told_ok, totals.told_unknown, totals.told_refused, totals.unsent] = self.running.told;
        totals.attempted = self.attempted;
        totals.entitled = self.entitled.iter().sum();
        totals.nowhere = self.entitled.last().copied().unwrap_or(0);
        totals.applied = self.settled;
        totals.pending = self.open_rows();
        totals.duplicates = self.running.repeats;
        totals.stale = self.stale();
        self.timing.count(self.first_wait(), &mut totals);
        totals
    }

    /// How long the first messages that are still open have waited.
    fn first_wait(&self) -> Span {
        let Some(block) = self.running.blocks.iter().position(|block| block.open > 0) else { return Span::ZERO };
        let mut waits = Span::ZERO;
        for message in block * BLOCK..((block + 1) * BLOCK).min(self.len()) {
            let Some(since) = self.said.get(message).enqueued() else { continue };
            let rows = self.books.entitlement.rows_of(message);
            for (row, subscription) in rows.zip(self.books.entitlement.entitled(message)) {
                if self.effects.get(row) == 0 {
                    waits = waits.max(self.timing.waits(*subscription, since));
                }
            }
        }
        waits
    }

    /// What has become of a row so far, if nothing open is lost.
    fn running_fate(&self, message: usize, row: usize) -> Fate {
        if self.effects.get(row) > 0 {
            Fate::Applied
        } else if !self.said.get(message).is(ATTEMPTED) {
            Fate::NotYet
        } else if self.books.entitlement.entitled(message).is_empty() {
            Fate::Nowhere
        } else {
            Fate::InFlight
        }
    }

    /// The worst that has become of a message so far.
    #[must_use]
    pub fn running_worst(&self, message: usize) -> Fate {
        let fates = self.books.entitlement.rows_of(message).map(|row| self.running_fate(message, row));
        fates.max_by_key(|fate| fate.severity()).unwrap_or_default()
    }

    /// Shows the fates that there are among messages, by index; whole blocks are
    /// not looked into, and applied is said of one only if it is all there is.
    pub fn running_fates(&self, messages: std::ops::Range<usize>, mut visit: impl FnMut(Fate)) {
        let mut next = messages.start;
        while next < messages.end {
            if !next.is_multiple_of(BLOCK) || next + BLOCK > messages.end {
                visit(self.running_worst(next));
                next += 1;
                continue;
            }
            let block = self.running.blocks.get(next / BLOCK);
            match block {
                Block { open: 0, occurred } if occurred as usize == BLOCK => visit(Fate::Applied),
                Block { occurred, open } => {
                    if (occurred as usize) < BLOCK {
                        visit(Fate::NotYet);
                    }
                    if open > 0 {
                        visit(Fate::InFlight);
                    }
                }
            }
            next += BLOCK;
        }
    }
}
