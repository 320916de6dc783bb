//! What the metadata log amounts to. Its records are absolute ("this partition is
//! now so"), so carrying one out is nothing but remembering it, and of all that
//! were ever written about one thing only the last counts. That makes the state a
//! compacted log: every thing with the offset of its last change.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::{Change, Partition, TopicPartition};

/// What is known of a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broker {
    /// The offset of its registration.
    pub epoch: u64,
    pub incarnation: u64,
    pub is_fenced: bool,
}

/// Something with the offset of its last change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dated<T> {
    at: u64,
    value: T,
}

/// The metadata as of an offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    /// The offset that the next change gets.
    offset: u64,
    brokers: BTreeMap<NodeId, Dated<Broker>>,
    topics: BTreeMap<Name, Dated<u16>>,
    partitions: BTreeMap<TopicPartition, Dated<Arc<Partition>>>,
    producer_ids: Option<Dated<u64>>,
    controller: Option<Dated<NodeId>>,
}

impl Metadata {
    pub fn apply(&mut self, change: &Change) {
        let at = self.offset;
        self.offset += 1;
        self.remember(at, change);
    }

    fn remember(&mut self, at: u64, change: &Change) {
        match change {
            Change::Broker { broker, epoch, incarnation, is_fenced } => {
                let value = Broker { epoch: *epoch, incarnation: *incarnation, is_fenced: *is_fenced };
                self.brokers.insert(*broker, Dated { at, value });
            }
            Change::Partition { partition, state } => {
                self.partitions.insert(*partition, Dated { at, value: Arc::clone(state) });
            }
            Change::ProducerIds { next } => self.producer_ids = Some(Dated { at, value: *next }),
            Change::Leader { controller } => self.controller = Some(Dated { at, value: *controller }),
            Change::Topic { topic, partitions } => {
                self.topics.insert(*topic, Dated { at, value: *partitions });
            }
        }
    }

    /// The offset that the next change gets.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    pub fn broker(&self, node: NodeId) -> Option<Broker> {
        self.brokers.get(&node).map(|broker| broker.value)
    }

    pub fn brokers(&self) -> impl Iterator<Item = (NodeId, Broker)> {
        self.brokers.iter().map(|(node, broker)| (*node, broker.value))
    }

    /// It is registered and not fenced.
    pub fn is_active(&self, node: NodeId) -> bool {
        self.broker(node).is_some_and(|broker| !broker.is_fenced)
    }

    pub fn partition(&self, partition: TopicPartition) -> Option<&Arc<Partition>> {
        self.partitions.get(&partition).map(|partition| &partition.value)
    }

    pub fn partitions(&self) -> impl Iterator<Item = (TopicPartition, &Arc<Partition>)> {
        self.partitions.iter().map(|(id, partition)| (*id, &partition.value))
    }

    /// How many partitions a topic has; none if it does not exist.
    pub fn partitions_of(&self, topic: Name) -> u16 {
        self.topics.get(&topic).map_or(0, |topic| topic.value)
    }

    /// The first producer id that is not given out.
    pub fn next_producer_id(&self) -> u64 {
        self.producer_ids.as_ref().map_or(0, |ids| ids.value)
    }

    /// The changes from an offset on that no later one replaced, in order, with
    /// their offsets.
    pub fn since(&self, from: u64) -> Vec<(u64, Change)> {
        let brokers = self.brokers.iter().map(|(node, Dated { at, value })| {
            let Broker { epoch, incarnation, is_fenced } = *value;
            (*at, Change::Broker { broker: *node, epoch, incarnation, is_fenced })
        });
        let topic = |(topic, it): (&Name, &Dated<u16>)| (it.at, Change::Topic { topic: *topic, partitions: it.value });
        let partitions = self.partitions.iter().map(|(partition, Dated { at, value })| {
            let state = Arc::clone(value);
            (*at, Change::Partition { partition: *partition, state })
        });
        let ids = self.producer_ids.iter().map(|ids| (ids.at, Change::ProducerIds { next: ids.value }));
        let leader = self.controller.iter().map(|it| (it.at, Change::Leader { controller: it.value }));
        let all = brokers.chain(self.topics.iter().map(topic)).chain(partitions).chain(ids).chain(leader);
        let mut changes: Vec<(u64, Change)> = all.filter(|(at, _)| *at >= from).collect();
        changes.sort_unstable_by_key(|(at, _)| *at);
        changes
    }

    /// The metadata that [`Metadata::since`] zero told of.
    pub fn restored(offset: u64, changes: &[(u64, Change)]) -> Self {
        let mut metadata = Self { offset, ..Self::default() };
        changes.iter().for_each(|(at, change)| metadata.remember(*at, change));
        metadata
    }
}
