//! A group by the classic protocol: who is in it, and how far a rebalance has come.
//!
//! ```text
//!          join            all joined, or time is up          assignments committed
//! Empty ─────────▶ Preparing ─────────────────▶ Completing ─────────────────▶ Stable
//!   ▲                 │  ▲                           │                          │
//!   └── nobody left ──┘  └── a member joins, leaves or is missing ──────────────┘
//! ```
//!
//! Kafka's fifth state, Dead, is for groups that were deleted or have moved; here a
//! coordinator that has resigned answers for those, and none is deleted.

use std::collections::BTreeMap;

use super::super::{Caller, Effect, Effects};
use super::appends::Appends;
use super::member::Member;
use super::record::{MemberRecord, Record};
use crate::event::{Kind, NodeId};
use crate::protocol::Name;
use crate::protocol::log::{Assignment, Error, Group, Joined, MemberId, Strategy};
use crate::time::{Span, Time};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Empty,
    Preparing,
    Completing,
    Stable,
}

/// When the join phase ends at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinDeadline {
    pub at: Time,
    /// In the first rebalance of an empty group: how long the group may go on
    /// waiting, as long as new members come.
    pub initial: Option<Span>,
}

#[derive(Clone, Debug, Default)]
pub struct ClassicGroup {
    pub name: Name,
    pub state: State,
    pub generation: u32,
    pub leader: Option<MemberId>,
    pub strategy: Strategy,
    /// In the order of their numbers, which is that of their arrival.
    pub members: BTreeMap<MemberId, Member>,
    /// Numbers given out whose owners have not joined with them yet, and until when
    /// the group waits for that.
    pub announced: Vec<(MemberId, Time)>,
    pub join_deadline: Option<JoinDeadline>,
    pub sync_deadline: Option<Time>,
    /// Somebody joined since the deadline of the first rebalance was set.
    pub has_newcomer: bool,
}

/// What a group works with.
pub struct Desk<'a> {
    pub now: Time,
    pub initial_delay: Span,
    pub appends: &'a mut Appends,
    pub effects: &'a mut Effects,
}

impl Desk<'_> {
    pub fn reply(&mut self, caller: Caller, answer: Group) {
        self.effects.push(Effect::Reply(caller, answer.into()));
    }

    /// For the history: a member is no longer welcome, or was not any more.
    pub fn fenced(&mut self, member: NodeId) {
        self.effects.push(Effect::Note(Kind::MemberFenced, u64::from(member.0)));
    }
}

impl ClassicGroup {
    pub fn new(name: Name) -> Self {
        Self { name, ..Self::default() }
    }

    /// How long the slowest member may take to come back.
    pub fn rebalance_timeout(&self) -> Span {
        self.members.values().map(|member| member.rebalance_timeout).max().unwrap_or_default()
    }

    pub fn is_announced(&self, member: MemberId) -> bool {
        self.announced.iter().any(|(id, _)| *id == member)
    }

    pub fn have_all_joined(&self) -> bool {
        self.announced.is_empty() && self.members.values().all(|member| member.awaiting_join.is_some())
    }

    /// Whether who says this belongs to the present generation.
    pub fn check(&self, member: MemberId, generation: u32) -> Result<(), Error> {
        match () {
            () if !self.members.contains_key(&member) => Err(Error::UnknownMemberId),
            () if generation != self.generation => Err(Error::IllegalGeneration),
            () => Ok(()),
        }
    }

    /// Takes a member out. If it led, the one that has been here longest leads.
    pub fn remove(&mut self, id: MemberId) -> Option<Member> {
        let member = self.members.remove(&id);
        self.announced.retain(|(announced, _)| *announced != id);
        if self.leader == Some(id) {
            self.leader = self.members.keys().next().copied();
        }
        member
    }

    /// What a member is told of the present generation.
    pub fn joined(&self, member: MemberId) -> Group {
        let is_leader = self.leader == Some(member);
        let members = self.members.values().filter(|_| is_leader).map(Member::for_leader).collect();
        let leader = self.leader.unwrap_or_default();
        Group::Joined {
            member,
            answer: Ok(Joined { generation: self.generation, leader, strategy: self.strategy, members }),
        }
    }

    /// The generation as the log keeps it, with what the leader gave everyone.
    pub fn record(&self, assignments: &[(MemberId, Assignment)]) -> Record {
        let given = |id: MemberId| assignments.iter().find(|(member, _)| *member == id).map(|(_, given)| given.clone());
        let keep = |member: &Member| MemberRecord {
            id: member.id,
            client: member.client,
            session_timeout: member.session_timeout,
            rebalance_timeout: member.rebalance_timeout,
            topics: member.topics.clone(),
            owned: member.owned.clone(),
            assignment: given(member.id).unwrap_or_default(),
        };
        Record::Generation {
            group: self.name,
            generation: self.generation,
            leader: self.leader,
            strategy: self.strategy,
            members: self.members.values().map(keep).collect(),
        }
    }

    /// Becomes what a record says. Everyone in it has a whole session to be heard.
    pub fn restore(&mut self, now: Time, generation: u32, leader: Option<MemberId>, members: Vec<MemberRecord>) {
        self.generation = generation;
        self.leader = leader;
        self.state = if members.is_empty() { State::Empty } else { State::Stable };
        let restored = members.into_iter().map(|kept| {
            let member = Member {
                id: kept.id,
                client: kept.client,
                session_timeout: kept.session_timeout,
                rebalance_timeout: kept.rebalance_timeout,
                topics: kept.topics,
                owned: kept.owned,
                assignment: kept.assignment,
                awaiting_join: None,
                awaiting_sync: None,
                is_new: false,
                owes_sync: false,
                expires: Some(now + kept.session_timeout),
            };
            (kept.id, member)
        });
        self.members = restored.collect();
    }

    /// The earliest moment at which somebody is late, and whether only sessions end.
    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        let join = self.join_deadline.map(|deadline| (deadline.at, false));
        let sync = self.sync_deadline.map(|at| (at, false));
        let sessions = self.members.values().filter_map(|member| member.expires);
        let sessions = sessions.chain(self.announced.iter().map(|(_, until)| *until)).min();
        [join, sync, sessions.map(|at| (at, true))].into_iter().flatten().min()
    }
}
