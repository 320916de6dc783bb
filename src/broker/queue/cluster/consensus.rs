//! The node's part in Raft groups: what they want sent goes out over the links
//! between nodes, what they decide is carried out. The cluster's metadata is one
//! group, of all nodes (RabbitMQ's Khepri); quorum queues are others.
//!
//! A change of the metadata is proposed to whoever leads. The node that wants it
//! keeps it until it sees it carried out, and proposes it again when a second has
//! passed or another leader is found: carrying one out twice changes nothing.
//! Without a majority nothing is decided; after 30 s the client's connection is
//! closed with an internal error.

use super::command::{Command, Proposal};
use crate::broker::queue::QueueBroker;
use crate::event::{Closed, Kind, NodeId, queue_detail};
use crate::flaw::{self, Flaw};
use crate::node::{FileId, Input, Outputs, TimerId};
use crate::protocol::cluster::Message;
use crate::protocol::raft::Group;
use crate::protocol::{Frame, Name};
use crate::raft::{Outcome, Role};
use crate::time::{Span, Time};

/// The group of the cluster's metadata.
pub(in crate::broker::queue) const METADATA: Group = Group(0);
/// Files from here up are Raft's.
pub(in crate::broker::queue) const FIRST_FILE: u32 = 1 << 24;
pub(in crate::broker::queue) const TIMER: TimerId = TimerId(17);
const INTERNAL_ERROR: u16 = 541;
const PROPOSE_AGAIN: Span = Span::from_secs(1);

/// Whether an input is for Raft.
pub(in crate::broker::queue) const fn is_for_raft(input: &Input) -> bool {
    match input {
        Input::Timer(timer) => timer.0 == TIMER.0,
        Input::ReadDone { file, .. }
        | Input::Written { file, .. }
        | Input::Synced { file, .. }
        | Input::DiskError { file, .. } => is_raft_file(*file),
        _ => false,
    }
}

pub(in crate::broker::queue) const fn is_raft_file(file: FileId) -> bool {
    file.0 >= FIRST_FILE
}

/// A proposal of this node that it has not seen carried out.
#[derive(Clone, Debug)]
pub(super) struct Proposed {
    pub request: u32,
    command: Command,
    at: Time,
}

impl QueueBroker {
    /// Carries out what the groups decided and sends what they say.
    pub(in crate::broker::queue) fn serve_raft(&mut self, now: Time, out: &mut Outputs) {
        loop {
            if let Some(outcome) = self.raft.next_outcome() {
                self.take_outcome(outcome, now, out);
            } else if let Some((to, group, message)) = self.raft.next_message() {
                let peer = self.cluster.peer(to).map(|at| &self.cluster.peers[at]);
                if let Some(connection) = peer.filter(|peer| peer.is_greeted).and_then(|peer| peer.connection()) {
                    let about = message.about();
                    out.send(connection, Frame::Raft { group, message }, about);
                }
            } else {
                return;
            }
        }
    }

    fn take_outcome(&mut self, outcome: Outcome, now: Time, out: &mut Outputs) {
        match outcome {
            Outcome::Committed { group: METADATA, command, .. } => {
                if let Some(proposal) = Proposal::decode(&command) {
                    self.carry_out(proposal, now, out);
                }
            }
            Outcome::Role { group: METADATA, term, role, leader } => self.metadata_role(term, role, leader, now, out),
            // The metadata is never cut short by a snapshot, and its copies of
            // messages are none.
            Outcome::Begun { group: METADATA }
            | Outcome::Restored { group: METADATA, .. }
            | Outcome::Overwritten { group: METADATA, .. }
            | Outcome::Members { group: METADATA, .. } => {}
            outcome => self.quorum_outcome(outcome, now, out),
        }
    }

    fn metadata_role(&mut self, term: u64, role: Role, leader: Option<NodeId>, now: Time, out: &mut Outputs) {
        let leads = role == Role::Leader;
        if leads != std::mem::replace(&mut self.cluster.leads_metadata, leads) {
            let kind = if leads { Kind::LeaderElected } else { Kind::SteppedDown };
            out.note_with(kind, None, queue_detail(Name::EMPTY, term));
        }
        if leader.is_some() {
            self.propose_again(now, true, out);
        }
    }

    fn carry_out(&mut self, proposal: Proposal, now: Time, out: &mut Outputs) {
        let Proposal { origin, started, request, command } = proposal;
        self.apply(origin, started, command, now, out);
        if origin == self.cluster.me && started == self.cluster.started {
            self.cluster.proposed.retain(|proposed| proposed.request != request);
            self.catalogue_is_current(now, out);
            self.request_done(request, now, out);
        }
    }

    /// Asks for a change of what the cluster knows. Returns the request's number.
    pub(super) fn propose(&mut self, command: Command, now: Time, out: &mut Outputs) -> u32 {
        self.cluster.last_request += 1;
        let request = self.cluster.last_request;
        if flaw::is_on(Flaw::MetadataWithoutMajority) {
            let (origin, started) = (self.cluster.me, self.cluster.started);
            self.apply(origin, started, command.clone(), now, out);
        }
        self.cluster.proposed.push(Proposed { request, command, at: now });
        self.submit(self.cluster.proposed.len() - 1, now, out);
        request
    }

    /// Hands a proposal to whoever leads, as far as is known.
    fn submit(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let (origin, started) = (self.cluster.me, self.cluster.started);
        let proposed = &mut self.cluster.proposed[at];
        proposed.at = now;
        let proposal = Proposal { origin, started, request: proposed.request, command: proposed.command.clone() };
        let bytes = proposal.encode();
        let Err(not_leader) = self.raft.propose(now, METADATA, bytes.clone(), None, out) else { return };
        let leader = not_leader.leader.and_then(|leader| self.cluster.peer(leader));
        if let Some(connection) = leader.and_then(|at| self.cluster.peers[at].connection()) {
            out.send(connection, Message::Propose(bytes), None);
        }
    }

    /// Proposes what is not carried out yet, if it is time.
    pub(super) fn propose_again(&mut self, now: Time, at_once: bool, out: &mut Outputs) {
        for at in 0..self.cluster.proposed.len() {
            if at_once || now.since(self.cluster.proposed[at].at) >= PROPOSE_AGAIN {
                self.submit(at, now, out);
            }
        }
    }

    /// A declaration took too long: the client is told so, in AMQP's rough way.
    /// What may still become of it is nobody's business any more.
    pub(super) fn give_up_proposals(&mut self, now: Time, out: &mut Outputs) {
        while let Some(at) = self.cluster.pending.iter().position(|pending| pending.until <= now) {
            let pending = self.cluster.pending.remove(at);
            self.cluster.proposed.retain(|proposed| proposed.request != pending.request);
            if self.channels.is_alive(pending.channel, pending.generation) {
                let connection = self.channels[pending.channel].connection;
                self.end_connection(connection, Closed::Protocol(INTERNAL_ERROR), now, out);
            }
        }
    }

    /// A peer proposes something, in the belief that this node leads.
    pub(super) fn proposed_by_peer(&mut self, proposal: bytes::Bytes, now: Time, out: &mut Outputs) {
        // If it does not, the peer will ask again.
        let _ = self.raft.propose(now, METADATA, proposal, None, out);
    }
}
