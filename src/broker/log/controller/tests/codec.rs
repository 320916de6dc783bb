use std::sync::Arc;

use crate::broker::log::controller::codec::{decode, decode_snapshot, encode, encode_snapshot};
use crate::broker::log::controller::metadata::Metadata;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::{Change, Partition, RecoveryState, TopicPartition};

fn changes() -> Vec<Change> {
    let partition = TopicPartition { topic: Name(70_000), partition: 3 };
    let state = Partition {
        replicas: [2, 0, 1].map(NodeId).into(),
        in_sync: [].into(),
        eligible: [NodeId(1)].into(),
        last_known_leader: Some(NodeId(2)),
        leader: None,
        leader_epoch: 5,
        partition_epoch: 70_001,
        recovery: RecoveryState::Recovering,
    };
    vec![
        Change::Leader { controller: NodeId(9) },
        Change::Broker { broker: NodeId(2), epoch: 1, incarnation: u64::MAX, is_fenced: true },
        Change::Topic { topic: Name(70_000), partitions: 4 },
        Change::Partition { partition, state: Arc::new(state.clone()) },
        Change::ProducerIds { next: 1 << 40 },
        Change::Broker { broker: NodeId(2), epoch: 1, incarnation: u64::MAX, is_fenced: false },
        Change::Partition { partition, state: Arc::new(Partition { leader: Some(NodeId(0)), ..state }) },
    ]
}

#[test]
fn an_entry_is_read_as_it_was_written_and_not_at_all_if_cut() {
    for change in changes() {
        let bytes = encode(std::slice::from_ref(&change));
        assert_eq!(decode(&bytes), Some(vec![change]));
        for length in 1..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None);
        }
    }
    assert_eq!(decode(&encode(&changes())), Some(changes()));
}

#[test]
fn a_snapshot_is_the_metadata_with_their_offsets() {
    let mut metadata = Metadata::default();
    changes().iter().for_each(|change| metadata.apply(change));
    assert_eq!(decode_snapshot(&encode_snapshot(&metadata)).as_ref(), Some(&metadata));
}

#[test]
fn of_old_changes_only_the_last_about_each_thing_are_told_and_nobody_misses_one() {
    let mut metadata = Metadata::default();
    changes().iter().for_each(|change| metadata.apply(change));
    for from in 0..=metadata.offset() {
        let mut known = Metadata::default();
        changes().iter().take(from as usize).for_each(|change| known.apply(change));
        let told = metadata.since(from);
        assert!(told.len() as u64 <= metadata.offset() - from, "the first of them is not one that it has");
        let all: Vec<_> = known.since(0).into_iter().chain(told).collect();
        assert_eq!(Metadata::restored(metadata.offset(), &all), metadata);
    }
    assert_eq!(metadata.since(0).len(), 5);
}
