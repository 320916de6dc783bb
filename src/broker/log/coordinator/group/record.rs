//! What the offsets topic holds: offsets, and the members of every generation once
//! they know their partitions, so that a group outlives its coordinator.

use std::sync::Arc;

use bytes::Buf;

use crate::codec::{Coded, get_all, put_all};
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
                at.leader_epoch.put(bytes);
            }
            Self::Generation { group, generation, leader, strategy, members } => {
                GENERATION.put(bytes);
                group.put(bytes);
                generation.put(bytes);
                leader.unwrap_or_default().0.put(bytes);
                u8::from(*strategy == Strategy::CooperativeSticky).put(bytes);
                put_all(members.iter(), bytes);
            }
        }
    }

    fn get(bytes: &mut impl Buf) -> Option<Self> {
        match u8::get(bytes)? {
            OFFSET => Some(Self::Offset {
                group: Name::get(bytes)?,
                at: OffsetAt {
                    partition: TopicPartition::get(bytes)?,
                    offset: u64::get(bytes)?,
                    leader_epoch: Coded::get(bytes)?,
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
                members: get_all(bytes)?,
            }),
            _ => None,
        }
    }
}

impl Coded for MemberRecord {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.id.0.put(bytes);
        self.client.put(bytes);
        self.session_timeout.put(bytes);
        self.rebalance_timeout.put(bytes);
        put_all(self.topics.iter(), bytes);
        put_all(self.owned.iter(), bytes);
        put_all(self.assignment.iter(), bytes);
    }

    fn get(bytes: &mut impl Buf) -> Option<Self> {
        Some(Self {
            id: MemberId(u64::get(bytes)?),
            client: Coded::get(bytes)?,
            session_timeout: Coded::get(bytes)?,
            rebalance_timeout: Coded::get(bytes)?,
            topics: get_all(bytes)?,
            owned: get_all(bytes)?,
            assignment: get_all(bytes)?,
        })
    }
}
