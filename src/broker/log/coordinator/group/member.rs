//! A member of a group, as its coordinator keeps it.

use std::sync::Arc;

use super::super::Caller;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::{self, Assignment, Join, MemberId};
use crate::time::{Span, Time};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub client: NodeId,
    pub session_timeout: Span,
    pub rebalance_timeout: Span,
    pub topics: Arc<[Name]>,
    pub owned: Assignment,
    /// What the leader gave it in this generation.
    pub assignment: Assignment,
    /// The request to join or to sync that it waits in.
    pub awaiting_join: Option<Caller>,
    pub awaiting_sync: Option<Caller>,
    /// It has never got an answer to its join, so it can send no heartbeat.
    pub is_new: bool,
    /// The generation began, and it has not fetched its assignment.
    pub owes_sync: bool,
    /// When it counts as dead, unless it waits for an answer by then.
    pub expires: Option<Time>,
}

impl Member {
    pub fn new(client: NodeId, join: &Join) -> Self {
        Self {
            id: join.member,
            client,
            session_timeout: join.session_timeout,
            rebalance_timeout: join.rebalance_timeout,
            topics: join.topics.clone(),
            owned: join.owned.clone(),
            assignment: Arc::default(),
            awaiting_join: None,
            awaiting_sync: None,
            is_new: true,
            owes_sync: false,
            expires: None,
        }
    }

    pub fn update(&mut self, join: &Join) {
        self.session_timeout = join.session_timeout;
        self.rebalance_timeout = join.rebalance_timeout;
        self.topics = join.topics.clone();
        self.owned = join.owned.clone();
    }

    /// Whether a join would tell the leader nothing new.
    pub fn matches(&self, join: &Join) -> bool {
        self.topics == join.topics && self.owned == join.owned
    }

    /// It was heard: its session begins anew.
    pub fn heard(&mut self, now: Time) {
        self.expires = Some(now + self.session_timeout);
    }

    /// Who waits for the coordinator need not send heartbeats, but for a new member:
    /// if it is gone, nobody would notice.
    pub const fn counts_as_alive(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }

    pub fn for_leader(&self) -> log::Member {
        log::Member { id: self.id, topics: self.topics.clone(), owned: self.owned.clone() }
    }
}
