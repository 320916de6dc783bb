//! What the history has been told of this database. It belongs to whoever
//! watches, not to the process: it outlives every fault, and nothing that the
//! database does depends on it. After a recovery it shows which effects were told
//! and are gone, and which happened without being told.
//!
//! Left out: a word of orders, of undos and of reservations that are gone. They are what they were
//! before, and whoever asks again is told anew.

use super::effects::Effects;
use super::tables::{Done, Effect, Reserved, Tables};
use crate::event::{CopyId, Kind, MessageId, effect_detail};
use crate::node::Outputs;
use crate::pages::Pages;
use crate::protocol::store::Transaction;

#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    /// A database that cannot lose anything needs no books.
    are_kept: bool,
    effects: Effects,
    /// By message: what it is about, and the copy that took effect last.
    about: Pages<(u32, CopyId)>,
    /// By message: 1 if its business row was told.
    orders: Pages<u32>,
    /// By message: how often its order was told as undone.
    undone: Pages<u32>,
}

impl Books {
    /// Books of a database that may lose something, or not.
    pub fn new(are_kept: bool) -> Self {
        Self { are_kept, ..Self::default() }
    }

    /// A transaction is committed.
    pub fn tell(&mut self, transaction: &Transaction, done: Done, out: &mut Outputs) {
        let Transaction { copy, fact, subscription, .. } = *transaction;
        let message = fact.message.0 as usize;
        if let Some(effect) = done.effect {
            if self.are_kept {
                self.effects.add(subscription, fact.message);
                *self.about.get_mut(message) = (fact.key, copy);
            }
            let kind = match effect {
                Effect::First => Kind::Applied { first: true },
                Effect::Repeat => Kind::Applied { first: false },
                Effect::Superseded => Kind::Superseded,
            };
            out.note_with(kind, Some(copy), u64::from(subscription));
        }
        if done.recorded {
            if self.are_kept {
                *self.orders.get_mut(message) = 1;
            }
            out.note(Kind::Recorded, Some(copy));
        }
        if let Some(undone) = done.undone {
            if self.are_kept {
                *self.undone.get_mut(message) += 1;
            }
            out.note(Kind::Compensated { first: undone == Effect::First }, Some(copy));
        }
        if let Some((reserved, step)) = done.reserved {
            let kind = match reserved {
                Reserved::Frozen => Kind::Frozen,
                Reserved::Used => Kind::Used,
                Reserved::Released => Kind::Released { frozen: true },
                Reserved::ReleasedNothing => Kind::Released { frozen: false },
            };
            out.note_with(kind, Some(copy), u64::from(step));
        }
    }

    /// A transaction was read back from the log. What died with the process
    /// between its write and the word of it is told now.
    pub fn read_back(&mut self, transaction: &Transaction, done: Done, tables: &Tables, out: &mut Outputs) {
        let Transaction { fact, subscription, .. } = *transaction;
        let is = tables.effects.of(subscription, fact.message);
        let effect = done.effect.filter(|_| is > self.effects.of(subscription, fact.message));
        let recorded = done.recorded && self.orders.get(fact.message.0 as usize) == 0;
        let message = fact.message.0 as usize;
        let undone = done.undone.filter(|_| tables.undone(message) > self.undone.get(message));
        self.tell(transaction, Done { effect, recorded, undone, reserved: None, ..done }, out);
    }

    /// The whole log was read back: what was told and is not there is lost.
    pub fn reconcile(&mut self, tables: &Tables, out: &mut Outputs) {
        let ends: Vec<(u16, u32)> = self.effects.ends().collect();
        for (subscription, end) in ends {
            for message in (0..end).map(MessageId) {
                while self.effects.of(subscription, message) > tables.effects.of(subscription, message) {
                    let (key, copy) = self.about.get(message.0 as usize);
                    self.effects.take_back(subscription, message);
                    let detail = effect_detail(subscription, tables.version(subscription, key));
                    out.note_with(Kind::EffectLost, Some(copy), detail);
                }
            }
        }
        for message in 0..self.undone.len() {
            if self.undone.get(message) > tables.undone(message) {
                *self.undone.get_mut(message) = tables.undone(message);
            }
        }
        for message in 0..self.orders.len() {
            if self.orders.get(message) > 0 && !tables.has_order(message) {
                *self.orders.get_mut(message) = 0;
            }
        }
    }
}
