//! The simulated world: an event queue, links, disks and a fault schedule. It
//! knows no broker; it drives anything that is a [`crate::node::Node`].
//!
//! - [`world`](World): the loop that takes one happening after another. Its work
//!   lies in `arrival` (what happens to a node), `request` (what a node wants
//!   done), `strike` (a fault fires), `outage` (a process or a machine dies) and
//!   `recovery` (faults end). `view` is what others may see of it.
//! - `queue` and `happening`: what lies ahead, in one order.
//! - `connection` and `link`: streams, and the ways they run over; `slowness`: of a
//!   link or a disk.
//! - `disk` and `file`: page cache, device, and what a power cut leaves.
//! - `process`: timers, waiting inputs. `schedule`, `fault`, `action`: faults as
//!   data; `snare`: those that wait for a frame.
//! - `profile`: how fast networks and disks are.

mod action;
mod arrival;
mod connection;
mod disk;
mod fault;
mod file;
mod happening;
mod link;
mod outage;
mod process;
mod profile;
mod queue;
mod recovery;
mod request;
mod schedule;
mod slowness;
mod snare;
mod strike;
mod view;
mod world;

pub use disk::Disk;
pub use fault::{Action, Fault, Trigger, When};
pub use file::File;
pub use link::{Flight, LinkState};
pub use profile::Profile;
pub use schedule::same_kind;
pub use world::World;

#[cfg(test)]
mod tests;
