//! The simulated world: an event queue, links, disks and a fault schedule. It
//! knows no broker; it drives anything that is a [`crate::node::Node`].

mod fault;

pub use fault::{Action, Fault, Trigger, When};
