//! Changes of the metadata as bytes, for the log and for snapshots.

use std::sync::Arc;

use bytes::{Buf, Bytes};

use super::metadata::Metadata;
use crate::codec::{Coded, get_many};
use crate::event::NodeId;
use crate::protocol::log::{Change, Partition, RecoveryState};

const BROKER: u8 = 1;
const PARTITION: u8 = 2;
const PRODUCER_IDS: u8 = 3;
const LEADER: u8 = 4;
const TOPIC: u8 = 5;

/// One entry of the log: changes that take effect together.
pub(super) fn encode(changes: &[Change]) -> Bytes {
    let mut bytes = Vec::with_capacity(changes.len() * 32);
    changes.iter().for_each(|change| change.put(&mut bytes));
    bytes.into()
}

/// `None`: not an entry.
pub(super) fn decode(mut bytes: &[u8]) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    while !bytes.is_empty() {
        changes.push(Coded::get(&mut bytes)?);
    }
    Some(changes)
}

pub(super) fn encode_snapshot(metadata: &Metadata) -> Bytes {
    let mut bytes = Vec::new();
    metadata.offset().put(&mut bytes);
    for (at, change) in metadata.since(0) {
        at.put(&mut bytes);
        change.put(&mut bytes);
    }
    bytes.into()
}

/// `None`: not a snapshot.
pub(super) fn decode_snapshot(mut bytes: &[u8]) -> Option<Metadata> {
    let offset = Coded::get(&mut bytes)?;
    let mut changes = Vec::new();
    while !bytes.is_empty() {
        changes.push((Coded::get(&mut bytes)?, Coded::get(&mut bytes)?));
    }
    Some(Metadata::restored(offset, &changes))
}

impl Coded for Change {
    fn put(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Broker { broker, epoch, incarnation, is_fenced } => {
                BROKER.put(bytes);
                broker.put(bytes);
                epoch.put(bytes);
                incarnation.put(bytes);
                is_fenced.put(bytes);
            }
            Self::Partition { partition, state } => {
                PARTITION.put(bytes);
                partition.put(bytes);
                state.put(bytes);
            }
            Self::ProducerIds { next } => {
                PRODUCER_IDS.put(bytes);
                next.put(bytes);
            }
            Self::Leader { controller } => {
                LEADER.put(bytes);
                controller.put(bytes);
            }
            Self::Topic { topic, partitions } => {
                TOPIC.put(bytes);
                topic.put(bytes);
                partitions.put(bytes);
            }
        }
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        Some(match u8::get(from)? {
            BROKER => Self::Broker {
                broker: Coded::get(from)?,
                epoch: Coded::get(from)?,
                incarnation: Coded::get(from)?,
                is_fenced: Coded::get(from)?,
            },
            PARTITION => Self::Partition { partition: Coded::get(from)?, state: Arc::new(Coded::get(from)?) },
            PRODUCER_IDS => Self::ProducerIds { next: Coded::get(from)? },
            LEADER => Self::Leader { controller: Coded::get(from)? },
            TOPIC => Self::Topic { topic: Coded::get(from)?, partitions: Coded::get(from)? },
            _ => return None,
        })
    }
}

impl Coded for Partition {
    fn put(&self, bytes: &mut Vec<u8>) {
        for list in [&self.replicas, &self.in_sync, &self.eligible] {
            put_nodes(list, bytes);
        }
        self.last_known_leader.put(bytes);
        self.leader.put(bytes);
        self.leader_epoch.put(bytes);
        self.partition_epoch.put(bytes);
        (self.recovery == RecoveryState::Recovering).put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        Some(Self {
            replicas: nodes(from)?,
            in_sync: nodes(from)?,
            eligible: nodes(from)?,
            last_known_leader: Coded::get(from)?,
            leader: Coded::get(from)?,
            leader_epoch: Coded::get(from)?,
            partition_epoch: Coded::get(from)?,
            recovery: if bool::get(from)? { RecoveryState::Recovering } else { RecoveryState::Recovered },
        })
    }
}

fn put_nodes(nodes: &[NodeId], bytes: &mut Vec<u8>) {
    (nodes.len() as u16).put(bytes);
    nodes.iter().for_each(|node| node.put(bytes));
}

fn nodes(from: &mut impl Buf) -> Option<Arc<[NodeId]>> {
    let count = u16::get(from)?;
    get_many(count.into(), from)
}
