//! A mirror: it joins the master, repeats what that does, and counts what it
//! lacks.

use crate::broker::queue::QueueBroker;
use crate::broker::queue::cluster::Place;
use crate::broker::queue::entry::EntryIndex;
use crate::event::{Kind, NodeId, Reason, queue_detail};
use crate::node::Outputs;
use crate::protocol::cluster::{Change, Message};
use crate::protocol::queue::Publish;
use crate::time::Time;

impl QueueBroker {
    /// Asks the masters of all queues mirrored here that this node does not follow
    /// yet.
    pub(in crate::broker::queue) fn join_masters(&mut self, out: &mut Outputs) {
        if !self.is_ready() {
            return;
        }
        for queue in &self.queues.list {
            let (Some(mirrored), Place::At(master)) = (&queue.mirrored, queue.place) else { continue };
            let peer = self.cluster.peer(master).map(|at| &self.cluster.peers[at]).filter(|peer| peer.is_serving);
            let Some(connection) = peer.and_then(|peer| peer.connection()) else { continue };
            if mirrored.slot.is_none() && !queue.deleted {
                let known = mirrored.was_here.then_some((queue.next_sequence, mirrored.missing));
                let change = Change::Join { known };
                out.send(connection, Message::Mirror { queue: queue.name, change }, None);
            }
        }
    }

    /// A word about a mirrored queue.
    pub(in crate::broker::queue::cluster) fn mirror_word(
        &mut self,
        at: usize,
        name: crate::protocol::Name,
        change: Change,
        now: Time,
        out: &mut Outputs,
    ) {
        let node = self.cluster.peers[at].node;
        let Some(queue) = self.queues.find(name) else { return };
        let it = &self.queues.list[queue as usize];
        if it.mirrored.is_none() {
            return;
        }
        let follows = it.place == Place::At(node);
        match change {
            Change::Join { known } => self.let_mirror_join(at, queue, known, now, out),
            Change::InStep => self.mirror_in_step(queue, node, out),
            Change::Claim { clients, by_boot } => self.hear_claim(queue, node, (clients, by_boot), now, out),
            Change::Moved { to } if follows => self.follow(queue, to, now, out),
            Change::Welcome { number, next, live, keeps } if follows => {
                self.be_welcome(at, queue, (number, next, keeps), &live, now, out);
            }
            Change::Put { sequence, redelivered, publish } if follows => {
                self.repeat_publish(queue, (sequence, redelivered), &publish, now, out);
            }
            Change::Handed { sequence } if follows => {
                if let Some(index) = self.mirrored_copy(queue, sequence) {
                    self.entries[index].redelivered = true;
                }
            }
            Change::Gone { sequence } if follows => self.repeat_removal(queue, sequence, now, out),
            Change::Order(order) if follows => {
                if let Some(mirrored) = &mut self.queues.list[queue as usize].mirrored {
                    mirrored.order = order.to_vec();
                }
            }
            // From a master that this node follows no more.
            _ => {}
        }
    }

    fn be_welcome(
        &mut self,
        at: usize,
        queue: u32,
        (number, next, keeps): (u16, u64, bool),
        live: &[u64],
        now: Time,
        out: &mut Outputs,
    ) {
        let slot = self.cluster.peers[at].theirs.iter().find(|(other, _)| *other == number).map(|(_, slot)| *slot);
        // What the master has done with meanwhile, or never had, goes.
        let own: Vec<(u64, EntryIndex)> = self.entries.of_queue(queue).collect();
        let mut kept = 0;
        for (sequence, index) in own {
            if keeps && live.binary_search(&sequence).is_ok() {
                kept += 1;
            } else {
                self.throw_away(queue, index, now, out);
            }
        }
        // What it has from `next` on follows by itself, if this mirror kept anything.
        let known = self.queues.list[queue as usize].next_sequence;
        let coming = if keeps { live.iter().filter(|sequence| **sequence >= known).count() as u64 } else { 0 };
        let all_coming = self.options.mirrors_synchronise && !keeps;
        let it = &mut self.queues.list[queue as usize];
        it.next_sequence = if keeps { it.next_sequence.min(next) } else { next };
        let Some(mirrored) = &mut it.mirrored else { return };
        mirrored.slot = slot;
        mirrored.was_here = true;
        mirrored.missing = if all_coming { 0 } else { (live.len() as u64).saturating_sub(kept + coming) };
        if all_coming && !live.is_empty() {
            out.note_with(Kind::MirrorSynchronised, None, queue_detail(it.name, 0));
        }
        self.ask_again(now, out);
    }

    /// A copy that its master has.
    fn repeat_publish(
        &mut self,
        queue: u32,
        (sequence, redelivered): (u64, bool),
        publish: &Publish,
        now: Time,
        out: &mut Outputs,
    ) {
        let it = &mut self.queues.list[queue as usize];
        let Some(slot) = it.mirrored.as_ref().and_then(|mirrored| mirrored.slot) else { return };
        it.next_sequence = sequence;
        let ticket = self.channels[slot].expect_answer(slot, publish.copy);
        self.enqueue(queue, publish.clone(), ticket, now, out);
        if redelivered && let Some(index) = self.mirrored_copy(queue, sequence) {
            self.entries[index].redelivered = true;
        }
        if let Some(ticket) = ticket {
            self.copy_decided(ticket, true);
        }
    }

    fn repeat_removal(&mut self, queue: u32, sequence: u64, now: Time, out: &mut Outputs) {
        if let Some(index) = self.mirrored_copy(queue, sequence) {
            self.queues.list[queue as usize].ready.withdraw(index, &self.entries);
            return self.settle(index, now, out);
        }
        let it = &mut self.queues.list[queue as usize];
        let (name, Place::At(master)) = (it.name, it.place) else { return };
        let Some(mirrored) = it.mirrored.as_mut().filter(|mirrored| mirrored.missing > 0) else { return };
        mirrored.missing -= 1;
        if mirrored.missing == 0 {
            out.note_with(Kind::MirrorSynchronised, None, queue_detail(name, 0));
            let connection = self.cluster.peer(master).and_then(|at| self.cluster.peers[at].connection());
            if let Some(connection) = connection {
                out.send(connection, Message::Mirror { queue: name, change: Change::InStep }, None);
            }
        }
    }

    fn mirrored_copy(&self, queue: u32, sequence: u64) -> Option<EntryIndex> {
        self.queues.list[queue as usize].ready.find(sequence, &self.entries)
    }

    /// This node has a copy that the master has not, or begins anew.
    pub(super) fn throw_away(&mut self, queue: u32, index: EntryIndex, now: Time, out: &mut Outputs) {
        out.note(Kind::Dropped(Reason::SideDiscarded), Some(self.entries[index].copy));
        self.queues.list[queue as usize].ready.withdraw(index, &self.entries);
        if let Some(ticket) = self.entries.take_ticket(index) {
            self.copy_decided(ticket, false);
        }
        self.settle(index, now, out);
    }

    /// From now on this node follows that one, beginning with nothing.
    pub(super) fn follow(&mut self, queue: u32, master: NodeId, now: Time, out: &mut Outputs) {
        let it = &mut self.queues.list[queue as usize];
        it.place = self.cluster.place_of(master);
        if let Some(mirrored) = &mut it.mirrored {
            mirrored.slot = None;
            mirrored.was_here = false;
            mirrored.members.clear();
            mirrored.by_boot = false;
        }
        for (_, index) in self.entries.of_queue(queue).collect::<Vec<_>>() {
            self.throw_away(queue, index, now, out);
        }
        self.join_masters(out);
        self.ask_again(now, out);
    }
}
