//! The metadata log among the controllers. Who leads it becomes active once an
//! entry of its own is committed: then it has carried out everything that leaders
//! before it wrote, and whatever they wrote besides never counts.
//!
//! A leader that has not heard of a majority for 3 s resigns: it could commit
//! nothing, and brokers should look for another. Raft would let it sit there.

use super::decide::Decisions;
use super::{LogController, codec};
use crate::event::{Kind, queue_detail};
use crate::node::{FileInfo, Outputs};
use crate::protocol::cluster::Message;
use crate::protocol::log::Change;
use crate::protocol::raft::Group;
use crate::protocol::{Frame, Name};
use crate::raft::{Outcome, Role};
use crate::time::Time;

/// The one group.
pub(super) const METADATA: Group = Group(0);
/// After so many entries a snapshot takes their place. (Kafka goes by bytes, 20 MiB,
/// or after an hour.)
const SNAPSHOT_EVERY: u32 = 500;

impl LogController {
    pub(super) fn start(&mut self, files: &[FileInfo], now: Time, out: &mut Outputs) {
        // The world begins for all at once, so a machine that starts later and has
        // no log has lost it.
        self.lost_log = files.is_empty() && now > Time::ZERO;
        self.raft.start(files, out);
        self.begin_links(now, out);
    }

    /// Carries out what the log says and sends what Raft wants sent.
    pub(super) fn serve_raft(&mut self, now: Time, out: &mut Outputs) {
        self.become_ready(now, out);
        loop {
            if let Some(outcome) = self.raft.next_outcome() {
                self.take_outcome(outcome, now, out);
            } else if let Some((to, group, message)) = self.raft.next_message() {
                let peer = self.peers.iter().find(|peer| peer.node == to);
                if let Some(connection) = peer.and_then(|peer| peer.connection()) {
                    out.send(connection, Frame::Raft { group, message }, None);
                }
            } else {
                return;
            }
        }
    }

    fn become_ready(&mut self, now: Time, out: &mut Outputs) {
        if self.is_ready || self.raft.is_recovering() {
            return;
        }
        self.is_ready = true;
        self.say_hello(out);
        self.found_quorum(now, out);
    }

    /// Founds the quorum, once more than half of the controllers have met. The one
    /// with the lowest number stands for election at once.
    pub(super) fn found_quorum(&mut self, now: Time, out: &mut Outputs) {
        let members = &self.options.controllers;
        if !self.is_ready || self.lost_log || (1 + self.greeted()) * 2 <= members.len() {
            return;
        }
        let prefers = members.iter().min() == Some(&self.options.me);
        self.raft.create(now, METADATA, members, prefers, out);
    }

    /// A controller that lost its disk lost its votes as well, and comes back as a
    /// new member, as an operator would arrange it (`remove-controller`,
    /// `add-controller`). One alone stays away: the metadata are gone.
    pub(super) fn ask_to_rejoin(&mut self, out: &mut Outputs) {
        let is_member = || self.raft.status(METADATA).is_some_and(|status| !status.members.is_empty());
        if self.lost_log && self.is_ready && !is_member() {
            for connection in self.peers.iter().filter_map(|peer| peer.connection()) {
                out.send(connection, Message::Rejoin, None);
            }
        }
    }

    /// One step each time it asks: out with what it was, in as it is now.
    pub(super) fn let_in_again(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let node = self.peers[at].node;
        let Some(status) = self.raft.status(METADATA) else { return };
        let _ = if status.members.iter().any(|member| member.node == node) {
            self.raft.remove_member(now, METADATA, node, out)
        } else {
            self.raft.add_member(now, METADATA, node, out)
        };
    }

    fn take_outcome(&mut self, outcome: Outcome, now: Time, out: &mut Outputs) {
        match outcome {
            Outcome::Committed { at, command, .. } => {
                if let Some(changes) = codec::decode(&command) {
                    self.carry_out(at.index, &changes, now, out);
                }
            }
            Outcome::Restored { at, state, .. } => {
                if let Some(metadata) = codec::decode_snapshot(&state) {
                    (self.committed, self.applied, self.unsaved) = (metadata, at.index, 0);
                }
            }
            Outcome::Begun { .. } => (self.committed, self.applied) = Default::default(),
            Outcome::Role { term, role, .. } => {
                let leads = (role == Role::Leader).then_some(term);
                self.role_changed(leads, now, out);
            }
            Outcome::Overwritten { .. } | Outcome::Members { .. } => {}
        }
    }

    fn role_changed(&mut self, leads: Option<u64>, now: Time, out: &mut Outputs) {
        if leads == self.leads {
            return;
        }
        if let Some(term) = self.leads {
            out.note_with(Kind::SteppedDown, None, queue_detail(Name::EMPTY, term));
        }
        self.resign(out);
        self.leads = leads;
        if let Some(term) = leads {
            out.note_with(Kind::LeaderElected, None, queue_detail(Name::EMPTY, term));
            self.claim(now, out);
        }
    }

    /// Writes the entry after which this controller is active.
    fn claim(&mut self, now: Time, out: &mut Outputs) {
        let entry = codec::encode(&[Change::Leader { controller: self.options.me }]);
        if let Ok(at) = self.raft.propose(now, METADATA, entry, None, out) {
            (self.claim, self.written) = (Some(at.index), at.index);
        }
    }

    /// Whether it can still be active; or be so again.
    pub(super) fn mind_quorum(&mut self, now: Time, out: &mut Outputs) {
        self.ask_to_rejoin(out);
        let has_quorum = self.has_quorum(now);
        if self.active.is_some() && !has_quorum {
            self.resign(out);
        } else if self.leads.is_some() && has_quorum && self.active.is_none() && self.claim.is_none() {
            self.claim(now, out);
        }
    }

    /// An entry of the log is committed.
    fn carry_out(&mut self, index: u64, changes: &[Change], now: Time, out: &mut Outputs) {
        let first = self.committed.offset();
        for change in changes {
            self.note_change(change, out);
            self.committed.apply(change);
        }
        self.applied = index;
        self.publish(first, changes, out);
        self.answer_waiting(out);
        if self.claim == Some(index) {
            self.claim = None;
            self.active = Some(Decisions::begin(&self.options, &self.committed, now));
            self.look(now, out);
        }
        self.unsaved += 1;
        if self.unsaved >= SNAPSHOT_EVERY {
            self.unsaved = 0;
            self.raft.snapshot(now, METADATA, index, codec::encode_snapshot(&self.committed), out);
        }
    }

    /// Writes what was decided. It counts once it is committed.
    pub(super) fn write(&mut self, now: Time, out: &mut Outputs) {
        let Some(active) = &mut self.active else { return };
        let changes = active.take_changes();
        if changes.is_empty() {
            return;
        }
        match self.raft.propose(now, METADATA, codec::encode(&changes), None, out) {
            Ok(at) => self.written = at.index,
            Err(_) => self.resign(out),
        }
        self.publish_early(&changes, out);
    }
}
