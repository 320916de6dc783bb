//! What this broker has applied of the metadata log: who is there, who leads what.

use std::sync::Arc;

use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::{Change, Client, Partition, PartitionInfo, TopicPartition};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broker {
    pub node: NodeId,
    pub epoch: u64,
    pub incarnation: u64,
    pub is_fenced: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    /// The next change it needs.
    pub next: u64,
    /// Sorted.
    pub brokers: Vec<Broker>,
    /// Sorted.
    pub partitions: Vec<(TopicPartition, Arc<Partition>)>,
    pub topics: Vec<(Name, u16)>,
    /// Who leads the metadata log.
    pub controller: Option<NodeId>,
    /// Partitions that have changed since they were last taken out.
    pub changed: Vec<TopicPartition>,
    /// What clients are told; made anew after a change.
    answer: Option<Answer>,
}

type Answer = (Arc<[NodeId]>, Arc<[PartitionInfo]>);

impl Image {
    /// Takes the changes that are new.
    pub fn apply(&mut self, first: u64, changes: Box<[Change]>, mut visit: impl FnMut(&Change)) {
        let end = first + changes.len() as u64;
        for (offset, change) in (first..).zip(changes) {
            if offset < self.next {
                continue;
            }
            visit(&change);
            self.take(change);
        }
        self.next = self.next.max(end);
        self.answer = None;
    }

    fn take(&mut self, change: Change) {
        match change {
            Change::Broker { broker: node, epoch, incarnation, is_fenced } => {
                let broker = Broker { node, epoch, incarnation, is_fenced };
                match self.brokers.binary_search_by_key(&node, |broker| broker.node) {
                    Ok(at) => self.brokers[at] = broker,
                    Err(at) => self.brokers.insert(at, broker),
                }
            }
            Change::Partition { partition, state } => {
                match self.partitions.binary_search_by_key(&partition, |(partition, _)| *partition) {
                    Ok(at) => self.partitions[at].1 = state,
                    Err(at) => self.partitions.insert(at, (partition, state)),
                }
                if !self.changed.contains(&partition) {
                    self.changed.push(partition);
                }
            }
            Change::Leader { controller } => self.controller = Some(controller),
            Change::Topic { topic, partitions } => match self.topics.iter_mut().find(|(name, _)| *name == topic) {
                Some((_, count)) => *count = partitions,
                None => self.topics.push((topic, partitions)),
            },
            Change::ProducerIds { .. } => {}
        }
    }

    pub fn broker(&self, node: NodeId) -> Option<Broker> {
        let at = self.brokers.binary_search_by_key(&node, |broker| broker.node).ok()?;
        Some(self.brokers[at])
    }

    pub fn partition(&self, partition: TopicPartition) -> Option<&Arc<Partition>> {
        let at = self.partitions.binary_search_by_key(&partition, |(partition, _)| *partition).ok()?;
        Some(&self.partitions[at].1)
    }

    /// How many partitions a topic has; none if there is no such topic yet.
    pub fn partition_count(&self, topic: Name) -> u16 {
        self.topics.iter().find(|(name, _)| *name == topic).map_or(0, |(_, count)| *count)
    }

    /// The answer to a client that asks for metadata.
    pub fn answer(&mut self) -> Client {
        let (brokers, partitions) = self.answer.get_or_insert_with(|| {
            let alive = self.brokers.iter().filter(|broker| !broker.is_fenced).map(|broker| broker.node);
            let info = |(partition, state): &(TopicPartition, Arc<Partition>)| PartitionInfo {
                partition: *partition,
                leader: state.leader,
                leader_epoch: state.leader_epoch,
            };
            (alive.collect(), self.partitions.iter().map(info).collect())
        });
        Client::MetadataAnswer { brokers: brokers.clone(), partitions: partitions.clone() }
    }
}
