//! Channels and quorum queues. Each channel has a session with each quorum queue
//! that it uses, from its first use on. The session outlives the channel until
//! the queue has heard of its end.

use super::{Bound, Lease, NO_CHANNEL};
use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::{Held, Ticket};
use crate::broker::queue::quorum::client::{Act, Client};
use crate::broker::queue::quorum::command::{Deliveries, Session};
use crate::broker::queue::quorum::message::{Message, Published};
use crate::event::{Kind, Reason};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::queue::{Deliver, Method, Publish};
use crate::time::Time;

/// What a consumer said of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker::queue) enum Settlement {
    Ack,
    /// `basic.nack` with requeue.
    Return,
    /// `basic.reject` with requeue: it counts as a failure.
    ReturnFailed,
    /// Refused for good.
    Discard {
        failed: bool,
    },
}

impl QueueBroker {
    /// The session of a channel with a queue; it begins now if need be.
    fn session_of(&mut self, slot: u32, queue: Name, now: Time) -> u64 {
        let generation = self.channels[slot].generation;
        let is_it = |it: &&Bound| it.open && (it.channel, it.generation, it.queue) == (slot, generation, queue);
        if let Some(bound) = self.quorum.sessions.iter().find(is_it) {
            return bound.number;
        }
        self.begin_session(slot, generation, queue, now)
    }

    pub(super) fn begin_session(&mut self, slot: u32, generation: u32, queue: Name, now: Time) -> u64 {
        let number = self.quorum.next_number(now);
        let client = self.client(number, queue);
        self.quorum.sessions.push(Bound { number, queue, channel: slot, generation, open: true, client });
        number
    }

    fn client(&self, number: u64, queue: Name) -> Client<Ticket> {
        let replica = self.quorum.place(queue).map(|at| &self.quorum.replicas[at]);
        let leader = replica.and_then(|it| it.leader.map(|leader| (leader, it.term)));
        Client::new(Session { node: self.cluster.me, number }, leader)
    }

    /// The queue serves a consumer of this session: if it is over, the queue is
    /// told so, perhaps once more. A command that was sent twice, or took another
    /// way, can reach the queue behind the news of the session's end. (In RabbitMQ
    /// the queue monitors the process, and a monitor of one that is dead reports
    /// at once.)
    pub(super) fn contradict(&mut self, queue: Name, number: u64, now: Time, out: &mut Outputs) {
        let place = self.quorum.sessions.binary_search_by_key(&number, |bound| bound.number);
        match place {
            Ok(at) if self.quorum.sessions[at].open || self.quorum.sessions[at].client.is_closing() => return,
            Ok(_) => {}
            Err(at) => {
                let client = self.client(number, queue);
                let over = Bound { number, queue, channel: NO_CHANNEL, generation: 0, open: false, client };
                self.quorum.sessions.insert(at, over);
            }
        }
        self.with_session(number, now, out, Client::close);
    }

    /// Publishes a copy.
    pub(in crate::broker::queue) fn enqueue_by_quorum(
        &mut self,
        slot: u32,
        queue: Name,
        publish: Publish,
        ticket: Option<Ticket>,
        now: Time,
        out: &mut Outputs,
    ) {
        if let Some(ticket) = ticket {
            self.channels[ticket.channel].one_more(ticket.tag);
        }
        let Publish { exchange, key, copy, persistent, properties, payload, .. } = publish;
        let message = Published { copy, exchange, key, persistent, properties, payload };
        let number = self.session_of(slot, queue, now);
        self.with_session(number, now, out, |client, acts| client.publish(message, ticket, acts));
    }

    /// Subscribes. The client is told once the queue has agreed.
    pub(in crate::broker::queue) fn consume_by_quorum(
        &mut self,
        slot: u32,
        queue: Name,
        (tag, auto_ack): (u16, bool),
        (prefetch, priority): (u16, i16),
        now: Time,
        out: &mut Outputs,
    ) {
        let number = self.session_of(slot, queue, now);
        self.with_session(number, now, out, |client, acts| client.checkout(tag, prefetch, priority, auto_ack, acts));
    }

    pub(in crate::broker::queue) fn cancel_by_quorum(
        &mut self,
        slot: u32,
        queue: Name,
        tag: u16,
        now: Time,
        out: &mut Outputs,
    ) {
        let number = self.session_of(slot, queue, now);
        self.with_session(number, now, out, |client, acts| client.cancel(tag, acts));
    }

