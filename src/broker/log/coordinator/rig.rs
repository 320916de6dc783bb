//! The partition of an internal topic, as unit tests host a coordinator: appends
//! wait above the high watermark until the test moves it, and what waits there may
//! be lost when another replica takes over.

use std::collections::VecDeque;

use super::{Caller, Effect, Loaded};
use crate::event::NodeId;
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

/// Replies to everyone, in order.
pub fn replies(effects: &[Effect]) -> Vec<(Caller, Message)> {
    let replies = effects.iter().filter_map(|effect| match effect {
        Effect::Reply(caller, message) => Some((*caller, message.clone())),
        _ => None,
    });
    replies.collect()
}
