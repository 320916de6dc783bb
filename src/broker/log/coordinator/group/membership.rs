//! What a member says after it joined: it fetches its partitions, is alive, leaves.

use bytes::Bytes;

use super::super::Caller;
use super::appends::Purpose;
use super::classic::{ClassicGroup, Desk, State};
use crate::codec::encode;
use crate::protocol::log::{Assignment, Error, Group, MemberId};
use crate::time::Time;

impl ClassicGroup {
    /// The leader brings the assignments. They are committed before anyone,
    /// the leader too, gets its own.
    pub fn sync(
        &mut self,
        caller: Caller,
        id: MemberId,
        generation: u32,
        assignments: Box<[(MemberId, Assignment)]>,
        desk: &mut Desk,
    ) {
        let refuse = |error, desk: &mut Desk| desk.reply(caller, Group::Synced { answer: Err(error) });
        if let Err(error) = self.check(id, generation) {
            return refuse(error, desk);
        }
        let is_leader = self.leader == Some(id);
        let Some(member) = self.members.get_mut(&id) else { return };
        match self.state {
            State::Empty => return refuse(Error::UnknownMemberId, desk),
            State::Preparing => return refuse(Error::RebalanceInProgress, desk),
            State::Completing => {
                member.owes_sync = false;
                member.awaiting_sync = Some(caller);
                if is_leader {
                    let record: Bytes = encode(&self.record(&assignments));
                    let purpose = Purpose::Assign { group: self.name, generation, assignments };
                    desk.appends.append(desk.now, [record].into(), None, purpose, desk.effects);
                }
            }
            State::Stable => {
                member.owes_sync = false;
                let answer = Ok(member.assignment.clone());
                desk.reply(caller, Group::Synced { answer });
            }
        }
        if !self.members.values().any(|member| member.owes_sync) {
            self.sync_deadline = None;
        }
    }

    pub fn heartbeat(&mut self, caller: Caller, id: MemberId, generation: u32, desk: &mut Desk) {
        let known = self.check(id, generation);
        if let (Ok(()), Some(member)) = (known, self.members.get_mut(&id)) {
            member.heard(desk.now);
        } else {
            desk.fenced(caller.client);
        }
        let is_rebalancing = self.state == State::Preparing;
        let error = known.err().or(is_rebalancing.then_some(Error::RebalanceInProgress));
        desk.reply(caller, Group::HeartbeatAnswer { error });
    }

    pub fn leave(&mut self, caller: Caller, id: MemberId, desk: &mut Desk) {
        desk.reply(caller, Group::Left);
        if self.is_announced(id) || self.members.contains_key(&id) {
            self.put_out(id, desk);
        }
    }

    /// Whether these offsets may be committed. A transaction is held to the
    /// generation as well (KIP-447), not to the state of the group.
    pub fn check_commit(&self, member: Option<(MemberId, u32)>, is_transactional: bool) -> Result<(), Error> {
        match member {
            None if is_transactional || self.state == State::Empty => Ok(()),
            None => Err(Error::UnknownMemberId),
            Some((id, generation)) => {
                self.check(id, generation)?;
                // It knows of the new generation, but not what it owns in it.
                match self.state == State::Completing && !is_transactional {
                    true => Err(Error::RebalanceInProgress),
                    false => Ok(()),
                }
            }
        }
    }

    /// A commit is a sign of life, too.
    pub fn heard(&mut self, id: MemberId, desk: &Desk) {
        if matches!(self.state, State::Stable | State::Preparing)
            && let Some(member) = self.members.get_mut(&id)
        {
            member.heard(desk.now);
        }
    }

    /// Ends sessions and phases whose time has come.
    pub fn time_passed(&mut self, desk: &mut Desk) {
        let due = |at: Time| at <= desk.now;
        let mut out: Vec<_> = self.announced.iter().filter(|(_, until)| due(*until)).map(|(id, _)| *id).collect();
        for member in self.members.values_mut().filter(|member| member.expires.is_some_and(due)) {
            member.expires = None;
            if !member.counts_as_alive() {
                out.push(member.id);
            }
        }
        for id in out {
            if let Some(member) = self.members.get(&id) {
                desk.fenced(member.client);
            }
            self.put_out(id, desk);
        }
        if self.sync_deadline.is_some_and(|at| at <= desk.now) {
            self.sync_time_passed(desk);
        }
        if self.join_deadline.is_some_and(|deadline| deadline.at <= desk.now) {
            self.join_time_passed(desk);
        }
    }
}
