//! Time to live. A message may be dropped from the moment it expires, but it is
//! dropped only at the head of its queue: one behind a message that lives longer
//! waits there, counts and takes room. So one deadline for each queue is enough,
//! that of its head, and one timer for the earliest of them.
//!
//! The time is counted from the publish, is kept on disk with the message, and
//! runs on while the broker is down (`rabbit_amqqueue_process`, August 2026). The
//! shorter of the queue's `x-message-ttl` and the message's `expiration` counts.
//! A message handed out never expires in the consumer's hands.
//!
//! `x-expires` is another thing: it deletes the queue itself when nobody has
//! consumed from it or declared it for that long.

use super::QueueBroker;
use super::cluster::Place;
use super::entry::EntryIndex;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::queue::{DeathReason, Publish};
use crate::time::Time;

impl QueueBroker {
    /// When a message that comes in now may be dropped.
    pub(super) fn expires_at(&mut self, queue: u32, publish: &Publish, now: Time) -> Time {
        let own = publish.properties.as_ref().and_then(|properties| properties.expiration);
        self.queues.any_deadline |= own.is_some();
        let of_queue = self.queues.list[queue as usize].arguments.message_ttl;
        let shorter = own.into_iter().chain(of_queue).min();
        shorter.map_or(Time::MAX, |span| now + span)
    }

    /// Drops what has expired at the head, and sees to it that the next is
    /// dropped in time.
    #[inline]
    pub(super) fn drop_expired(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        if self.queues.any_deadline {
            self.drop_expired_heads(queue, now, out);
            self.set_deadline(queue, out);
        }
    }

    fn drop_expired_heads(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        if flaw::is_on(Flaw::ExpiresFromTheMiddle) {
            self.drop_expired_anywhere(queue, now, out);
        }
        while let Some(head) = self.expired_head(queue, now) {
            let it = &mut self.queues.list[queue as usize];
            if it.arguments.dead_letter.is_some() && !self.entries[head].is_resident() {
                // It cannot go on without its payload.
                return self.read_back(queue, out);
            }
            it.ready.pop();
            self.die(head, DeathReason::Expired, now, out);
        }
    }

    fn expired_head(&self, queue: u32, now: Time) -> Option<EntryIndex> {
        let head = self.queues.list[queue as usize].ready.head()?;
        (self.entries[head].expires_at <= now).then_some(head)
    }

    /// What no RabbitMQ does.
    fn drop_expired_anywhere(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        let ready = &self.queues.list[queue as usize].ready;
        let expired: Vec<_> = ready.iter().filter(|index| self.entries[*index].expires_at <= now).collect();
        for index in expired {
            self.queues.list[queue as usize].ready.withdraw(index, &self.entries);
            self.die(index, DeathReason::Expired, now, out);
        }
    }

    fn set_deadline(&mut self, queue: u32, out: &mut Outputs) {
        let it = &self.queues.list[queue as usize];
        let is_ours = it.place == Place::Here;
        let head = it.ready.head().filter(|_| !it.reading && is_ours);
        let of_head = head.map_or(Time::MAX, |head| self.entries[head].expires_at);
        let unused = it.arguments.expires.filter(|_| is_ours && it.consumers.is_empty() && !it.deleted);
        let of_queue = unused.map_or(Time::MAX, |span| it.used_at + span);
        let deadline = of_head.min(of_queue);
        if deadline != it.deadline {
            self.queues.list[queue as usize].deadline = deadline;
            self.arm_expiry(out);
        }
    }

    /// Sets the timer for the earliest deadline of any queue.
    fn arm_expiry(&mut self, out: &mut Outputs) {
        let next = self.queues.list.iter().map(|queue| queue.deadline).min().filter(|next| *next != Time::MAX);
        if next == self.expiry_alarm {
            return;
        }
        self.expiry_alarm = next;
        match next {
            Some(next) => out.set_timer(super::EXPIRY, next),
            None => out.cancel_timer(super::EXPIRY),
        }
    }

    /// The timer rang.
    pub(super) fn expire(&mut self, now: Time, out: &mut Outputs) {
        self.expiry_alarm = None;
        for queue in 0..self.queues.list.len() as u32 {
            if self.queues.list[queue as usize].deadline > now {
                continue;
            }
            self.drop_expired_heads(queue, now, out);
            let it = &self.queues.list[queue as usize];
            let unused = it.arguments.expires.filter(|_| it.consumers.is_empty() && !it.deleted);
            if unused.is_some_and(|span| it.used_at + span <= now) {
                self.delete_queue(queue, now, out);
            }
            self.set_deadline(queue, out);
        }
        self.arm_expiry(out);
    }
}
