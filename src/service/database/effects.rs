//! How often each message took effect, by subscription: the figures that the
//! ledger must agree with.

use super::tables::Effect;
use crate::event::{CopyId, MessageId};
use crate::service::tally::Tally;

#[derive(Clone, Debug, Default)]
pub(super) struct Effects {
    /// By subscription.
    columns: Vec<Column>,
    pub total: u64,
    /// Those beyond the first of their message.
    pub repeats: u64,
}

#[derive(Clone, Debug, Default)]
struct Column {
    counts: Tally,
    /// Which copy brought the last one: attempt and branch.
    copies: Tally,
}

impl Effects {
    /// One more effect.
    pub fn add(&mut self, copy: CopyId, subscription: u16) -> Effect {
        let place = usize::from(subscription);
        if place >= self.columns.len() {
            self.columns.resize_with(place + 1, Column::default);
        }
        let column = &mut self.columns[place];
        let message = copy.message.0 as usize;
        *column.copies.get_mut(message) = u32::from(copy.attempt) << 16 | u32::from(copy.branch);
        let count = column.counts.get_mut(message);
        *count += 1;
        self.total += 1;
        self.repeats += u64::from(*count > 1);
        if *count > 1 { Effect::Repeat } else { Effect::First }
    }

    /// One less.
    pub fn take_back(&mut self, subscription: u16, message: MessageId) {
        let Some(column) = self.columns.get_mut(usize::from(subscription)) else { return };
        let count = column.counts.get_mut(message.0 as usize);
        if *count > 0 {
            self.repeats -= u64::from(*count > 1);
            *count -= 1;
            self.total -= 1;
        }
    }

    pub fn of(&self, subscription: u16, message: MessageId) -> u32 {
        self.columns.get(usize::from(subscription)).map_or(0, |column| column.counts.get(message.0 as usize))
    }

    /// The copy that brought a message's last effect.
    pub fn copy(&self, subscription: u16, message: MessageId) -> CopyId {
        let packed =
            self.columns.get(usize::from(subscription)).map_or(0, |column| column.copies.get(message.0 as usize));
        CopyId { message, attempt: (packed >> 16) as u16, branch: packed as u16 }
    }

    /// Which subscriptions there are, and up to which message (exclusive).
    pub fn ends(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
        (0u16..).zip(&self.columns).map(|(subscription, column)| (subscription, column.counts.end() as u32))
    }
}
