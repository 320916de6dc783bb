//! How long things stood still, folded from the same events as the fates. All of
//! it is what a client could observe with a watch.
//!
//! - **blocked**: from the broker's `connection.blocked` until it lets go, the
//!   connection ends or the producer dies; summed over producers.
//! - **unconnected**: the longest stretch in which a producer that runs had no
//!   channel to any broker. It begins when the last one breaks or none can be had: a
//!   broker that a producer has no more business with takes nothing away.
//! - **unavailable**: the longest stretch in which at least one fact that had
//!   occurred waited for an answer and none was told ok. Only where producers ask
//!   for confirms; the messages of a producer that died wait no more.
//! - **stalled**: the longest stretch in which nothing was applied for a
//!   subscription although a message lay in a queue for it all the while: one that
//!   is applied at the end of the stretch, or that the audit still finds waiting.
//!   A message that is lost makes nobody wait. Work on a message counts, so a
//!   consumer that takes 300 ms stalls for 300 ms.
//! - **answered**: from the first fact until the last one that was told ok. Only
//!   where producers ask for confirms.
//! - **drained**: the longest stretch in which at every moment some row had
//!   occurred and was not applied: how long a backlog took to drain. One that is
//!   lost waits to the end.
//!
//! BLOCK, UNAVAIL and REORD in the matrix of faults: a producer that must wait is
//! *blocked* if it was told so, or *unavailable* while it stays connected; the
//! service is UNAVAIL for producers if it is *unavailable* and *unconnected*, and
//! for a subscription while it is *stalled*; REORD is counted by the rows.

use super::Books;
use crate::event::NodeId;
use crate::lab::totals::Totals;
use crate::time::{Span, Time};

#[derive(Clone, Debug, Default)]
pub(super) struct Timing {
    /// Producers ask for confirms.
    asks: bool,
    brokers: u16,
    /// By producer.
    held: Vec<Held>,
    blocked: Span,
    unconnected: Span,
    /// Facts that wait for an answer, since when nobody was told ok.
    waiting: u64,
    since: Time,
    unavailable: Span,
    /// By subscription: the last effect.
    applied: Vec<Time>,
    stalled: Span,
    /// When the first fact occurred.
    begun: Option<Time>,
    answered: Span,
    /// Since when rows wait to be applied without a break.
    backlogged: Option<Time>,
    drained: Span,
    now: Time,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    blocked: Option<Time>,
    unconnected: Option<Time>,
    /// Brokers that it has a channel to, a bit each.
    channels: u64,
}

impl Timing {
    pub fn begin(&mut self, books: &Books, subscriptions: u16) {
        (self.asks, self.brokers) = (books.asks, books.brokers);
        self.held.clear();
        self.held.resize(usize::from(books.producers), Held::default());
        self.applied.clear();
        self.applied.resize(usize::from(subscriptions), Time::ZERO);
        self.waiting = 0;
        self.since = Time::ZERO;
        self.now = Time::ZERO;
        (self.blocked, self.unconnected) = (Span::ZERO, Span::ZERO);
        (self.unavailable, self.stalled) = (Span::ZERO, Span::ZERO);
        (self.begun, self.answered) = (None, Span::ZERO);
        (self.backlogged, self.drained) = (None, Span::ZERO);
    }

    pub fn set_now(&mut self, now: Time) {
        self.now = now;
    }

    fn held(&mut self, node: NodeId) -> Option<&mut Held> {
        self.held.get_mut(usize::from(node.0))
    }

    /// Whether a node is a producer.
    pub fn is_producer(&self, node: NodeId) -> bool {
        usize::from(node.0) < self.held.len()
    }

    pub fn blocked(&mut self, producer: NodeId) {
        let now = self.now;
        if let Some(held) = self.held(producer) {
            held.blocked.get_or_insert(now);
        }
    }

    pub fn unblocked(&mut self, producer: NodeId) {
        let since = self.held(producer).and_then(|held| held.blocked.take());
        self.blocked = self.blocked + since.map_or(Span::ZERO, |since| self.now.since(since));
    }

    /// The bit of a broker; none for any other peer. Nobody has 64 brokers.
    fn bit(&self, peer: u64) -> u64 {
        let broker = peer.wrapping_sub(self.held.len() as u64);
        if broker < u64::from(self.brokers) { 1 << (broker % 64) } else { 0 }
    }

