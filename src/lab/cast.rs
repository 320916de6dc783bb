//! Who plays the nodes of a lab. This is the only file of the room that names
//! concrete nodes: a new broker or service is one more variant here, and nothing
//! else in the house changes.

use crate::broker::queue::{self, QueueBroker};
use crate::client::consumer::{self, Consumer, ConsumerOptions};
use crate::client::declare;
use crate::client::producer::{self, Producer, ProducerOptions};
use crate::client::session;
use crate::event::CopyId;
use crate::node::{Holding, Input, Node, Outputs};
use crate::picture::Picture;
use crate::protocol::Name;
use crate::random::{Purpose, Seed};
use crate::service::database::Database;
use crate::setting::SettingSpec;
use crate::time::Time;

use super::plan::Plan;

/// The names a plan interns, in the order of [`Name`].
pub const NAMES: [&str; 4] = ["", "orders", "shop", "order.placed"];
const QUEUE: Name = Name(1);
const EXCHANGE: Name = Name(2);
const KEY: Name = Name(3);
const SUBSCRIPTION: u16 = 0;

/// A node of a lab.
#[derive(Clone, Debug)]
pub enum Cast {
    Producer(Box<Producer>),
    Broker(Box<QueueBroker>),
    Consumer(Box<Consumer>),
    Database(Box<Database>),
}

/// Every setting that some room publishes, once.
pub fn settings_of() -> impl Iterator<Item = &'static SettingSpec> {
    [queue::SETTINGS, declare::SETTINGS, producer::SETTINGS, consumer::SETTINGS, session::SETTINGS]
        .into_iter()
        .flatten()
}

#[must_use]
pub fn spec_named(name: &str) -> Option<&'static SettingSpec> {
    settings_of().find(|spec| spec.name == name)
}

/// The nodes of a run, in the order of the topology.
pub fn cast(plan: &Plan, seed: Seed) -> impl Iterator<Item = Cast> {
    let topology = plan.lab.topology;
    let own_seed = move |node: u16| Seed(seed.draw(Purpose::RetryBackOff).by(u64::from(node)).value());
    let producers = (0..topology.producers).map(move |index| {
        let node = topology.producer(index);
        let mut options = ProducerOptions::new(topology.broker(0), QUEUE, plan.workload.clone(), own_seed(node.0))
            .with(&plan.settings);
        options.exchange = EXCHANGE;
        options.key = KEY;
        Cast::Producer(Box::new(Producer::new(options)))
    });
    let brokers = (0..topology.brokers).map(move |_| {
        let mut options = queue::Options::from_settings(&plan.settings);
        options.subscriptions = vec![(QUEUE, SUBSCRIPTION)];
        Cast::Broker(Box::new(QueueBroker::new(options)))
    });
    let consumers = (0..topology.consumers).map(move |index| {
        let node = topology.consumer(index);
        let options =
            ConsumerOptions::new(topology.broker(0), topology.database(), QUEUE, SUBSCRIPTION, own_seed(node.0))
                .with(&plan.settings);
        Cast::Consumer(Box::new(Consumer::new(options)))
    });
    let database = std::iter::once_with(|| Cast::Database(Box::new(Database::new())));
    producers.chain(brokers).chain(consumers).chain(database)
}

/// Calls one method on whichever node it is.
macro_rules! each {
    ($cast:expr, $node:ident => $call:expr) => {
        match $cast {
            Cast::Producer($node) => $call,
            Cast::Broker($node) => $call,
            Cast::Consumer($node) => $call,
            Cast::Database($node) => $call,
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
