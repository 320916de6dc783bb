//! Several brokers and simple clients in a simulated world.

use std::sync::Arc;

use crate::broker::queue::tests::rig::{CHANNEL, QUEUE, persistent};
use crate::broker::queue::{Options, QueueBroker};
use crate::event::{CopyId, Event, EventId, Kind, NodeId, Recorder};
use crate::node::{ConnectionId, Holding, Input, Node, Outputs, TimerId};
use crate::picture::Picture;
use crate::protocol::Frame;
use crate::protocol::queue::{Arguments, Method};
use crate::random::Seed;
use crate::sim::{Action, Fault, Profile, When, World};
use crate::time::{Span, Time};

/// Records everything.
#[derive(Clone, Debug, Default)]
pub struct History(pub Vec<Event>);

impl Recorder for History {
    fn record(&mut self, event: Event) -> Option<EventId> {
        self.0.push(event);
        Some(EventId(self.0.len() as u32 - 1))
    }
}

/// A client that says what it is told to, keeps what it hears, and connects
/// again to the next of its brokers.
#[derive(Clone, Debug)]
pub struct Client {
    brokers: Arc<[NodeId]>,
    begins: Time,
    turn: usize,
    /// Said on every new channel, each line once the last is answered.
    script: Vec<Method>,
    line: usize,
    /// Said at their times; late if there is no channel then.
    plan: Vec<(Time, Method)>,
    next: usize,
    connection: Option<ConnectionId>,
    /// Whether deliveries are acknowledged at once, on a channel that lives.
    pub acks: bool,
    pub heard: Vec<(Time, Method)>,
    pub losses: usize,
}

const PLAN: TimerId = TimerId(0);
const RETRY: TimerId = TimerId(1);
const PAUSE: Span = Span::from_millis(300);

impl Client {
    fn say(&self, method: Method, out: &mut Outputs) {
        let Some(connection) = self.connection else { return };
        let about = match &method {
            Method::Publish(publish) => Some(publish.copy),
            _ => None,
        };
        out.send(connection, method.on(CHANNEL), about);
    }

    fn go_on(&mut self, now: Time, out: &mut Outputs) {
        if let Some(method) = self.script.get(self.line) {
            return self.say(method.clone(), out);
        }
        while let Some((at, method)) = self.plan.get(self.next) {
            if *at > now {
                return out.set_timer(PLAN, *at);
            }
            self.next += 1;
            self.say(method.clone(), out);
        }
    }

    fn hear(&mut self, now: Time, method: Method, out: &mut Outputs) {
        self.heard.push((now, method.clone()));
        match method {
            Method::ConnectionOpenOk => self.say(Method::ChannelOpen, out),
            Method::ChannelOpenOk => self.go_on(now, out),
            Method::Deliver(deliver) if self.acks => {
                self.say(Method::Ack { tag: deliver.tag, multiple: false }, out);
            }
            Method::Cancel { .. } | Method::ChannelClose { .. } => {
                let code = crate::protocol::queue::code::OK;
                let cancelled = matches!(method, Method::Cancel { .. });
                self.say(if cancelled { Method::ChannelClose { code } } else { Method::ChannelCloseOk }, out);
                self.line = usize::MAX;
                out.set_timer(RETRY, now + PAUSE);
            }
            Method::QueueDeclareOk { .. }
            | Method::ExchangeDeclareOk
            | Method::QueueBindOk
            | Method::ConfirmSelectOk
            | Method::QosOk
            | Method::ConsumeOk { .. } => {
                self.line += 1;
                self.go_on(now, out);
            }
            _ => {}
        }
    }

