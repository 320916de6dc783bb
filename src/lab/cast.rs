//! Who plays the nodes of a lab. This and its `log_cast`, for labs on a log, are
//! the only files of the room that name concrete nodes: a new broker or service is one more variant here, and nothing
//! else in the house changes.

mod log_cast;

use crate::broker::log::{self, LogBroker, LogController};
use crate::broker::queue::{self, QueueBroker};
use crate::client::consumer::{self, Consumer, ConsumerOptions, Undo};
use crate::client::coordinator::{Coordinator, CoordinatorOptions};
use crate::client::declare as queues;
use crate::client::forwarder::{self, Forwarder, ForwarderOptions};
use crate::client::log::{self as records, LogConsumer, LogProducer};
use crate::client::participant::{self, Guard, Participant, ParticipantOptions};
use crate::client::producer::{self, Producer, ProducerOptions};
use crate::client::reconciler::{self, Reconciler, ReconcilerOptions};
use crate::client::session;
use crate::event::{CopyId, NodeId};
use crate::node::{Holding, Input, Node, Outputs};
use crate::picture::{Picture, Role};
use crate::protocol::Name;
use crate::random::{Purpose, Seed};
use crate::service::database::{self, Database, Durability};
use crate::service::store::{self, Store, StoreOptions};
use crate::setting::{Refusal, SettingSpec, Settings};
use crate::time::Time;

use super::absent::Absent;
use super::declare;
use super::model::Model;
use super::plan::Plan;
use super::settings::{self, calls_services};
use super::wiring::{HALF_TOPICS, Queue};

/// A node of a lab.
#[derive(Clone, Debug)]
pub enum Cast {
    Producer(Box<Producer>),
    Broker(Box<QueueBroker>),
    Consumer(Box<Consumer>),
    Database(Box<Database>),
    Cache(Box<Store>),
    Coordinator(Box<Coordinator>),
    Participant(Box<Participant>),
    Forwarder(Box<Forwarder>),
    Reconciler(Box<Reconciler>),
    LogProducer(Box<LogProducer>),
    LogBroker(Box<LogBroker>),
    LogConsumer(Box<LogConsumer>),
    LogController(Box<LogController>),
    Absent(Absent),
}

/// What the rooms publish that play only where there are queues.
const OF_QUEUES: [&[SettingSpec]; 8] = [
    queue::SETTINGS,
    producer::SETTINGS,
    consumer::SETTINGS,
    session::SETTINGS,
    participant::SETTINGS,
    forwarder::SETTINGS,
    reconciler::SETTINGS,
    queues::SETTINGS,
];
/// And only where there are logs.
const OF_LOGS: [&[SettingSpec]; 3] = [log::SETTINGS, records::producer::SETTINGS, records::consumer::SETTINGS];
const OF_BOTH: [&[SettingSpec]; 3] = [settings::SETTINGS, database::SETTINGS, store::SETTINGS];
/// Published by the clients of queues; those of a log read them too.
const SHARED: [&str; 8] =
    ["processing_ms", "dedupe", "lease_ms", "mark_ttl_ms", "on_exception", "reconnect_ms", "outbox", "relay_ms"];

/// Every setting that some room publishes, once.
pub fn settings_of() -> impl Iterator<Item = &'static SettingSpec> {
    OF_BOTH.into_iter().chain(OF_QUEUES).chain(OF_LOGS).flatten()
}

/// The model that a setting belongs to, if it is not of both.
#[must_use]
pub fn model_of(name: &str) -> Option<Model> {
    let publishes = |rooms: &[&[SettingSpec]]| rooms.iter().copied().flatten().any(|spec| spec.name == name);
    if SHARED.contains(&name) {
        None
    } else if publishes(&OF_QUEUES) {
        Some(Model::Queue)
    } else {
        publishes(&OF_LOGS).then_some(Model::Log)
    }
}

#[must_use]
pub fn spec_named(name: &str) -> Option<&'static SettingSpec> {
    settings_of().find(|spec| spec.name == name)
}

/// Why somebody in this cast does not start with these settings, if that is so.
#[must_use]
pub fn refusal(model: Model, settings: &Settings) -> Option<Refusal> {
    (model == Model::Log).then(|| records::producer::refusal(settings)).flatten()
}

