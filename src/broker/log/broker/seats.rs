//! The replicas of one broker, in the order of their files. Where a replica keeps
//! its files follows from its place in the configuration, so a process that starts
//! finds them again without having written down which is whose.

use std::sync::Arc;

use crate::broker::log::partition::{self, FILES, Policy, Replica, SyncRule};
use crate::broker::log::settings::Options;
use crate::event::NodeId;
use crate::node::FileId;
use crate::protocol::log::{MOST_PARTITIONS, Partition, TopicPartition};
use crate::time::Time;

/// How many places a topic has: more than it may have partitions.
const PLACES: u32 = 256;
const _: () = assert!((MOST_PARTITIONS as u32) <= PLACES);

/// A replica, and what the broker knows about it.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    /// Its place among all that there could be.
    pub slot: u32,
    pub replica: Replica,
    /// What the metadata log said last.
    pub state: Option<Arc<Partition>>,
    /// Whom it fetches from.
    pub following: Option<NodeId>,
    /// It is not fetched before this, after an error.
    pub retry_at: Time,
    /// The leader of this epoch has been replaced: nothing is fetched until the
    /// metadata log says more.
    pub fenced_in: Option<u32>,
    pub is_recovering: bool,
    /// Requests that wait for it must be looked at.
    pub is_dirty: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Seats {
    /// Sorted by slot.
    pub list: Vec<Seat>,
    /// The slots to look at.
    pub dirty: Vec<u32>,
}

impl Seats {
    /// By slot.
    pub fn at(&self, slot: u32) -> Option<usize> {
        self.list.binary_search_by_key(&slot, |seat| seat.slot).ok()
    }

    pub fn find(&self, options: &Options, partition: TopicPartition) -> Option<usize> {
        self.at(slot_of(options, partition)?)
    }

    /// Makes the replica if there is none.
    pub fn add(&mut self, options: &Options, slot: u32, partition: TopicPartition) -> usize {
        match self.list.binary_search_by_key(&slot, |seat| seat.slot) {
            Ok(at) => at,
            Err(at) => {
                let replica = Replica::new(partition, options.me, slot * FILES, replica_options(options, partition));
                let seat = Seat {
                    slot,
                    replica,
                    state: None,
                    following: None,
                    retry_at: Time::ZERO,
                    fenced_in: None,
                    is_recovering: true,
                    is_dirty: false,
                };
                self.list.insert(at, seat);
                at
            }
        }
    }

    pub fn mark(&mut self, at: usize) {
        let seat = &mut self.list[at];
        if !std::mem::replace(&mut seat.is_dirty, true) {
            self.dirty.push(seat.slot);
        }
    }

    /// The next to look at.
    pub fn next_dirty(&mut self) -> Option<usize> {
        let slot = self.dirty.pop()?;
        let at = self.at(slot)?;
        self.list[at].is_dirty = false;
        Some(at)
    }

    pub fn is_recovering(&self) -> bool {
        self.list.iter().any(|seat| seat.is_recovering)
    }
}

/// The place of a partition; `None` if no such topic is configured.
pub(super) fn slot_of(options: &Options, partition: TopicPartition) -> Option<u32> {
    let topic = options.topics.iter().position(|topic| topic.name == partition.topic)?;
    (partition.partition < MOST_PARTITIONS).then(|| topic as u32 * PLACES + u32::from(partition.partition))
}

/// The place of the replica that a file belongs to.
pub(super) const fn slot_of_file(file: FileId) -> u32 {
    file.0 / FILES
}

/// What is in a place.
pub(super) fn partition_at(options: &Options, slot: u32) -> Option<TopicPartition> {
    let topic = options.topics.get((slot / PLACES) as usize)?.name;
    Some(TopicPartition { topic, partition: (slot % PLACES) as u16 })
}

fn replica_options(options: &Options, partition: TopicPartition) -> partition::Options {
    let is_internal = options.is_internal(partition.topic);
    let sync = options.flush_messages.map_or(SyncRule::System, SyncRule::Every);
    partition::Options {
        policy: Policy { sync, ..Policy::default() },
        min_insync: options.min_insync,
        replica_lag_max: options.replica_lag,
        segment_bytes: options.segment_bytes,
        retention: options.retention.filter(|_| !is_internal),
        is_internal,
        ..partition::Options::default()
    }
}
