//! The outbox table (本地消息表): rows that a producer commits together with its
//! business row, and that a relay publishes afterwards, in order, until each is
//! marked as sent. There is one relay; two would need to keep out of each other's
//! way (`FOR UPDATE SKIP LOCKED`).

use crate::event::MessageId;
use crate::pages::Pages;
use crate::protocol::store::OutboxRow;

/// What a row is besides its number, which counts up from 0.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    message: MessageId,
    attempts: u16,
    sent: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    rows: Pages<Row>,
    /// The number of each message's row, plus one.
    by_message: Pages<u32>,
    length: u32,
    /// All before this are sent.
    first_unsent: u32,
    sent: u32,
}

impl Outbox {
    pub fn insert(&mut self, message: MessageId) {
        *self.rows.get_mut(self.length as usize) = Row { message, attempts: 0, sent: false };
        self.length += 1;
        *self.by_message.get_mut(message.0 as usize) = self.length;
    }

    /// False if there is no such row, or it was marked before.
    pub fn mark_sent(&mut self, message: MessageId) -> bool {
        let Some(row) = self.by_message.get(message.0 as usize).checked_sub(1) else { return false };
        let row = self.rows.get_mut(row as usize);
        if std::mem::replace(&mut row.sent, true) {
            return false;
        }
        self.sent += 1;
        while self.first_unsent < self.length && self.rows.get(self.first_unsent as usize).sent {
            self.first_unsent += 1;
        }
        true
    }

    /// Hands out the oldest unsent rows, and counts the attempt on each.
    pub fn poll(&mut self, limit: u16) -> Box<[OutboxRow]> {
        let numbers: Vec<u32> = self.unsent_numbers().take(usize::from(limit)).collect();
        let hand_out = |number: u32| {
            let row = self.rows.get_mut(number as usize);
            row.attempts = row.attempts.saturating_add(1);
            OutboxRow { message: row.message, attempt: row.attempts }
        };
        numbers.into_iter().map(hand_out).collect()
    }

    pub fn unsent(&self) -> impl Iterator<Item = MessageId> + '_ {
        self.unsent_numbers().map(|number| self.rows.get(number as usize).message)
    }

    pub const fn unsent_count(&self) -> u32 {
        self.length - self.sent
    }

    fn unsent_numbers(&self) -> impl Iterator<Item = u32> + '_ {
        (self.first_unsent..self.length).filter(|number| !self.rows.get(*number as usize).sent)
    }
}
