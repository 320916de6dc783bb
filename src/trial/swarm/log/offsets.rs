//! How far a group has come in each partition. A committed offset is a record of a
//! replicated log like any other, and generations keep former members from
//! committing: so it never goes back, and is never forgotten. Where it does, nothing
//! is lost: the group merely does a good deal of work twice, as it may after any
//! crash. So nobody would notice who looks at the end alone.

use std::collections::BTreeMap;

use crate::event::{Event, Kind, NodeId, detail_commit, detail_offset, detail_partition};
use crate::protocol::Name;

/// Follows the events of a run.
#[derive(Debug)]
pub struct Offsets {
    /// The topic of the workload. All others are the brokers' own.
    topic: Name,
    /// By topic and partition, of topics of the brokers' own. A coordinator that was
    /// followed by another, and does not know it yet, may still tell what it hears of
    /// its last commits; that the group has come further meanwhile it cannot know.
    leaders: BTreeMap<(Name, u16), NodeId>,
    /// By partition.
    committed: BTreeMap<u16, u64>,
    pub went_back: u64,
    pub forgotten: u64,
}

impl Offsets {
    pub const fn new(topic: Name) -> Self {
        Self { topic, leaders: BTreeMap::new(), committed: BTreeMap::new(), went_back: 0, forgotten: 0 }
    }

    pub fn see(&mut self, event: &Event) {
        match event.kind {
            Kind::LeaderElected => {
                let elected = detail_partition(event.detail);
                if elected.0 != self.topic {
                    self.leaders.insert(elected, event.node);
                }
            }
            Kind::OffsetCommitted if self.leaders.values().any(|leader| *leader == event.node) => {
                let (_, partition, offset) = detail_commit(event.detail);
                let former = self.committed.insert(partition, offset);
                self.went_back += u64::from(former > Some(offset));
            }
            Kind::OffsetReset => {
                let (partition, _) = detail_offset(event.detail);
                self.forgotten += u64::from(self.committed.remove(&partition).is_some());
            }
            _ => {}
        }
    }
}
