//! The frames of the last moments, read from the history: an event whose cause
//! is another node's event stands for a frame that went from there to here. So
//! any protocol, replication included, leaves trails without being named here.

use crate::event::{Event, EventId, Kind, NodeId, Tier};
use crate::lab::{Session, Topology};
use crate::picture::Role;
use crate::time::{Span, Time};

/// How long a frame stays in sight. Frames take about a millisecond, which no
/// eye can follow: each is drawn on its way for this long after it left.
pub const TRAIL: Span = Span::from_millis(250);

/// A frame as it is drawn between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moving {
    pub from: NodeId,
    pub to: NodeId,
    /// How far it is, from 0 to 1000.
    pub along: u32,
    /// It never arrived.
    pub lost: bool,
}

/// What is drawn between the nodes of a session at its time.
pub fn trails(session: &Session, topology: Topology, moving: &mut Vec<Moving>) {
    let now = session.now();
    arrived(session.events(), topology, now, moving);
    moving.extend(session.flights().filter(|flight| flight.about.is_some()).map(|flight| {
        let length = flight.arrives.since(flight.sent).max(TRAIL);
        Moving { from: flight.from, to: flight.to, along: part(now.since(flight.sent), length), lost: false }
    }));
}

fn part(passed: Span, length: Span) -> u32 {
    (u128::from(passed.as_nanos()) * 1000 / u128::from(length.as_nanos().max(1))).min(1000) as u32
}

/// The frames that arrived a moment ago. A slow one was in sight all the way.
fn arrived(events: &[Event], topology: Topology, now: Time, moving: &mut Vec<Moving>) {
    let recent = events.iter().rev().take_while(|event| now.since(event.time) < TRAIL);
    for event in recent.filter(|event| event.copy.is_some()) {
        let find = |id: Option<EventId>| id.and_then(|id| events.get(id.0 as usize));
        if event.kind == Kind::Destroyed(Tier::Network) {
            let from = find(event.prior).map_or(event.node, |prior| prior.node);
            // Noted by its sender: it had no connection.
            let to = if from == event.node { first_hop(topology, from) } else { event.node };
            moving.push(Moving { from, to, along: 500, lost: true });
            continue;
        }
        let Some(cause) = find(event.cause).filter(|cause| cause.node != event.node) else { continue };
        let is_slow = event.time.since(cause.time) > TRAIL;
        if !is_slow && now.since(cause.time) < TRAIL {
            let along = part(now.since(cause.time), TRAIL);
            moving.push(Moving { from: cause.node, to: event.node, along, lost: false });
        }
    }
}

/// Where a node sends to first, if nothing else is known.
fn first_hop(topology: Topology, from: NodeId) -> NodeId {
    match topology.role(from) {
        Role::Broker => topology.consumer(0),
        _ => topology.broker(0),
    }
}
