//! The master's side: whatever happens in the queue is forwarded, in order.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Member;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::Ticket;
use crate::broker::queue::cluster::Place;
use crate::broker::queue::entry::{EntryIndex, Location};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::cluster::{Change, Message};
use crate::protocol::queue::{Method, Publish};
use crate::time::Time;

impl QueueBroker {
    /// Whether what happens in this queue is to be forwarded.
    #[inline]
    pub(in crate::broker::queue) fn has_mirrors(&self, queue: u32) -> bool {
        self.queues.list[queue as usize].mirrored.as_ref().is_some_and(|mirrored| !mirrored.members.is_empty())
    }

    /// A copy comes in, under the queue's next number.
    pub(in crate::broker::queue) fn forward_publish(
        &mut self,
        queue: u32,
        publish: &Publish,
        ticket: Option<Ticket>,
        out: &mut Outputs,
    ) {
        let publish = Arc::new(publish.clone());
        let sequence = self.queues.list[queue as usize].next_sequence;
        let ticket = ticket.filter(|_| !flaw::is_on(Flaw::MirrorConfirmsWithoutMirrors));
        let Some(mut mirrored) = self.queues.list[queue as usize].mirrored.take() else { return };
        for member in &mut mirrored.members {
            if let Some(ticket) = ticket {
                self.channels[ticket.channel].one_more(ticket.tag);
            }
            self.put(member, queue, (sequence, false), &publish, ticket, out);
        }
        self.queues.list[queue as usize].mirrored = Some(mirrored);
    }

    fn put(
        &self,
        member: &mut Member,
        queue: u32,
        (sequence, redelivered): (u64, bool),
        publish: &Arc<Publish>,
        ticket: Option<Ticket>,
        out: &mut Outputs,
    ) {
        if ticket.is_none() && member.published.is_empty() {
            member.first += 1;
        } else {
            member.published.push_back(ticket);
        }
        let Some(connection) = self.cluster.peers[member.peer].connection() else { return };
        let queue = self.queues.list[queue as usize].name;
        let change = Change::Put { sequence, redelivered, publish: Arc::clone(publish) };
        out.send(connection, Message::Mirror { queue, change }, Some(publish.copy));
    }

    /// A copy was handed out, or is gone from the queue.
    pub(in crate::broker::queue) fn forward(&self, queue: u32, change: &Change, out: &mut Outputs) {
        let it = &self.queues.list[queue as usize];
        let Some(mirrored) = it.mirrored.as_ref().filter(|_| it.place == Place::Here) else { return };
        for member in &mirrored.members {
            if let Some(connection) = self.cluster.peers[member.peer].connection() {
                out.send(connection, Message::Mirror { queue: it.name, change: change.clone() }, None);
            }
        }
    }

    /// A mirror wants to follow. It has everything before `next` but `missing` of
    /// it, or it begins anew.
    pub(super) fn let_mirror_join(
        &mut self,
        at: usize,
        queue: u32,
        known: Option<(u64, u64)>,
        now: Time,
        out: &mut Outputs,
    ) {
        let node = self.cluster.peers[at].node;
        let it = &self.queues.list[queue as usize];
        let Some(connection) = self.cluster.peers[at].connection().filter(|_| it.place == Place::Here) else { return };
        let known = known.filter(|(_, missing)| *missing == 0 || !self.options.mirrors_synchronise);
        let name = it.name;
        let mut live: Vec<(u64, EntryIndex)> = self.entries.of_queue(queue).collect();
        live.sort_unstable();
        self.mirror_gone(queue, node, out);
        let number = self.cluster.next_number(at);
        for method in [Method::ChannelOpen, Method::ConfirmSelect] {
            out.send(connection, method.on(number), None);
        }
        let next = self.queues.list[queue as usize].next_sequence;
        let sequences: Arc<[u64]> = live.iter().map(|(sequence, _)| *sequence).collect();
        let change = Change::Welcome { number, next, live: sequences, keeps: known.is_some() };
        out.send(connection, Message::Mirror { queue: name, change }, None);
        let mut member = Member { peer: at, number, published: VecDeque::new(), first: 1 };
        let from = match known {
            Some((next, _)) => next,
            None if self.options.mirrors_synchronise => 0,
            None => u64::MAX,
        };
        for (sequence, index) in live.iter().filter(|(sequence, _)| *sequence >= from) {
            let publish = Arc::new(self.publish_of(*index));
            let redelivered = self.entries[*index].redelivered;
            self.put(&mut member, queue, (*sequence, redelivered), &publish, None, out);
        }
        let has_all = live.is_empty() || from == 0 || known.is_some_and(|(_, missing)| missing == 0);
        if let Some(mirrored) = &mut self.queues.list[queue as usize].mirrored {
            mirrored.by_boot = false;
            mirrored.members.push(member);
            mirrored.order.push((node, has_all));
        }
        self.tell_order(queue, out);
        self.ask_again(now, out);
    }

