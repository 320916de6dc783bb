//! One way to be wrong, and who is expected to notice.

use super::probe::Probe;
use crate::flaw::Flaw;

/// A flaw with its witness.
#[derive(Debug)]
pub struct Variant {
    pub flaw: Flaw,
    pub witness: Witness,
}

/// Who notices a flaw. All but the last look at whole runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// A scope of the swarm: small runs with faults that were drawn.
    Swarm(&'static str),
    /// The claims, tasks and predictions of a lab of the course.
    Lab(&'static str),
    /// A lab under settings and faults of which the course does not speak.
    Probe(&'static Probe),
    /// No whole run gets there, for this reason; the room's own test does.
    Unit { test: &'static str, because: &'static str },
}

impl Witness {
    pub fn name(&self) -> String {
        match self {
            Self::Swarm(scope) => format!("swarm {scope}"),
            Self::Lab(id) => (*id).to_owned(),
            Self::Probe(probe) => format!("probe of {}", probe.lab),
            Self::Unit { test, .. } => (*test).to_owned(),
        }
    }
}

pub const fn swarm(flaw: Flaw, scope: &'static str) -> Variant {
    Variant { flaw, witness: Witness::Swarm(scope) }
}

pub const fn lab(flaw: Flaw, id: &'static str) -> Variant {
    Variant { flaw, witness: Witness::Lab(id) }
}

pub const fn probe(flaw: Flaw, probe: &'static Probe) -> Variant {
    Variant { flaw, witness: Witness::Probe(probe) }
}

/// `test`: a file of `src`, and the test in it.
pub const fn unit(flaw: Flaw, test: &'static str, because: &'static str) -> Variant {
    Variant { flaw, witness: Witness::Unit { test, because } }
}
