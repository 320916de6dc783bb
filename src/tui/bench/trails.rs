//! The frames of the last moments, read from the history: an event that another
//! node's event brought about stands for a frame that came from there. So any
//! protocol, replication included, leaves trails without being named here.

use crate::event::{EventId, Kind, NodeId, Tier};
use crate::lab::{History, Session, Topology};
use crate::picture::Role;
use crate::sim::LinkState;
use crate::time::{Span, Time};

use super::scene::LinkView;

/// How long a frame stays in sight. Frames take about a millisecond, which no
/// eye can follow: each is drawn on its way for this long after it left.
pub const TRAIL: Span = Span::from_millis(250);

/// No more events than this are looked at: nobody sees so many frames apart.
const MOST: usize = 4096;

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
pub fn trails(session: &Session, topology: Topology, links: &[LinkView], moving: &mut Vec<Moving>) {
    let now = session.now();
    arrived(session.history(), topology, links, now, moving);
    moving.extend(session.flights().filter(|flight| flight.about.is_some()).map(|flight| {
        let length = flight.arrives.since(flight.sent).max(TRAIL);
        Moving { from: flight.from, to: flight.to, along: part(now.since(flight.sent), length), lost: false }
    }));
}

fn part(passed: Span, length: Span) -> u32 {
    (u128::from(passed.as_nanos()) * 1000 / u128::from(length.as_nanos().max(1))).min(1000) as u32
}

/// The frames that arrived a moment ago: they took too short to be seen.
fn arrived(history: &History, topology: Topology, links: &[LinkView], now: Time, moving: &mut Vec<Moving>) {
    let find = |id: Option<EventId>| id.and_then(|id| history.get(id));
    let recent = history.events().iter().rev().take(MOST).take_while(|event| now.since(event.time) < TRAIL);
    for event in recent.filter(|event| event.copy.is_some()) {
        let origins = [event.cause, event.prior].map(|id| find(id).map(|origin| origin.node));
        let to = event.node;
        if event.kind == Kind::Destroyed(Tier::Network) {
            let from = origins[1].unwrap_or(to);
            // Noted by its sender: it had no connection.
            let to = if from == to { first_hop(topology, from) } else { to };
            moving.push(Moving { from, to, along: 500, lost: true });
            continue;
        }
        // What a node did before it sent is not always noted: then the last that
        // happened to this copy tells where it came from.
        let is_apart = origins[0].is_some_and(|origin| origin != to);
        let link = |from: NodeId| links.iter().find(|link| from != to && link.joins(from, to));
        let found = origins.into_iter().flatten().find_map(|from| Some((from, link(from)?)));
        if let (Some((from, link)), true) = (found, is_apart) {
            // On a slow link it was in sight all the way.
            if link.state() != LinkState::Slow {
                let along = part(now.since(event.time), TRAIL);
                moving.push(Moving { from, to, along, lost: false });
            }
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
