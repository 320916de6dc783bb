//! Changes of the metadata as bytes, for the log and for snapshots: a tag, then
//! numbers of fixed length, little end first.

use std::sync::Arc;

use bytes::Bytes;

use super::metadata::Metadata;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::{Change, Partition, RecoveryState, TopicPartition};

const BROKER: u8 = 1;
const PARTITION: u8 = 2;
const PRODUCER_IDS: u8 = 3;
const LEADER: u8 = 4;
const TOPIC: u8 = 5;

/// Stands for an absent node.
const NOBODY: u16 = u16::MAX;

/// One entry of the log: changes that take effect together.
pub(super) fn encode(changes: &[Change]) -> Bytes {
    let mut bytes = Vec::with_capacity(changes.len() * 32);
    changes.iter().for_each(|change| put_change(&mut bytes, change));
    bytes.into()
}

/// `None`: not an entry.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<Change>> {
    let mut reader = Reader(bytes);
    let mut changes = Vec::new();
    while !reader.0.is_empty() {
        changes.push(reader.change()?);
    }
    Some(changes)
}

pub(super) fn encode_snapshot(metadata: &Metadata) -> Bytes {
    let mut bytes = metadata.offset().to_le_bytes().to_vec();
    for (at, change) in metadata.since(0) {
        bytes.extend_from_slice(&at.to_le_bytes());
        put_change(&mut bytes, &change);
    }
    bytes.into()
}

/// `None`: not a snapshot.
pub(super) fn decode_snapshot(bytes: &[u8]) -> Option<Metadata> {
    let mut reader = Reader(bytes);
    let offset = reader.word()?;
    let mut changes = Vec::new();
    while !reader.0.is_empty() {
        changes.push((reader.word()?, reader.change()?));
    }
    Some(Metadata::restored(offset, &changes))
}

fn put_change(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Broker { broker, epoch, incarnation, is_fenced } => {
            bytes.push(BROKER);
            put_node(bytes, Some(*broker));
            bytes.extend_from_slice(&epoch.to_le_bytes());
            bytes.extend_from_slice(&incarnation.to_le_bytes());
            bytes.push(u8::from(*is_fenced));
        }
        Change::Partition { partition, state } => {
            bytes.push(PARTITION);
            bytes.extend_from_slice(&partition.topic.0.to_le_bytes());
            bytes.extend_from_slice(&partition.partition.to_le_bytes());
            put_partition(bytes, state);
        }
        Change::ProducerIds { next } => {
            bytes.push(PRODUCER_IDS);
            bytes.extend_from_slice(&next.to_le_bytes());
        }
        Change::Leader { controller } => {
            bytes.push(LEADER);
            put_node(bytes, Some(*controller));
        }
        Change::Topic { topic, partitions } => {
            bytes.push(TOPIC);
            bytes.extend_from_slice(&topic.0.to_le_bytes());
            bytes.extend_from_slice(&partitions.to_le_bytes());
        }
    }
}

fn put_partition(bytes: &mut Vec<u8>, state: &Partition) {
    for list in [&state.replicas, &state.in_sync, &state.eligible] {
        bytes.extend_from_slice(&(list.len() as u16).to_le_bytes());
        list.iter().for_each(|node| put_node(bytes, Some(*node)));
    }
    put_node(bytes, state.last_known_leader);
    put_node(bytes, state.leader);
    bytes.extend_from_slice(&state.leader_epoch.to_le_bytes());
    bytes.extend_from_slice(&state.partition_epoch.to_le_bytes());
    bytes.push(u8::from(state.recovery == RecoveryState::Recovering));
}

fn put_node(bytes: &mut Vec<u8>, node: Option<NodeId>) {
    bytes.extend_from_slice(&node.map_or(NOBODY, |node| node.0).to_le_bytes());
}

/// Takes numbers off the front.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*front)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take().map(u8::from_le_bytes)
    }

    fn flag(&mut self) -> Option<bool> {
        self.byte().map(|byte| byte != 0)
    }

    fn quarter(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn half(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn word(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// The outer option: whether the bytes are there.
    fn node(&mut self) -> Option<Option<NodeId>> {
        self.quarter().map(|number| Some(NodeId(number)).filter(|_| number != NOBODY))
    }

    fn nodes(&mut self) -> Option<Arc<[NodeId]>> {
        let count = self.quarter()?;
        (0..count).map(|_| self.node()?).collect()
    }

    fn change(&mut self) -> Option<Change> {
        Some(match self.byte()? {
            BROKER => Change::Broker {
                broker: self.node()??,
                epoch: self.word()?,
                incarnation: self.word()?,
                is_fenced: self.flag()?,
            },
            PARTITION => Change::Partition {
                partition: TopicPartition { topic: Name(self.half()?), partition: self.quarter()? },
                state: Arc::new(self.partition()?),
            },
            PRODUCER_IDS => Change::ProducerIds { next: self.word()? },
            LEADER => Change::Leader { controller: self.node()?? },
            TOPIC => Change::Topic { topic: Name(self.half()?), partitions: self.quarter()? },
            _ => return None,
        })
    }

    fn partition(&mut self) -> Option<Partition> {
        Some(Partition {
            replicas: self.nodes()?,
            in_sync: self.nodes()?,
            eligible: self.nodes()?,
            last_known_leader: self.node()?,
            leader: self.node()?,
            leader_epoch: self.half()?,
            partition_epoch: self.half()?,
            recovery: if self.flag()? { RecoveryState::Recovering } else { RecoveryState::Recovered },
        })
    }
}