    fn take(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => out.set_timer(RETRY, now.max(self.begins)),
            Input::Opened { connection, .. } => {
                self.connection = Some(connection);
                self.line = 0;
                out.send(connection, Method::ConnectionOpen { heartbeat: Span::ZERO }.on(0), None);
            }
            Input::Closed { .. } => {
                self.connection = None;
                self.losses += 1;
                self.turn = (self.turn + 1) % self.brokers.len();
                out.set_timer(RETRY, now + PAUSE);
            }
            Input::Timer(RETRY) if self.connection.is_some() => {
                self.line = 0;
                self.say(Method::ChannelOpen, out);
            }
            Input::Timer(RETRY) => drop(out.open(self.brokers[self.turn])),
            Input::Timer(_) if self.line >= self.script.len() => self.go_on(now, out),
            Input::Frame { frame: Frame::Queue { method, .. }, .. } => self.hear(now, method, out),
            _ => {}
        }
    }
}

#[derive(Clone, Debug)]
pub enum Actor {
    Broker(Box<QueueBroker>),
    Client(Box<Client>),
}

impl Node for Actor {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match self {
            Self::Broker(broker) => broker.handle(now, input, out),
            Self::Client(client) => client.take(now, input, out),
        }
    }
    fn reset(&mut self) {
        if let Self::Broker(broker) = self {
            broker.reset();
        }
    }
    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        if let Self::Broker(broker) = self {
            broker.in_memory(visit);
        }
    }
    fn holdings(&self, visit: &mut dyn FnMut(Holding)) {
        if let Self::Broker(broker) = self {
            broker.holdings(visit);
        }
    }
    fn picture(&self, picture: &mut Picture) {
        if let Self::Broker(broker) = self {
            broker.picture(picture);
        }
    }
}

/// A cluster with its clients, before and while it runs. Brokers come first.
pub struct Town {
    pub world: World<Actor>,
    pub history: History,
    actors: Vec<Actor>,
    faults: Vec<Fault>,
    profile: Profile,
    brokers: u16,
    seed: Seed,
}

impl Town {
    pub fn new(brokers: u16, seed: u64) -> Self {
        Self::with(brokers, seed, &Options::default())
    }

    pub fn with(brokers: u16, seed: u64, options: &Options) -> Self {
        let seed = Seed(seed);
        let broker = |me: u16| {
            let peers = (0..brokers).filter(|other| *other != me).map(NodeId).collect();
            let subscriptions = vec![(QUEUE, 0)];
            let options = Options { me: NodeId(me), peers, seed, subscriptions, ..options.clone() };
            Actor::Broker(Box::new(QueueBroker::new(options)))
        };
        Self {
            world: World::new(),
            history: History::default(),
            actors: (0..brokers).map(broker).collect(),
            faults: Vec::new(),
            profile: Profile::default(),
            brokers,
            seed,
        }
    }

    /// Adds a client of some brokers, the first of them first. Each client
    /// begins 100 ms after the one added before it.
    pub fn client(
        &mut self,
        brokers: &[u16],
        acks: bool,
        script: &[Method],
        plan: impl IntoIterator<Item = (u64, Method)>,
    ) -> NodeId {
        let client = Client {
            brokers: brokers.iter().copied().map(NodeId).collect(),
            begins: Time::from_millis(100 * (self.actors.len() as u64 - u64::from(self.brokers))),
            turn: 0,
            script: script.to_vec(),
            line: 0,
            plan: plan.into_iter().map(|(millis, method)| (Time::from_millis(millis), method)).collect(),
            next: 0,
            connection: None,
            acks,
            heard: Vec::new(),
            losses: 0,
        };
        self.actors.push(Actor::Client(Box::new(client)));
        NodeId(self.actors.len() as u16 - 1)
    }

    pub fn fault(&mut self, millis: u64, action: Action, lasting: Option<u64>) {
        let when = When::At(Time::from_millis(millis));
        self.faults.push(Fault { action, when, lasting: lasting.map(Span::from_millis) });
    }

    pub fn begin(&mut self) {
        let actors = std::mem::take(&mut self.actors);
        self.world.start(&self.profile, actors, &self.faults, self.seed);
    }

    /// Runs from the start, or on, until that time.
    pub fn run(&mut self, millis: u64) {
        if self.world.node_count() == 0 {
            self.begin();
        }
        self.world.run_until(Time::from_millis(millis), &mut self.history);
    }

