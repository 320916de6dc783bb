//! How often each message took effect, by subscription: the figures that the
//! ledger must agree with.

use super::tables::Effect;
use crate::event::MessageId;
use crate::pages::Pages;

#[derive(Clone, Debug, Default)]
pub(super) struct Effects {
    /// By subscription, and then by message.
    counts: Vec<Pages<u32>>,
    pub total: u64,
    /// Those beyond the first of their message.
    pub repeats: u64,
}

impl Effects {
    /// One more effect.
    pub fn add(&mut self, subscription: u16, message: MessageId) -> Effect {
        let place = usize::from(subscription);
        if place >= self.counts.len() {
            self.counts.resize_with(place + 1, Pages::default);
        }
        let count = self.counts[place].get_mut(message.0 as usize);
        *count += 1;
        self.total += 1;
        self.repeats += u64::from(*count > 1);
        if *count > 1 { Effect::Repeat } else { Effect::First }
    }

    /// One less.
    pub fn take_back(&mut self, subscription: u16, message: MessageId) {
        let Some(counts) = self.counts.get_mut(usize::from(subscription)) else { return };
        let count = counts.get_mut(message.0 as usize);
        if *count > 0 {
            self.repeats -= u64::from(*count > 1);
            *count -= 1;
            self.total -= 1;
        }
    }

    pub fn of(&self, subscription: u16, message: MessageId) -> u32 {
        self.counts.get(usize::from(subscription)).map_or(0, |counts| counts.get(message.0 as usize))
    }

    /// Which subscriptions there are, and up to which message (exclusive).
    pub fn ends(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
        (0u16..).zip(&self.counts).map(|(subscription, counts)| (subscription, counts.len() as u32))
    }
}
