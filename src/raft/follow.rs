//! What a follower does with what its leader sends. An append names the entry
//! before it; only if the follower has exactly that one may it take the rest.
//! So two logs that agree on one entry agree on everything before it.

use std::sync::Arc;

use super::effects::{Effects, Outcome};
use super::log::Log;
use super::member::Member;
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::protocol::raft::{Answer, Entry, Message, Position, Snapshot};

impl Member {
    pub fn append_came(
        &mut self,
        from: NodeId,
        term: u64,
        (previous, commit): (Position, u64),
        (entries, probe): (&[Entry], bool),
        effects: &mut Effects,
    ) {
        if !self.accept_leader(from, term, effects) {
            let answer = Answer::Conflict { previous: previous.index, next: self.log.last().index + 1 };
            return effects.send(from, self.appended(answer));
        }
        let base = self.log.base();
        // What the snapshot contains was committed, so the leader has it as well.
        let known = entries.partition_point(|entry| entry.at.index <= base.index);
        let is_inside = previous.index < base.index;
        if !is_inside && !self.log.has(previous) {
            let answer = Answer::Conflict { previous: previous.index, next: self.agrees_from(previous) };
            return effects.send(from, self.appended(answer));
        }
        for entry in &entries[known..] {
            self.take_entry(entry, effects);
        }
        let matches = (previous.index + entries.len() as u64).max(if is_inside { base.index } else { 0 });
        if commit.min(matches) > self.commit {
            self.commit_through(commit.min(matches), effects);
            self.look_for_a_leader_that_left(effects);
        }
        if !entries.is_empty() || probe {
            let answer = self.appended(Answer::Matches(matches));
            if flaw::is_on(Flaw::RaftAcksBeforeSync) {
                effects.send(from, answer);
            } else {
                effects.promise(from, answer);
            }
        }
    }

    /// Takes `from` for the leader of its term, unless that term is over.
    fn accept_leader(&mut self, from: NodeId, term: u64, effects: &mut Effects) -> bool {
        if term < self.term {
            return false;
        }
        if term > self.term {
            self.enter_term(term, effects);
        }
        if self.leader != Some(from) {
            self.follow(Some(from), effects);
        }
        true
    }

    fn take_entry(&mut self, entry: &Entry, effects: &mut Effects) {
        if self.log.has(entry.at) {
            return;
        }
        if self.log.last().index >= entry.at.index {
            if flaw::is_on(Flaw::RaftKeepsConflictingEntries) {
                return;
            }
            self.cut_from(entry.at.index, effects);
        }
        self.append(entry.clone(), effects);
    }

    /// Cuts off what a former leader left and never committed.
    fn cut_from(&mut self, index: u64, effects: &mut Effects) {
        while self.log.last().index >= index {
            let Some(Entry { at, about, .. }) = self.log.pop() else { break };
            effects.outcomes.push_back(Outcome::Overwritten { group: self.group, at, about });
        }
        self.durable = self.durable.min(index - 1);
        let changes = self.configurations.len();
        self.configurations.retain(|(from, _)| *from < index);
        if self.configurations.len() < changes {
            self.tell_members(effects);
        }
    }

    /// Where the leader should try next: behind this log's end, or where the
    /// whole term that disagrees began, so that a trip takes back a term rather
    /// than an entry.
    fn agrees_from(&self, previous: Position) -> u64 {
        let last = self.log.last().index;
        let Some(term) = self.log.term(previous.index) else { return last + 1 };
        let mut index = previous.index;
        while index > self.commit + 1 && self.log.term(index - 1) == Some(term) {
            index -= 1;
        }
        index
    }

    fn appended(&self, answer: Answer) -> Message {
        Message::Appended { term: self.term, identity: self.identity, answer }
    }

    /// A leader that was removed leaves once that is committed, and nobody's
    /// failure detector will say so.
    fn look_for_a_leader_that_left(&mut self, effects: &mut Effects) {
        let is_settled = self.configurations.last().is_some_and(|(index, _)| *index <= self.commit);
        if is_settled && self.leader.is_some_and(|leader| self.peer(leader).is_none()) {
            self.follow(None, effects);
        }
    }

    /// The leader sends a whole state, because its log does not reach back far
    /// enough any more.
    pub fn snapshot_came(&mut self, from: NodeId, term: u64, snapshot: &Arc<Snapshot>, effects: &mut Effects) {
        let at = snapshot.at;
        if !self.accept_leader(from, term, effects) {
            let answer = Answer::Conflict { previous: at.index, next: self.log.last().index + 1 };
            return effects.send(from, self.appended(answer));
        }
        if at.index > self.commit {
            if !self.log.has(at) {
                self.log = Log::behind(at);
                self.configurations.clear();
            }
            self.commit = at.index;
            self.snapshot = Some(snapshot.clone());
            self.forget_through(at, snapshot.members.clone(), effects);
            let state = snapshot.state.clone();
            effects.outcomes.push_back(Outcome::Restored { group: self.group, at, state });
            self.tell_members(effects);
        }
        effects.promise(from, self.appended(Answer::Matches(self.commit)));
    }
}
