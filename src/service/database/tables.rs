//! The tables of the database, and what a transaction does to them: everything
//! or nothing.
//!
//! Which of the writes are idempotent is the lesson here. A plain `UPDATE`
//! applies again each time. A unique inbox row takes the whole transaction back.
//! An upsert of the row that the message's own business number names finds it as
//! it would make it; setting the same again is no second effect, and is counted
//! as none. (An upsert of a row that *several* messages share is a plain `UPDATE`:
//! a late repeat of an old one turns it back.) `WHERE version < ?` changes
//! nothing for a repeat, nor for an old version that comes after a newer one;
//! such a message has its effect all the same, in the newer state.

use super::effects::Effects;
use super::outbox::Outbox;
use crate::event::{CopyId, MessageId};
use crate::flaw::{self, Flaw};
use crate::pages::Pages;
use crate::protocol::store::{Outcome, Transaction, Write};

/// What is committed.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    pub effects: Effects,
    /// By subscription.
    subscriptions: Vec<Subscription>,
    /// Business rows, by message: 1 if it is there.
    orders: Pages<u32>,
    pub outbox: Outbox,
    /// Row state machines: by step, the state for each message.
    steps: Vec<Pages<u32>>,
    /// By message: how often its order was undone.
    undone: Pages<u32>,
    /// By step: what is reserved for each message.
    frozen: Vec<Pages<u32>>,
}

/// The tables of one consumer application.
#[derive(Clone, Debug, Default)]
struct Subscription {
    /// The version that each key stands at.
    versions: Pages<u32>,
    /// By message: 1 if the row is there.
    inbox: Pages<u32>,
    rows: Pages<u32>,
}

/// What a transaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Done {
    pub outcome: Outcome,
    pub effect: Option<Effect>,
    /// A business row was inserted.
    pub recorded: bool,
    /// An order was undone.
    pub undone: Option<Effect>,
    /// Something was reserved, or is so no more.
    pub reserved: Option<(Reserved, u8)>,
}

/// What became of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reserved {
    Frozen,
    Used,
    Released,
    /// There was none, and something was given back all the same.
    ReleasedNothing,
}

/// How a message took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    First,
    Repeat,
    /// In the newer state that was there before it.
    Superseded,
}

impl Tables {
    /// Carries a transaction out.
    pub fn execute(&mut self, transaction: &Transaction) -> Done {
        let place = usize::from(transaction.subscription);
        if place >= self.subscriptions.len() {
            self.subscriptions.resize_with(place + 1, Subscription::default);
        }
        let nothing = |outcome| Done { outcome, effect: None, recorded: false, undone: None, reserved: None };
        let checks = transaction.writes();
        if let Some(refusal) = checks.filter_map(|write| self.refuses(transaction, write)).next() {
            return nothing(refusal);
        }
        let mut done = nothing(Outcome::Unchanged);
        for write in transaction.writes() {
            self.write(transaction, write, &mut done);
        }
        done
    }

    /// The version that a key stands at: that of the last effect, not of the
    /// newest fact. Zero if nothing was written.
    pub fn version(&self, subscription: u16, key: u32) -> u32 {
        let tables = self.subscriptions.get(usize::from(subscription));
        tables.map_or(0, |tables| tables.versions.get(key as usize))
    }

    pub fn has_order(&self, message: usize) -> bool {
        self.orders.get(message) > 0
    }

    /// The state of a step's row.
    pub fn step(&self, step: u8, message: u32) -> u32 {
        self.steps.get(usize::from(step)).map_or(0, |rows| rows.get(message as usize))
    }

