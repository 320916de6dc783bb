//! The consumer timeout. A consumer that hangs holds its deliveries as long as its
//! connection lives. Up to RabbitMQ 4.2 a channel that held one for longer than
//! `consumer_timeout`, 30 minutes by default, was closed with 406, and all it held
//! went back to the queues. Since 4.3 only quorum queues enforce a limit, so for
//! the classic queues here it is off unless asked for. Left out: RabbitMQ looks
//! once a minute; here the limit is exact.

use super::QueueBroker;
use crate::event::Kind;
use crate::node::Outputs;
use crate::protocol::queue::code;
use crate::time::Time;

impl QueueBroker {
    /// A delivery must be acknowledged by then.
    pub(super) fn expect_ack_by(&mut self, due: Time, out: &mut Outputs) {
        if self.ack_due.is_none() {
            self.ack_due = Some(due);
            out.set_timer(super::CONSUMER_TIMEOUT, due);
        }
    }

    /// The timer rang: channels that held something for too long are closed.
    pub(super) fn close_idle_consumers(&mut self, now: Time, out: &mut Outputs) {
        self.ack_due = None;
        let Some(limit) = self.options.consumer_timeout else { return };
        for slot in 0..self.channels.len() {
            let channel = &self.channels[slot];
            let Some(held) = channel.oldest_held().filter(|_| channel.open) else { continue };
            if held.since + limit > now {
                self.expect_ack_earlier(held.since + limit, out);
                continue;
            }
            let copy = held.entry.map(|entry| self.entries[entry].copy);
            out.note(Kind::ConsumerTimedOut, copy);
            self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
    }

    fn expect_ack_earlier(&mut self, due: Time, out: &mut Outputs) {
        if self.ack_due.is_none_or(|earlier| due < earlier) {
            self.ack_due = Some(due);
            out.set_timer(super::CONSUMER_TIMEOUT, due);
        }
    }
}
