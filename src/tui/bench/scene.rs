//! What is drawn of a run at one moment: the pictures of the nodes, what moves
//! between them, and what became of every message. Screens draw a scene and
//! nothing else, so all drawing is tested without a broker.

use crate::event::NodeId;
use crate::lab::settings::calls_services;
use crate::lab::{Fate, Session, Topology, Totals};
use crate::narrate;
use crate::picture::{LaneLabel, Picture, Role};
use crate::protocol::Name;
use crate::sim::LinkState;
use crate::text::Text;
use crate::time::Time;

use super::partitions;
pub use super::trails::{Moving, TRAIL};

/// Into so many parts the messages of a long run are summed up: there are no more
/// cells on a screen.
const PARTS: usize = 240;

pub struct NodeView {
    pub id: NodeId,
    pub name: String,
    pub picture: Picture,
}

/// The way between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkView {
    pub from: NodeId,
    pub to: NodeId,
    pub forth: LinkState,
    pub back: LinkState,
    /// Both ends believe they are connected.
    pub connected: bool,
}

impl LinkView {
    /// The worse of its two directions.
    #[must_use]
    pub const fn state(&self) -> LinkState {
        worse(self.forth, self.back)
    }

    /// Whether it joins these two, whichever way round.
    #[must_use]
    pub fn joins(&self, one: NodeId, other: NodeId) -> bool {
        (self.from, self.to) == (one, other) || (self.from, self.to) == (other, one)
    }
}

pub struct Scene {
    pub topology: Topology,
    pub now: Time,
    pub nodes: Vec<NodeView>,
    pub links: Vec<LinkView>,
    pub moving: Vec<Moving>,
    /// The queues that nodes speak of, in the order of their names' numbers.
    pub queues: Vec<(Name, String)>,
    /// The names of the consumer groups of a log.
    pub groups: Vec<(Name, String)>,
    /// What became of every message: the worst of its rows. Of a long run, the
    /// worst of so many parts of it.
    pub fates: Vec<Fate>,
    pub messages: usize,
    /// Rows: a message and a subscription that must see it.
    pub rows: u64,
    /// How many rows have come to each fate.
    counts: [u64; Fate::COUNT],
    pub totals: Totals,
    /// What those are that were not taken and whose producer knows.
    pub given_up: Text,
    /// Producers call the first consumer themselves, past all brokers.
    pub calls: bool,
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
            queues: Vec::new(),
            groups: Vec::new(),
            fates: Vec::new(),
            messages: 0,
            rows: 0,
            counts: [0; Fate::COUNT],
            totals: Totals::default(),
            given_up: Text { zh: "被拒", en: "refused" },
            calls: false,
            finished: false,
        }
    }

    /// Takes the state of a session at its time.
    pub fn take(&mut self, session: &Session) {
        let topology = session.plan().topology();
        if self.topology != topology {
            *self = Self::new(topology);
        }
        self.now = session.now();
        self.finished = session.is_finished();
        self.totals = session.totals();
        self.calls = calls_services(session.plan());
        self.given_up = narrate::given_up(session.plan());
        self.take_fates(session);
        for node in &mut self.nodes {
            node.picture.clear();
            session.picture(node.id, &mut node.picture);
        }
        self.connect(|from, to| session.link_state(from, to));
        partitions::add_lanes(&mut self.nodes);
        let groups = &session.plan().lab.wiring.groups;
        self.groups = groups.iter().map(|group| (group.name, session.plan().name(group.name).to_owned())).collect();
        self.name_queues(|name| session.plan().name(name).to_owned());
        self.moving.clear();
        super::trails::trails(session, self.topology, &self.links, &mut self.moving);
    }

    fn take_fates(&mut self, session: &Session) {
        self.messages = session.plan().messages();
        self.rows = session.row_count();
        self.counts = session.counts();
        self.fates.clear();
        self.fates.extend_from_slice(session.fates());
        if self.fates.is_empty() {
            let place = |part: usize| part * self.messages / PARTS;
            let worst = |part| session.worst(place(part)..place(part + 1), super::ledger::weight);
            self.fates.extend((0..PARTS).map(|part| worst(part).unwrap_or_default()));
        }
    }

    /// Works out the links from what the pictures say and how the ways are.
    pub fn connect(&mut self, state: impl Fn(NodeId, NodeId) -> LinkState) {
        self.links.clear();
        for (from, to) in ways(self.topology) {
            let (there, here) = (self.believes(from, to), self.believes(to, from));
            let is_call = self.calls && self.topology.role(from) == Role::Producer && to == self.topology.consumer(0);
            let expected = is_call || is_expected(self.topology, from, to);
            if expected || there || here {
                let (forth, back) = (state(from, to), state(to, from));
                self.links.push(LinkView { from, to, forth, back, connected: there && here });
            }
        }
    }

    /// Collects the queues that the pictures speak of.
    pub fn name_queues(&mut self, name: impl Fn(Name) -> String) {
        let of = |node: &NodeView| {
            let lanes = node.picture.lanes.iter().filter_map(|lane| match lane.label {
                LaneLabel::Queue(name) => Some(name),
                _ => None,
            });
            lanes.chain(node.picture.replicas.iter().map(|replica| replica.queue)).collect::<Vec<_>>()
        };
        let mut known: Vec<_> = self.nodes.iter().flat_map(of).filter(|name| *name != Name::EMPTY).collect();
        known.extend(self.queues.iter().map(|(name, _)| *name));
        known.sort_unstable();
        known.dedup();
        // A queue that nobody speaks of at this moment keeps its row.
        let named = |queue| match partitions::of_name(self, queue) {
            Some(partition) => (queue, format!("p{partition}")),
            None => (queue, name(queue)),
        };
        self.queues = known.into_iter().map(named).collect();
    }

    #[must_use]
    pub fn group_name(&self, group: Name) -> &str {
        self.groups.iter().find(|(known, _)| *known == group).map_or("", |(_, name)| name)
    }

    #[must_use]
    pub fn queue_name(&self, queue: Name) -> &str {
        self.queues.iter().find(|(known, _)| *known == queue).map_or("", |(_, name)| name)
    }

    fn believes(&self, node: NodeId, peer: NodeId) -> bool {
        self.nodes.get(usize::from(node.0)).is_some_and(|node| node.picture.peers.contains(&peer))
    }

    /// The nodes of a role, by their places in [`Scene::nodes`].
    pub fn of(&self, role: Role) -> impl Iterator<Item = usize> + use<'_> {
        (0..self.nodes.len()).filter(move |at| self.topology.role(self.nodes[*at].id) == role)
    }

    #[must_use]
    pub fn count(&self, fate: Fate) -> u64 {
        self.counts[fate as usize]
    }
}

