//! Who takes part in a lab, and by which names. The order of nodes is fixed
//! (producers, brokers, consumers, caches, forwarders, reconcilers, the database,
//! controllers), so a `NodeId` means the same in every run of a lab.

use crate::event::NodeId;
use crate::picture::Role;

/// The nodes of a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topology {
    pub producers: u16,
    pub brokers: u16,
    pub consumers: u16,
    /// Stores like Redis: a primary and its replica.
    pub caches: u16,
    /// Programs that move messages from one queue to others.
    pub forwarders: u16,
    /// Programs that look for what the books have and nobody acted on.
    pub reconcilers: u16,
    /// Nodes that keep the metadata of a log's brokers and elect leaders.
    pub controllers: u16,
}

impl Topology {
    /// A topology of producers, brokers and consumers alone.
    #[must_use]
    pub const fn new(producers: u16, brokers: u16, consumers: u16) -> Self {
        Self { producers, brokers, consumers, caches: 0, forwarders: 0, reconcilers: 0, controllers: 0 }
    }

    /// How many nodes there are, the database included.
    #[must_use]
    pub const fn len(self) -> usize {
        (self.database().0 + 1 + self.controllers) as usize
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
    pub const fn cache(self, index: u16) -> NodeId {
        NodeId(self.producers + self.brokers + self.consumers + index)
    }

    #[must_use]
    pub const fn forwarder(self, index: u16) -> NodeId {
        self.cache(self.caches + index)
    }

    #[must_use]
    pub const fn reconciler(self, index: u16) -> NodeId {
        NodeId(self.forwarder(self.forwarders).0 + index)
    }

    #[must_use]
    pub const fn database(self) -> NodeId {
        self.reconciler(self.reconcilers)
    }

    #[must_use]
    pub const fn controller(self, index: u16) -> NodeId {
        NodeId(self.database().0 + 1 + index)
    }

    const fn is_forwarder(self, node: NodeId) -> bool {
        node.0 >= self.forwarder(0).0 && node.0 < self.reconciler(0).0
    }

    const fn is_reconciler(self, node: NodeId) -> bool {
        node.0 >= self.reconciler(0).0 && node.0 < self.database().0
    }

    #[must_use]
    pub const fn role(self, node: NodeId) -> Role {
        if node.0 < self.producers || self.is_reconciler(node) {
            Role::Producer
        } else if node.0 < self.producers + self.brokers {
            Role::Broker
        } else if node.0 < self.producers + self.brokers + self.consumers || self.is_forwarder(node) {
            Role::Consumer
        } else if node.0 <= self.database().0 {
            Role::Store
        } else {
            Role::Controller
        }
    }

    /// `broker-1`, counted from 1; the database has no number.
    #[must_use]
    pub fn name(self, node: NodeId) -> String {
        match self.role(node) {
            Role::Producer if self.is_reconciler(node) => format!("reconciler-{}", node.0 - self.reconciler(0).0 + 1),
            Role::Producer => format!("producer-{}", node.0 + 1),
            Role::Broker => format!("broker-{}", node.0 - self.producers + 1),
            Role::Consumer if self.is_forwarder(node) => format!("forwarder-{}", node.0 - self.forwarder(0).0 + 1),
            Role::Consumer => format!("consumer-{}", node.0 - self.producers - self.brokers + 1),
            Role::Store if node == self.database() => "database".to_owned(),
            Role::Store => format!("cache-{}", node.0 - self.cache(0).0 + 1),
            Role::Controller => format!("controller-{}", node.0 - self.database().0),
        }
    }

    #[must_use]
    pub fn named(self, name: &str) -> Option<NodeId> {
        self.nodes().find(|node| self.name(*node) == name)
    }

    pub fn nodes(self) -> impl Iterator<Item = NodeId> {
        (0..self.len() as u16).map(NodeId)
    }

    pub fn brokers(self) -> impl Iterator<Item = NodeId> {
        (0..self.brokers).map(move |index| self.broker(index))
    }

    pub fn controllers(self) -> impl Iterator<Item = NodeId> {
        (0..self.controllers).map(move |index| self.controller(index))
    }

    /// All names, for an error message.
    #[must_use]
    pub fn names(self) -> String {
        self.nodes().map(|node| self.name(node)).collect::<Vec<_>>().join(", ")
    }
}

/// The order in which clients try brokers: a client's own first, then the others
/// in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connect {
    /// Everyone begins with broker-1; otherwise the i-th client of a kind begins
    /// with the i-th broker.
    pub first: bool,
    /// Clients that begin elsewhere.
    pub own: Vec<(NodeId, NodeId)>,
}

impl Connect {
    /// The brokers of a client, the i-th of its kind.
    #[must_use]
    pub fn brokers(&self, topology: Topology, client: NodeId, index: u16) -> Vec<NodeId> {
        let own = self.own.iter().find(|(known, _)| *known == client);
        let begin = match own {
            Some((_, broker)) => broker.0 - topology.broker(0).0,
            None if self.first => 0,
            None => index % topology.brokers.max(1),
        };
        (0..topology.brokers).map(|turn| topology.broker((begin + turn) % topology.brokers)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_tries_its_own_broker_first_and_every_other_one_after_it() {
        let topology = Topology::new(1, 3, 5);
        let brokers = |connect: &Connect, index| connect.brokers(topology, topology.consumer(index), index);
        assert_eq!(brokers(&Connect::default(), 4), [NodeId(2), NodeId(3), NodeId(1)]);
        assert_eq!(brokers(&Connect { first: true, own: Vec::new() }, 4), [NodeId(1), NodeId(2), NodeId(3)]);
        let own = Connect { first: true, own: vec![(topology.consumer(4), topology.broker(2))] };
        assert_eq!(brokers(&own, 4), [NodeId(3), NodeId(1), NodeId(2)]);
    }

    #[test]
    fn every_node_is_found_by_its_name() {
        let topology = Topology { caches: 2, forwarders: 1, reconcilers: 1, controllers: 2, ..Topology::new(2, 3, 1) };
        let before = "producer-1, producer-2, broker-1, broker-2, broker-3, consumer-1, cache-1, cache-2";
        assert_eq!(
            topology.names(),
            format!("{before}, forwarder-1, reconciler-1, database, controller-1, controller-2")
        );
        for node in topology.nodes() {
            assert_eq!(topology.named(&topology.name(node)), Some(node));
        }
        assert_eq!(topology.named("broker-4"), None);
    }
}
