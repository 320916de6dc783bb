//! One member of one group: Raft itself, free of clocks and disks. It takes
//! messages and answers in [`Effects`]; who embeds it decides when time is up.
//!
//! - `election`: pre-votes, votes, the end of a term.
//! - `follow`: what a follower does with entries and snapshots.
//! - `lead`: what a leader sends to whom, and when an entry is committed.
//! - `membership`: one member joins or leaves at a time.

use std::sync::Arc;

use super::effects::{Effects, Outcome, Patience, Role, Write};
use super::log::Log;
use super::progress::Progress;
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::protocol::raft::{Body, Entry, Group, Identity, Members, Peer, Position, Snapshot};

/// What a member must not forget, besides its log: what recovery hands back.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub identity: Identity,
    pub term: u64,
    pub voted: Option<NodeId>,
    /// The members as of the log's base.
    pub members: Option<Members>,
    pub log: Log,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub group: Group,
    pub me: NodeId,
    pub identity: Identity,
    pub term: u64,
    pub voted: Option<NodeId>,
    pub role: Role,
    /// Whom this member follows. Given up as soon as its node seems to be down.
    pub leader: Option<NodeId>,
    pub log: Log,
    /// The changes of membership that the log knows, and the one before them.
    /// The newest holds, committed or not.
    pub configurations: Vec<(u64, Members)>,
    /// Entries through this one are committed and handed out.
    pub commit: u64,
    /// Entries through this one are synced here.
    pub durable: u64,
    /// Who granted this member its vote, in the election under way.
    pub votes: Vec<NodeId>,
    /// How the others are doing. Only a leader keeps it.
    pub progress: Vec<Progress>,
    /// Whom the leader invited and has no answer from yet.
    pub invited: Option<NodeId>,
    pub snapshot: Option<Arc<Snapshot>>,
}

impl Member {
    pub fn new(group: Group, me: NodeId, memory: Memory, snapshot: Option<Arc<Snapshot>>) -> Self {
        let Memory { identity, term, voted, members, log } = memory;
        let mut configurations = vec![(log.base().index, members.unwrap_or_default())];
        for entry in log.range(0, log.last().index) {
            if let Body::Members(members) = &entry.body {
                configurations.push((entry.at.index, members.clone()));
            }
        }
        let forgets = flaw::is_on(Flaw::RaftForgetsTerm);
        Self {
            group,
            me,
            identity,
            term: if forgets { log.last().term } else { term },
            voted: if forgets { None } else { voted },
            role: Role::Follower,
            leader: None,
            commit: log.base().index,
            durable: log.last().index,
            log,
            configurations,
            votes: Vec::new(),
            progress: Vec::new(),
            invited: None,
            snapshot,
        }
    }

    pub fn members(&self) -> &Members {
        &self.configurations[self.configurations.len() - 1].1
    }

    pub fn peer(&self, node: NodeId) -> Option<&Peer> {
        self.members().iter().find(|peer| peer.node == node)
    }

    /// Whether this member votes and may lead.
    pub fn is_voter(&self) -> bool {
        self.peer(self.me).is_some_and(|peer| peer.voter && peer.identity == self.identity)
    }

    /// Whether a message comes from the one whom the members know, rather than
    /// from an earlier or later life of the same node.
    pub fn knows(&self, node: NodeId, identity: Identity) -> bool {
        self.peer(node).is_some_and(|peer| peer.identity == identity)
    }

    /// More than half of those who vote.
    pub fn is_majority(&self, count: usize) -> bool {
        let voters = self.members().iter().filter(|peer| peer.voter).count();
        if flaw::is_on(Flaw::RaftCommitsWithoutMajority) && self.role == Role::Leader {
            return count * 2 >= voters.saturating_sub(1);
        }
        count * 2 > voters
    }

    /// Becomes part of a newer term, without a leader or a vote yet.
    pub fn enter_term(&mut self, term: u64, effects: &mut Effects) {
        debug_assert!(term > self.term);
        self.term = term;
        self.voted = None;
        effects.writes.push(Write::Vote { term, voted: None });
        self.follow(None, effects);
    }

    /// Becomes a follower of `leader`, or of nobody yet.
    pub fn follow(&mut self, leader: Option<NodeId>, effects: &mut Effects) {
        let was = (self.role, self.leader);
        self.role = Role::Follower;
        self.leader = leader;
        self.progress.clear();
        self.votes.clear();
        self.invited = None;
        effects.patience = Some(if leader.is_some() { Patience::Forever } else { Patience::Short });
        if was != (self.role, self.leader) {
            self.tell_role(effects);
        }
    }

    pub fn tell_role(&self, effects: &mut Effects) {
        let Self { group, term, role, leader, .. } = *self;
        effects.outcomes.push_back(Outcome::Role { group, term, role, leader });
    }

    /// Adds an entry to the end of the log.
    pub fn append(&mut self, entry: Entry, effects: &mut Effects) {
        if let Body::Members(members) = &entry.body {
            self.configurations.push((entry.at.index, members.clone()));
            self.tell_members(effects);
            let leaves = self.leader.is_some_and(|leader| self.peer(leader).is_none());
            if self.role == Role::Follower && leaves {
                effects.patience = Some(Patience::Long);
            }
        }
        effects.writes.push(Write::Entry(entry.clone()));
        self.log.push(entry);
    }

    pub fn tell_members(&self, effects: &mut Effects) {
        let members = self.members().clone();
        effects.outcomes.push_back(Outcome::Members { group: self.group, members });
    }

    /// Hands out what is committed through `index`.
    pub fn commit_through(&mut self, index: u64, effects: &mut Effects) {
        let from = self.commit + 1;
        self.commit = index;
        for entry in self.log.range(from, index) {
            let Body::Command(command) = &entry.body else { continue };
            let (at, about) = (entry.at, entry.about);
            let told = Outcome::Committed { group: self.group, at, command: command.clone(), about };
            if flaw::is_on(Flaw::RaftAppliesTwice) && at.index == index && index - from > 1 {
                effects.outcomes.push_back(told.clone());
            }
            effects.outcomes.push_back(told);
        }
    }

    /// Entries through this one are on the device, unless they were replaced
    /// since by others.
    pub fn synced(&mut self, at: Position, effects: &mut Effects) {
        if at.index > self.durable && self.log.has(at) {
            self.durable = at.index;
            self.count_copies(effects);
        }
    }

    /// The state machine offers its state as of an entry it has applied. What
    /// lies before it in the log is not needed any more.
    pub fn take_snapshot(&mut self, index: u64, state: bytes::Bytes, effects: &mut Effects) -> bool {
        let Some(term) = self.log.term(index) else { return false };
        if index <= self.log.base().index || index > self.commit {
            return false;
        }
        let at = Position { term, index };
        let members = self.members_at(index).clone();
        self.snapshot = Some(Arc::new(Snapshot { at, members: members.clone(), state }));
        self.forget_through(at, members, effects);
        true
    }

    pub fn forget_through(&mut self, at: Position, members: Members, effects: &mut Effects) {
        self.log.forget_through(at);
        self.configurations.retain(|(index, _)| *index > at.index);
        self.configurations.insert(0, (at.index, members.clone()));
        self.durable = self.durable.max(at.index);
        effects.writes.push(Write::Base { at, members });
    }

    fn members_at(&self, index: u64) -> &Members {
        let place = self.configurations.partition_point(|(from, _)| *from <= index);
        &self.configurations[place.max(1) - 1].1
    }
}
