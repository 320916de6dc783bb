//! A small shop: one producer, one broker, two consumers, a pair of key-value
//! stores and a database, all of them the real ones.

use std::sync::Arc;

use crate::broker::queue::{Options, QueueBroker};
use crate::client::consumer::{Consumer, ConsumerOptions};
use crate::client::producer::{Confirms, Occurrence, Producer, ProducerOptions};
use crate::event::{Event, EventId, Kind, MessageId, NodeId, Recorder};
use crate::lab::Totals;
use crate::lab::cast::Cast;
use crate::lab::ledger::{Books, Ledger};
use crate::node::Node;
use crate::picture::{Figure, Picture};
use crate::protocol::Name;
use crate::protocol::fact::Fact;
use crate::random::Seed;
use crate::service::database::{Database, Durability};
use crate::service::store::{Store, StoreOptions};
use crate::sim::{Action, Fault, Profile, Trigger, When, World};
use crate::time::{Span, Time};

pub const PRODUCER: NodeId = NodeId(0);
pub const BROKER: NodeId = NodeId(1);
pub const CONSUMER: NodeId = NodeId(2);
pub const OTHER_CONSUMER: NodeId = NodeId(3);
pub const CACHE: NodeId = NodeId(4);
pub const REPLICA: NodeId = NodeId(5);
pub const DATABASE: NodeId = NodeId(6);
pub const MESSAGES: u32 = 16;
const QUEUE: Name = Name(1);
const KEYS: u32 = 4;

/// What is the same in all runs of a test.
#[derive(Clone)]
pub struct Shop {
    pub consumer: ConsumerOptions,
    pub producer: ProducerOptions,
    pub database: Durability,
    pub failover_after: Span,
    pub faults: Vec<Fault>,
}

impl Shop {
    pub fn new() -> Self {
        let occurrence = |n: u32| {
            let fact = Fact { message: MessageId(n), key: n % KEYS, version: n.div_ceil(KEYS) };
            let at = Time::from_millis(200 + u64::from(n) * 30);
            Occurrence { at, fact, payload: fact.encode().to_vec().into() }
        };
        let workload: Arc<[Occurrence]> = (1..=MESSAGES).map(occurrence).collect();
        let mut consumer = ConsumerOptions {
            prefetch: 2,
            heartbeat: Span::from_secs(2),
            ..ConsumerOptions::new(BROKER, DATABASE, QUEUE, 0, Seed(1))
        };
        consumer.handler.processing = Span::from_millis(40);
        consumer.handler.cache = Arc::from([CACHE, REPLICA]);
        let producer = ProducerOptions {
            confirms: Confirms::Async,
            persistent: true,
            confirm_timeout: Span::from_secs(1),
            ..ProducerOptions::new(BROKER, QUEUE, workload, Seed(1))
        };
        let (database, failover_after) = (Durability::Reliable, Span::from_millis(300));
        Self { consumer, producer, database, failover_after, faults: Vec::new() }
    }

    /// With a fault as the consumer has begun work on its fourth message.
    pub fn at_work(self, action: Action, within_ms: u64, lasting_ms: u64) -> Self {
        let trigger = Trigger { kind: Kind::WorkBegan, node: Some(CONSUMER), message: None };
        self.with(action, trigger, 4, within_ms, lasting_ms)
    }

    pub fn with(mut self, action: Action, trigger: Trigger, nth: u32, within_ms: u64, lasting_ms: u64) -> Self {
        let when = When::After { trigger, nth, delay: Span::ZERO, within: Span::from_millis(within_ms) };
        self.faults.push(Fault { action, when, lasting: Some(Span::from_millis(lasting_ms)) });
        self
    }

    fn nodes(&self, seed: u64) -> impl Iterator<Item = Cast> {
        let own = |node: NodeId| Seed(seed.wrapping_mul(31).wrapping_add(node.0.into()));
        let consumer = |node| {
            let mut options = self.consumer.clone();
            options.handler.seed = own(node);
            Cast::Consumer(Box::new(Consumer::new(options)))
        };
        let store = |peer, is_replica| {
            let failover_after = self.failover_after;
            let options = StoreOptions { peer: Some(peer), is_replica, failover_after, appends: false };
            Cast::Cache(Box::new(Store::new(options)))
        };
        let producer = ProducerOptions { seed: own(PRODUCER), ..self.producer.clone() };
        let broker = Options { subscriptions: vec![(QUEUE, 0)], ..Options::default() };
        [
            Cast::Producer(Box::new(Producer::new(producer))),
            Cast::Broker(Box::new(QueueBroker::new(broker))),
            consumer(CONSUMER),
            consumer(OTHER_CONSUMER),
            store(REPLICA, false),
            store(CACHE, true),
            Cast::Database(Box::new(Database::with(self.database))),
        ]
        .into_iter()
    }

    /// One run, judged as a lab judges it.
    pub fn run(&self, seed: u64) -> Run {
        let mut run = Run { ledger: Ledger::default(), totals: Totals::default(), events: Vec::new(), end: Time::ZERO };
        let facts = self.producer.workload.clone();
        run.ledger.begin(&Arc::new(Books { facts, keys: KEYS, ..Books::default() }));
        let mut world = World::new();
        world.start(&Profile::default(), self.nodes(seed), &self.faults, Seed(seed));
        for end in [Time::from_millis(300_000), Time::from_millis(600_000)] {
            while !world.is_quiet() && world.now() < end && world.step(&mut run) {}
            world.heal(&mut run);
        }
        run.ledger.begin_audit();
        let mut effects = 0;
        for (_, node) in world.nodes() {
            node.holdings(&mut |holding| run.ledger.audit(holding));
            let mut picture = Picture::default();
            node.picture(&mut picture);
            effects +=
                picture.figures.iter().map(|figure| if let Figure::Applied(n) = figure { *n } else { 0 }).sum::<u64>();
        }
        run.totals = run.ledger.totals();
        run.end = world.now();
        assert_eq!(effects, run.totals.applied + run.totals.duplicates, "the ledger has the database's effects");
        run
    }

    /// The sums over many seeds.
    pub fn sum(&self, seeds: u64) -> Totals {
        let mut sum = Totals::default();
        (0..seeds).for_each(|seed| sum.add(&self.run(seed).totals));
        sum
    }
}

pub struct Run {
    ledger: Ledger,
    pub totals: Totals,
    pub events: Vec<Event>,
    pub end: Time,
}

impl Run {
    pub fn count(&self, kind: Kind) -> usize {
        self.events.iter().filter(|event| event.kind == kind).count()
    }

    pub fn fired(&self) -> bool {
        self.events.iter().any(|event| matches!(event.kind, Kind::Fault(_)))
    }
}

impl Recorder for Run {
    fn record(&mut self, event: Event) -> Option<EventId> {
        self.ledger.fold(&event);
        self.events.push(event);
        None
    }
}
