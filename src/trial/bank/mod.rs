//! The bank of flaws: proof that the proofs can fail. Each flaw is a way to get a
//! broker, a disk, a client or the books wrong. With one turned on, whole runs must
//! show it within a thousand seeds: a scope of the swarm, the claims of a lab, or a
//! probe. With none, the same runs must show nothing. A flaw that slips through
//! means that some promise is checked by nobody.
//!
//! - [`queue`], [`log`], [`house`]: the flaws of each model and of what both rest
//!   on, each with the witness that is expected to notice.
//! - `variant`: what a witness can be.
//! - `probe`: labs under settings and faults of which the course does not speak,
//!   and what must hold there. `properties` is a model of a queue, for some of them.
//! - `witness`: how a witness is asked.
//!
//! A few flaws show in no whole run, since no lab gets to their corner. They are in
//! the tables with the reason, and with the unit test of their room that turns them
//! on. A flaw without a place in a table makes a test fail.
//!
//! How many seeds each takes: `cargo test --lib trial::bank -- --nocapture`.

mod house;
mod log;
mod probe;
mod properties;
mod queue;
mod tests;
mod variant;
mod witness;
