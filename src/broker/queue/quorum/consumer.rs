//! One consumer as its queue knows it: how much credit it has, what it holds, and
//! whether it may be handed more.

use std::collections::VecDeque;

use bytes::Buf;

use super::command::{ConsumerKey, Session};
use super::message::Message;
use crate::codec::{Coded, get_all, put_all};
use crate::time::Time;

/// A prefetch of zero means this much to a quorum queue.
pub const UNLIMITED_PREFETCH: u32 = 2_000;

/// What the consumer itself wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Up,
    /// Cancelled; it stays while it holds something.
    Cancelled,
    /// The single active consumer, giving way to one of higher priority once it
    /// holds nothing.
    Quiescing,
}

/// Why a consumer is passed over although it wants messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Its node does not answer.
    Suspected,
    /// It held a delivery for too long, and has not settled it since.
    TimedOut,
}

/// A delivery that is not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub delivery: u64,
    /// When the consumer has held it for too long.
    pub until: Time,
    pub message: Message,
}

#[derive(Clone, Debug)]
pub struct Consumer {
    pub key: ConsumerKey,
    pub session: Session,
    pub tag: u16,
    pub priority: i16,
    prefetch: u32,
    pub credit: u32,
    pub status: Status,
    pub trouble: Option<Trouble>,
    /// The number of its next delivery.
    pub next: u64,
    /// By number.
    pub held: VecDeque<Held>,
    /// Deliveries that were taken from it because it took too long.
    pub timed_out: Vec<u64>,
    /// When a suspected consumer's deliveries go to others.
    pub suspected_until: Option<Time>,
}

impl Consumer {
    #[must_use]
    pub fn new(key: ConsumerKey, session: Session, tag: u16, prefetch: u16, priority: i16) -> Self {
        let prefetch = allowance(prefetch);
        Self {
            key,
            session,
            tag,
            priority,
            prefetch,
            credit: prefetch,
            status: Status::Up,
            trouble: None,
            next: 0,
            held: VecDeque::new(),
            timed_out: Vec::new(),
            suspected_until: None,
        }
    }

    /// The same consumer subscribed again.
    pub fn renew(&mut self, prefetch: u16, priority: i16) {
        self.prefetch = allowance(prefetch);
        self.credit = self.prefetch.saturating_sub(self.held.len() as u32);
        self.priority = priority;
        self.status = Status::Up;
        self.trouble = None;
    }

    #[must_use]
    pub fn wants_more(&self) -> bool {
        self.status == Status::Up && self.trouble.is_none() && self.credit > 0
    }

    /// Whether it counts as the single active consumer.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status != Status::Cancelled && self.trouble != Some(Trouble::TimedOut)
    }

    /// Hands it a message and returns the number of the delivery.
    pub fn hand(&mut self, message: Message, until: Time) -> u64 {
        let delivery = self.next;
        self.next += 1;
        self.credit -= 1;
        self.held.push_back(Held { delivery, until, message });
        delivery
    }

    /// Takes a delivery back, and gives the credit back with it.
    pub fn take(&mut self, delivery: u64) -> Option<Message> {
        let at = self.held.binary_search_by_key(&delivery, |held| held.delivery).ok()?;
        let held = self.held.remove(at)?;
        if self.status != Status::Cancelled {
            self.credit = (self.credit + 1).min(self.prefetch);
        }
        Some(held.message)
    }

    /// Its node does not answer.
    pub fn suspect(&mut self, until: Time) {
        self.trouble = Some(Trouble::Suspected);
        self.suspected_until = Some(until);
    }

    /// Its node answers again.
    pub fn trust(&mut self) {
        self.suspected_until = None;
        self.trouble = (!self.timed_out.is_empty()).then_some(Trouble::TimedOut);
    }

    /// It settled deliveries that had been taken from it.
    pub fn forgive(&mut self, settled: impl Fn(u64) -> bool) {
        if self.trouble == Some(Trouble::TimedOut) {
            self.timed_out.retain(|delivery| !settled(*delivery));
            if self.timed_out.is_empty() {
                self.trouble = None;
            }
        }
    }
}

fn allowance(prefetch: u16) -> u32 {
    if prefetch == 0 { UNLIMITED_PREFETCH } else { u32::from(prefetch) }
}

impl Coded for Held {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.delivery.put(bytes);
        self.until.put(bytes);
        self.message.put(bytes);
    }

    fn get(r: &mut impl Buf) -> Option<Self> {
        Some(Self { delivery: Coded::get(r)?, until: Coded::get(r)?, message: Coded::get(r)? })
    }
}

impl Coded for Consumer {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.key.put(bytes);
        self.session.put(bytes);
        self.tag.put(bytes);
        self.priority.put(bytes);
        self.prefetch.put(bytes);
        self.credit.put(bytes);
        (self.status as u8).put(bytes);
        self.trouble.map_or(0, |trouble| trouble as u8 + 1).put(bytes);
        self.next.put(bytes);
        put_all(self.held.iter(), bytes);
        put_all(self.timed_out.iter(), bytes);
        self.suspected_until.put(bytes);
    }

    fn get(r: &mut impl Buf) -> Option<Self> {
        Some(Self {
            key: Coded::get(r)?,
            session: Coded::get(r)?,
            tag: Coded::get(r)?,
            priority: Coded::get(r)?,
            prefetch: Coded::get(r)?,
            credit: Coded::get(r)?,
            status: [Status::Up, Status::Cancelled, Status::Quiescing].get(usize::from(u8::get(r)?)).copied()?,
            trouble: match u8::get(r)? {
                0 => None,
                1 => Some(Trouble::Suspected),
                2 => Some(Trouble::TimedOut),
                _ => return None,
            },
            next: Coded::get(r)?,
            held: get_all(r)?,
            timed_out: get_all(r)?,
            suspected_until: Coded::get(r)?,
        })
    }
}
