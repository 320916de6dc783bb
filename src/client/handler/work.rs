//! The message in hand, and how far it is.

use super::mark::Question;
use crate::event::CopyId;
use crate::protocol::fact::Fact;
use crate::time::Time;

/// A message as it was delivered.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    pub copy: CopyId,
    /// By which the client settles it: a delivery tag, or an offset.
    pub tag: u64,
    /// What the tag belongs to: a channel, or a partition.
    pub generation: u32,
    /// `None` if the payload is no fact.
    pub fact: Option<Fact>,
}

#[derive(Clone, Copy, Debug)]
pub struct Work {
    pub delivery: Delivery,
    pub phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A question for the store with the marks; when it was asked, if it was.
    Asking {
        question: Question,
        asked: Option<(u64, Time)>,
    },
    /// Another consumer has a lease on it.
    HoldingOff,
    Processing,
    /// The effect is ready to be written, and the store is not connected.
    Waiting(Fact),
    Writing {
        fact: Fact,
        request: u64,
        since: Time,
    },
}

impl Work {
    /// Whether the handler has the message, or had it.
    pub const fn has_begun(&self) -> bool {
        use Question::{Claim, Inspect, Look};
        !matches!(self.phase, Phase::Asking { question: Look | Claim | Inspect, .. } | Phase::HoldingOff)
    }
}
