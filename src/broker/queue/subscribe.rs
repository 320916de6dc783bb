//! Consumers come and go.

use super::QueueBroker;
use super::channel::Consumer;
use super::cluster::Place;
use super::consumers::ConsumerKey;
use crate::event::Closed;
use crate::node::Outputs;
use crate::protocol::queue::{Method, code};
use crate::time::Time;

/// AMQP's reply code for a consumer tag that is taken.
const NOT_ALLOWED: u16 = 530;

impl QueueBroker {
    pub(super) fn consume(&mut self, slot: u32, method: &Method, now: Time, out: &mut Outputs) {
        let Method::Consume { queue: name, consumer: tag, auto_ack, priority, exclusive } = *method else { return };
        let Some(queue) = self.queues.find(name) else {
            return self.fail_channel(slot, code::NOT_FOUND, now, out);
        };
        if self.is_locked(slot, queue) {
            return self.fail_channel(slot, code::RESOURCE_LOCKED, now, out);
        }
        if self.channels[slot].consumer(tag).is_some() {
            let connection = self.channels[slot].connection;
            return self.end_connection(connection, Closed::Protocol(NOT_ALLOWED), now, out);
        }
        if let Place::At(node) = self.queues.list[queue as usize].place {
            return self.consume_away(slot, queue, node, method, now, out);
        }
        if self.queues.list[queue as usize].consumers.refuse(exclusive) {
            return self.fail_channel(slot, code::ACCESS_REFUSED, now, out);
        }
        let channel = &mut self.channels[slot];
        let prefetch = channel.prefetch;
        channel.consumers.push(Consumer { tag, queue, auto_ack, prefetch, unacked: 0 });
        if self.queues.list[queue as usize].place == Place::Quorum {
            return self.consume_by_quorum(slot, name, (tag, auto_ack), (prefetch, priority), now, out);
        }
        self.send(slot, Method::ConsumeOk { consumer: tag }, None, out);
        let key = ConsumerKey { channel: slot, tag };
        self.queues.list[queue as usize].consumers.add(key, priority, exclusive);
        self.queues.touch(queue);
    }

    /// Stops deliveries. What the consumer holds stays with the channel.
    pub(super) fn cancel(&mut self, slot: u32, tag: u16, now: Time, out: &mut Outputs) {
        let mut orphan = None;
        if let Some(queue) = self.channels[slot].consumer(tag).map(|consumer| consumer.queue) {
            self.channels[slot].forget_consumer(tag);
            let it = &self.queues.list[queue as usize];
            match (it.place, it.name) {
                (Place::Here, _) => {}
                (Place::At(node), _) => self.say_away(slot, node, Method::Cancel { consumer: tag }, out),
                (Place::Quorum, name) => self.cancel_by_quorum(slot, name, tag, now, out),
            }
            orphan = self.consumer_gone(queue, ConsumerKey { channel: slot, tag }, now);
        }
        self.send(slot, Method::CancelOk { consumer: tag }, None, out);
        if let Some(queue) = orphan {
            self.delete_queue(queue, now, out);
        }
    }
}
