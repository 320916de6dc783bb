//! Who takes part in a lab, and by which names. The order of nodes is fixed
//! (producers, brokers, consumers, the database), so a `NodeId` means the same
//! in every run of a lab.

use crate::event::NodeId;
use crate::picture::Role;

/// The nodes of a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topology {
    pub producers: u16,
    pub brokers: u16,
    pub consumers: u16,
}

impl Topology {
    /// How many nodes there are, the database included.
    #[must_use]
    pub const fn len(self) -> usize {
        (self.producers + self.brokers + self.consumers + 1) as usize
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        false
    }

    #[must_use]
    pub const fn producer(self, index: u16) -> NodeId {
        NodeId(index)
    }

    #[must_use]
    pub const fn broker(self, index: u16) -> NodeId {
        NodeId(self.producers + index)
    }

    #[must_use]
    pub const fn consumer(self, index: u16) -> NodeId {
        NodeId(self.producers + self.brokers + index)
    }

    #[must_use]
    pub const fn database(self) -> NodeId {
        NodeId(self.producers + self.brokers + self.consumers)
    }

    #[must_use]
    pub const fn role(self, node: NodeId) -> Role {
        if node.0 < self.producers {
            Role::Producer
        } else if node.0 < self.producers + self.brokers {
            Role::Broker
        } else if node.0 < self.producers + self.brokers + self.consumers {
            Role::Consumer
        } else {
            Role::Store
        }
    }

    /// `broker-1`, counted from 1; the database has no number.
    #[must_use]
    pub fn name(self, node: NodeId) -> String {
        match self.role(node) {
            Role::Producer => format!("producer-{}", node.0 + 1),
            Role::Broker => format!("broker-{}", node.0 - self.producers + 1),
            Role::Consumer => format!("consumer-{}", node.0 - self.producers - self.brokers + 1),
            Role::Store => "database".to_owned(),
        }
    }

    #[must_use]
    pub fn named(self, name: &str) -> Option<NodeId> {
        self.nodes().find(|node| self.name(*node) == name)
    }

    pub fn nodes(self) -> impl Iterator<Item = NodeId> {
        (0..self.len() as u16).map(NodeId)
    }

    /// All names, for an error message.
    #[must_use]
    pub fn names(self) -> String {
        self.nodes().map(|node| self.name(node)).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_is_found_by_its_name() {
        let topology = Topology { producers: 2, brokers: 3, consumers: 1 };
        assert_eq!(topology.names(), "producer-1, producer-2, broker-1, broker-2, broker-3, consumer-1, database");
        for node in topology.nodes() {
            assert_eq!(topology.named(&topology.name(node)), Some(node));
        }
        assert_eq!(topology.named("broker-4"), None);
    }
}
