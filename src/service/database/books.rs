//! What the history has been told of this database. It belongs to whoever
//! watches, not to the process: it outlives every fault, and nothing that the
//! database does depends on it. After a recovery it shows which effects were told
//! and are gone, and which happened without being told.

use super::effects::Effects;
use super::tables::{Done, Effect, Tables};
use crate::event::{Kind, MessageId, effect_detail};
use crate::node::Outputs;
use crate::protocol::store::Transaction;
use crate::service::tally::Tally;

#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    effects: Effects,
    /// By message: what it is about.
    keys: Tally,
    /// By message: 1 if its business row was told.
    orders: Tally,
}

impl Books {
    /// A transaction is committed.
    pub fn tell(&mut self, transaction: &Transaction, done: Done, out: &mut Outputs) {
        let Transaction { copy, subscription, .. } = *transaction;
        if let Some(effect) = done.effect {
            self.effects.add(copy, subscription);
            *self.keys.get_mut(copy.message.0 as usize) = transaction.fact.key;
            let kind = match effect {
                Effect::First => Kind::Applied { first: true },
                Effect::Repeat => Kind::Applied { first: false },
                Effect::Superseded => Kind::Superseded,
            };
            out.note_with(kind, Some(copy), u64::from(subscription));
        }
        if done.recorded {
            *self.orders.get_mut(copy.message.0 as usize) = 1;
            out.note(Kind::Recorded, Some(copy));
        }
    }

    /// A transaction was read back from the log. What died with the process
    /// between its write and the word of it is told now.
    pub fn read_back(&mut self, transaction: &Transaction, done: Done, tables: &Tables, out: &mut Outputs) {
        let Transaction { copy, subscription, .. } = *transaction;
        let is = tables.effects.of(subscription, copy.message);
        let effect = done.effect.filter(|_| is > self.effects.of(subscription, copy.message));
        let recorded = done.recorded && self.orders.get(copy.message.0 as usize) == 0;
        self.tell(transaction, Done { effect, recorded, ..done }, out);
    }

    /// The whole log was read back: what was told and is not there is lost.
    pub fn reconcile(&mut self, tables: &Tables, out: &mut Outputs) {
        let ends: Vec<(u16, u32)> = self.effects.ends().collect();
        for (subscription, end) in ends {
            for message in (0..end).map(MessageId) {
                while self.effects.of(subscription, message) > tables.effects.of(subscription, message) {
                    let copy = self.effects.copy(subscription, message);
                    self.effects.take_back(subscription, message);
                    let key = self.keys.get(message.0 as usize);
                    let detail = effect_detail(subscription, tables.version(subscription, key));
                    out.note_with(Kind::EffectLost, Some(copy), detail);
                }
            }
        }
        for message in 0..self.orders.end() {
            if self.orders.get(message) > 0 && !tables.has_order(message) {
                *self.orders.get_mut(message) = 0;
            }
        }
    }
}
