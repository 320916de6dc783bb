//! What a consumer says to the broker about a delivery.

use super::{AckPolicy, Consumer, Delivery, OnException};
use crate::event::Kind;
use crate::node::Outputs;
use crate::protocol::queue::Method;
use crate::time::Time;

impl Consumer {
    pub(super) fn acknowledge(&mut self, now: Time, delivery: Delivery, out: &mut Outputs) {
        if self.can_settle(delivery) {
            let ack = Method::Ack { tag: delivery.tag, multiple: false };
            self.session.send(now, ack, Some(delivery.copy), out);
            out.note(Kind::AckSent, Some(delivery.copy));
        }
    }

    pub(super) fn refuse(&mut self, now: Time, delivery: Delivery, out: &mut Outputs) {
        if self.options.ack == AckPolicy::AfterEffect && self.can_settle(delivery) {
            let requeue = self.options.on_exception == OnException::Requeue;
            let nack = Method::Nack { tag: delivery.tag, multiple: false, requeue };
            self.session.send(now, nack, Some(delivery.copy), out);
        }
    }

    /// A tag means nothing on another channel.
    fn can_settle(&self, delivery: Delivery) -> bool {
        self.session.is_ready() && self.session.generation() == delivery.generation
    }
}
