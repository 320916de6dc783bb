//! Who is in an event: its node, its peer and its message, by name.

use crate::event::{CopyId, Event, NodeId, detail_queue, detail_term, fault_peer};
use crate::lab::Topology;
use crate::protocol::Name;
use crate::text::Language;

pub(super) struct Scene<'a> {
    pub event: &'a Event,
    pub topology: Topology,
}

impl Scene<'_> {
    pub fn node(&self) -> String {
        self.topology.name(self.event.node)
    }

    /// The other end of a connection that began or ended.
    pub fn peer(&self) -> String {
        self.topology.name(NodeId(self.event.detail as u16))
    }

    /// The other end of the link that a fault concerns.
    pub fn fault_peer(&self) -> Option<String> {
        fault_peer(self.event.detail).map(|peer| self.topology.name(peer))
    }

    /// Of which leader an event about a replicated queue speaks: the queue's or the
    /// cluster's own, and the term.
    pub fn of_queue(&self, language: Language) -> String {
        let (queue, term) = (detail_queue(self.event.detail), detail_term(self.event.detail));
        match (queue == Name::EMPTY, language) {
            (true, Language::Zh) => format!("集群元数据（任期 {term}）的"),
            (false, Language::Zh) => format!("队列（任期 {term}）的"),
            (true, Language::En) => format!(" of the cluster's metadata (term {term})"),
            (false, Language::En) => format!(" of the queue (term {term})"),
        }
    }

    pub fn copy(&self) -> Option<CopyId> {
        self.event.copy
    }

    /// Whether a reconciler made this copy.
    pub fn is_refill(&self) -> bool {
        self.event.copy.is_some_and(|copy| copy.refill().is_some())
    }

    /// The number of the send, if it is not the first.
    pub fn resend(&self) -> Option<u16> {
        self.event.copy.map(|copy| copy.attempt).filter(|attempt| *attempt > 1)
    }
}
