//! Who is in an event: its node, its peer and its message, by name.

use crate::event::{CopyId, Event, NodeId, fault_peer};
use crate::lab::Topology;

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

    pub fn copy(&self) -> Option<CopyId> {
        self.event.copy
    }

    /// The number of the send, if it is not the first.
    pub fn resend(&self) -> Option<u16> {
        self.event.copy.map(|copy| copy.attempt).filter(|attempt| *attempt > 1)
    }
}
