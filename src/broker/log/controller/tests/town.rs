//! Controllers and stubs of brokers in a simulated world.

use std::sync::Arc;

use super::stub::Stub;
use crate::broker::log::controller::LogController;
use crate::broker::log::{Options, TopicSpec};
use crate::event::{CopyId, Event, EventId, Kind, NodeId, Recorder};
use crate::node::{Holding, Input, Node, Outputs};
use crate::picture::Picture;
use crate::protocol::Name;
use crate::protocol::log::TopicPartition;
use crate::random::Seed;
use crate::sim::{Action, Fault, Profile, When, World};
use crate::time::{Span, Time};

pub const TOPIC: Name = Name(7);

/// Records everything.
#[derive(Clone, Debug, Default)]
pub struct History(pub Vec<Event>);

impl Recorder for History {
    fn record(&mut self, event: Event) -> Option<EventId> {
        self.0.push(event);
        Some(EventId(self.0.len() as u32 - 1))
    }
}

#[derive(Clone, Debug)]
pub enum Actor {
    Controller(Box<LogController>),
    Broker(Box<Stub>),
}

impl Node for Actor {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match self {
            Self::Controller(controller) => controller.handle(now, input, out),
            Self::Broker(stub) => stub.handle(now, input, out),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Controller(controller) => controller.reset(),
            Self::Broker(stub) => stub.reset(),
        }
    }

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        if let Self::Controller(controller) = self {
            controller.picture(picture);
        }
    }
}

/// What a town is like.
#[derive(Clone, Debug)]
pub struct Plan {
    pub controllers: u16,
    pub brokers: u16,
    pub partitions: u16,
    pub min_insync: u16,
    pub unclean_election: bool,
    pub eligible_leader_replicas: bool,
    /// Brokers propose other in-sync replicas all the time.
    pub proposes: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            controllers: 3,
            brokers: 3,
            partitions: 3,
            min_insync: 2,
            unclean_election: false,
            eligible_leader_replicas: true,
            proposes: false,
        }
    }
}

/// Controllers come first, then brokers.
pub struct Town {
    pub world: World<Actor>,
    pub history: History,
    pub plan: Plan,
    faults: Vec<Fault>,
    seed: Seed,
}

impl Town {
    pub fn new(plan: Plan, seed: u64) -> Self {
        Self { world: World::new(), history: History::default(), plan, faults: Vec::new(), seed: Seed(seed) }
    }

    pub fn controllers(&self) -> Vec<NodeId> {
        (0..self.plan.controllers).map(NodeId).collect()
    }

    pub fn brokers(&self) -> Vec<NodeId> {
        (self.plan.controllers..self.plan.controllers + self.plan.brokers).map(NodeId).collect()
    }

    pub fn fault(&mut self, millis: u64, action: Action, lasting: Option<u64>) {
        let when = When::At(Time::from_millis(millis));
        self.faults.push(Fault { action, when, lasting: lasting.map(Span::from_millis) });
    }

    fn begin(&mut self) {
        let (plan, seed) = (&self.plan, self.seed);
        let topic = TopicSpec { name: TOPIC, partitions: plan.partitions, replication_factor: plan.brokers };
        let controllers: Arc<[NodeId]> = self.controllers().into();
        let options = |me| Options {
            me,
            brokers: self.brokers().into(),
            controllers: self.controllers().into(),
            topics: Box::new([topic]),
            seed,
            min_insync: plan.min_insync,
            unclean_election: plan.unclean_election,
            eligible_leader_replicas: plan.eligible_leader_replicas,
            ..Options::default()
        };
        let of_controller = |me: &NodeId| Actor::Controller(Box::new(LogController::new(options(*me))));
        let of_broker =
            |me: &NodeId| Actor::Broker(Box::new(Stub::new(*me, Arc::clone(&controllers), seed, plan.proposes)));
        let mut actors: Vec<Actor> = self.controllers().iter().map(of_controller).collect();
        actors.extend(self.brokers().iter().map(of_broker));
        self.world.start(&Profile::default(), actors, &self.faults, seed);
    }

    /// Runs from the start, or on, until that time.
    pub fn run(&mut self, millis: u64) {
        if self.world.node_count() == 0 {
            self.begin();
        }
        self.world.run_until(Time::from_millis(millis), &mut self.history);
    }

    /// Heals everything, runs until only housekeeping is left, and a little more.
    /// False: it does not come to rest.
    pub fn heal(&mut self) -> bool {
        self.world.heal(&mut self.history);
        let end = self.world.now() + Span::from_secs(120);
        while !self.world.is_quiet() && self.world.now() < end && self.world.step(&mut self.history) {}
        let is_quiet = self.world.is_quiet();
        let end = self.world.now() + Span::from_secs(30);
        self.world.run_until(end, &mut self.history);
        is_quiet
    }

    pub fn controller(&self, node: NodeId) -> &LogController {
        let Actor::Controller(controller) = self.world.node(node) else { panic!("{node:?} is a broker") };
        controller
    }

    pub fn stub(&self, node: NodeId) -> &Stub {
        let Actor::Broker(stub) = self.world.node(node) else { panic!("{node:?} is a controller") };
        stub
    }

    /// The controller that decides.
    pub fn active(&self) -> Option<NodeId> {
        self.controllers().into_iter().find(|node| self.controller(*node).is_active())
    }

    /// Leader and in-sync replicas of a partition, as the active controller has them.
    pub fn partition(&self, number: u16) -> (Option<u16>, Vec<u16>) {
        let active = self.controller(self.active().expect("a controller is active"));
        let id = TopicPartition { topic: TOPIC, partition: number };
        let state = active.committed.partition(id).expect("the partition exists");
        (state.leader.map(|node| node.0), state.in_sync.iter().map(|node| node.0).collect())
    }

    /// The times of a kind about a node, in milliseconds.
    pub fn times(&self, kind: Kind, about: u16) -> Vec<u64> {
        let of_kind = |event: &&Event| event.kind == kind && event.detail == u64::from(about);
        self.history.0.iter().filter(of_kind).map(|event| event.time.as_millis()).collect()
    }
}