    pub fn disconnected(&mut self, producer: NodeId, peer: u64) {
        let (now, bit) = (self.now, self.bit(peer));
        if bit == 0 {
            return;
        }
        self.unblocked(producer);
        if let Some(held) = self.held(producer) {
            held.channels &= !bit;
            if held.channels == 0 {
                held.unconnected.get_or_insert(now);
            }
        }
    }

    pub fn connected(&mut self, producer: NodeId, peer: u64) {
        let bit = self.bit(peer);
        if bit > 0 {
            self.held(producer).into_iter().for_each(|held| held.channels |= bit);
            self.is_connected(producer);
        }
    }

    fn is_connected(&mut self, producer: NodeId) {
        let since = self.held(producer).and_then(|held| held.unconnected.take());
        self.unconnected = self.unconnected.max(since.map_or(Span::ZERO, |since| self.now.since(since)));
    }

    /// The producer's process is gone, and what it waited for with it.
    pub fn died(&mut self, producer: NodeId) {
        self.is_connected(producer);
        self.unblocked(producer);
        self.held(producer).into_iter().for_each(|held| held.channels = 0);
    }

    /// A fact begins to wait for its answer. False if nobody asks for answers.
    pub fn asked(&mut self) -> bool {
        self.begun.get_or_insert(self.now);
        if self.asks {
            if self.waiting == 0 {
                self.since = self.now;
            }
            self.waiting += 1;
        }
        self.asks
    }

    /// A fact that waited does so no more, and none was told ok.
    pub fn given_up(&mut self) {
        self.waiting -= 1;
        if self.waiting == 0 {
            self.unavailable = self.unavailable.max(self.now.since(self.since));
        }
    }

    /// Somebody was told ok: about a fact that waited, or once more.
    pub fn told_ok(&mut self, waited: bool) {
        if self.waiting > 0 {
            self.unavailable = self.unavailable.max(self.now.since(self.since));
            self.since = self.now;
        }
        if waited {
            self.waiting -= 1;
            self.answered = self.begun.map_or(Span::ZERO, |begun| self.now.since(begun));
        }
    }

    /// This many rows wait to be applied now.
    pub fn backlog(&mut self, rows: u64) {
        if rows > 0 {
            self.backlogged.get_or_insert(self.now);
        } else if let Some(since) = self.backlogged.take() {
            self.drained = self.drained.max(self.now.since(since));
        }
    }

    /// An effect; `waited` is since when the message lay in a queue, if this is
    /// its first.
    pub fn applied(&mut self, subscription: u16, waited: Option<Time>) {
        let now = self.now;
        let Some(last) = self.applied.get_mut(usize::from(subscription)) else { return };
        if let Some(waited) = waited {
            self.stalled = self.stalled.max(now.since(waited.max(*last)));
        }
        *last = now;
    }

    /// How long a subscription has waited for a message that is still there.
    pub fn waits(&self, subscription: u16, waited: Time) -> Span {
        let last = self.applied.get(usize::from(subscription)).copied().unwrap_or_default();
        self.now.since(waited.max(last))
    }

    /// Writes down what the watch shows now; `waits` is the longest wait of a
    /// message that is still there.
    pub fn count(&self, waits: Span, totals: &mut Totals) {
        let lasts = |since: Option<Time>| since.map_or(Span::ZERO, |since| self.now.since(since));
        let blocked = self.held.iter().fold(self.blocked, |sum, held| sum + lasts(held.blocked));
        let unconnected = self.held.iter().map(|held| lasts(held.unconnected)).fold(self.unconnected, Span::max);
        let waiting = if self.waiting > 0 { self.now.since(self.since) } else { Span::ZERO };
        totals.blocked_ms = blocked.as_millis();
        totals.unconnected_ms = unconnected.as_millis();
        totals.unavailable_ms = self.unavailable.max(waiting).as_millis();
        totals.stalled_ms = self.stalled.max(waits).as_millis();
        totals.answered_ms = self.answered.as_millis();
        totals.drained_ms = self.drained.max(lasts(self.backlogged)).as_millis();
    }
}
