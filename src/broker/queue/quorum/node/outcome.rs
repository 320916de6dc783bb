//! What Raft decided: committed commands are applied, and what they set in motion
//! is done by the leader, or, for deliveries, by the replica beside the channel.
//!
//! Effects happen at least once: a new leader that had not heard how far its
//! predecessor had come carries some out again. Sessions know what they have had;
//! a history may say twice that a copy was enqueued or committed.
//!
//! No copy is noted as recovered when a node starts: its replica reads its log
//! back, but what of it counts is known only once there is a leader, and the
//! queue as a whole was not away.

use super::group_of;
use super::word::Word;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::quorum::effect::Effect;
use crate::broker::queue::quorum::machine::Machine;
use crate::event::{Kind, NodeId, Reason};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::raft::Group;
use crate::raft::Outcome;
use crate::time::Time;

/// No node: nothing is delivered on the spot.
const NOBODY: NodeId = NodeId(u16::MAX);

pub(super) const fn group(outcome: &Outcome) -> Group {
    match outcome {
        Outcome::Begun { group }
        | Outcome::Committed { group, .. }
        | Outcome::Restored { group, .. }
        | Outcome::Role { group, .. }
        | Outcome::Overwritten { group, .. }
        | Outcome::Members { group, .. } => *group,
    }
}

impl QueueBroker {
    /// Raft decided something about a quorum queue.
    pub(in crate::broker::queue) fn quorum_outcome(&mut self, outcome: Outcome, now: Time, out: &mut Outputs) {
        let Some(at) = self.quorum.place_of(group(&outcome)) else { return self.quorum.early.push(outcome) };
        let replica = &mut self.quorum.replicas[at];
        match outcome {
            Outcome::Begun { .. } => replica.machine = Machine::new(*replica.machine.config()),
            Outcome::Committed { at: position, command, about, .. } => {
                let is_news = position.index > replica.quiet_until;
                let effects = &mut self.quorum.effects;
                effects.leading = replica.leads && is_news;
                effects.me = if is_news { self.cluster.me } else { NOBODY };
                if effects.leading && about.is_some() {
                    out.note(Kind::Committed, about);
                }
                replica.machine.apply(position.index, &command, effects);
                let name = replica.name;
                self.carry_out_effects(name, now, out);
                self.snapshot_if_worth(name, position.index, now, out);
            }
            Outcome::Restored { state, .. } => {
                if let Some(machine) = Machine::decode(*replica.machine.config(), state) {
                    replica.machine = machine;
                    let name = replica.name;
                    self.hand_out_again(name, now, out);
                }
            }
            Outcome::Role { term, role, leader, .. } => {
                let name = replica.name;
                self.queue_role(name, term, role, leader, now, out);
            }
            Outcome::Overwritten { at: position, about, .. } => {
                // What takes its place is news, though this node had as long a log.
                replica.quiet_until = replica.quiet_until.min(position.index - 1);
                if about.is_some() {
                    out.note(Kind::Dropped(Reason::Overwritten), about);
                }
            }
            Outcome::Members { members, .. } => {
                replica.members = members.iter().map(|peer| peer.node).collect();
                let name = replica.name;
                // Who hands out to this node's channels may have changed in between.
                self.hand_out_again(name, now, out);
            }
        }
    }

    fn carry_out_effects(&mut self, queue: Name, now: Time, out: &mut Outputs) {
        let mut list = std::mem::take(&mut self.quorum.effects.list);
        for effect in list.drain(..) {
            match effect {
                Effect::Note(kind, copy) => out.note(kind, Some(copy)),
                Effect::Applied { to, correlation, answer } => {
                    self.tell(queue, to.node, to.number, Word::Applied { correlation, answer }, now, out);
                }
                Effect::Deliver { to, consumer, tag, delivery, message } => {
                    let word = Word::Deliver { tag, consumer, delivery, message };
                    // A member's own replica hands out to its channels.
                    if to.node == self.cluster.me || !self.has_replica(queue, to.node) {
                        self.tell(queue, to.node, to.number, word, now, out);
                    }
                }
                Effect::Full { to, full } => self.tell(queue, to.node, to.number, Word::Full(full), now, out),
                Effect::TimedOut { to, tag, copy, .. } => {
                    if to.node == self.cluster.me || !self.has_replica(queue, to.node) {
                        self.tell(queue, to.node, to.number, Word::TimedOut { tag, copy }, now, out);
                    }
                }
                Effect::DeadLetter { message, reason } => self.send_letter(queue, message, reason, None, now, out),
                Effect::Forward { delivery, message, reason } => {
                    self.send_letter(queue, message, reason, Some(delivery), now, out);
                }
            }
        }
        self.quorum.effects.list = list;
    }

    fn has_replica(&self, queue: Name, node: NodeId) -> bool {
        self.quorum.place(queue).is_some_and(|at| self.quorum.replicas[at].is_member(node))
    }

    fn tell(&mut self, queue: Name, node: NodeId, session: u64, word: Word, now: Time, out: &mut Outputs) {
        if node == self.cluster.me {
            self.listen(queue, session, word, now, out);
        } else {
            self.say(queue, node, session, &word, out);
        }
    }

    /// The state came as a whole: channels of this node may have missed some of
    /// it. They know what they have had.
    fn hand_out_again(&mut self, queue: Name, now: Time, out: &mut Outputs) {
        let sessions = self.quorum.sessions.iter().filter(|it| it.queue == queue);
        for number in sessions.map(|it| it.number).collect::<Vec<_>>() {
            self.with_session(number, now, out, |client, acts| client.reconnected(acts));
        }
    }

    fn snapshot_if_worth(&mut self, queue: Name, index: u64, now: Time, out: &mut Outputs) {
        let Some(at) = self.quorum.place(queue) else { return };
        let machine = &mut self.quorum.replicas[at].machine;
        if machine.is_worth_a_snapshot() {
            machine.snapshot_taken();
            let state = machine.encode();
            self.raft.snapshot(now, group_of(queue), index, state, out);
        }
    }
}