    /// Passes on what a consumer said about deliveries of quorum queues: one
    /// command for each run of one consumer.
    pub(in crate::broker::queue) fn settle_leases(
        &mut self,
        taken: &[Held],
        settlement: Settlement,
        now: Time,
        out: &mut Outputs,
    ) {
        let same = |a: &Lease, b: &Lease| (a.session, a.consumer) == (b.session, b.consumer);
        let leases: Vec<Lease> = taken.iter().filter_map(|held| held.lease).collect();
        for run in leases.chunk_by(same) {
            let (number, consumer) = (run[0].session, run[0].consumer);
            let deliveries: Deliveries = run.iter().map(|lease| lease.delivery).collect();
            self.with_session(number, now, out, |client, acts| match settlement {
                Settlement::Ack => client.settle(consumer, deliveries, acts),
                Settlement::Return => client.give_back(consumer, deliveries, false, acts),
                Settlement::ReturnFailed => client.give_back(consumer, deliveries, true, acts),
                Settlement::Discard { failed } => client.discard(consumer, deliveries, failed, acts),
            });
        }
    }

    /// A channel ended: so do its sessions.
    pub(in crate::broker::queue) fn leave_quorum_queues(&mut self, slot: u32, now: Time, out: &mut Outputs) {
        let left = |it: &&mut Bound| it.open && it.channel == slot;
        let numbers: Vec<u64> = self.quorum.sessions.iter_mut().filter(left).map(|it| it.number).collect();
        for number in numbers {
            if let Some(bound) = self.quorum.bound(number) {
                bound.open = false;
            }
            self.with_session(number, now, out, Client::close);
        }
    }

    /// Lets a session's client do something, and does what it asks for.
    pub(super) fn with_session(
        &mut self,
        number: u64,
        now: Time,
        out: &mut Outputs,
        call: impl FnOnce(&mut Client<Ticket>, &mut Vec<Act<Ticket>>),
    ) {
        let mut acts = std::mem::take(&mut self.quorum.acts);
        let Some(bound) = self.quorum.bound(number) else { return };
        call(&mut bound.client, &mut acts);
        while !acts.is_empty() {
            let mut found = Vec::new();
            for act in acts.drain(..) {
                match act {
                    Act::Fetch { consumer, from, to } => {
                        found.extend(self.fetch(number, consumer, from, to, out).map(|it| (consumer, it)));
                    }
                    act => self.act_for_session(number, act, now, out),
                }
            }
            for (consumer, missed) in found {
                if let Some(bound) = self.quorum.bound(number) {
                    bound.client.found(consumer, missed, &mut acts);
                }
            }
        }
        self.quorum.acts = acts;
        if self.quorum.bound(number).is_some_and(|it| !it.open && it.client.is_idle()) {
            self.quorum.sessions.retain(|it| it.number != number);
        }
    }

    fn act_for_session(&mut self, number: u64, act: Act<Ticket>, now: Time, out: &mut Outputs) {
        let Some(&mut Bound { queue, channel, generation, open, .. }) = self.quorum.bound(number) else { return };
        let is_there = open && self.channels.is_alive(channel, generation);
        match act {
            Act::Send { to, command, about } => self.order(queue, to, command, about, now, out),
            Act::Confirmed(ticket) => self.copy_decided(ticket, true),
            Act::Refused { ticket, copy } => {
                out.note(Kind::Dropped(Reason::Overflowed), Some(copy));
                if let Some(ticket) = ticket {
                    self.copy_decided(ticket, false);
                }
            }
            Act::Consuming { .. } | Act::Deliver { .. } | Act::TimedOut { .. } if !is_there => {}
            Act::Consuming { tag } => self.send(channel, Method::ConsumeOk { consumer: tag }, None, out),
            Act::Deliver { tag, consumer, delivery, message } => {
                let copy = message.copy();
                self.hand_over(Lease { session: number, consumer, delivery, copy }, tag, message, now, out);
            }
            Act::TimedOut { tag, copy } => {
                out.note(Kind::ConsumerTimedOut, Some(copy));
                self.cancel_for_client(channel, tag, out);
            }
            Act::Fetch { .. } => {}
        }
    }

    fn hand_over(&mut self, lease: Lease, tag: u16, message: Message, now: Time, out: &mut Outputs) {
        let Some(&mut Bound { channel: slot, .. }) = self.quorum.bound(lease.session) else { return };
        let channel = &mut self.channels[slot];
        let Some(it) = channel.consumer_mut(tag) else { return };
        let auto_ack = it.auto_ack;
        if !auto_ack {
            it.unacked += 1;
        }
        let (copy, redelivered) = (message.copy(), message.is_redelivered());
        let held = Held { entry: None, away: None, lease: Some(lease), consumer: tag, since: now };
        let number = channel.hand_out((!auto_ack).then_some(held));
        out.note(Kind::Delivered { redelivered }, Some(copy));
        let deliver = Deliver { consumer: tag, tag: number, redelivered, copy, payload: message.published.payload };
        self.send(slot, Method::Deliver(deliver), Some(copy), out);
    }
}
