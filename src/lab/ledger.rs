//! What became of every message. The ledger is a fold over events as they
//! happen, closed by an audit that reads what the live nodes still hold. There
//! is one row per message and subscription entitled to it (see `entitlement`);
//! what the producer was told is kept once per message. Folding is here; the
//! audit and what comes of it are in `judge`, the watch is in `timing`.
//!
//! Ends are counted by row, and per subscription they add up to the messages
//! entitled to it: [`Ledger::imbalance`] says where they do not.

mod judge;
mod row;
mod timing;

#[cfg(test)]
mod tests;

pub use row::{Fate, Told};

use std::sync::Arc;

use super::entitlement::Entitlement;
use super::totals::Totals;
use crate::event::{Answer, Event, FaultKind, Kind, MessageId, NodeId, detail_queue, effect_version, fault_index};
use crate::pages::Pages;
use crate::protocol::Name;
use crate::protocol::fact::Fact;
use crate::random::Digest;

use row::{Mark, Said};
use timing::Timing;

/// What a ledger is told of a run before it begins.
#[derive(Clone, Debug)]
pub struct Books {
    /// The business facts, by message.
    pub facts: Arc<[Fact]>,
    pub keys: u32,
    pub entitlement: Entitlement,
    pub producers: u16,
    /// Producers ask the broker for confirms.
    pub asks: bool,
}

impl Default for Books {
    fn default() -> Self {
        let facts = Arc::from([]);
        Self { facts, keys: 0, entitlement: Entitlement::default(), producers: 1, asks: false }
    }
}

/// What an audit found. A snapshot does not keep it: the next look audits anew.
#[derive(Debug, Default)]
struct Marks(Vec<Mark>);

impl Clone for Marks {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What is known of one key's order for one subscription.
#[derive(Clone, Copy, Debug, Default)]
struct Key {
    newest_attempted: u32,
    newest_first_effect: u32,
    last_effect: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Ledger {
    books: Arc<Books>,
    /// By message.
    said: Pages<Said>,
    /// How often a message took effect, by row.
    effects: Pages<u32>,
    /// By subscription, then key.
    keys: Pages<Key>,
    /// What the last audit found, by row.
    marks: Marks,
    attempted: u64,
    /// Messages that occurred, by subscription entitled to them; nowhere is last.
    entitled: Vec<u64>,
    /// Rows of facts that occurred, and those of them that are applied.
    occurred_rows: u64,
    settled: u64,
    /// Rows that can be settled: those of subscriptions.
    open: u64,
    /// Counts that need no row.
    plain: Totals,
    timing: Timing,
    /// Who has been handed a message, by node.
    busy: Vec<bool>,
    /// Which faults of the schedule fired, and whether any of them did while
    /// messages were exposed.
    fired: Vec<bool>,
    exposed: bool,
    digest: Digest,
}

impl Ledger {
    /// Empties the ledger for a run, keeping its buffers.
    pub fn begin(&mut self, books: &Arc<Books>) {
        self.books.clone_from(books);
        let subscriptions = books.entitlement.subscriptions();
        self.said.reset(books.facts.len());
        self.effects.reset(books.entitlement.rows(books.facts.len()));
        self.keys.reset(books.keys as usize * usize::from(subscriptions));
        self.begin_audit();
        self.attempted = 0;
        self.entitled.clear();
        self.entitled.resize(usize::from(subscriptions) + 1, 0);
        self.occurred_rows = 0;
        self.settled = 0;
        self.open = (self.effects.len() - books.entitlement.nowhere(books.facts.len())) as u64;
        self.plain = Totals::default();
        self.timing.begin(books.producers, subscriptions, books.asks);
        self.busy.clear();
        self.fired.clear();
        self.exposed = false;
        self.digest = Digest::default();
    }

    /// Takes one event.
    #[inline(always)]
    pub fn fold(&mut self, event: &Event) {
        event.digest(&mut self.digest);
        self.timing.set_now(event.time);
        self.fold_kind(event);
    }

    fn fold_kind(&mut self, event: &Event) {
        match event.kind {
            Kind::Attempted
            | Kind::Sent
            | Kind::Told(_)
            | Kind::Enqueued
            | Kind::Recorded
            | Kind::Compensated { .. }
            | Kind::Applied { .. }
            | Kind::Superseded
            | Kind::EffectLost => {
                let Some(index) = event.message().map(index) else { return };
                if index < self.said.len() {
                    self.fold_message(index, event);
                }
            }
            Kind::Delivered { redelivered: true } => self.plain.redelivered += 1,
            Kind::Skipped => self.plain.skipped += 1,
            Kind::Taken => self.hand_over(event.node),
            Kind::Fault(fault) => self.fold_fault(fault, event),
            Kind::LeaderElected => self.plain.elections += u64::from(detail_queue(event.detail) != Name::EMPTY),
            Kind::GroupRebalanced => self.plain.rebalances += 1,
            Kind::IsrShrunk => self.plain.isr_shrinks += 1,
            Kind::UncleanLeaderElected => self.plain.unclean_elections += 1,
            Kind::Blocked => self.timing.blocked(event.node),
            Kind::Unblocked => self.timing.unblocked(event.node),
            Kind::Connected => self.timing.connected(event.node),
            Kind::Disconnected(_) => self.timing.disconnected(event.node),
            _ => {}
        }
    }