/// The nodes of a run, in the order of the topology.
pub fn cast(plan: &Plan, seed: Seed) -> impl Iterator<Item = Cast> {
    let topology = plan.lab.topology;
    let own_seed = move |node: NodeId| Seed(seed.draw(Purpose::RetryBackOff).by(u64::from(node.0)).value());
    let producers = (0..topology.producers).map(move |index| producer(plan, index, own_seed(topology.producer(index))));
    let brokers = (0..topology.brokers).map(move |index| broker(plan, index, own_seed(topology.broker(index))));
    let consumers = (0..topology.consumers).map(move |index| consumer(plan, index, own_seed(topology.consumer(index))));
    let caches = (0..topology.caches).map(move |index| cache(plan, index));
    let forwarders = (0..topology.forwarders).map(move |index| forwarder(plan, own_seed(topology.forwarder(index))));
    let reconcilers =
        (0..topology.reconcilers).map(move |index| reconciler(plan, own_seed(topology.reconciler(index))));
    let database = std::iter::once_with(|| database(plan));
    let controllers = (0..topology.controllers)
        .map(move |index| log_cast::controller(plan, index, own_seed(topology.controller(index))));
    let clients = producers.chain(brokers).chain(consumers).chain(caches).chain(forwarders).chain(reconcilers);
    clients.chain(database).chain(controllers)
}

fn producer(plan: &Plan, index: u16, seed: Seed) -> Cast {
    let lab = &plan.lab;
    if plan.model == Model::Log {
        return log_cast::producer(plan, index, seed);
    }
    let node = lab.topology.producer(index);
    let workload = plan.workload.share(index, lab.topology.producers);
    if calls_services(plan) {
        let (database, participant) = (lab.topology.database(), lab.topology.consumer(0));
        let options = CoordinatorOptions::new(workload, database, participant, seed).with(&plan.settings);
        return Cast::Coordinator(Box::new(Coordinator::new(options)));
    }
    let brokers = lab.connect.brokers(lab.topology, node, index);
    let queue = lab.wiring.queues[0].name;
    let mut options = ProducerOptions::new(brokers[0], queue, workload, seed).with(&plan.settings);
    options.brokers = brokers.into();
    options.exchange = lab.wiring.exchange;
    options.key = lab.wiring.keys[0];
    options.keys = lab.wiring.keys.clone();
    options.headers = lab.wiring.headers.clone();
    options.declarations = declare::by_producer(plan);
    // A shop with an outbox, or the choice of one, commits its facts to a database,
    // and so does one whose books are compared with what was done.
    if lab.names_setting("outbox") || lab.topology.reconcilers > 0 {
        options.database = [lab.topology.database()].into();
    }
    Cast::Producer(Box::new(Producer::new(options)))
}

fn broker(plan: &Plan, index: u16, seed: Seed) -> Cast {
    if plan.model == Model::Log {
        return log_cast::broker(plan, index, seed);
    }
    let mut options = queue::Options::from_settings(&plan.settings);
    options.me = plan.lab.topology.broker(index);
    options.peers = plan.lab.topology.brokers().filter(|node| *node != options.me).collect();
    options.seed = seed;
    let wiring = &plan.lab.wiring;
    let subscribed = |queue: &Queue| Some((queue.name, queue.subscription?));
    options.subscriptions = wiring.queues.iter().filter_map(subscribed).collect();
    let letters = |queue: &Queue| Some((queue.name, wiring.queues[queue.dead_letters_of?].subscription?));
    options.dead_letter_queues = wiring.queues.iter().filter_map(letters).collect();
    options.half_topics = HALF_TOPICS.map(|name| wiring.names.find(name).unwrap_or(Name::EMPTY));
    options.names = wiring.names.texts().clone();
    Cast::Broker(Box::new(QueueBroker::new(options)))
}

