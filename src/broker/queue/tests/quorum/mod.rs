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

/// Every message that was confirmed is in the queue once, or was acknowledged. Who
/// `acks` everything may have had it: what all nodes forgot before it was applied
/// is applied in silence when they are back.
fn nothing_confirmed_is_lost(town: &Town, acks: bool) {
    let acked = times_of(town, Kind::Acked);
    let mut handed = times_of(town, Kind::Delivered { redelivered: false });
    handed.extend(times_of(town, Kind::Delivered { redelivered: true }));
    let mut held = BTreeMap::new();
    for (_, message) in town.holds() {
        *held.entry(message).or_insert(0) += 1;
    }
    assert!(held.values().all(|count| *count == 1), "one leader answers for the queue: {held:?}");
    for message in times_of(town, Kind::Confirmed).into_keys() {
        let is_done = acked.contains_key(&message) || (acks && handed.contains_key(&message));
        let is_held = held.contains_key(&message);
        let life = town.history.0.iter().filter(|event| event.copy.is_some_and(|it| it.message.0 == message));
        let life = || life.map(|it| (it.time.as_millis(), it.node.0, it.kind)).collect::<Vec<_>>();
        assert!(is_held || is_done, "{message} is lost: {:?}", life());
        assert!(!is_held || !acked.contains_key(&message), "{message} is back: {:?}", life());
    }
}
