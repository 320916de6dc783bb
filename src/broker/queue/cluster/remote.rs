//! A client's channel on this node, as far as it uses queues of another. That
//! node opens a channel of its own for it (`acting`), with its own tags; here the
//! client's tags are kept beside those.
//!
//! Order holds for each channel and queue, as everything passes one connection.
//! Across queues on different nodes there is none.

use std::collections::VecDeque;

use super::Cluster;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::{Consumer, Held, Ticket};
use crate::event::{CopyId, Kind, NodeId, queue_detail};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::queue::{Deliver, Method, Publish};
use crate::time::Time;

/// A channel's counterpart on one other node.
#[derive(Clone, Debug)]
pub(in crate::broker::queue) struct Remote {
    /// The place of the peer.
    peer: usize,
    /// How both nodes call the channel on their connection.
    pub number: u16,
    pub(super) confirms: bool,
    /// The client's publish tags, by the counterpart's from `first` on.
    published: VecDeque<Option<Sent>>,
    first: u64,
}

/// A publish that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// The client's tag.
    pub tag: u64,
    /// For a mirrored queue: what to say again to its next master.
    pub repeat: Option<Box<(u32, Publish)>>,
}

/// A delivery that was handed out here and waits, on another node, for its
/// acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker::queue) struct Away {
    /// Which counterpart.
    pub number: u16,
    /// Its delivery tag there.
    pub tag: u64,
    pub copy: CopyId,
}

/// What a consumer said of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker::queue) enum Verdict {
    Ack,
    Nack { requeue: bool },
}

impl Cluster {
    /// Each pair of nodes shares the numbers: the upper half is the higher node's.
    pub(super) fn next_number(&mut self, at: usize) -> u16 {
        self.last_number = if self.last_number == 0x7fff { 1 } else { self.last_number + 1 };
        let upper = self.me > self.peers[at].node;
        self.last_number | u16::from(upper) << 15
    }

    /// Whether this node gave a channel on a peer its number.
    pub(super) fn is_own(&self, at: usize, number: u16) -> bool {
        (number >> 15 == 1) == (self.me > self.peers[at].node)
    }
}

impl Remote {
    pub(super) fn record(&mut self, tag: u64, repeat: Option<Box<(u32, Publish)>>) {
        self.published.push_back(Some(Sent { tag, repeat }));
    }

    /// The client's tags that an answer covers.
    fn answered(&mut self, tag: u64, multiple: bool, tags: &mut Vec<u64>) {
        let Some(at) = tag.checked_sub(self.first).map(|at| at as usize) else { return };
        if multiple {
            tags.extend(self.published.iter_mut().take(at + 1).filter_map(Option::take).map(|sent| sent.tag));
        } else {
            tags.extend(self.published.get_mut(at).and_then(Option::take).map(|sent| sent.tag));
        }
        while matches!(self.published.front(), Some(None)) {
            self.published.pop_front();
            self.first += 1;
        }
    }

    /// Everything that is not answered.
    pub(super) fn unanswered(self) -> impl Iterator<Item = Sent> {
        self.published.into_iter().flatten()
    }
}

impl QueueBroker {
    /// The counterpart of a channel on a peer, which is opened if need be.
    pub(super) fn remote(&mut self, slot: u32, at: usize, out: &mut Outputs) -> Option<&mut Remote> {
        let connection = self.cluster.peers[at].connection()?;
        let remotes = &self.channels[slot].remotes;
        let place = remotes.iter().position(|remote| remote.peer == at).unwrap_or_else(|| {
            let number = self.cluster.next_number(at);
            self.cluster.peers[at].ours.push((number, slot));
            out.send(connection, Method::ChannelOpen.on(number), None);
            let remotes = &mut self.channels[slot].remotes;
            remotes.push(Remote { peer: at, number, confirms: false, published: VecDeque::new(), first: 1 });
            remotes.len() - 1
        });
        Some(&mut self.channels[slot].remotes[place])
    }

    /// Begins to consume from a queue on another node, once that serves it.
    pub(in crate::broker::queue) fn consume_away(
        &mut self,
        slot: u32,
        queue: u32,
        node: NodeId,
        consume: &Method,
        now: Time,
        out: &mut Outputs,
    ) {
        let Method::Consume { consumer: tag, auto_ack, .. } = *consume else { return };
        if !self.cluster.serves(node) {
            return self.wait_for_home(slot, consume.clone(), now);
        }
        let channel = &mut self.channels[slot];
        let prefetch = channel.prefetch;
        channel.consumers.push(Consumer { tag, queue, auto_ack, prefetch, unacked: 0 });
        self.say_away(slot, node, Method::Qos { prefetch }, out);
        self.say_away(slot, node, consume.clone(), out);
    }

    /// Says something on the counterpart of a channel.
    pub(in crate::broker::queue) fn say_away(&mut self, slot: u32, node: NodeId, method: Method, out: &mut Outputs) {
        let Some(at) = self.cluster.peer(node) else { return };
        let Some(connection) = self.cluster.peers[at].connection() else { return };
        if let Some(remote) = self.remote(slot, at, out) {
            let number = remote.number;
            out.send(connection, method.on(number), None);
        }
    }