/// The pairs of nodes that may talk, in the direction in which messages go.
pub fn ways(topology: Topology) -> impl Iterator<Item = (NodeId, NodeId)> {
    let of = move |role| topology.nodes().filter(move |node| topology.role(*node) == role);
    let pairs = move |one, other| of(one).flat_map(move |from| of(other).map(move |to| (from, to)));
    let among = move |role| pairs(role, role).filter(|(from, to)| from < to);
    pairs(Role::Producer, Role::Broker)
        .chain(among(Role::Broker))
        .chain(pairs(Role::Broker, Role::Consumer))
        .chain(pairs(Role::Broker, Role::Controller))
        .chain(pairs(Role::Consumer, Role::Store))
        .chain(pairs(Role::Producer, Role::Store))
        .chain(pairs(Role::Producer, Role::Consumer))
        .chain(among(Role::Store))
}

/// Whether two nodes are meant to be connected even if neither says so: brokers
/// with one another, and where there is no other choice.
pub fn is_expected(topology: Topology, from: NodeId, to: NodeId) -> bool {
    let number = |role| topology.nodes().filter(|node| topology.role(*node) == role).count();
    match (topology.role(from), topology.role(to)) {
        (Role::Broker, Role::Broker | Role::Controller) => true,
        (Role::Producer, Role::Broker) | (Role::Broker, Role::Consumer) => number(Role::Broker) == 1,
        (Role::Consumer, Role::Store) => to == topology.database(),
        _ => false,
    }
}

pub const fn worse(one: LinkState, other: LinkState) -> LinkState {
    match (one, other) {
        (LinkState::Blocked, _) | (_, LinkState::Blocked) => LinkState::Blocked,
        (LinkState::Slow, _) | (_, LinkState::Slow) => LinkState::Slow,
        _ => LinkState::Open,
    }
}
