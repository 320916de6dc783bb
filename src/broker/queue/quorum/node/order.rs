//! Between sessions and leaders: commands go to the leader, which stamps its
//! clock on them and puts them into the log; answers and deliveries come back.
//! What is lost on the way is sent again: by sessions when they hear of a leader
//! or of a new connection to it.

use bytes::Bytes;

use super::word::{Missed, Word};
use super::{Replica, group_of};
use crate::broker::queue::QueueBroker;
use crate::broker::queue::quorum::command::{ConsumerKey, stamp};
use crate::broker::queue::quorum::message::Message;
use crate::event::{CopyId, NodeId};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::cluster;
use crate::time::Time;

impl QueueBroker {
    /// Sends a command to a queue's leader.
    pub(super) fn order(
        &mut self,
        queue: Name,
        to: NodeId,
        command: Bytes,
        about: Option<CopyId>,
        now: Time,
        out: &mut Outputs,
    ) {
        if to == self.cluster.me {
            self.ordered(queue, &command, about, now, out);
        } else if let Some(connection) = self.cluster.connection_to(to) {
            out.send(connection, cluster::Message::Order { queue, command, about }, about);
        }
    }

    /// A command reached this node, in the belief that it leads the queue. If it
    /// does not, the session will hear of another leader and send it again.
    pub(in crate::broker::queue) fn ordered(
        &mut self,
        queue: Name,
        command: &Bytes,
        about: Option<CopyId>,
        now: Time,
        out: &mut Outputs,
    ) {
        let _ = self.raft.propose(now, group_of(queue), stamp(now, command), about, out);
    }

    /// Says something to a session of another node.
    pub(super) fn say(&mut self, queue: Name, to: NodeId, session: u64, word: &Word, out: &mut Outputs) {
        let about = match word {
            Word::Deliver { message, .. } => Some(message.copy()),
            _ => None,
        };
        if let Some(connection) = self.cluster.connection_to(to) {
            let word = word.encode();
            out.send(connection, cluster::Message::Word { queue, session, word }, about);
        }
    }

    /// What a consumer holds of certain deliveries. `None`: a replica elsewhere is
    /// asked, and its answer follows.
    pub(super) fn fetch(
        &mut self,
        session: u64,
        consumer: ConsumerKey,
        from: u64,
        to: u64,
        out: &mut Outputs,
    ) -> Option<Vec<(u64, Message)>> {
        let queue = self.quorum.bound(session)?.queue;
        let replica = &self.quorum.replicas[self.quorum.place(queue)?];
        // A replica that is being filled knows less than the session has heard of.
        let is_far_enough = to == u64::MAX || replica.machine.has_handed_out(consumer, to);
        let me = self.cluster.me;
        if replica.is_member(me) && is_far_enough || replica.leader == Some(me) {
            let held = replica.machine.held_by(consumer, from, to);
            return Some(held.map(|(delivery, message)| (delivery, message.clone())).collect());
        }
        let leader = replica.leader?;
        self.say(queue, leader, session, &Word::Fetch { consumer, from, to }, out);
        None
    }

    /// A word from another node, to a session of this one or about one of its own.
    pub(in crate::broker::queue) fn heard_word(
        &mut self,
        peer: NodeId,
        queue: Name,
        session: u64,
        word: &Bytes,
        now: Time,
        out: &mut Outputs,
    ) {
        match Word::decode(word) {
            None => {}
            Some(Word::Fetch { consumer, from, to }) => {
                let Some(at) = self.quorum.place(queue) else { return };
                let held = self.quorum.replicas[at].machine.held_by(consumer, from, to);
                let missed = held.map(|(delivery, message)| Missed(delivery, message.clone())).collect();
                self.say(queue, peer, session, &Word::Found { consumer, missed }, out);
            }
            Some(word) => self.listen(queue, session, word, now, out),
        }
    }

    /// A session of this node is told something.
    pub(super) fn listen(&mut self, queue: Name, session: u64, word: Word, now: Time, out: &mut Outputs) {
        if word.takes_for_alive() {
            self.contradict(queue, session, now, out);
        }
        self.with_session(session, now, out, |client, acts| match word {
            Word::Applied { correlation, answer } => client.answered(correlation, answer, acts),
            Word::Deliver { tag, consumer, delivery, message } => {
                client.delivered(tag, consumer, delivery, message, acts);
            }
            Word::Full(full) => client.full(full, acts),
            Word::TimedOut { tag, copy } => client.timed_out(tag, copy, acts),
            Word::Found { consumer, missed } => {
                let missed = missed.into_iter().map(|Missed(delivery, message)| (delivery, message)).collect();
                client.found(consumer, missed, acts);
            }
            Word::Fetch { .. } => {}
        });
    }
}

impl Replica {
    pub(super) fn is_member(&self, node: NodeId) -> bool {
        self.members.contains(&node)
    }
}