    /// Heals everything and runs until only housekeeping is left.
    pub fn heal(&mut self) {
        self.world.heal(&mut self.history);
        let end = self.world.now() + Span::from_secs(1_000);
        while !self.world.is_quiet() && self.world.now() < end && self.world.step(&mut self.history) {}
        assert!(self.world.is_quiet(), "the cluster does not come to rest");
    }

    pub fn heard(&self, client: NodeId) -> impl Iterator<Item = &Method> {
        let Actor::Client(client) = self.world.node(client) else { panic!("{client:?} is a broker") };
        client.heard.iter().map(|(_, method)| method)
    }

    /// How often a client lost its connection.
    pub fn losses(&self, client: NodeId) -> usize {
        let Actor::Client(client) = self.world.node(client) else { panic!("{client:?} is a broker") };
        client.losses
    }

    /// The messages that were delivered to a client, in order.
    pub fn delivered(&self, client: NodeId) -> Vec<u32> {
        let message = |method: &Method| match method {
            Method::Deliver(deliver) => Some(deliver.copy.message.0),
            _ => None,
        };
        self.heard(client).filter_map(message).collect()
    }

    /// The publishes of a client that were answered: tags of `ok`, tags of not.
    pub fn answers(&self, client: NodeId) -> (Vec<u64>, Vec<u64>) {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for method in self.heard(client) {
            let (list, other, tag, multiple) = match *method {
                Method::Confirm { tag, multiple } => (&mut good, &bad, tag, multiple),
                Method::ConfirmNack { tag, multiple } => (&mut bad, &good, tag, multiple),
                _ => continue,
            };
            let from = if multiple { 1 } else { tag };
            let new: Vec<u64> = (from..=tag).filter(|tag| !list.contains(tag) && !other.contains(tag)).collect();
            list.extend(new);
        }
        (good, bad)
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.history.0.iter().filter(|event| event.kind == kind).count()
    }

    /// The times of a kind at a node, in milliseconds.
    pub fn times(&self, node: u16, kind: Kind) -> Vec<u64> {
        let of_kind = |event: &&Event| event.kind == kind && event.node == NodeId(node);
        self.history.0.iter().filter(of_kind).map(|event| event.time.as_nanos() / 1_000_000).collect()
    }

    /// The messages the brokers hold for the subscription: broker, message.
    pub fn holds(&self) -> Vec<(u16, u32)> {
        let mut held = Vec::new();
        for (node, actor) in self.world.nodes() {
            actor.holdings(&mut |holding| held.push((node.0, holding.copy.message.0)));
        }
        held.sort_unstable();
        held
    }

    pub fn picture(&self, broker: u16) -> Picture {
        let mut picture = Picture::default();
        self.world.node(NodeId(broker)).picture(&mut picture);
        picture
    }

    pub fn brokers(&self) -> impl Iterator<Item = u16> + use<> {
        0..self.brokers
    }
}

/// A producer's script: declare the queue, ask for confirms.
pub fn publisher(durable: bool) -> Vec<Method> {
    vec![Method::declare(QUEUE, durable), Method::ConfirmSelect]
}

/// A consumer's script.
pub fn consumer(durable: bool, prefetch: u16) -> Vec<Method> {
    let consume = Method::consume(QUEUE, 1, false);
    vec![Method::declare(QUEUE, durable), Method::Qos { prefetch }, consume]
}

/// The same with arguments.
pub fn declared(script: Vec<Method>, arguments: Arguments) -> Vec<Method> {
    let arguments = Arc::new(arguments);
    let with = |method| match method {
        Method::QueueDeclare { queue, durable, .. } => {
            Method::QueueDeclare { queue, durable, arguments: Arc::clone(&arguments) }
        }
        method => method,
    };
    script.into_iter().map(with).collect()
}

/// Persistent publishes of messages 1, 2 ... from `start` on, `every` apart (ms).
pub fn publishes(count: u32, start: u64, every: u64) -> Vec<(u64, Method)> {
    let publish = |index: u32| (start + every * u64::from(index), Method::Publish(persistent(index + 1)));
    (0..count).map(publish).collect()
}
