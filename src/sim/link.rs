//! A link: the way from one node to another, one direction. It can be slow, or
//! blocked in silence. A blocked link holds what would have arrived, as the
//! sender's operating system would by sending it again and again, and lets it
//! through in order when it opens. Left out: how long TCP's own timers take to
//! notice that a link is back, and that they give up after some minutes.

use std::collections::VecDeque;

use super::happening::Entry;
use super::slowness::Slowness;
use crate::event::{CopyId, NodeId};
use crate::protocol::FrameKind;
use crate::random::{Draw, Purpose, Seed};
use crate::time::{Span, Time};

/// What a picture shows of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    Open,
    /// Nothing passes, and nobody is told.
    Blocked,
    Slow,
}

/// A frame under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    pub from: NodeId,
    pub to: NodeId,
    pub kind: FrameKind,
    pub about: Option<CopyId>,
    pub sent: Time,
    /// [`Time::MAX`] while a blocked link holds it.
    pub arrives: Time,
}

#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Blocked until then; zero when it is open, [`Time::MAX`] until healed.
    pub blocked_until: Time,
    pub slowness: Slowness<Span>,
    /// What would have arrived while blocked.
    pub held: VecDeque<Entry>,
    latency: Draw,
}

impl Link {
    pub fn new(seed: Seed, from: NodeId, to: NodeId) -> Self {
        let latency = seed.draw(Purpose::LinkLatency).by(u64::from(from.0)).by(u64::from(to.0));
        Self { blocked_until: Time::ZERO, slowness: Slowness::none(), held: VecDeque::new(), latency }
    }

    pub fn is_blocked(&self) -> bool {
        self.blocked_until > Time::ZERO
    }

    pub fn is_slow(&self) -> bool {
        self.slowness.worst().is_some()
    }

    /// Added to every latency.
    pub fn extra(&self) -> Span {
        self.slowness.worst().unwrap_or(Span::ZERO)
    }

    pub fn state(&self) -> LinkState {
        if self.is_blocked() {
            LinkState::Blocked
        } else if self.is_slow() {
            LinkState::Slow
        } else {
            LinkState::Open
        }
    }

    /// How much longer than the least a frame about this copy takes. The same
    /// copy in the same kind of frame always takes as long, whatever else goes on.
    pub fn jitter(&self, kind: FrameKind, about: CopyId, most: Span) -> Span {
        self.latency.by(kind as u64).by(about.tag()).span(Span::ZERO, most)
    }
}