    /// The rows of a step that are in a state after 0 and before this one.
    pub fn open(&self, step: u8, before: u8) -> impl Iterator<Item = (MessageId, u8)> + '_ {
        let rows = self.steps.get(usize::from(step));
        let rows = rows.into_iter().flat_map(|rows| (0..rows.len()).map(|row| (MessageId(row as u32), rows.get(row))));
        rows.filter(move |(_, state)| (1..u32::from(before)).contains(state)).map(|(row, state)| (row, state as u8))
    }

    /// How much is reserved for a message.
    pub fn frozen(&self, step: u8, message: u32) -> u32 {
        self.frozen.get(usize::from(step)).map_or(0, |rows| rows.get(message as usize))
    }

    /// How often an order was undone.
    pub fn undone(&self, message: usize) -> u32 {
        self.undone.get(message)
    }

    /// The orders that were undone.
    pub fn all_undone(&self) -> impl Iterator<Item = MessageId> + '_ {
        (0..self.undone.len()).filter(|message| self.undone(*message) > 0).map(|message| MessageId(message as u32))
    }

    /// Facts that have a business row, not undone, and had no effect for a
    /// subscription.
    pub fn missing(&self, subscription: u16) -> impl Iterator<Item = MessageId> + '_ {
        let stands = |message: &usize| self.has_order(*message) && self.undone(*message) == 0;
        let all = (0..self.orders.len()).filter(stands);
        let all = all.map(|message| MessageId(message as u32));
        all.filter(move |message| self.effects.of(subscription, *message) == 0)
    }

    /// Whether a write takes the whole transaction back.
    fn refuses(&self, transaction: &Transaction, write: Write) -> Option<Outcome> {
        let message = transaction.fact.message.0;
        let tables = &self.subscriptions[usize::from(transaction.subscription)];
        match write {
            Write::Inbox if tables.inbox.get(message as usize) > 0 && !flaw::is_on(Flaw::InboxOutsideTransaction) => {
                Some(Outcome::Duplicate)
            }
            Write::Order if self.has_order(message as usize) => Some(Outcome::Duplicate),
            Write::Step { step, from, .. }
                if self.step(step, message) != u32::from(from) && !flaw::is_on(Flaw::StepIgnoresState) =>
            {
                Some(Outcome::Unchanged)
            }
            _ => None,
        }
    }

    fn write(&mut self, transaction: &Transaction, write: Write, done: &mut Done) {
        let Transaction { fact, subscription, .. } = *transaction;
        let message = fact.message.0 as usize;
        let tables = &mut self.subscriptions[usize::from(subscription)];
        let changed = match write {
            Write::Effect => {
                *tables.versions.get_mut(fact.key as usize) = fact.version;
                done.effect = Some(self.effects.add(subscription, fact.message));
                true
            }
            Write::Inbox => set(&mut tables.inbox, message, 1),
            Write::Upsert => {
                let changed = set(&mut tables.rows, message, 1) || flaw::is_on(Flaw::UpsertCountsTwice);
                if changed {
                    done.effect = Some(self.effects.add(subscription, fact.message));
                }
                changed
            }
            Write::UpdateIfNewer if tables.versions.get(fact.key as usize) < fact.version => {
                *tables.versions.get_mut(fact.key as usize) = fact.version;
                done.effect = Some(self.effects.add(subscription, fact.message));
                true
            }
            Write::UpdateIfNewer => {
                if self.effects.of(subscription, fact.message) == 0 {
                    self.effects.add(subscription, fact.message);
                    done.effect = Some(Effect::Superseded);
                }
                false
            }
            Write::Order => {
                done.recorded = set(&mut self.orders, message, 1);
                done.recorded
            }
            Write::Outbox => {
                self.outbox.insert(fact.message);
                true
            }
            Write::MarkSent => self.outbox.mark_sent(fact.message),
            Write::Step { step, to, .. } => {
                let step = usize::from(step);
                if step >= self.steps.len() {
                    self.steps.resize_with(step + 1, Pages::default);
                }
                set(&mut self.steps[step], message, u32::from(to))
            }
            Write::Undo => {
                let count = self.undone.get_mut(message);
                *count += 1;
                done.undone = Some(if *count > 1 { Effect::Repeat } else { Effect::First });
                true
            }
            Write::Freeze { .. } | Write::Use { .. } | Write::Release { .. } => {
                done.reserved = reserve(&mut self.frozen, write, message);
                done.reserved.is_some()
            }
        };
        if changed {
            done.outcome = Outcome::Committed;
        }
    }
}

/// Reserves something, or ends a reservation. `None`: nothing was there to be used.
fn reserve(frozen: &mut Vec<Pages<u32>>, write: Write, message: usize) -> Option<(Reserved, u8)> {
    let (Write::Freeze { step } | Write::Use { step } | Write::Release { step }) = write else { return None };
    let place = usize::from(step);
    if place >= frozen.len() {
        frozen.resize_with(place + 1, Pages::default);
    }
    let count = frozen[place].get_mut(message);
    let reserved = match (write, *count) {
        (Write::Freeze { .. }, _) => Reserved::Frozen,
        (Write::Use { .. }, 0) => return None,
        (Write::Use { .. }, _) => Reserved::Used,
        (_, 0) => Reserved::ReleasedNothing,
        _ => Reserved::Released,
    };
    match reserved {
        Reserved::Frozen => *count += 1,
        Reserved::Used | Reserved::Released => *count -= 1,
        Reserved::ReleasedNothing => {}
    }
    Some((reserved, step))
}

/// Sets a row. False if it stood so before.
fn set(table: &mut Pages<u32>, row: usize, value: u32) -> bool {
    std::mem::replace(table.get_mut(row), value) != value
}

impl Done {
    /// Whether the log must tell of it. What changed no row need not be logged,
    /// except that a message was superseded: the log must not remember that
    /// without the newer version before it.
    pub const fn is_logged(&self) -> bool {
        matches!(self.outcome, Outcome::Committed) || self.effect.is_some()
    }
}

/// Whether a record of this transaction is about a message that must not be
/// lost: then the disk tells when it goes.
pub(super) fn tag(transaction: &Transaction) -> Option<u64> {
    let housekeeping =
        |write| matches!(write, Write::MarkSent | Write::Step { .. } | Write::Freeze { .. } | Write::Release { .. });
    let copy: CopyId = transaction.copy;
    (!transaction.writes().all(housekeeping)).then(|| copy.tag())
}