    fn hand_over(&mut self, consumer: NodeId) {
        let node = usize::from(consumer.0);
        if node >= self.busy.len() {
            self.busy.resize(node + 1, false);
        }
        if !std::mem::replace(&mut self.busy[node], true) {
            self.plain.busy_consumers += 1;
        }
    }

    fn fold_fault(&mut self, fault: FaultKind, event: &Event) {
        if let Some(index) = fault_index(event.detail).map(usize::from) {
            if index >= self.fired.len() {
                self.fired.resize(index + 1, false);
            }
            self.fired[index] = true;
            self.exposed |= self.settled < self.open;
        }
        let kills =
            matches!(fault, FaultKind::ProcessCrash | FaultKind::PowerCut | FaultKind::DiskLoss | FaultKind::TornWrite);
        if kills && self.timing.is_producer(event.node) {
            self.timing.died(event.node);
            for message in 0..self.said.len() {
                let said = self.said.get(message);
                if said.waits && said.producer == event.node {
                    self.said.get_mut(message).waits = false;
                    self.timing.given_up();
                }
            }
        }
    }

    fn fold_message(&mut self, index: usize, event: &Event) {
        match event.kind {
            Kind::Attempted => self.occur(index, event.node),
            Kind::Sent => self.said.get_mut(index).sent = true,
            Kind::Recorded => self.said.get_mut(index).recorded = true,
            Kind::Compensated { .. } => self.said.get_mut(index).undone += 1,
            Kind::Told(answer) => self.tell(index, answer),
            Kind::Enqueued => {
                self.said.get_mut(index).enqueued.get_or_insert(event.time);
            }
            _ => self.fold_effect(index, event),
        }
    }

    fn occur(&mut self, index: usize, producer: NodeId) {
        let said = self.said.get_mut(index);
        if std::mem::replace(&mut said.attempted, true) {
            return;
        }
        said.producer = producer;
        said.waits = self.timing.asked();
        self.attempted += 1;
        let books = &self.books;
        let fact = books.facts[index];
        let entitled = books.entitlement.entitled(index);
        for subscription in entitled {
            self.entitled[usize::from(*subscription)] += 1;
            let key = self.keys.get_mut(usize::from(*subscription) * books.keys as usize + fact.key as usize);
            key.newest_attempted = key.newest_attempted.max(fact.version);
        }
        if let ([], Some(nowhere)) = (entitled, self.entitled.last_mut()) {
            *nowhere += 1;
        }
        self.occurred_rows += entitled.len() as u64;
        self.count_backlog();
    }

    /// What has occurred and is not applied.
    fn count_backlog(&mut self) {
        let rows = self.occurred_rows.saturating_sub(self.settled);
        self.plain.backlog = self.plain.backlog.max(rows);
        self.timing.backlog(rows);
    }

    fn tell(&mut self, index: usize, answer: Answer) {
        let said = self.said.get_mut(index);
        // Once told ok, always told ok; otherwise the last word counts.
        if said.answer != Some(Answer::Ok) {
            said.answer = Some(answer);
        }
        let waited = std::mem::take(&mut said.waits);
        match answer {
            Answer::Ok => self.timing.told_ok(waited),
            Answer::Refused | Answer::Unknown if waited => self.timing.given_up(),
            Answer::Refused | Answer::Unknown => {}
        }
    }

    fn fold_effect(&mut self, index: usize, event: &Event) {
        let subscription = event.detail as u16;
        let books = &self.books;
        let is_loss = event.kind == Kind::EffectLost;
        let Some(row) = books.entitlement.row(index, subscription) else {
            self.plain.stray = if is_loss { self.plain.stray.saturating_sub(1) } else { self.plain.stray + 1 };
            return;
        };
        let effects = self.effects.get_mut(row);
        let fact = books.facts[index];
        let key = self.keys.get_mut(usize::from(subscription) * books.keys as usize + fact.key as usize);
        if is_loss {
            *effects = effects.saturating_sub(1);
            self.settled -= u64::from(*effects == 0);
            key.last_effect = effect_version(event.detail);
            self.count_backlog();
            return;
        }
        *effects += 1;
        let is_first = *effects == 1;
        self.settled += u64::from(is_first);
        // Where the newer state covers it, the key stays where it is.
        if event.kind != Kind::Superseded {
            key.last_effect = fact.version;
            if is_first {
                self.plain.reordered += u64::from(fact.version < key.newest_first_effect);
                key.newest_first_effect = key.newest_first_effect.max(fact.version);
            }
        }
        let waited = self.said.get(index).enqueued.filter(|_| is_first);
        self.timing.applied(subscription, waited);
        if is_first {
            self.count_backlog();
        }
    }
}

fn index(message: MessageId) -> usize {
    (message.0 as usize).wrapping_sub(1)
}
