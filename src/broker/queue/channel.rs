//! A channel: the methods that arrive on it, consumers, and the two counters of
//! tags (deliveries from here, publishes from there).

use std::collections::VecDeque;

use super::QueueBroker;
use super::cluster::{self, Away, Remote};
use super::confirm::Unconfirmed;
use super::consumers::ConsumerKey;
use super::entry::EntryIndex;
use super::quorum::Lease;
use super::transaction::Transaction;
use crate::event::{Closed, CopyId};
use crate::flaw::{self, Flaw};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::queue::{Method, code};
use crate::time::Time;

#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub open: bool,
    /// Counts the channels that used this slot, so that old tickets show.
    pub generation: u32,
    pub connection: ConnectionId,
    pub number: u16,
    /// For consumers started from now on.
    pub prefetch: u16,
    pub consumers: Vec<Consumer>,
    /// Deliveries not yet settled, by tag from `first_unacked` on. A gap is
    /// settled, or needed no acknowledgement.
    unacked: VecDeque<Option<Held>>,
    first_unacked: u64,
    /// The publisher asked for confirms.
    pub confirms: bool,
    /// Publishes not yet answered, by tag from `first_unconfirmed` on.
    pub unconfirmed: VecDeque<Unconfirmed>,
    pub first_unconfirmed: u64,
    /// What waits for a commit, once the client selected transactions.
    pub transaction: Option<Transaction>,
    /// Tags to answer before this input is done with.
    pub decided: Vec<u64>,
    /// It acts for a client of another node; see [`super::cluster`].
    pub is_acting: bool,
    /// Its counterparts on other nodes, whose queues its client uses.
    pub remotes: Vec<Remote>,
}

#[derive(Clone, Debug)]
pub(super) struct Consumer {
    pub tag: u16,
    pub queue: u32,
    pub auto_ack: bool,
    /// Zero: unlimited.
    pub prefetch: u16,
    pub unacked: u64,
}

/// A delivery that waits for its acknowledgement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    /// `None` if it is away, and under a deliberate flaw.
    pub entry: Option<EntryIndex>,
    /// The queue is on another node.
    pub away: Option<Away>,
    /// It is a quorum queue.
    pub lease: Option<Lease>,
    pub consumer: u16,
    /// When it was handed out.
    pub since: Time,
}

/// A publish that waits for a copy: which channel, which tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    pub channel: u32,
    pub generation: u32,
    pub tag: u64,
}

impl Consumer {
    pub fn has_credit(&self) -> bool {
        self.auto_ack || self.prefetch == 0 || self.unacked < u64::from(self.prefetch)
    }
}

impl Channel {
    pub fn new(connection: ConnectionId, number: u16, generation: u32) -> Self {
        Self {
            open: true,
            generation,
            connection,
            number,
            prefetch: 0,
            consumers: Vec::new(),
            unacked: VecDeque::new(),
            first_unacked: 1,
            confirms: false,
            unconfirmed: VecDeque::new(),
            first_unconfirmed: 1,
            transaction: None,
            decided: Vec::new(),
            is_acting: false,
            remotes: Vec::new(),
        }
    }

    pub fn consumer(&self, tag: u16) -> Option<&Consumer> {
        self.consumers.iter().find(|consumer| consumer.tag == tag)
    }

    pub fn consumer_mut(&mut self, tag: u16) -> Option<&mut Consumer> {
        self.consumers.iter_mut().find(|consumer| consumer.tag == tag)
    }

    /// Gives a delivery its tag. `None`: it needs no acknowledgement.
    pub fn hand_out(&mut self, held: Option<Held>) -> u64 {
        let tag = self.first_unacked + self.unacked.len() as u64;
        if held.is_some() || !self.unacked.is_empty() {
            self.unacked.push_back(held);
        } else {
            self.first_unacked += 1;
        }
        tag
    }

    /// Takes settled deliveries out, in order. False: the tag is not outstanding.
    pub fn take(&mut self, tag: u64, multiple: bool, taken: &mut Vec<Held>) -> bool {
        if tag == 0 && multiple {
            self.first_unacked += self.unacked.len() as u64;
            taken.extend(self.unacked.drain(..).flatten());
            return true;
        }
        let Some(at) = tag.checked_sub(self.first_unacked).map(|at| at as usize) else { return false };
        if !matches!(self.unacked.get(at), Some(Some(_))) {
            return false;
        }
        if multiple {
            taken.extend(self.unacked.iter_mut().take(at + 1).filter_map(Option::take));
        } else {
            taken.extend(self.unacked[at].take());
        }
        while matches!(self.unacked.front(), Some(None)) {
            self.unacked.pop_front();
            self.first_unacked += 1;
        }
        true
    }

    /// The delivery that waits longest for its acknowledgement.
    pub fn oldest_held(&self) -> Option<Held> {
        self.unacked.iter().flatten().next().copied()
    }

    pub fn forget_consumer(&mut self, tag: u16) {
        self.consumers.retain(|consumer| consumer.tag != tag);
    }

