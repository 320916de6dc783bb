//! How much the world costs per input: two nodes that throw frames at each
//! other, beside a bare heap that pops and pushes as often. The aim is a ratio
//! of at most four.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ackademy::event::{CopyId, Kind, MessageId, NodeId};
use ackademy::node::{Holding, Input, Node, Outputs, TimerId};
use ackademy::picture::Picture;
use ackademy::protocol::Frame;
use ackademy::protocol::queue::{Method, Publish};
use ackademy::random::{Purpose, Seed};
use ackademy::sim::{Profile, World};
use ackademy::time::{Span, Time};
use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const INPUTS: u64 = 100_000;
const WINDOW: u32 = 64;
const PEER: NodeId = NodeId(1);

/// Opens a connection, serves a window of frames, and returns every frame it
/// gets with the next copy in it. Notes one event an input and puts a timer off,
/// as a client with heartbeats does.
#[derive(Clone)]
struct Player {
    serves: bool,
    payload: Bytes,
}

impl Player {
    fn frame(&self, copy: CopyId) -> Frame {
        let publish = Publish {
            exchange: Default::default(),
            key: Default::default(),
            copy,
            mandatory: false,
            persistent: true,
            properties: None,
            payload: self.payload.clone(),
        };
        Method::Publish(publish).on(1)
    }
}

impl Node for Player {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) if self.serves => {
                out.open(PEER);
            }
            Input::Opened { connection, inbound: false, .. } => {
                for message in 0..WINDOW {
                    let copy = CopyId { message: MessageId(message), attempt: 1, branch: 0 };
                    out.send(connection, self.frame(copy), Some(copy));
                }
            }
            Input::Frame { connection, about: Some(mut copy), .. } => {
                out.note(Kind::Received, Some(copy));
                copy.message.0 += WINDOW;
                out.send(connection, self.frame(copy), Some(copy));
                out.set_periodic_timer(TimerId(0), now + Span::from_secs(60));
            }
            _ => {}
        }
    }

    fn reset(&mut self) {}

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, _: &mut Picture) {}
}

fn world(criterion: &mut Criterion) {
    let payload = Bytes::from(vec![7; 64]);
    let nodes = [Player { serves: true, payload: payload.clone() }, Player { serves: false, payload }];
    let mut group = criterion.benchmark_group("world");
    group.throughput(Throughput::Elements(INPUTS));
    let mut world = World::new();
    group.bench_function("ping-pong", |bencher| {
        bencher.iter(|| {
            world.start(&Profile::default(), nodes.iter().cloned(), &[], Seed(1));
            while world.inputs() < INPUTS && world.step(&mut ()) {}
            world.now()
        });
    });
    group.bench_function("bare heap", |bencher| {
        bencher.iter_batched_ref(
            || (BinaryHeap::with_capacity(1024), vec![[0u64; 12]; 1024]),
            |(heap, slab)| bare_heap(heap, slab),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("clone", |bencher| bencher.iter(|| world.clone().now()));
    group.finish();
}

/// Pops and pushes as the world does, with a latency draw and a slab entry as
/// large, and nothing else.
fn bare_heap(heap: &mut BinaryHeap<Reverse<u128>>, slab: &mut [[u64; 12]]) -> u128 {
    let draw = Seed(1).draw(Purpose::LinkLatency);
    for slot in 0..u128::from(WINDOW) {
        heap.push(Reverse(slot << 64 | slot));
    }
    let mut last = 0;
    for sequence in 0..INPUTS {
        let Some(Reverse(key)) = heap.pop() else { break };
        let slot = (key & 0xFF_FFFF) as usize;
        let mut entry = std::hint::black_box(slab[slot]);
        entry[0] += 1;
        slab[slot] = entry;
        let latency = 1_000_000 + draw.by(slot as u64).by(sequence).below(400_000);
        last = (key >> 64) + u128::from(latency);
        heap.push(Reverse(last << 64 | u128::from(sequence) << 24 | slot as u128));
    }
    last
}

criterion_group!(benches, world);
criterion_main!(benches);
