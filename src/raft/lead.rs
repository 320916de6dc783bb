//! What a leader does: it sends everyone what they lack, without waiting for
//! answers, and counts who has synced what. Nothing is sent while nothing is
//! new: an idle group costs no frame and no timer, so a node can hold thousands
//! of them (`ra` does the same; who notices a dead leader is the node's failure
//! detector, one for all groups).
//!
//! An entry is committed once more than half of the members have it on disk, but
//! only an entry of the leader's own term is counted that way: an older one can
//! be on most disks and still be overwritten by a leader that does not have it
//! (figure 8 of the paper). It is committed with the first of the new term.

use std::sync::Arc;

use super::effects::{Effects, Patience, Role};
use super::member::Member;
use super::progress::{Progress, State};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::protocol::raft::{Answer, Body, Entry, Identity, Message, Position};

/// The most entries in one append (`AER_CHUNK_SIZE` in `ra`).
const MOST_ENTRIES: u64 = 128;
/// How far a leader runs ahead of an acknowledgement (`max_pipeline_count`).
const MOST_IN_FLIGHT: u64 = 4_096;

/// The entries of a range, made once and shared by all they are sent to.
type Shared = Option<((u64, u64), Arc<[Entry]>)>;

impl Member {
    /// The election is won.
    pub fn lead(&mut self, effects: &mut Effects) {
        self.role = Role::Leader;
        self.leader = Some(self.me);
        self.votes.clear();
        effects.patience = Some(Patience::Forever);
        self.tell_role(effects);
        let next = self.log.last().index + 1;
        let others = self.members().iter().filter(|peer| peer.node != self.me);
        self.progress = others.map(|peer| Progress::new(peer.node, next)).collect();
        self.add(Body::Nothing, None, effects);
    }

    /// Adds an entry of this term to the log.
    pub fn add(&mut self, body: Body, about: Option<crate::event::CopyId>, effects: &mut Effects) -> Position {
        let at = Position { term: self.term, index: self.log.last().index + 1 };
        self.append(Entry { at, body, about }, effects);
        at
    }

    /// Sends everyone what they lack.
    pub fn replicate(&mut self, effects: &mut Effects) {
        let mut shared = None;
        for place in 0..self.progress.len() {
            if self.progress[place].state == State::New {
                self.probe(place, &mut shared, effects);
            }
            if self.progress[place].state == State::Pipelined {
                self.pipeline(place, &mut shared, effects);
            }
        }
    }

    fn pipeline(&mut self, place: usize, shared: &mut Shared, effects: &mut Effects) {
        let last = self.log.last().index;
        loop {
            let Progress { next, matches, commit_told, .. } = self.progress[place];
            if next <= self.log.base().index {
                return self.probe(place, shared, effects);
            }
            let room = (matches + MOST_IN_FLIGHT + 1).saturating_sub(next);
            let count = (last + 1).saturating_sub(next).min(MOST_ENTRIES).min(room);
            let is_news = commit_told < self.commit && next > last;
            if count == 0 && !is_news {
                return;
            }
            self.send_entries(place, (next, next + count - 1), false, shared, effects);
            self.progress[place].next = next + count;
        }
    }

    /// Finds out where the logs agree.
    fn probe(&mut self, place: usize, shared: &mut Shared, effects: &mut Effects) {
        let Progress { node, next, .. } = self.progress[place];
        if next <= self.log.base().index {
            let Some(snapshot) = self.snapshot.clone() else { return };
            self.progress[place].state = State::Installing { index: snapshot.at.index };
            return effects.send(node, Message::Install { term: self.term, snapshot });
        }
        self.progress[place].state = State::Probing { previous: next - 1 };
        let through = self.log.last().index.min(next + MOST_ENTRIES - 1);
        self.send_entries(place, (next, through), true, shared, effects);
    }

    fn send_entries(
        &mut self,
        place: usize,
        range: (u64, u64),
        probe: bool,
        shared: &mut Shared,
        effects: &mut Effects,
    ) {
        let Some(term) = self.log.term(range.0 - 1) else { return };
        let entries = match shared {
            Some((made, entries)) if *made == range => entries.clone(),
            _ => {
                let entries: Arc<[Entry]> = self.log.range(range.0, range.1).cloned().collect();
                *shared = Some((range, entries.clone()));
                entries
            }
        };
        let previous = Position { term, index: range.0 - 1 };
        let (term, commit) = (self.term, self.commit);
        self.progress[place].commit_told = commit;
        effects.send(self.progress[place].node, Message::Append { term, previous, commit, entries, probe });
    }

    pub fn answer_came(&mut self, from: NodeId, term: u64, identity: Identity, answer: Answer, effects: &mut Effects) {
        if !self.knows(from, identity) {
            return;
        }
        if term > self.term {
            return self.enter_term(term, effects);
        }
        let Some(place) = self.progress.iter().position(|progress| progress.node == from) else { return };
        if self.role != Role::Leader || term < self.term {
            return;
        }
        let progress = &mut self.progress[place];
        match (answer, progress.state) {
            (_, State::Away) => {}
            (Answer::Matches(index), state) => {
                progress.matches = progress.matches.max(index);
                progress.next = progress.next.max(index + 1);
                if !matches!(state, State::Installing { index: wanted } if index < wanted) {
                    progress.state = State::Pipelined;
                }
                self.count_copies(effects);
                self.promote_if_ready(from, effects);
            }
            (Answer::Conflict { previous, next }, State::Probing { previous: asked }) if previous == asked => {
                progress.next = next.min(previous).max(progress.matches + 1);
                progress.state = State::New;
            }
            (Answer::Conflict { next, .. }, State::Pipelined) => {
                progress.next = next.max(progress.matches + 1).min(progress.next);
                progress.state = State::New;
            }
            (Answer::Conflict { .. }, _) => {}
        }
    }

    /// Commits what more than half of those who vote have synced.
    pub fn count_copies(&mut self, effects: &mut Effects) {
        if self.role != Role::Leader {
            return;
        }
        let has = |node: NodeId| match self.progress.iter().find(|progress| progress.node == node) {
            Some(progress) => progress.matches,
            None if node == self.me => self.durable,
            None => 0,
        };
        let voters = || self.members().iter().filter(|peer| peer.voter).map(|peer| has(peer.node));
        let is_held = |index: u64| self.is_majority(voters().filter(|matches| *matches >= index).count());
        let best = voters().filter(|index| *index > self.commit && is_held(*index)).max();
        let Some(index) = best.filter(|index| *index <= self.log.last().index) else { return };
        if self.log.term(index) == Some(self.term) || flaw::is_on(Flaw::RaftCommitsOldTermByCount) {
            let was_busy = self.may_change().is_err();
            self.commit_through(index, effects);
            if was_busy {
                self.membership_committed(effects);
            }
        }
    }

    /// Lets one who does not know this leader hear of it.
    pub fn assert_leadership(&mut self, to: NodeId, effects: &mut Effects) {
        self.peer_came_up(to, effects);
    }

    /// A node can be reached (again). What was under way to it is lost.
    pub fn peer_came_up(&mut self, node: NodeId, effects: &mut Effects) {
        if self.role != Role::Leader {
            return;
        }
        if let Some(progress) = self.progress.iter_mut().find(|progress| progress.node == node) {
            progress.restart();
        }
        if self.invited == Some(node) {
            effects.send(node, Message::Invite { term: self.term });
        }
    }

    pub fn stop_sending_to(&mut self, node: NodeId) {
        if let Some(progress) = self.progress.iter_mut().find(|progress| progress.node == node) {
            progress.state = State::Away;
        }
    }
}
