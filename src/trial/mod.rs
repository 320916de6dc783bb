//! Many runs at once: sweeps over settings, faults and seeds, and claims checked
//! over seeds. The only threads of the house are here, and no result depends on
//! how many there are: every run is a function of its plan and seed, and results
//! are added up in the order of seeds.

pub mod check;
pub mod pool;
pub mod summary;
pub mod swarm;
pub mod sweep;

#[cfg(test)]
mod bank;
#[cfg(test)]
mod schemes;
#[cfg(test)]
mod tests;

pub use check::{Finding, Verdict, check_claim, check_lab, check_task};
pub use summary::{Block, Column};
pub use sweep::{Grid, Row, sweep};
