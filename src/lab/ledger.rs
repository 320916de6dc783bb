//! What became of every message. The ledger is a fold over events as they
//! happen, closed by an audit that reads what the live nodes still hold. There
//! is one row per message and subscription entitled to it (see `entitlement`);
//! what the producer was told is kept once per message. Folding is here,
//! that of effects in `effect`; the audit and what comes of it are in `judge`, the watch is in `timing`, and what a
//! long run shows on its way in `running`.
//!
//! Ends are counted by row, and per subscription they add up to the messages
//! entitled to it: [`Ledger::imbalance`] says where they do not.

mod books;
mod effect;
mod judge;
mod leaders;
mod row;
mod running;
mod said;
mod timing;

#[cfg(test)]
mod tests;

pub use books::Books;
pub use row::{Fate, Told};

use std::sync::Arc;

use super::totals::Totals;
use crate::event::{Answer, Event, FaultKind, Kind, MessageId, NodeId, detail_queue, fault_index};
use crate::pages::Pages;
use crate::random::Digest;

use leaders::Leaders;
use row::Mark;
use running::Running;
use said::{ATTEMPTED, RECORDED, SENT, Said, WAITS};
use timing::Timing;

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
    effects: Pages<u16>,
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
    leaders: Leaders,
    /// Kept in a long run.
    running: Running,
    /// Who has been handed a message, by node.
    busy: Vec<bool>,
    /// Which faults of the schedule fired, and whether any of them did while
    /// messages were exposed.
    fired: Vec<bool>,
    exposed: bool,
    digest: Digest,
}

impl Ledger {
    /// Forgets what the last audit found.
    pub fn forget_audit(&mut self) {
        self.marks = Marks::default();
    }

    /// Empties the ledger for a run, keeping its buffers.
    pub fn begin(&mut self, books: &Arc<Books>) {
        self.books.clone_from(books);
        let subscriptions = books.entitlement.subscriptions();
        // Tables of millions grow as they are written to.
        let messages = if books.is_long { 0 } else { books.facts.len() };
        self.said.reset(messages);
        self.effects.reset(books.entitlement.rows(messages));
        self.keys.reset(books.keys as usize * usize::from(subscriptions));
        self.begin_audit();
        self.attempted = 0;
        self.entitled.clear();
        self.entitled.resize(usize::from(subscriptions) + 1, 0);
        self.occurred_rows = 0;
        self.settled = 0;
        let messages = books.facts.len();
        self.open = (books.entitlement.rows(messages) - books.entitlement.nowhere(messages)) as u64;
        self.plain = Totals::default();
        self.timing.begin(books, subscriptions);
        self.leaders.clear();
        if books.is_long {
            self.running.begin(books.facts.len());
        }
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
        if self.books.is_long
            && let Some(message) = event.message().map(index).filter(|message| *message < self.books.facts.len())
        {
            self.touch(message, event);
        }
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
                if index < self.books.facts.len() {
                    let before = self.said.get(index).standing();
                    self.fold_message(index, event);
                    if self.books.is_long {
                        self.running.told(before, self.said.get(index).standing());
                    }
                }
            }
            Kind::Delivered { redelivered: true } => self.plain.redelivered += 1,
            Kind::Skipped => self.plain.skipped += 1,
            Kind::Taken => self.hand_over(event.node),
            Kind::Fault(fault) => self.fold_fault(fault, event),
            Kind::LeaderElected => self.plain.elections += u64::from(self.leaders.elected(detail_queue(event.detail))),
            Kind::GroupRebalanced => self.plain.rebalances += 1,
            Kind::IsrShrunk => self.plain.isr_shrinks += 1,
            Kind::UncleanLeaderElected => self.plain.unclean_elections += 1,
            Kind::Blocked => self.timing.blocked(event.node),
            Kind::Unblocked => self.timing.unblocked(event.node),
            Kind::Connected => self.timing.connected(event.node, event.detail),
            Kind::Disconnected(_) => self.timing.disconnected(event.node, event.detail),
            kind => self.plain.reserve(kind),
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
        if fault.kills() && self.timing.is_producer(event.node) {
            self.timing.died(event.node);
            for message in 0..self.said.len() {
                let said = self.said.get(message);
                if said.is(WAITS) && said.producer == event.node {
                    self.said.get_mut(message).clear(WAITS);
                    self.timing.given_up();
                }
            }
        }
    }

    fn fold_message(&mut self, index: usize, event: &Event) {
        match event.kind {
            Kind::Attempted => self.occur(index, event.node),
            Kind::Sent => self.flag(index, SENT),
            Kind::Recorded => self.flag(index, RECORDED),
            Kind::Compensated { .. } => {
                let undone = &mut self.said.get_mut(index).undone;
                *undone = undone.saturating_add(1);
            }
            Kind::Told(answer) => self.tell(index, answer),
            Kind::Enqueued => self.said.get_mut(index).enqueue(event.time),
            _ => self.fold_effect(index, event),
        }
    }

    fn flag(&mut self, index: usize, flag: u8) {
        self.said.get_mut(index).set(flag);
    }

    fn occur(&mut self, index: usize, producer: NodeId) {
        let said = self.said.get_mut(index);
        if said.set(ATTEMPTED) {
            return;
        }
        said.producer = producer;
        if self.timing.asked() {
            said.set(WAITS);
        }
        self.attempted += 1;
        let books = &self.books;
        let fact = books.facts.fact(index);
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
        if books.is_long {
            self.running.occurred(index, entitled.len());
        }
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
        said.answer(answer);
        let waited = said.clear(WAITS);
        match answer {
            Answer::Ok => self.timing.told_ok(waited),
            Answer::Refused | Answer::Unknown if waited => self.timing.given_up(),
            Answer::Refused | Answer::Unknown => {}
        }
    }
}

fn index(message: MessageId) -> usize {
    (message.0 as usize).wrapping_sub(1)
}
