//! What screens, ledgers and tests may see of a world. Nothing here changes it.

use super::disk::Disk;
use super::happening::Happening;
use super::link::{Flight, LinkState};
use super::world::World;
use crate::event::NodeId;
use crate::node::{FileId, Node};
use crate::picture::Status;
use crate::time::{Span, Time};

impl<N: Node> World<N> {
    /// When a fault of the schedule fired. Faults injected later count on from
    /// those the run was started with.
    #[must_use]
    pub fn fired(&self, fault_index: usize) -> Option<Time> {
        self.schedule.fired(fault_index)
    }

    /// When something last happened to a message.
    #[must_use]
    pub fn last_message(&self) -> Time {
        self.last_message
    }

    /// How long nothing has happened to any message.
    #[must_use]
    pub fn idle(&self) -> Span {
        self.now.since(self.last_message)
    }

    #[must_use]
    pub fn node(&self, id: NodeId) -> &N {
        &self.process(id).node
    }

    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &N)> {
        self.processes.iter().enumerate().map(|(id, process)| (NodeId(id as u16), &process.node))
    }

    #[must_use]
    pub fn node_count(&self) -> usize {
        self.processes.len()
    }

    #[must_use]
    pub fn status(&self, id: NodeId) -> Status {
        self.process(id).status()
    }

    #[must_use]
    pub fn disk(&self, node: NodeId) -> &Disk {
        &self.disks[usize::from(node.0)]
    }

    /// Whether a byte of a file is on the device, or only in the page cache.
    #[must_use]
    pub fn is_on_device(&self, node: NodeId, file: FileId, offset: u64) -> bool {
        self.disk(node).is_on_device(file, offset, self.now)
    }

    #[must_use]
    pub fn link_state(&self, from: NodeId, to: NodeId) -> LinkState {
        self.link(from, to).state()
    }

    /// The frames under way, in no particular order.
    pub fn flights(&self) -> impl Iterator<Item = Flight> {
        let held = self.links.iter().flat_map(|link| &link.held).map(|entry| (Time::MAX, entry));
        let queued = self.queue.iter();
        queued.chain(held).filter_map(|(arrives, entry)| match &entry.what {
            Happening::Frame { connection, to, sent, about, frame, .. } => {
                let connection = &self.connections[connection.0 as usize];
                let (from, to) = (connection.node(to.other()), connection.node(*to));
                Some(Flight { from, to, kind: frame.kind(), about: *about, sent: *sent, arrives })
            }
            _ => None,
        })
    }
}
