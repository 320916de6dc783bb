//! What must hold of consensus, at every seed; and that the checks would notice
//! if it did not.

mod bench;
mod promises;
mod swarm;