    /// Passes on what a consumer said about deliveries of other nodes. What was
    /// delivered by a counterpart that is gone is passed over.
    pub(in crate::broker::queue) fn settle_away(
        &mut self,
        slot: u32,
        taken: &[Held],
        verdict: Verdict,
        out: &mut Outputs,
    ) {
        for away in taken.iter().filter_map(|held| held.away) {
            let remote = self.channels[slot].remotes.iter().find(|remote| remote.number == away.number);
            let Some(at) = remote.map(|remote| remote.peer) else { continue };
            let Some(connection) = self.cluster.peers[at].connection() else { continue };
            let tag = away.tag + u64::from(flaw::is_on(Flaw::RemoteAckOfWrongTag));
            let method = match verdict {
                Verdict::Ack => Method::Ack { tag, multiple: false },
                Verdict::Nack { requeue } => Method::Nack { tag, multiple: false, requeue },
            };
            out.send(connection, method.on(away.number), Some(away.copy));
        }
    }

    /// The client's channel ended: so do its counterparts.
    pub(in crate::broker::queue) fn leave_homes(&mut self, slot: u32, out: &mut Outputs) {
        for remote in std::mem::take(&mut self.channels[slot].remotes) {
            let peer = &mut self.cluster.peers[remote.peer];
            peer.ours.retain(|(number, _)| *number != remote.number);
            if let Some(connection) = peer.connection() {
                let code = crate::protocol::queue::code::OK;
                out.send(connection, Method::ChannelClose { code }.on(remote.number), None);
            }
        }
    }

    /// The counterpart of one of this node's channels says something.
    pub(super) fn hear_from_home(&mut self, at: usize, number: u16, method: Method, now: Time, out: &mut Outputs) {
        let known = self.cluster.peers[at].ours.iter().find(|(other, _)| *other == number);
        let Some(&(_, slot)) = known else {
            // A mirror's, or from before this side ended the channel.
            if let Method::Confirm { tag, multiple } | Method::ConfirmNack { tag, multiple } = method {
                self.mirror_has(number, tag, multiple);
            }
            return;
        };
        match method {
            Method::Deliver(deliver) => self.pass_on(slot, number, deliver, now, out),
            Method::Confirm { tag, multiple } => self.answered_away(slot, number, (tag, multiple), true),
            Method::ConfirmNack { tag, multiple } => self.answered_away(slot, number, (tag, multiple), false),
            Method::ConsumeOk { .. } => self.send(slot, method, None, out),
            Method::Cancel { consumer } => self.cancel_for_client(slot, consumer, out),
            Method::ChannelClose { code } => {
                self.forget_remote(slot, number);
                self.fail_channel(slot, code, now, out);
            }
            _ => {}
        }
    }

    /// Hands a delivery from another node to the client.
    fn pass_on(&mut self, slot: u32, number: u16, deliver: Deliver, now: Time, out: &mut Outputs) {
        let channel = &mut self.channels[slot];
        let auto_ack = channel.consumer(deliver.consumer).is_some_and(|consumer| consumer.auto_ack);
        if let Some(consumer) = channel.consumer_mut(deliver.consumer)
            && !auto_ack
        {
            consumer.unacked += 1;
        }
        let away = Away { number, tag: deliver.tag, copy: deliver.copy };
        let held = Held { entry: None, away: Some(away), lease: None, consumer: deliver.consumer, since: now };
        let tag = channel.hand_out((!auto_ack).then_some(held));
        let copy = deliver.copy;
        self.send(slot, Method::Deliver(Deliver { tag, ..deliver }), Some(copy), out);
    }

    fn answered_away(&mut self, slot: u32, number: u16, (tag, multiple): (u64, bool), safe: bool) {
        let mut tags = std::mem::take(&mut self.cluster.tags);
        let channel = &mut self.channels[slot];
        let generation = channel.generation;
        if let Some(remote) = channel.remotes.iter_mut().find(|remote| remote.number == number) {
            remote.answered(tag, multiple, &mut tags);
        }
        for tag in tags.drain(..) {
            self.copy_decided(Ticket { channel: slot, generation, tag }, safe);
        }
        self.cluster.tags = tags;
    }

    pub(super) fn forget_remote(&mut self, slot: u32, number: u16) -> Option<Remote> {
        let remotes = &mut self.channels[slot].remotes;
        let place = remotes.iter().position(|remote| remote.number == number)?;
        let remote = remotes.remove(place);
        self.cluster.peers[remote.peer].ours.retain(|(other, _)| *other != number);
        Some(remote)
    }

    /// Ends a client's subscription from this side (`basic.cancel`). RabbitMQ
    /// tells only clients that said they understand it, as current ones do.
    pub(in crate::broker::queue) fn cancel_for_client(&mut self, slot: u32, tag: u16, out: &mut Outputs) {
        let Some(queue) = self.channels[slot].consumer(tag).map(|consumer| consumer.queue) else { return };
        self.channels[slot].forget_consumer(tag);
        let name = self.queues.list[queue as usize].name;
        out.note_with(Kind::ConsumerCancelled, None, queue_detail(name, 0));
        self.send(slot, Method::Cancel { consumer: tag }, None, out);
    }
}
