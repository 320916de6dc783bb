//! An effect of a message, or the loss of one: rows are settled, and keys move on.

use super::Ledger;
use crate::event::{Event, Kind, effect_version};

impl Ledger {
    pub(super) fn fold_effect(&mut self, index: usize, event: &Event) {
        let subscription = event.detail as u16;
        let books = &self.books;
        let is_loss = event.kind == Kind::EffectLost;
        let Some(row) = books.entitlement.row(index, subscription) else {
            self.plain.stray = if is_loss { self.plain.stray.saturating_sub(1) } else { self.plain.stray + 1 };
            return;
        };
        let effects = self.effects.get_mut(row);
        let fact = books.facts.fact(index);
        let key = self.keys.get_mut(usize::from(subscription) * books.keys as usize + fact.key as usize);
        if is_loss {
            *effects = effects.saturating_sub(1);
            let (is_open, is_harmed) = (*effects == 0, self.running.is_harmed(index));
            self.settled -= u64::from(is_open);
            if books.is_long && is_open {
                self.running.settled(index, true, is_harmed);
            } else if books.is_long {
                self.running.repeated(false);
            }
            key.last_effect = effect_version(event.detail);
            self.count_backlog();
            return;
        }
        *effects = effects.saturating_add(1);
        let is_first = *effects == 1;
        self.settled += u64::from(is_first);
        if books.is_long && is_first {
            let is_harmed = self.running.is_harmed(index);
            self.running.settled(index, false, is_harmed);
        } else if books.is_long {
            self.running.repeated(true);
        }
        // Where the newer state covers it, the key stays where it is.
        if event.kind != Kind::Superseded {
            key.last_effect = fact.version;
            if is_first {
                self.plain.reordered += u64::from(fact.version < key.newest_first_effect);
                key.newest_first_effect = key.newest_first_effect.max(fact.version);
            }
        }
        let waited = self.said.get(index).enqueued().filter(|_| is_first);
        self.timing.applied(subscription, waited);
        if is_first {
            self.count_backlog();
        }
    }
}