fn consumer(plan: &Plan, index: u16, seed: Seed) -> Cast {
    let lab = &plan.lab;
    if !settings::works(plan, index) {
        return Cast::Absent(Absent(Role::Consumer));
    }
    if calls_services(plan) && index == 0 {
        let guard = Guard::named(plan.settings.word("guard")).unwrap_or_default();
        let options = ParticipantOptions::new(lab.topology.database(), 0, guard, seed);
        return Cast::Participant(Box::new(Participant::new(options)));
    }
    let node = lab.topology.consumer(index);
    let brokers = lab.connect.brokers(lab.topology, node, index);
    if plan.model == Model::Log {
        return log_cast::consumer(plan, index, brokers, seed);
    }
    // A lab deals all of its consumers out.
    let queue = lab.wiring.queue_of(index).unwrap_or(&lab.wiring.queues[0]);
    // Effects of a queue that is nobody's subscription are nobody's.
    let subscription = queue.subscription.unwrap_or(lab.wiring.subscriptions.len() as u16);
    let mut options =
        ConsumerOptions::new(brokers[0], lab.topology.database(), queue.name, subscription, seed).with(&plan.settings);
    options.brokers = brokers.into();
    options.declarations = declare::by_consumer(plan, queue);
    if queue.dead_letters_of.is_some() {
        options = options.compensating(Undo::named(plan.settings.word("undo")).unwrap_or(Undo::StateCheck));
    }
    options.handler.cache = (0..lab.topology.caches).map(|cache| lab.topology.cache(cache)).collect();
    Cast::Consumer(Box::new(Consumer::new(options)))
}

/// The first is the primary, the second its replica.
fn cache(plan: &Plan, index: u16) -> Cast {
    let topology = plan.lab.topology;
    let other = (0..topology.caches).find(|other| *other != index);
    let peer = other.map(|other| topology.cache(other));
    let options = StoreOptions { peer, is_replica: index > 0, ..StoreOptions::default() };
    Cast::Cache(Box::new(Store::new(options.with(&plan.settings))))
}

fn forwarder(plan: &Plan, seed: Seed) -> Cast {
    let lab = &plan.lab;
    let Some((from, to)) = lab.wiring.forwarding().filter(|_| plan.settings.is_on("forwarding")) else {
        return Cast::Absent(Absent(Role::Consumer));
    };
    let node = lab.topology.forwarder(0);
    let brokers = lab.connect.brokers(lab.topology, node, 0);
    let from = &lab.wiring.queues[from];
    let mut options = ForwarderOptions::new(brokers.into(), from.name, to.into(), seed).with(&plan.settings);
    options.declarations = declare::by_forwarder(plan, from);
    Cast::Forwarder(Box::new(Forwarder::new(options)))
}

/// It looks after the lab's first queue.
fn reconciler(plan: &Plan, seed: Seed) -> Cast {
    let lab = &plan.lab;
    if plan.settings.number("reconcile_at_ms") == 0 || plan.model == Model::Log {
        return Cast::Absent(Absent(Role::Producer));
    }
    let brokers = lab.connect.brokers(lab.topology, lab.topology.reconciler(0), 0);
    let queue = &lab.wiring.queues[0];
    let mut options = ReconcilerOptions::new(brokers.into(), lab.topology.database(), queue.name, seed);
    options.workload = plan.workload.clone();
    options.subscription = queue.subscription.unwrap_or_default();
    options.declarations = declare::by_consumer(plan, queue);
    Cast::Reconciler(Box::new(Reconciler::new(options.with(&plan.settings))))
}

fn database(plan: &Plan) -> Cast {
    let durability =
        if plan.lab.database_on_disk { Durability::from_settings(&plan.settings) } else { Durability::Reliable };
    let subscriptions = 0..plan.books.entitlement.subscriptions();
    let database = Database::with(durability).entitling(subscriptions).taking(database::work(&plan.settings));
    Cast::Database(Box::new(database))
}

/// Calls one method on whichever node it is.
macro_rules! each {
    ($cast:expr, $node:ident => $call:expr) => {
        match $cast {
            Cast::Producer($node) => $call,
            Cast::Broker($node) => $call,
            Cast::Consumer($node) => $call,
            Cast::Database($node) => $call,
            Cast::Cache($node) => $call,
            Cast::Coordinator($node) => $call,
            Cast::Participant($node) => $call,
            Cast::Forwarder($node) => $call,
            Cast::Reconciler($node) => $call,
            Cast::LogProducer($node) => $call,
            Cast::LogBroker($node) => $call,
            Cast::LogConsumer($node) => $call,
            Cast::LogController($node) => $call,
            Cast::Absent($node) => $call,
        }
    };
}

impl Node for Cast {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        each!(self, node => node.handle(now, input, out));
    }

    fn reset(&mut self) {
        each!(self, node => node.reset());
    }

    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        each!(self, node => node.in_memory(visit));
    }

    fn holdings(&self, visit: &mut dyn FnMut(Holding)) {
        each!(self, node => node.holdings(visit));
    }

    fn picture(&self, picture: &mut Picture) {
        each!(self, node => node.picture(picture));
    }
}
