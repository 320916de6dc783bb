//! One controller, some brokers, a writer and a reader in a simulated world.

use std::sync::Arc;

use super::banker::Banker;
use super::committer::Committer;
use super::reader::Reader;
use super::writer::Writer;
use crate::broker::log::{LogBroker, LogController, Options, TopicSpec};
use crate::event::{CopyId, Event, EventId, Kind, NodeId, Recorder};
use crate::node::{Holding, Input, Node, Outputs};
use crate::picture::Picture;
use crate::protocol::Name;
use crate::protocol::log::{Acks, TopicPartition};
use crate::random::Seed;
use crate::sim::{Action, Fault, Profile, When, World};
use crate::time::{Span, Time};

pub const TOPIC: Name = Name(1);
pub const OFFSETS: Name = Name(2);
pub const TRANSACTIONS: Name = Name(3);
pub const CONTROLLER: NodeId = NodeId(0);

#[derive(Clone, Debug)]
pub enum Citizen {
    Controller(Box<LogController>),
    Broker(Box<LogBroker>),
    Writer(Box<Writer>),
    Reader(Box<Reader>),
    Committer(Box<Committer>),
    Banker(Box<Banker>),
}

impl Node for Citizen {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match self {
            Self::Controller(node) => node.handle(now, input, out),
            Self::Broker(node) => node.handle(now, input, out),
            Self::Writer(node) => node.handle(now, input, out),
            Self::Reader(node) => node.handle(now, input, out),
            Self::Committer(node) => node.handle(now, input, out),
            Self::Banker(node) => node.handle(now, input, out),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Controller(node) => node.reset(),
            Self::Broker(node) => node.reset(),
            _ => {}
        }
    }

    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        match self {
            Self::Controller(node) => node.in_memory(visit),
            Self::Broker(node) => node.in_memory(visit),
            _ => {}
        }
    }

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        match self {
            Self::Controller(node) => node.picture(picture),
            Self::Broker(node) => node.picture(picture),
            _ => {}
        }
    }
}

/// Records everything.
#[derive(Clone, Debug, Default)]
pub struct History(pub Vec<Event>);

impl Recorder for History {
    fn record(&mut self, event: Event) -> Option<EventId> {
        self.0.push(event);
        Some(EventId(self.0.len() as u32 - 1))
    }
}

/// How a town is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    pub brokers: u16,
    pub partitions: u16,
    pub replication_factor: u16,
    pub acks: Acks,
    pub messages: u32,
    /// Somebody produces in transactions.
    pub banks: bool,
    /// Somebody commits offsets.
    pub commits: bool,
    /// Somebody reads.
    pub is_read: bool,
    pub options: Options,
    pub faults: Vec<Fault>,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            brokers: 3,
            partitions: 2,
            replication_factor: 3,
            acks: Acks::All,
            messages: 40,
            banks: false,
            commits: false,
            is_read: true,
            options: Options { min_insync: 2, ..Options::default() },
            faults: Vec::new(),
        }
    }
}

pub struct Town {
    pub world: World<Citizen>,
    pub history: History,
    pub layout: Layout,
}

impl Layout {
    pub fn fault(mut self, at_ms: u64, lasting_ms: u64, action: Action) -> Self {
        let lasting = Some(Span::from_millis(lasting_ms)).filter(|span| !span.is_zero());
        self.faults.push(Fault { action, when: When::At(Time::from_millis(at_ms)), lasting });
        self
    }

    pub fn build(self, seed: u64) -> Town {
        self.build_with(seed, |_| {})
    }

