//! Raft groups on three nodes, without a broker on top.

use ackademy::raft::harness::{Report, Setup, run};
use ackademy::random::Seed;
use ackademy::sim::World;

use crate::scope::{Outcome, Runner, Scope};

pub struct Groups;

impl Scope for Groups {
    fn counted(&self) -> Vec<&'static str> {
        Report::counted()
    }

    fn runner(&self) -> Runner<'_> {
        let mut world = World::new();
        Box::new(move |seed| {
            let setup = Setup { nodes: 3, groups: 1 + (seed % 2) as u32 };
            let Report { troubles, met, .. } = run(&mut world, setup, Seed(seed));
            Outcome { troubles, met }
        })
    }
}