    /// Lets go of entries that are gone; their tags may still be acknowledged.
    pub fn forget_held(&mut self, is_gone: impl Fn(EntryIndex) -> bool, gone: &mut Vec<EntryIndex>) {
        for held in self.unacked.iter_mut().flatten() {
            if held.entry.is_some_and(&is_gone) {
                gone.extend(held.entry.take());
            }
        }
    }

    pub fn held(&self) -> impl Iterator<Item = EntryIndex> {
        self.unacked.iter().flatten().filter_map(|held| held.entry)
    }
}

impl QueueBroker {
    /// A method on an open channel.
    pub(super) fn method(&mut self, slot: u32, method: Method, now: Time, out: &mut Outputs) {
        let method = if self.channels[slot].transaction.is_none() {
            method
        } else if let Some(method) = self.hold_back(slot, method, out) {
            method
        } else {
            return;
        };
        match method {
            Method::Publish(publish) => self.publish(slot, publish, now, out),
            Method::PublishHalf(publish) => self.publish_half(slot, publish, now, out),
            Method::EndTransaction { copy, verdict } => self.end_transaction(slot, copy, verdict, now, out),
            Method::RegisterProducer => self.register_producer(slot, now, out),
            Method::Ack { tag, multiple } => self.ack(slot, tag, multiple, now, out),
            Method::Nack { tag, multiple, requeue } => self.nack(slot, tag, multiple, requeue, now, out),
            Method::Reject { tag, requeue } => self.reject(slot, tag, requeue, now, out),
            declaration if !self.cluster.is_alone() && cluster::is_declaration(&declaration) => {
                self.declare_in_cluster(slot, declaration, now, out);
            }
            Method::QueueDeclare { queue, durable, arguments } => {
                self.declare_queue(slot, queue, durable, &arguments, now, out);
            }
            Method::QueueDelete { queue } => self.delete(slot, queue, now, out),
            exchange @ Method::ExchangeDeclare { .. } => self.declare_exchange(slot, &exchange, now, out),
            Method::QueueBind { queue, exchange, key } => self.bind(slot, queue, exchange, key, now, out),
            Method::ConfirmSelect => self.select_confirms(slot, now, out),
            Method::TxSelect => self.select_transactions(slot, now, out),
            Method::TxCommit => self.commit(slot, now, out),
            Method::TxRollback => self.roll_back(slot, now, out),
            Method::Qos { prefetch } => {
                self.channels[slot].prefetch = prefetch;
                self.send(slot, Method::QosOk, None, out);
            }
            consume @ Method::Consume { .. } => self.consume(slot, &consume, now, out),
            Method::Cancel { consumer } => self.cancel(slot, consumer, now, out),
            Method::ChannelClose { .. } => {
                self.send(slot, Method::ChannelCloseOk, None, out);
                self.drop_channel(slot, now, out);
            }
            _ => self.end_connection(self.channels[slot].connection, Closed::Protocol(code::COMMAND_INVALID), now, out),
        }
    }

    pub(super) fn send(&mut self, slot: u32, method: Method, about: Option<CopyId>, out: &mut Outputs) {
        let channel = &self.channels[slot];
        out.send(channel.connection, method.on(channel.number), about);
        self.connections.mark_sent(channel.connection);
    }

    /// Ends a channel for an error. What the client sent before it knew is ignored.
    pub(super) fn fail_channel(&mut self, slot: u32, code: u16, now: Time, out: &mut Outputs) {
        self.send(slot, Method::ChannelClose { code }, None, out);
        let (connection, number) = (self.channels[slot].connection, self.channels[slot].number);
        self.connections.await_close_ok(connection, number);
        self.drop_channel(slot, now, out);
    }

    /// Forgets a channel: consumers go, what they held goes back to its queue.
    pub(super) fn drop_channel(&mut self, slot: u32, now: Time, out: &mut Outputs) {
        let mut taken = std::mem::take(&mut self.channels.taken);
        let mut orphans = Vec::new();
        self.leave_homes(slot, out);
        self.leave_quorum_queues(slot, now, out);
        let channel = &mut self.channels[slot];
        if channel.is_acting {
            self.cluster.forget_acting(slot);
        }
        channel.take(0, true, &mut taken);
        for consumer in std::mem::take(&mut channel.consumers) {
            let key = ConsumerKey { channel: slot, tag: consumer.tag };
            orphans.extend(self.consumer_gone(consumer.queue, key, now));
        }
        let channel = &mut self.channels[slot];
        channel.open = false;
        channel.generation += 1;
        channel.unconfirmed.clear();
        channel.decided.clear();
        channel.transaction = None;
        let (connection, number) = (channel.connection, channel.number);
        self.connections.forget_channel(connection, number);
        self.channels.free.push(slot);
        if flaw::is_on(Flaw::CloseDropsUnacked) {
            self.settle_taken(&taken, None, now, out);
        } else {
            self.requeue(&taken, now, out);
        }
        taken.clear();
        self.channels.taken = taken;
        for queue in orphans {
            self.delete_queue(queue, now, out);
        }
    }
}
