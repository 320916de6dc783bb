//! What must hold of the world, whatever the seed.

mod chaos;
mod determinism;
mod disk;
mod groups;
mod links;
mod outage;
mod schedule;
mod toy;

use toy::{History, Toy};

use super::{Fault, Profile, When, World};
use crate::random::Seed;
use crate::time::Time;

/// A world that has started.
fn world(nodes: impl IntoIterator<Item = Toy>, faults: &[Fault], seed: u64) -> World<Toy> {
    let mut world = World::new();
    world.start(&Profile::default(), nodes, faults, Seed(seed));
    world
}

/// Runs until nothing is left but housekeeping.
fn finish(world: &mut World<Toy>, history: &mut History) {
    while !world.is_quiet() && world.step(history) {
        assert!(world.inputs() < 1_000_000, "the run does not end");
    }
}

fn at(millis: u64) -> When {
    When::At(Time::from_millis(millis))
}

/// What is moved for every input stays within two cache lines.
#[test]
fn a_happening_is_small() {
    assert!(size_of::<super::happening::Entry>() <= 128);
}
