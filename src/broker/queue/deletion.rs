//! Queues that go: deleted by a client, exclusive ones with their connection,
//! auto-delete ones with their last consumer, unused ones after `x-expires`. What
//! is in them goes as well, also what consumers hold (nothing is dead-lettered),
//! and who still consumes from them is told so (`consumer_cancel_notify`).

use super::QueueBroker;
use super::consumers::ConsumerKey;
use super::declaration::Declaration;
use crate::event::{Kind, Reason};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::Name;
use crate::protocol::queue::{Method, code};
use crate::time::Time;

impl QueueBroker {
    pub(super) fn delete(&mut self, slot: u32, name: Name, now: Time, out: &mut Outputs) {
        let Some(queue) = self.queues.find(name) else {
            // Deleting what is not there is no error.
            return self.send(slot, Method::QueueDeleteOk, None, out);
        };
        if self.is_locked(slot, queue) {
            return self.fail_channel(slot, code::RESOURCE_LOCKED, now, out);
        }
        let record = self.queues.list[queue as usize].stored.then_some(Declaration::QueueDeleted(name));
        self.empty_queue(queue, now, out);
        self.declare(slot, record, Method::QueueDeleteOk, out);
    }

    /// The broker deletes a queue of its own accord.
    pub(super) fn delete_queue(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        let it = &self.queues.list[queue as usize];
        if it.deleted {
            return;
        }
        if !self.cluster.is_alone() {
            self.empty_queue(queue, now, out);
            return self.propose_deletion(queue, now, out);
        }
        let record = it.stored.then_some(Declaration::QueueDeleted(it.name));
        self.empty_queue(queue, now, out);
        if let Some(record) = record {
            self.record(record, out);
        }
    }

    pub(super) fn empty_queue(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        let consumers: Vec<ConsumerKey> = self.queues.list[queue as usize].consumers.keys().collect();
        for key in consumers {
            self.queues.list[queue as usize].consumers.remove(key);
            self.channels[key.channel].forget_consumer(key.tag);
            if !self.channels[key.channel].is_acting {
                out.note_with(Kind::ConsumerCancelled, None, u64::from(self.queues.list[queue as usize].name.0));
            }
            self.send(key.channel, Method::Cancel { consumer: key.tag }, None, out);
        }
        let mut gone = Vec::new();
        for channel in self.channels.iter_mut() {
            channel.forget_held(|entry| self.entries[entry].queue == queue, &mut gone);
        }
        let it = &mut self.queues.list[queue as usize];
        it.unacked = 0;
        it.deleted = true;
        it.stored = false;
        it.owner = None;
        while let Some(index) = it.ready.pop() {
            gone.push(index);
        }
        for index in gone {
            out.note(Kind::Dropped(Reason::QueueDeleted), Some(self.entries[index].copy));
            self.settle(index, now, out);
        }
        self.exchanges.unbind(queue);
        let name = self.queues.list[queue as usize].name;
        self.forget_quorum_queue(name, now, out);
    }

    /// An exclusive queue is its connection's alone.
    pub(super) fn is_locked(&self, slot: u32, queue: u32) -> bool {
        let owner = self.queues.list[queue as usize].owner;
        owner.is_some_and(|owner| owner != self.channels[slot].connection)
    }

    pub(super) fn delete_queues_of(&mut self, connection: ConnectionId, now: Time, out: &mut Outputs) {
        for queue in 0..self.queues.list.len() as u32 {
            if self.queues.list[queue as usize].owner == Some(connection) {
                self.delete_queue(queue, now, out);
            }
        }
    }

    /// A consumer is gone. Returns the queue if that was its last and it goes, too.
    pub(super) fn consumer_gone(&mut self, queue: u32, key: ConsumerKey, now: Time) -> Option<u32> {
        let it = &mut self.queues.list[queue as usize];
        let was_there = it.consumers.remove(key);
        it.used_at = now;
        let last = was_there && it.consumers.is_empty() && it.arguments.auto_delete;
        self.queues.touch(queue);
        last.then_some(queue)
    }
}
