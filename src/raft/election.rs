//! Elections. A member that misses its leader first asks around whether it would
//! be elected (a pre-vote, which changes nobody's term), and only then stands.
//! So a member that was cut off comes back without disturbing anyone.
//!
//! Two rules carry the safety of Raft: a member votes once a term and remembers
//! it through any crash, and only for a log at least as new as its own.
//!
//! Other than in `ra`, a follower that has a leader refuses a pre-vote itself;
//! there, only the leader answers, by asserting itself towards the asker.

use super::effects::{Effects, Patience, Role, Write};
use super::member::Member;
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::protocol::raft::{Identity, Message, Position};

impl Member {
    /// The time for a leader to show up is over.
    pub fn time_is_up(&mut self, effects: &mut Effects) {
        if self.role == Role::Leader || self.has_leader() || !self.is_voter() {
            return;
        }
        effects.patience = Some(Patience::Medium);
        self.votes.clear();
        self.votes.push(self.me);
        if self.role != Role::PreCandidate {
            self.role = Role::PreCandidate;
            self.tell_role(effects);
        }
        if self.is_majority(1) {
            return self.stand(effects);
        }
        self.ask_for_votes(self.term + 1, true, effects);
    }

    /// Whether it follows one of the members. A leader that its own log takes out
    /// leads to the end of that change only, and perhaps has left in silence.
    fn has_leader(&self) -> bool {
        self.leader.is_some_and(|leader| self.peer(leader).is_some())
    }

    /// Stands for election in a new term.
    fn stand(&mut self, effects: &mut Effects) {
        self.term += 1;
        self.voted = Some(self.me);
        effects.writes.push(Write::Vote { term: self.term, voted: self.voted });
        self.role = Role::Candidate;
        self.tell_role(effects);
        effects.patience = Some(Patience::Medium);
        self.votes.clear();
        self.votes.push(self.me);
        if self.is_majority(1) {
            return self.lead(effects);
        }
        self.ask_for_votes(self.term, false, effects);
    }

    fn ask_for_votes(&self, term: u64, trial: bool, effects: &mut Effects) {
        let (last, identity) = (self.log.last(), self.identity);
        for peer in self.members().iter().filter(|peer| peer.voter && peer.node != self.me) {
            let request = Message::RequestVote { term, last, identity, trial };
            // Its own vote counts, so it must be on disk before anyone hears of it.
            if trial { effects.send(peer.node, request) } else { effects.promise(peer.node, request) }
        }
    }

    pub fn vote_requested(
        &mut self,
        from: NodeId,
        (term, last): (u64, Position),
        identity: Identity,
        trial: bool,
        effects: &mut Effects,
    ) {
        if self.peer(from).is_some_and(|peer| peer.identity != identity) {
            return;
        }
        if self.role == Role::Leader && (trial || term <= self.term) {
            // The asker has not heard of this leader, or lost it from sight. If it
            // knows a newer term, its answer will say so.
            return self.assert_leadership(from, effects);
        }
        if self.leader == Some(from) && term > self.term {
            // Who asks for votes does not lead any more.
            self.follow(None, effects);
        }
        if !trial && term > self.term {
            self.enter_term(term, effects);
        }
        let is_new_enough = last >= self.log.last() || flaw::is_on(Flaw::RaftSkipsLogCheckInVote);
        let me = self.identity;
        if trial {
            let granted = term > self.term && is_new_enough && !self.has_leader();
            let term = if granted { term } else { self.term };
            return effects.send(from, Message::Vote { term, granted, identity: me, trial });
        }
        let is_free = self.voted.is_none_or(|voted| voted == from) || flaw::is_on(Flaw::RaftVotesTwice);
        let granted = term == self.term && is_free && is_new_enough;
        if granted && self.voted != Some(from) {
            self.voted = Some(from);
            effects.writes.push(Write::Vote { term, voted: self.voted });
            // Who has just voted gives the candidate time.
            effects.patience = Some(Patience::Medium);
        }
        effects.promise(from, Message::Vote { term: self.term, granted, identity: me, trial });
    }

    pub fn vote_came(
        &mut self,
        from: NodeId,
        (term, granted): (u64, bool),
        identity: Identity,
        trial: bool,
        effects: &mut Effects,
    ) {
        if !granted {
            if term > self.term {
                self.enter_term(term, effects);
            }
            return;
        }
        let awaited = if trial { (Role::PreCandidate, self.term + 1) } else { (Role::Candidate, self.term) };
        let counts = self.knows(from, identity) && self.peer(from).is_some_and(|peer| peer.voter);
        if (self.role, term) != awaited || !counts || self.votes.contains(&from) {
            return;
        }
        self.votes.push(from);
        if self.is_majority(self.votes.len()) {
            if trial { self.stand(effects) } else { self.lead(effects) }
        }
    }

    /// The failure detector's verdict on a node.
    pub fn peer_went_down(&mut self, node: NodeId, effects: &mut Effects) {
        if self.leader == Some(node) && self.role != Role::Leader {
            self.follow(None, effects);
        }
        self.stop_sending_to(node);
    }
}
