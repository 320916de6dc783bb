//! Mirrored classic queues, as RabbitMQ had them until 3.13 (deprecated in 2021,
//! removed in 4.0): one node, the master, serves the queue; every other node has
//! a mirror that repeats what the master does.
//!
//! - `master`: forwarding to mirrors; a publish is confirmed when *all* of them
//!   have it, so one slow mirror delays everybody.
//! - `follower`: what a mirror does.
//! - `promotion`: the master is gone, the oldest mirror takes over.
//! - `partition`: two masters meet.
//!
//! The trap is the *unsynchronised* mirror. A node that comes back starts empty
//! and gets only what is new; it is in step once everything older was consumed.
//! If the master dies before that, `ha-promote-on-failure = always` (the default)
//! promotes it all the same, and every message it lacks is lost, though it was
//! confirmed. The old master's copy is thrown away when it returns.
//!
//! Facts: `rabbit_mirror_queue_master`, `_slave`, `_misc`, `gm` and
//! `rabbit_autoheal` of 3.13.7. Other than there, mirrors are forwarded to in a
//! star, not a ring, and channels publish to the master alone; what they had not
//! heard of when it died they publish again to the next one, which knows what it
//! has. Which node is the master is told by the nodes to one another; 3.13 kept
//! it in Mnesia, which a partition splits in the same way.

mod follower;
mod master;
mod partition;
mod promotion;

pub(super) use partition::Restart;

use std::collections::VecDeque;

use super::Place;
use crate::broker::queue::channel::Ticket;
use crate::event::NodeId;

/// A mirrored queue, as one node knows it.
#[derive(Clone, Debug, Default)]
pub(in crate::broker::queue) struct Mirrored {
    /// The master, then the mirrors from the oldest on, and whether each is in
    /// step: as the master says.
    pub order: Vec<(NodeId, bool)>,
    /// On the master: those that follow.
    pub(super) members: Vec<Member>,
    /// On a mirror: the slot its master's copies come on.
    pub(super) slot: Option<u32>,
    /// On a mirror: it follows, or followed, this line of masters, and what it has
    /// counts.
    pub(super) was_here: bool,
    /// On a mirror: how many of its master's messages it lacks.
    pub missing: u64,
    /// It was just declared, and its mirrors are still to gather.
    pub(super) is_young: bool,
    /// The master that was lost last.
    pub(super) left: Option<NodeId>,
    /// On the master: it became so by starting, not by declaration or promotion.
    pub(super) by_boot: bool,
    /// On the master: what it told others of its side when they met.
    pub(super) claimed: Option<u32>,
}

impl Mirrored {
    /// A queue that is new, or, to a node that starts, one that it has heard of.
    pub fn led_by(master: NodeId, is_new: bool) -> Self {
        Self { order: vec![(master, true)], by_boot: !is_new, is_young: is_new, ..Self::default() }
    }

    /// Whether its mirrors on `serving` other nodes follow: a queue that is new is
    /// declared only then.
    pub fn has_gathered(&mut self, place: Place, serving: usize) -> bool {
        self.is_young &= match place {
            Place::Here => self.members.len() < serving,
            Place::At(_) => self.slot.is_none(),
            Place::Quorum => false,
        };
        !self.is_young
    }

    /// Its node gives way to any master that it meets.
    pub fn step_back(&mut self) {
        self.by_boot = true;
    }
}

/// A mirror, as its master knows it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The place of the peer.
    peer: usize,
    number: u16,
    /// The publishes that wait for it, by tag from `first` on.
    published: VecDeque<Option<Ticket>>,
    first: u64,
}
