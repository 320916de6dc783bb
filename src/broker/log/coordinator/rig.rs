//! What the unit tests of all coordinators share.
//!
//! - The partition of an internal topic that hosts one: appends wait above the high
//!   watermark until the test moves it, and what waits there may be lost when another
//!   replica takes over.
//! - Clients, and the answers to them.
//! - Random lives: many of them, what they met, and whether they notice a flaw.

use std::collections::{BTreeMap, VecDeque};

use super::{Caller, Effect, Effects, Loaded};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::ConnectionId;
use crate::protocol::log::{Control, Message, ProducerId};

#[derive(Clone, Debug, Default)]
pub struct Log {
    pub committed: Vec<Loaded>,
    /// Batches above the high watermark.
    pub waiting: VecDeque<(u64, Vec<Loaded>)>,
}

impl Log {
    /// Takes an append of a coordinator.
    pub fn append(&mut self, token: u64, records: &[bytes::Bytes], producer: Option<ProducerId>) {
        let batch = records.iter().map(|bytes| Loaded::Record { producer, bytes: bytes.clone() });
        self.waiting.push_back((token, batch.collect()));
    }

    /// The high watermark passes one batch.
    pub fn commit(&mut self) -> Option<u64> {
        let (token, batch) = self.waiting.pop_front()?;
        self.committed.extend(batch);
        Some(token)
    }

    pub fn marker(&mut self, producer: ProducerId, control: Control) {
        self.committed.push(Loaded::Marker { producer, control });
    }

    /// Another replica leads: it has the first `kept` of what waited.
    pub fn fail_over(&mut self, kept: usize) -> Vec<Loaded> {
        let kept = kept.min(self.waiting.len());
        self.committed.extend(self.waiting.drain(..kept).flat_map(|(_, batch)| batch));
        self.waiting.clear();
        self.committed.clone()
    }
}

/// A client of the tests: its requests on a connection of its own.
pub const fn caller(client: u16, correlation: u32) -> Caller {
    Caller { connection: ConnectionId(client as u32), correlation, client: NodeId(client) }
}

/// The answer to a request, if there is one among what happened. It is taken out.
pub fn take_answer(effects: &mut Effects, number: u32) -> Option<Message> {
    let is_it = |effect: &Effect| matches!(effect, Effect::Reply(caller, _) if caller.correlation == number);
    let at = effects.iter().position(is_it)?;
    match effects.remove(at) {
        Effect::Reply(_, message) => Some(message),
        _ => None,
    }
}

/// What a random life met, and how often.
pub type Seen = BTreeMap<&'static str, u32>;

/// What three hundred lives met, taken together.
pub fn seen_in_many(live: fn(u64) -> Seen) -> Seen {
    let mut seen = Seen::new();
    for seed in 0..300 {
        live(seed).into_iter().for_each(|(what, count)| *seen.entry(what).or_default() += count);
    }
    seen
}

/// Whether one of a hundred lives panics over a flaw.
pub fn is_noticed(flaw: Flaw, live: fn(u64) -> Seen) -> bool {
    std::panic::catch_unwind(|| flaw::with(flaw, || (0..100).for_each(|seed| drop(live(seed))))).is_err()
}