    pub fn build_with(self, seed: u64, adjust: impl FnOnce(&mut Writer)) -> Town {
        let brokers: Arc<[NodeId]> = (1..=self.brokers).map(NodeId).collect();
        let topic = |name, partitions| TopicSpec { name, partitions, replication_factor: self.replication_factor };
        let options = |node: NodeId| Options {
            me: node,
            brokers: brokers.iter().copied().collect(),
            controllers: [CONTROLLER].into(),
            topics: [topic(TOPIC, self.partitions), topic(OFFSETS, 1), topic(TRANSACTIONS, 1)].into(),
            offsets_topic: OFFSETS,
            transactions_topic: TRANSACTIONS,
            seed: Seed(seed),
            ..self.options.clone()
        };
        let controller = Citizen::Controller(Box::new(LogController::new(options(CONTROLLER))));
        let nodes = brokers.iter().map(|node| Citizen::Broker(Box::new(LogBroker::new(options(*node)))));
        let mut writer = Writer::new(&brokers, self.partitions, self.messages, self.acks);
        adjust(&mut writer);
        let nobody: Arc<[NodeId]> = Arc::from([]);
        let reader = Reader::new(if self.is_read { &brokers } else { &nobody }, self.partitions);
        let committer = Committer::new(if self.commits { &brokers } else { &nobody });
        let banker = Banker::new(if self.banks { &brokers } else { &nobody });
        let clients = [
            Citizen::Writer(Box::new(writer)),
            Citizen::Reader(Box::new(reader)),
            Citizen::Committer(Box::new(committer)),
            Citizen::Banker(Box::new(banker)),
        ];
        let mut world = World::new();
        let cast: Vec<Citizen> = [controller].into_iter().chain(nodes).chain(clients).collect();
        world.start(&Profile::default(), cast, &self.faults, Seed(seed));
        Town { world, history: History::default(), layout: self }
    }
}

impl Town {
    pub fn run_until(&mut self, ms: u64) {
        self.world.run_until(Time::from_millis(ms), &mut self.history);
    }

    pub fn run_for(&mut self, ms: u64) {
        let until = self.world.now() + Span::from_millis(ms);
        self.world.run_until(until, &mut self.history);
    }

    pub fn inject(&mut self, action: Action, lasting_ms: u64) {
        let lasting = Some(Span::from_millis(lasting_ms)).filter(|span| !span.is_zero());
        let when = self.world.moment();
        self.world.inject(Fault { action, when, lasting });
    }

    pub fn heal(&mut self) {
        self.world.heal(&mut self.history);
    }

    pub fn brokers(&self) -> impl Iterator<Item = (NodeId, &LogBroker)> {
        self.world.nodes().filter_map(|(id, node)| match node {
            Citizen::Broker(broker) => Some((id, &**broker)),
            _ => None,
        })
    }

    pub fn broker(&self, node: u16) -> &LogBroker {
        match self.world.node(NodeId(node)) {
            Citizen::Broker(broker) => broker,
            other => panic!("{other:?} is no broker"),
        }
    }

    pub fn writer(&self) -> &Writer {
        let found = self.world.nodes().find_map(|(_, node)| match node {
            Citizen::Writer(writer) => Some(&**writer),
            _ => None,
        });
        found.expect("a town has a writer")
    }

    pub fn reader(&self) -> &Reader {
        let found = self.world.nodes().find_map(|(_, node)| match node {
            Citizen::Reader(reader) => Some(&**reader),
            _ => None,
        });
        found.expect("a town has a reader")
    }

    pub fn banker(&self) -> &Banker {
        let found = self.world.nodes().find_map(|(_, node)| match node {
            Citizen::Banker(banker) => Some(&**banker),
            _ => None,
        });
        found.expect("a town has a banker")
    }

    pub fn committer(&self) -> &Committer {
        let found = self.world.nodes().find_map(|(_, node)| match node {
            Citizen::Committer(committer) => Some(&**committer),
            _ => None,
        });
        found.expect("a town has a committer")
    }

    /// Who leads, by the highest epoch.
    pub fn leader(&self, partition: u16) -> Option<u16> {
        let id = topic(partition);
        let leaders = self.brokers().filter(|(_, broker)| broker.leads(id));
        leaders.max_by_key(|(_, broker)| broker.leader_epoch(id)).map(|(node, _)| node.0)
    }

    pub fn log(&self, broker: u16, partition: u16) -> Vec<(u64, CopyId)> {
        let mut log = Vec::new();
        self.broker(broker).records(topic(partition), 0, &mut |copy, offset| log.push((offset, copy)));
        log
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.history.0.iter().filter(|event| event.kind == kind).count()
    }
}

pub const fn topic(partition: u16) -> TopicPartition {
    TopicPartition { topic: TOPIC, partition }
}
