//! The master is gone. The oldest mirror that is left takes over, whether or not
//! it has everything: unless `ha-promote-on-failure` is `when-synced`, and then
//! the queue is down until its old master returns.
//!
//! What the old master had handed out is handed out again, marked as redelivered.

use crate::broker::queue::QueueBroker;
use crate::broker::queue::cluster::Place;
use crate::broker::queue::cluster::command::Command;
use crate::event::{Kind, NodeId, queue_detail};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::time::Time;

impl QueueBroker {
    /// A node is gone, as far as this one knows.
    pub(in crate::broker::queue::cluster) fn mirrors_lose(&mut self, node: NodeId, now: Time, out: &mut Outputs) {
        for queue in 0..self.queues.list.len() as u32 {
            let it = &mut self.queues.list[queue as usize];
            let Some(mirrored) = it.mirrored.as_mut().filter(|_| !it.deleted) else { continue };
            if it.place == Place::Here {
                self.mirror_gone(queue, node, out);
                continue;
            }
            if it.place != Place::At(node) {
                continue;
            }
            mirrored.slot = None;
            mirrored.left = Some(node);
            if let Some(heir) = self.heir(queue, node) {
                self.queues.list[queue as usize].place = self.cluster.place_of(heir);
                if heir == self.cluster.me {
                    self.promote(queue, now, out);
                }
            }
        }
    }

    /// Who takes over: the oldest mirror that this node can see.
    fn heir(&self, queue: u32, dead: NodeId) -> Option<NodeId> {
        let mirrored = self.queues.list[queue as usize].mirrored.as_ref()?;
        let me = self.cluster.me;
        let mut alive = mirrored.order.iter().filter(|(node, _)| *node != dead && self.cluster.sees(*node));
        let is_fit = |in_step: bool| in_step || !self.options.promotes_only_synchronised;
        alive
            .find(|(node, in_step)| is_fit(if *node == me { mirrored.missing == 0 } else { *in_step }))
            .map(|(node, _)| *node)
    }

    fn promote(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        let me = self.cluster.me;
        let it = &mut self.queues.list[queue as usize];
        let (name, Some(mirrored)) = (it.name, it.mirrored.as_mut()) else { return };
        let synchronised = mirrored.missing == 0 || flaw::is_on(Flaw::MirrorPromotedInSilence);
        mirrored.missing = 0;
        mirrored.order = vec![(me, true)];
        mirrored.members.clear();
        mirrored.by_boot = false;
        mirrored.claimed = None;
        it.used_at = now;
        out.note_with(Kind::MirrorPromoted { synchronised }, None, queue_detail(name, 0));
        self.queues.touch(queue);
        // So that a node which starts later knows where to look.
        self.propose(Command::Moved { queue: name }, now, out);
        self.claim(queue, out);
        self.ask_again(now, out);
    }
}
