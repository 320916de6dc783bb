//! Quorum queues on real brokers in a simulated world.

mod alone;
mod chaos;
mod cluster;
mod rules;

use std::collections::BTreeMap;

use crate::broker::queue::tests::cluster::town::{Town, consumer, declared, publisher};
use crate::event::{Kind, NodeId};
use crate::protocol::queue::{Arguments, Method, QueueKind};

/// A quorum queue with the default delivery limit.
fn quorum() -> Arguments {
    Arguments { kind: QueueKind::Quorum, delivery_limit: Some(20), ..Arguments::default() }
}

fn quorum_publisher() -> Vec<Method> {
    declared(publisher(true), quorum())
}

fn quorum_consumer(prefetch: u16) -> Vec<Method> {
    declared(consumer(true, prefetch), quorum())
}

fn up_to(count: u32) -> Vec<u32> {
    (1..=count).collect()
}

/// Messages of events of a kind, with how often.
fn times_of(town: &Town, kind: Kind) -> BTreeMap<u32, usize> {
    let mut times = BTreeMap::new();
    for event in town.history.0.iter().filter(|event| event.kind == kind) {
        *times.entry(event.copy.map_or(0, |copy| copy.message.0)).or_insert(0) += 1;
    }
    times
}

/// The nodes that began to lead a queue, in order.
fn leaders(town: &Town) -> Vec<NodeId> {
    let elected = town.history.0.iter().filter(|event| event.kind == Kind::LeaderElected);
    elected.filter(|event| crate::event::detail_queue(event.detail).0 != 0).map(|event| event.node).collect()
}

/// Every message that was confirmed is in the queue once, or was acknowledged.
fn nothing_confirmed_is_lost(town: &Town) {
    let acked = times_of(town, Kind::Acked);
    let mut held = BTreeMap::new();
    for (_, message) in town.holds() {
        *held.entry(message).or_insert(0) += 1;
    }
    for message in times_of(town, Kind::Confirmed).into_keys() {
        let places = held.get(&message).copied().unwrap_or(0) + usize::from(acked.contains_key(&message));
        assert_eq!(places, 1, "message {message}: held {:?}, acked {:?}", held.get(&message), acked.get(&message));
    }
    assert!(held.values().all(|count| *count == 1), "one leader answers for the queue: {held:?}");
}
