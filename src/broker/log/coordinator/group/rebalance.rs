//! A rebalance from its beginning to the new generation: everyone is to join again,
//! and who does not within the longest `max.poll.interval.ms` is out.

use super::super::Effect;
use super::appends::Purpose;
use super::classic::{ClassicGroup, Desk, JoinDeadline, State};
use crate::codec::encode;
use crate::event::Kind;
use crate::protocol::log::{Assignment, Error, Group, MemberId};
use crate::time::Span;

impl ClassicGroup {
    /// Something changed: begins a rebalance, or goes on with the one under way.
    pub fn rebalance_or_complete(&mut self, desk: &mut Desk) {
        match self.state {
            State::Preparing => self.maybe_complete(desk),
            _ => self.prepare(desk),
        }
    }

    fn prepare(&mut self, desk: &mut Desk) {
        if self.state == State::Completing {
            self.answer_syncs(Some(Error::RebalanceInProgress), desk);
        }
        self.end_sync_phase();
        let is_initial = self.state == State::Empty;
        self.state = State::Preparing;
        if is_initial {
            // The first to come would get everything: more time for the others.
            let rest = self.rebalance_timeout().as_nanos().saturating_sub(desk.initial_delay.as_nanos());
            self.has_newcomer = false;
            self.join_deadline =
                Some(JoinDeadline { at: desk.now + desk.initial_delay, initial: Some(Span::from_nanos(rest)) });
        } else if self.have_all_joined() {
            self.complete(desk);
        } else {
            self.join_deadline = Some(JoinDeadline { at: desk.now + self.rebalance_timeout(), initial: None });
        }
    }

    /// Ends the join phase if everyone is there; the first rebalance takes its time.
    pub fn maybe_complete(&mut self, desk: &mut Desk) {
        let is_initial = self.join_deadline.is_some_and(|deadline| deadline.initial.is_some());
        if self.state == State::Preparing && !is_initial && self.have_all_joined() {
            self.complete(desk);
        }
    }

    /// The join phase has lasted as long as it may.
    pub fn join_time_passed(&mut self, desk: &mut Desk) {
        let rest = self.join_deadline.take().and_then(|deadline| deadline.initial).unwrap_or_default();
        if self.has_newcomer && !rest.is_zero() {
            self.has_newcomer = false;
            let delay = rest.min(desk.initial_delay);
            let rest = Span::from_nanos(rest.as_nanos().saturating_sub(desk.initial_delay.as_nanos()));
            self.join_deadline = Some(JoinDeadline { at: desk.now + delay, initial: Some(rest) });
        } else {
            self.complete(desk);
        }
    }

    /// A new generation of those who joined. Who leads goes on leading, if it did.
    pub fn complete(&mut self, desk: &mut Desk) {
        self.join_deadline = None;
        let missing: Vec<_> = self.members.values().filter(|member| member.awaiting_join.is_none()).collect();
        let missing: Vec<_> = missing.into_iter().map(|member| (member.id, member.client)).collect();
        for (id, client) in missing {
            self.remove(id);
            desk.fenced(client);
        }
        self.generation += 1;
        desk.effects.push(Effect::Note(Kind::GroupRebalanced, u64::from(self.generation)));
        if self.members.is_empty() {
            self.state = State::Empty;
            let record = encode(&self.record(&[]));
            return desk.appends.append(desk.now, [record].into(), None, Purpose::Empty, desk.effects);
        }
        self.state = State::Completing;
        self.sync_deadline = Some(desk.now + self.rebalance_timeout());
        let ids: Vec<_> = self.members.keys().copied().collect();
        for id in ids {
            let answer = self.joined(id);
            let Some(member) = self.members.get_mut(&id) else { continue };
            member.heard(desk.now);
            member.is_new = false;
            member.owes_sync = true;
            member.assignment = Assignment::default();
            if let Some(caller) = member.awaiting_join.take() {
                desk.reply(caller, answer);
            }
        }
    }

    /// The leader's assignments are committed, or could not be.
    pub fn assigned(
        &mut self,
        generation: u32,
        assignments: Result<&[(MemberId, Assignment)], Error>,
        desk: &mut Desk,
    ) {
        if self.state != State::Completing || self.generation != generation {
            return;
        }
        match assignments {
            Ok(assignments) => {
                for (id, assignment) in assignments {
                    if let Some(member) = self.members.get_mut(id) {
                        member.assignment = assignment.clone();
                    }
                }
                self.answer_syncs(None, desk);
                self.state = State::Stable;
            }
            Err(error) => {
                self.answer_syncs(Some(error), desk);
                self.prepare(desk);
            }
        }
    }

    fn answer_syncs(&mut self, error: Option<Error>, desk: &mut Desk) {
        for member in self.members.values_mut() {
            if error.is_some() {
                member.assignment = Assignment::default();
            }
            if let Some(caller) = member.awaiting_sync.take() {
                member.heard(desk.now);
                let answer = error.map_or_else(|| Ok(member.assignment.clone()), Err);
                desk.reply(caller, Group::Synced { answer });
            }
        }
    }

    /// Some took their answer to the join and never asked for their partitions.
    pub fn sync_time_passed(&mut self, desk: &mut Desk) {
        self.sync_deadline = None;
        let silent: Vec<_> = self.members.values().filter(|member| member.owes_sync).collect();
        let silent: Vec<_> = silent.into_iter().map(|member| (member.id, member.client)).collect();
        for (id, client) in &silent {
            self.remove(*id);
            desk.fenced(*client);
        }
        if !silent.is_empty() {
            self.prepare(desk);
        }
    }

    fn end_sync_phase(&mut self) {
        self.sync_deadline = None;
        self.members.values_mut().for_each(|member| member.owes_sync = false);
    }

    /// Puts a member out that was not heard of, or that says it leaves.
    pub fn put_out(&mut self, id: MemberId, desk: &mut Desk) {
        let was_announced = self.is_announced(id);
        if let Some(caller) = self.remove(id).and_then(|member| member.awaiting_join) {
            let answer = Group::Joined { member: MemberId::default(), answer: Err(Error::UnknownMemberId) };
            desk.reply(caller, answer);
        }
        match self.state {
            State::Stable | State::Completing if !was_announced => self.prepare(desk),
            _ => self.maybe_complete(desk),
        }
    }
}
