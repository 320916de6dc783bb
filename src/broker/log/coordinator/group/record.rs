//! What the offsets topic holds: offsets, and the members of every generation once
//! they know their partitions, so that a group outlives its coordinator.

use std::sync::Arc;

use super::super::codec::{Coded, get_list, put_list};
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::{Assignment, MemberId, OffsetAt, Strategy, TopicPartition};
use crate::time::Span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    Offset {
        group: Name,
        at: OffsetAt,
    },
    /// A generation. Without members it says that the group is empty.
    Generation {
        group: Name,
        generation: u32,
        leader: Option<MemberId>,
        strategy: Strategy,
        members: Vec<MemberRecord>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    pub id: MemberId,
    pub client: NodeId,
    pub session_timeout: Span,
    pub rebalance_timeout: Span,
    pub topics: Arc<[Name]>,
    pub owned: Assignment,
    pub assignment: Assignment,
}

/// Whoever committed the offset had no epoch to go with it.
const NO_EPOCH: u32 = u32::MAX;

const OFFSET: u8 = 0;
const GENERATION: u8 = 1;

impl Coded for Record {
    fn put(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Offset { group, at } => {
                OFFSET.put(bytes);
                group.put(bytes);
                at.partition.put(bytes);
                at.offset.put(bytes);
                at.leader_epoch.unwrap_or(NO_EPOCH).put(bytes);
            }
            Self::Generation { group, generation, leader, strategy, members } => {
                GENERATION.put(bytes);
                group.put(bytes);
                generation.put(bytes);
                leader.unwrap_or_default().0.put(bytes);
                u8::from(*strategy == Strategy::CooperativeSticky).put(bytes);
                put_list(members, bytes);
            }
        }
    }

    fn get(bytes: &mut &[u8]) -> Option<Self> {
        match u8::get(bytes)? {
            OFFSET => Some(Self::Offset {
                group: Name::get(bytes)?,
                at: OffsetAt {
                    partition: TopicPartition::get(bytes)?,
                    offset: u64::get(bytes)?,
                    leader_epoch: Some(u32::get(bytes)?).filter(|epoch| *epoch != NO_EPOCH),
                },
            }),
            GENERATION => Some(Self::Generation {
                group: Name::get(bytes)?,
                generation: u32::get(bytes)?,
                leader: Some(MemberId(u64::get(bytes)?)).filter(|leader| *leader != MemberId::default()),
                strategy: match u8::get(bytes)? {
                    0 => Strategy::Range,
                    _ => Strategy::CooperativeSticky,
                },
                members: get_list(bytes)?,
            }),
            _ => None,
        }
    }
}

impl Coded for MemberRecord {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.id.0.put(bytes);
        self.client.0.put(bytes);
        self.session_timeout.as_nanos().put(bytes);
        self.rebalance_timeout.as_nanos().put(bytes);
        put_list(&self.topics, bytes);
        put_list(&self.owned, bytes);
        put_list(&self.assignment, bytes);
    }

    fn get(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            id: MemberId(u64::get(bytes)?),
            client: NodeId(u16::get(bytes)?),
            session_timeout: Span::from_nanos(u64::get(bytes)?),
            rebalance_timeout: Span::from_nanos(u64::get(bytes)?),
            topics: get_list(bytes)?.into(),
            owned: get_list(bytes)?.into(),
            assignment: get_list(bytes)?.into(),
        })
    }
}
