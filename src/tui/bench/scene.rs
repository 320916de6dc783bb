//! What is drawn of a run at one moment: the pictures of the nodes, what moves
//! between them, and what became of every message. Screens draw a scene and
//! nothing else, so all drawing is tested without a broker.

use crate::event::{Event, Kind, NodeId, Tier};
use crate::lab::{Fate, Session, Topology, Totals};
use crate::picture::{Picture, Role};
use crate::sim::LinkState;
use crate::time::{Span, Time};

/// How long a frame stays in sight. Frames take about a millisecond, which no
/// eye can follow: each is drawn on its way for this long after it left.
pub const TRAIL: Span = Span::from_millis(250);

pub struct NodeView {
    pub id: NodeId,
    pub name: String,
    pub picture: Picture,
}

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

/// The way between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkView {
    pub from: NodeId,
    pub to: NodeId,
    pub state: LinkState,
    /// Both ends believe they are connected.
    pub connected: bool,
}

pub struct Scene {
    pub topology: Topology,
    pub now: Time,
    pub nodes: Vec<NodeView>,
    pub links: Vec<LinkView>,
    pub moving: Vec<Moving>,
    pub fates: Vec<Fate>,
    pub totals: Totals,
    /// Nothing more will happen.
    pub finished: bool,
}

impl Scene {
    #[must_use]
    pub fn new(topology: Topology) -> Self {
        let nodes =
            topology.nodes().map(|id| NodeView { id, name: topology.name(id), picture: Picture::default() }).collect();
        Self {
            topology,
            now: Time::ZERO,
            nodes,
            links: Vec::new(),
            moving: Vec::new(),
            fates: Vec::new(),
            totals: Totals::default(),
            finished: false,
        }
    }

    /// Takes the state of a session at its time.
    pub fn take(&mut self, session: &Session) {
        self.now = session.now();
        self.finished = session.is_finished();
        self.totals = session.totals();
        self.fates.clear();
        self.fates.extend_from_slice(session.fates());
        for node in &mut self.nodes {
            node.picture.clear();
            session.picture(node.id, &mut node.picture);
        }
        self.links.clear();
        for (from, to) in ways(self.topology) {
            let state = worse(session.link_state(from, to), session.link_state(to, from));
            let connected = self.believes(from, to) && self.believes(to, from);
            self.links.push(LinkView { from, to, state, connected });
        }
        self.moving.clear();
        self.moving.extend(trails(session.events(), self.topology, self.now));
        self.moving.extend(session.flights().filter(|flight| flight.about.is_some()).filter_map(|flight| {
            // Short flights leave their trail already.
            let slow = flight.arrives == Time::MAX || flight.arrives.since(flight.sent) > TRAIL;
            let length = flight.arrives.since(flight.sent).as_nanos().max(1);
            let passed = self.now.since(flight.sent).as_nanos();
            let along = (u128::from(passed) * 1000 / u128::from(length)).min(1000) as u32;
            slow.then_some(Moving { from: flight.from, to: flight.to, along, lost: false })
        }));
    }

    fn believes(&self, node: NodeId, peer: NodeId) -> bool {
        self.nodes.get(usize::from(node.0)).is_some_and(|node| node.picture.peers.contains(&peer))
    }

    #[must_use]
    pub fn count(&self, fate: Fate) -> u64 {
        self.fates.iter().filter(|known| **known == fate).count() as u64
    }
}

/// The pairs of nodes that talk, in the direction in which messages go.
pub fn ways(topology: Topology) -> impl Iterator<Item = (NodeId, NodeId)> {
    let of = move |role| topology.nodes().filter(move |node| topology.role(*node) == role);
    let into = of(Role::Producer).flat_map(move |from| of(Role::Broker).map(move |to| (from, to)));
    let out = of(Role::Broker).flat_map(move |from| of(Role::Consumer).map(move |to| (from, to)));
    let stored = of(Role::Consumer).map(move |from| (from, topology.database()));
    into.chain(out).chain(stored)
}

const fn worse(one: LinkState, other: LinkState) -> LinkState {
    match (one, other) {
        (LinkState::Blocked, _) | (_, LinkState::Blocked) => LinkState::Blocked,
        (LinkState::Slow, _) | (_, LinkState::Slow) => LinkState::Slow,
        _ => LinkState::Open,
    }
}

/// The frames of the last moments, from what nodes noted of them.
fn trails(events: &[Event], topology: Topology, now: Time) -> Vec<Moving> {
    let recent = events.iter().rev().take_while(|event| now.since(event.time) < TRAIL);
    let mut moving = Vec::new();
    for event in recent {
        let along = (now.since(event.time).as_nanos() * 1000 / TRAIL.as_nanos()) as u32;
        let (producer, broker, consumer) = (topology.producer(0), topology.broker(0), topology.consumer(0));
        let node = event.node;
        let (from, to) = match event.kind {
            Kind::Sent => (node, broker),
            Kind::Confirmed | Kind::Nacked | Kind::Returned => (node, producer),
            Kind::Delivered { .. } => (node, consumer),
            Kind::AckSent | Kind::Rejected if topology.role(node) == Role::Consumer => (node, broker),
            Kind::Applied { .. } => (consumer, topology.database()),
            Kind::Destroyed(Tier::Network) => {
                let from = if topology.role(node) == Role::Broker { producer } else { node };
                moving.push(Moving { from, to: broker, along: 500, lost: true });
                continue;
            }
            _ => continue,
        };
        moving.push(Moving { from, to, along, lost: false });
    }
    moving
}
