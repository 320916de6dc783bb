//! A client asks for a queue whose node is down: it declares it, or wants to
//! consume. RabbitMQ 4.3 tries again every 30 ms, 2,000 times, while the channel
//! waits (`rabbit_amqqueue:with`), and answers 404 after that minute: the home
//! node of a durable queue is down or inaccessible. (Up to 3.13 it answered so at
//! once.) Nothing is declared anew elsewhere: the messages are on that node.

use crate::broker::queue::QueueBroker;
use crate::node::Outputs;
use crate::protocol::queue::{Method, code};
use crate::time::{Span, Time};

/// 2,000 times 30 ms.
const PATIENCE: Span = Span::from_secs(60);

#[derive(Clone, Debug)]
pub(super) struct Waiting {
    channel: u32,
    generation: u32,
    method: Method,
    until: Time,
}

impl QueueBroker {
    /// Keeps what a client asked for until the queue's node is back.
    pub(in crate::broker::queue) fn wait_for_home(&mut self, slot: u32, method: Method, now: Time) {
        let generation = self.channels[slot].generation;
        self.cluster.waiting.push(Waiting { channel: slot, generation, method, until: now + PATIENCE });
    }

    /// A node serves its queues again.
    pub(super) fn ask_again(&mut self, now: Time, out: &mut Outputs) {
        for waiting in std::mem::take(&mut self.cluster.waiting) {
            if !self.channels.is_alive(waiting.channel, waiting.generation) {
                continue;
            }
            let before = self.cluster.waiting.len();
            self.method(waiting.channel, waiting.method, now, out);
            if let Some(again) = self.cluster.waiting.get_mut(before) {
                again.until = waiting.until;
            }
        }
    }

    pub(super) fn give_up_waiting(&mut self, now: Time, out: &mut Outputs) {
        while let Some(at) = self.cluster.waiting.iter().position(|waiting| waiting.until <= now) {
            let waiting = self.cluster.waiting.remove(at);
            if self.channels.is_alive(waiting.channel, waiting.generation) {
                self.fail_channel(waiting.channel, code::NOT_FOUND, now, out);
            }
        }
    }
}
