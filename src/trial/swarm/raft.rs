//! Raft groups on three nodes, without a broker on top.

use super::{Report, Run, Scope};
use crate::raft::harness::{self, Setup};
use crate::random::Seed;
use crate::sim::World;

pub struct Groups;

impl Scope for Groups {
    fn name(&self) -> &'static str {
        "raft"
    }

    fn counted(&self) -> Vec<&'static str> {
        harness::Report::counted()
    }

    fn runner(&self) -> Run<'_> {
        let mut world = World::new();
        Box::new(move |seed| {
            let setup = Setup { nodes: 3, groups: 1 + (seed % 2) as u32 };
            let harness::Report { troubles, met, .. } = harness::run(&mut world, setup, Seed(seed));
            Report { troubles, met }
        })
    }
}
