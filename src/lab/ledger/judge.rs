//! The audit, and what the books come to.

use super::row::{Fate, Mark, Row, Told};
use super::{Key, Ledger, index};
use crate::event::MessageId;
use crate::flaw::{self, Flaw};
use crate::lab::totals::Totals;
use crate::node::Holding;
use crate::random::Digest;
use crate::time::Span;

impl Ledger {
    /// Forgets the last audit, before another one.
    pub fn begin_audit(&mut self) {
        self.marks.0.clear();
        let rows = self.books.entitlement.rows(self.len());
        self.marks.0.resize(rows, Mark::default());
    }

    /// Takes what a live node still holds.
    pub fn audit(&mut self, holding: Holding) {
        let message = index(holding.copy.message);
        if message >= self.len() {
            return;
        }
        let Some(row) = self.books.entitlement.row(message, holding.subscription) else { return };
        let Some(mark) = self.marks.0.get_mut(row) else { return };
        mark.held |= !holding.dead_lettered;
        mark.dead_lettered |= holding.dead_lettered;
        if flaw::is_on(Flaw::AuditApplies) {
            *self.effects.get_mut(row) += 1;
        }
    }

    #[must_use]
    pub fn told(&self, message: MessageId) -> Told {
        self.said.get(index(message)).told()
    }

    /// How often a message's effect was applied, over all subscriptions.
    #[must_use]
    pub fn effects(&self, message: MessageId) -> u32 {
        self.rows_of(message).map(|row| row.effects).sum()
    }

    /// The fate of a message by the last audit: the worst of its rows.
    #[must_use]
    pub fn fate(&self, message: MessageId) -> Fate {
        self.fates(message).max_by_key(|fate| fate.severity()).unwrap_or_default()
    }

    /// The fates of a message, by subscription entitled to it.
    pub fn fates(&self, message: MessageId) -> impl Iterator<Item = Fate> {
        let said = self.said.get(index(message));
        let is_known = index(message) < self.len();
        let is_entitled = is_known && !self.books.entitlement.entitled(index(message)).is_empty();
        self.rows_of(message).map(move |row| said.fate(row, is_entitled))
    }

    fn rows_of(&self, message: MessageId) -> impl Iterator<Item = Row> {
        let message = index(message);
        let rows = if message < self.len() { self.books.entitlement.rows_of(message) } else { 0..0 };
        rows.map(|at| self.row(at))
    }

    fn row(&self, at: usize) -> Row {
        let Mark { held, dead_lettered } = self.marks.0.get(at).copied().unwrap_or_default();
        Row { effects: self.effects.get(at).into(), held, dead_lettered }
    }

    /// Whether the last audit found a row that is still to be handed out.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        (0..self.len()).any(|message| {
            let is_entitled = !self.books.entitlement.entitled(message).is_empty();
            let fate = |at| self.said.get(message).fate(self.row(at), is_entitled);
            self.books.entitlement.rows_of(message).any(|at| fate(at) == Fate::Pending)
        })
    }

    /// Shows every row: its message by index, its subscription, and what is in it.
    fn each_row(&self, mut visit: impl FnMut(usize, Option<u16>, Row)) {
        for message in 0..self.len() {
            let rows = self.books.entitlement.rows_of(message);
            let entitled = self.books.entitlement.entitled(message);
            for (rank, at) in rows.enumerate() {
                if flaw::is_on(Flaw::LedgerDropsRow) && at % 7 == 3 {
                    continue;
                }
                visit(message, entitled.get(rank).copied(), self.row(at));
            }
        }
    }

    /// All counts by the last audit.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = self.plain;
        let mut waits = Span::ZERO;
        self.each_row(|message, subscription, row| {
            let said = self.said.get(message);
            said.count_row(row, subscription.is_some(), &mut totals);
            if let (true, 0, Some(subscription), Some(since)) = (row.held, row.effects, subscription, said.enqueued()) {
                waits = waits.max(self.timing.waits(subscription, since));
            }
        });
        self.said.iter().for_each(|said| said.count_told(&mut totals));
        totals.attempted = self.attempted;
        totals.entitled = self.entitled.iter().sum();
        totals.stale = self.stale();
        self.timing.count(waits, &mut totals);
        totals
    }

    /// What of the counts is this message's own: those that are kept by row.
    #[must_use]
    pub fn totals_of(&self, message: MessageId) -> Totals {
        let mut totals = Totals::default();
        if index(message) < self.len() {
            let said = self.said.get(index(message));
            let is_entitled = !self.books.entitlement.entitled(index(message)).is_empty();
            self.rows_of(message).for_each(|row| said.count_row(row, is_entitled, &mut totals));
            said.count_told(&mut totals);
        }
        totals
    }

    /// Keys whose last effect is not their newest message.
    pub(super) fn stale(&self) -> u64 {
        let is_stale = |key: &&Key| key.newest_attempted > 0 && key.last_effect != key.newest_attempted;
        self.keys.iter().filter(is_stale).count() as u64
    }

    /// The first subscription whose ends do not add up to the messages entitled
    /// to it, and how.
    #[must_use]
    pub fn imbalance(&self) -> Option<String> {
        let mut ends = vec![0; self.entitled.len()];
        self.each_row(|message, subscription, row| {
            let ended = self.said.get(message).fate(row, subscription.is_some()) != Fate::NotYet;
            ends[subscription.map_or(self.entitled.len() - 1, usize::from)] += u64::from(ended);
        });
        let (at, (ends, entitled)) =
            ends.iter().zip(&self.entitled).enumerate().find(|(_, (ends, entitled))| ends != entitled)?;
        Some(format!("subscription {at}: {entitled} messages are entitled to it, but {ends} ends are in the ledger"))
    }

    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How many faults of the schedule fired, and whether any of them did while
    /// messages were exposed.
    #[must_use]
    pub fn faults(&self) -> (usize, bool) {
        (self.fired.iter().filter(|fired| **fired).count(), self.exposed)
    }

    /// How many messages there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.books.facts.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
