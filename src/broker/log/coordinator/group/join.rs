//! Joining. A stranger first gets a number (`MEMBER_ID_REQUIRED`, KIP-394) and joins
//! once more with it: so a client that gave up waiting and asks again is the same
//! member, not one more.

use super::super::Caller;
use super::classic::{ClassicGroup, Desk, State};
use super::member::Member;
use crate::protocol::log::{Error, Group, Join, MemberId};
use crate::time::Span;

/// How long a new member's first join may wait for the group (a constant in Kafka).
const NEW_MEMBER_TIMEOUT: Span = Span::from_secs(300);

impl ClassicGroup {
    pub fn join(&mut self, caller: Caller, join: &Join, next_id: impl FnOnce() -> MemberId, desk: &mut Desk) {
        let refuse = |member, error, desk: &mut Desk| desk.reply(caller, Group::Joined { member, answer: Err(error) });
        if self.state != State::Empty && !self.members.is_empty() && self.strategy != join.strategy {
            return refuse(join.member, Error::InconsistentGroupProtocol, desk);
        }
        if join.member == MemberId::default() {
            let id = next_id();
            self.announced.push((id, desk.now + join.session_timeout));
            return refuse(id, Error::MemberIdRequired, desk);
        }
        if self.is_announced(join.member) {
            return self.add(caller, join, desk);
        }
        let Some(member) = self.members.get(&join.member) else {
            return refuse(join.member, Error::UnknownMemberId, desk);
        };
        let is_leader = self.leader == Some(join.member);
        let is_news = match self.state {
            State::Preparing => true,
            State::Completing => !member.matches(join),
            // The leader joins again when it wants partitions to be dealt out anew.
            State::Stable => is_leader || !member.matches(join),
            State::Empty => return refuse(join.member, Error::UnknownMemberId, desk),
        };
        if is_news {
            self.rejoin(caller, join, desk);
        } else {
            // It missed the answer to its join, and gets it again.
            desk.reply(caller, self.joined(join.member));
        }
    }

    fn add(&mut self, caller: Caller, join: &Join, desk: &mut Desk) {
        self.announced.retain(|(id, _)| *id != join.member);
        if self.members.is_empty() {
            self.strategy = join.strategy;
        }
        self.leader.get_or_insert(join.member);
        let mut member = Member::new(caller.client, join);
        member.awaiting_join = Some(caller);
        // Until it has an answer it cannot send heartbeats.
        member.expires = Some(desk.now + NEW_MEMBER_TIMEOUT);
        self.members.insert(join.member, member);
        self.has_newcomer = self.state == State::Preparing;
        self.rebalance_or_complete(desk);
    }

    fn rejoin(&mut self, caller: Caller, join: &Join, desk: &mut Desk) {
        if let Some(member) = self.members.get_mut(&join.member) {
            member.update(join);
            member.client = caller.client;
            member.awaiting_join = Some(caller);
        }
        self.rebalance_or_complete(desk);
    }
}
