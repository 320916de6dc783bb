//! A backlog of millions in a whole world: what it takes in memory, and what a
//! snapshot costs. Machines differ, so the times are printed, not checked.

#![expect(clippy::disallowed_types, reason = "it measures real time")]

use std::time::Instant;

use bytes::Bytes;

use super::rig::{QUEUE, persistent};
use crate::broker::queue::{Options, QueueBroker};
use crate::event::{CopyId, MessageId, NodeId};
use crate::node::{ConnectionId, Holding, Input, Node, Outputs, TimerId};
use crate::picture::Picture;
use crate::protocol::queue::{Method, Publish};
use crate::random::Seed;
use crate::sim::{Profile, World};
use crate::time::{Span, Time};

const BROKER: NodeId = NodeId(0);

#[derive(Clone)]
enum Cast {
    Broker(Box<QueueBroker>),
    Flood(Flood),
}

/// Publishes a thousand messages a millisecond, then consumes them.
#[derive(Clone)]
struct Flood {
    messages: u32,
    sent: u32,
    consumes: bool,
    got: u32,
    payload: Bytes,
    connection: Option<ConnectionId>,
}

impl Flood {
    fn say(&self, method: Method, out: &mut Outputs) {
        if let Some(connection) = self.connection {
            let channel = u16::from(!matches!(method, Method::ConnectionOpen { .. }));
            out.send(connection, method.on(channel), None);
        }
    }

    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => {
                out.open(BROKER);
            }
            Input::Opened { connection, .. } => {
                self.connection = Some(connection);
                self.say(Method::ConnectionOpen { heartbeat: Span::ZERO }, out);
                self.say(Method::ChannelOpen, out);
                self.say(Method::declare(QUEUE, true), out);
                if self.consumes {
                    self.say(Method::Qos { prefetch: 1000 }, out);
                    self.say(Method::consume(QUEUE, 1, false), out);
                } else {
                    out.set_timer(TimerId(0), now + Span::from_millis(100));
                }
            }
            Input::Timer(_) => {
                for _ in 0..1000.min(self.messages - self.sent) {
                    self.sent += 1;
                    let copy = CopyId { message: MessageId(self.sent), attempt: 1, branch: 0 };
                    let payload = self.payload.clone();
                    self.say(Method::Publish(Publish { copy, payload, ..persistent(1) }), out);
                }
                if self.sent < self.messages {
                    out.set_timer(TimerId(0), now + Span::from_millis(1));
                }
            }
            Input::Frame { frame: crate::protocol::Frame::Queue { method: Method::Deliver(deliver), .. }, .. } => {
                self.got += 1;
                assert_eq!((deliver.copy.message.0, deliver.payload.len()), (self.got, self.payload.len()));
                self.say(Method::Ack { tag: deliver.tag, multiple: false }, out);
            }
            _ => {}
        }
    }
}

impl Node for Cast {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match self {
            Self::Broker(broker) => broker.handle(now, input, out),
            Self::Flood(flood) => flood.handle(now, input, out),
        }
    }

    fn reset(&mut self) {}

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, visit: &mut dyn FnMut(Holding)) {
        if let Self::Broker(broker) = self {
            broker.holdings(visit);
        }
    }

    fn picture(&self, _: &mut Picture) {}
}

fn world(messages: u32, consumes: bool) -> World<Cast> {
    let flood = |consumes| {
        let payload = Bytes::from_static(&[7; 32]);
        Cast::Flood(Flood { messages, sent: 0, consumes, got: 0, payload, connection: None })
    };
    let broker = QueueBroker::new(Options { subscriptions: vec![(QUEUE, 0)], ..Options::default() });
    let mut world = World::new();
    let nodes = [Cast::Broker(Box::new(broker)), flood(false)].into_iter().chain(consumes.then(|| flood(true)));
    world.start(&Profile::default(), nodes, &[], Seed(1));
    world
}

fn run(world: &mut World<Cast>) {
    while !world.is_quiet() {
        world.step(&mut ());
    }
}

#[test]
fn consumers_that_catch_up_with_a_long_queue_get_everything_in_order() {
    let mut world = world(60_000, true);
    run(&mut world);
    let Cast::Flood(consumer) = world.node(NodeId(2)) else { panic!() };
    assert_eq!(consumer.got, 60_000);
}

#[test]
#[expect(clippy::disallowed_macros, reason = "what it measures is read by people")]
#[ignore = "takes a gigabyte: run it alone, with --nocapture"]
fn five_million_waiting_messages() {
    let mut world = world(5_000_000, false);
    let start = Instant::now();
    run(&mut world);
    eprintln!("published and written in {:?}, {} inputs", start.elapsed(), world.inputs());
    for _ in 0..3 {
        let start = Instant::now();
        let snapshot = world.clone();
        eprintln!("a snapshot: {:?}", start.elapsed());
        drop(snapshot);
    }
    let mut held = 0;
    world.nodes().for_each(|(_, node)| node.holdings(&mut |_| held += 1));
    assert_eq!(held, 5_000_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"))
        .for_each(|it| eprintln!("{it}"));
}
