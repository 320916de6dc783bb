//! Classic queues: what waits in each, what it was declared with, and who
//! consumes from it.
//!
//! A copy keeps its sequence number for life, so a returned one goes back to its
//! original place. That restores the order of the queue, not of the deliveries:
//! another consumer may have been handed a later message meanwhile.

use std::sync::Arc;

use super::cluster::{Mirrored, Place};
use super::consumers::Consumers;
use super::ready::Ready;
use crate::node::ConnectionId;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, QueueKind};
use crate::time::Time;

#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub name: Name,
    /// Where its messages are. Elsewhere, this is only what a node knows of it.
    pub place: Place,
    /// Which life of its node it was declared in: one that is not durable ends
    /// with it.
    pub home_started: Time,
    /// It has mirrors on other nodes, or is one.
    pub mirrored: Option<Box<Mirrored>>,
    pub durable: bool,
    /// Its declaration is synced, if it is durable.
    pub stored: bool,
    pub arguments: Arc<Arguments>,
    /// The connection it belongs to, if it is exclusive.
    pub owner: Option<ConnectionId>,
    pub next_sequence: u64,
    pub ready: Ready,
    /// How many are handed out and not settled.
    pub unacked: u64,
    pub consumers: Consumers,
    /// When it was last used, for `x-expires`.
    pub used_at: Time,
    /// When its head expires, or itself; [`Time::MAX`]: never.
    pub deadline: Time,
    /// It waits for payloads to be read back from its files.
    pub reading: bool,
    /// It was deleted. Its name may come back, and then its numbers go on.
    pub deleted: bool,
    touched: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Queues {
    pub list: Vec<Queue>,
    /// Sorted by name.
    by_name: Vec<(Name, u32)>,
    /// Queues to look at before this input is done with.
    pub touched: Vec<u32>,
    /// Some queue or message can expire.
    pub any_deadline: bool,
}

impl Queues {
    pub fn find(&self, name: Name) -> Option<u32> {
        let at = self.by_name.binary_search_by_key(&name, |(name, _)| *name).ok()?;
        let index = self.by_name[at].1;
        (!self.list[index as usize].deleted).then_some(index)
    }

    /// The queue of this name, even if it was deleted.
    pub fn find_any(&self, name: Name) -> Option<u32> {
        let at = self.by_name.binary_search_by_key(&name, |(name, _)| *name).ok()?;
        Some(self.by_name[at].1)
    }

    /// Adds a queue that is not there yet.
    pub fn add(&mut self, name: Name, durable: bool, arguments: &Arc<Arguments>) -> u32 {
        self.any_deadline |= arguments.message_ttl.is_some() || arguments.expires.is_some();
        match self.by_name.binary_search_by_key(&name, |(name, _)| *name) {
            Ok(at) => {
                let index = self.by_name[at].1;
                let queue = &mut self.list[index as usize];
                if queue.deleted {
                    let next_sequence = queue.next_sequence;
                    *queue = Queue { next_sequence, ..Queue::new(name, durable, arguments.clone()) };
                }
                index
            }
            Err(at) => {
                let index = self.list.len() as u32;
                self.by_name.insert(at, (name, index));
                self.list.push(Queue::new(name, durable, arguments.clone()));
                index
            }
        }
    }

    /// There may be something to deliver from it now.
    #[inline]
    pub fn touch(&mut self, queue: u32) {
        let it = &mut self.list[queue as usize];
        if !it.touched {
            it.touched = true;
            self.touched.push(queue);
        }
    }

    pub fn untouch(&mut self, queue: u32) {
        self.list[queue as usize].touched = false;
    }

    pub fn alive(&self) -> impl Iterator<Item = &Queue> {
        self.list.iter().filter(|queue| !queue.deleted)
    }
}

impl Queue {
    fn new(name: Name, durable: bool, arguments: Arc<Arguments>) -> Self {
        Self {
            name,
            place: if arguments.kind == QueueKind::Quorum { Place::Quorum } else { Place::Here },
            home_started: Time::ZERO,
            mirrored: None,
            durable,
            stored: false,
            owner: None,
            next_sequence: 0,
            ready: Ready::new(arguments.max_priority),
            unacked: 0,
            consumers: Consumers::new(arguments.single_active_consumer),
            used_at: Time::ZERO,
            deadline: Time::MAX,
            reading: false,
            deleted: false,
            touched: false,
            arguments,
        }
    }

    /// The number of a copy that comes in.
    pub fn take_sequence(&mut self) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        sequence
    }
}