    /// A mirror says that it lacks nothing any more.
    pub(super) fn mirror_in_step(&mut self, queue: u32, node: NodeId, out: &mut Outputs) {
        let Some(mirrored) = &mut self.queues.list[queue as usize].mirrored else { return };
        if let Some((_, in_step)) = mirrored.order.iter_mut().find(|(other, _)| *other == node) {
            *in_step = true;
            self.tell_order(queue, out);
        }
    }

    fn tell_order(&self, queue: u32, out: &mut Outputs) {
        if let Some(mirrored) = &self.queues.list[queue as usize].mirrored {
            self.forward(queue, &Change::Order(mirrored.order.as_slice().into()), out);
        }
    }

    /// A mirror is gone: nobody waits for it any more.
    pub(super) fn mirror_gone(&mut self, queue: u32, node: NodeId, out: &mut Outputs) {
        let peers = &self.cluster.peers;
        let Some(mirrored) = &mut self.queues.list[queue as usize].mirrored else { return };
        mirrored.order.retain(|(other, _)| *other != node);
        let Some(at) = mirrored.members.iter().position(|member| peers[member.peer].node == node) else { return };
        let member = mirrored.members.remove(at);
        for ticket in member.published.into_iter().flatten() {
            self.copy_decided(ticket, true);
        }
        self.tell_order(queue, out);
    }

    /// A mirror has what came under a tag. False: the number is no mirror's.
    pub(in crate::broker::queue::cluster) fn mirror_has(&mut self, number: u16, tag: u64, multiple: bool) -> bool {
        let members = self.queues.list.iter_mut().filter_map(|queue| queue.mirrored.as_mut());
        let mut members = members.flat_map(|mirrored| &mut mirrored.members);
        let Some(member) = members.find(|member| member.number == number) else { return false };
        let Some(at) = tag.checked_sub(member.first).map(|at| at as usize) else { return true };
        let from = if multiple { 0 } else { at };
        let covered = member.published.iter_mut().take(at + 1).skip(from);
        let tickets: Vec<Ticket> = covered.filter_map(Option::take).collect();
        while matches!(member.published.front(), Some(None)) {
            member.published.pop_front();
            member.first += 1;
        }
        for ticket in tickets {
            self.copy_decided(ticket, true);
        }
        true
    }

    /// A copy in a queue as it was published.
    pub(super) fn publish_of(&self, index: EntryIndex) -> Publish {
        let entry = &self.entries[index];
        let durable = self.queues.list[entry.queue as usize].durable;
        let (key, persistent, properties) = match self.entries.particulars(index) {
            Some(particulars) => (particulars.key, particulars.persistent, particulars.properties.clone()),
            None => (Name::EMPTY, durable && (entry.pinned || entry.location != Location::Memory), None),
        };
        let payload = self.entries.payload(index);
        Publish { exchange: Name::EMPTY, key, copy: entry.copy, mandatory: false, persistent, properties, payload }
    }
}
