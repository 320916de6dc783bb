//! Who belongs to a group. One member joins or leaves at a time, so that every
//! majority before a change shares a member with every majority after it, and
//! the next change waits until the last is committed. A change holds from the
//! moment it is in the log.
//!
//! One who joins is invited first: it empties itself, draws a new identity, and
//! follows without a vote until it has what the log held when it came (`ra`
//! calls it promotable). That is also the way back for a node that lost its
//! disk: its old member must be removed, then it is added again. RabbitMQ's
//! operators do the same (`forget_cluster_node`, or `delete_member`, then
//! `add_member` or `grow`).

use super::effects::{Effects, Role};
use super::member::Member;
use super::progress::Progress;
use crate::event::NodeId;
use crate::protocol::raft::{Body, Identity, Members, Message, Peer};

/// Why a change of membership cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    NoSuchGroup,
    /// Ask the leader, if one is known.
    NotLeader(Option<NodeId>),
    /// Another change is not committed yet, or the leader has not committed
    /// anything of its own term.
    Busy,
    /// The node is a member already, or is none, or is the last one.
    Pointless,
}

impl Member {
    pub fn add_member(&mut self, node: NodeId, effects: &mut Effects) -> Result<(), Refusal> {
        self.may_change()?;
        if self.peer(node).is_some() {
            return Err(Refusal::Pointless);
        }
        self.invited = Some(node);
        effects.send(node, Message::Invite { term: self.term });
        Ok(())
    }

    pub fn remove_member(&mut self, node: NodeId, effects: &mut Effects) -> Result<(), Refusal> {
        self.may_change()?;
        let remaining: Members = self.members().iter().filter(|peer| peer.node != node).copied().collect();
        if remaining.len() == self.members().len() || !remaining.iter().any(|peer| peer.voter) {
            return Err(Refusal::Pointless);
        }
        self.progress.retain(|progress| progress.node != node);
        self.add(Body::Members(remaining), None, effects);
        Ok(())
    }

    /// One who was invited is ready.
    pub fn invitation_accepted(&mut self, from: NodeId, term: u64, identity: Identity, effects: &mut Effects) {
        if self.invited != Some(from) {
            return;
        }
        if term > self.term {
            // It once stood for election out there. Entries of this term would
            // never reach it.
            return self.enter_term(term, effects);
        }
        if term != self.term || self.may_change().is_err() {
            return;
        }
        self.invited = None;
        let joined = Peer { node: from, identity, voter: false };
        let members: Members = self.members().iter().copied().chain([joined]).collect();
        let at = self.add(Body::Members(members), None, effects);
        // Its log is empty: nothing is gained by trying the end first.
        self.progress.push(Progress { next: 1, target: at.index, ..Progress::new(from, 1) });
    }

    /// Gives one who joined its vote once it has caught up.
    pub fn promote_if_ready(&mut self, node: NodeId, effects: &mut Effects) {
        let is_waiting = self.peer(node).is_some_and(|peer| !peer.voter);
        let Some(progress) = self.progress.iter().find(|progress| progress.node == node) else { return };
        if !is_waiting || progress.matches < progress.target || self.may_change().is_err() {
            return;
        }
        let with_vote = |peer: &Peer| Peer { voter: peer.voter || peer.node == node, ..*peer };
        let members: Members = self.members().iter().map(with_vote).collect();
        self.add(Body::Members(members), None, effects);
    }

    /// What waited for a change to be committed goes on.
    pub fn membership_committed(&mut self, effects: &mut Effects) {
        if self.may_change().is_err() {
            return;
        }
        if self.peer(self.me).is_none() {
            // A leader that was removed tells the others and leaves.
            self.replicate(effects);
            return self.follow(None, effects);
        }
        if let Some(node) = self.invited {
            effects.send(node, Message::Invite { term: self.term });
        }
        if let Some(node) = self.members().iter().find(|peer| !peer.voter).map(|peer| peer.node) {
            self.promote_if_ready(node, effects);
        }
    }

    pub fn may_change(&self) -> Result<(), Refusal> {
        if self.role != Role::Leader {
            return Err(Refusal::NotLeader(self.leader));
        }
        let is_settled = self.configurations.last().is_some_and(|(index, _)| *index <= self.commit);
        // A change of an earlier leader may still come back, as long as this one
        // has committed nothing of its own.
        let is_established = self.log.term(self.commit) == Some(self.term);
        if is_settled && is_established { Ok(()) } else { Err(Refusal::Busy) }
    }
}
