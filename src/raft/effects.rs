//! What a member of a group wants done. It does no I/O itself; who embeds it
//! (the [`Host`](super::Host)) writes, sends and tells.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::event::{CopyId, NodeId};
use crate::protocol::raft::{Entry, Group, Identity, Members, Message, Position};

/// What a replicated state machine is told, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A member begins with an empty log: forget whatever state there was. It
    /// founds the group, or was invited into it (perhaps not for the first time).
    Begun { group: Group },
    /// Apply this. Every member is told the same, in the same order. After a
    /// restart it begins again behind the last snapshot.
    Committed { group: Group, at: Position, command: Bytes, about: Option<CopyId> },
    /// Replace the state by this one, at recovery or because the leader sent it.
    Restored { group: Group, at: Position, state: Bytes },
    /// This member's part in the group, or whom it follows, changed.
    Role { group: Group, term: u64, role: Role, leader: Option<NodeId> },
    /// An entry that was never committed was cut off by a new leader.
    Overwritten { group: Group, at: Position, about: Option<CopyId> },
    /// The members from here on, committed or not.
    Members { group: Group, members: Members },
}

/// The part a member plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    #[default]
    Follower,
    /// Asks the others whether an election would be won, before it disturbs them.
    PreCandidate,
    Candidate,
    Leader,
}

/// A message on its way out.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub to: NodeId,
    pub message: Message,
    /// It promises something: it may leave only when everything that was to be
    /// written before it is synced.
    pub promises: bool,
}

/// What must survive.
#[derive(Clone, Debug)]
pub(super) enum Write {
    Vote {
        term: u64,
        voted: Option<NodeId>,
    },
    /// One more entry. Where the log already has another at its index, that one
    /// and all behind it are cut off.
    Entry(Entry),
    /// The member begins anew under this identity and knows nothing.
    Begin {
        identity: Identity,
        term: u64,
        members: Members,
    },
    /// The log goes on behind this snapshot.
    Base {
        at: Position,
        members: Members,
    },
}

/// How soon a member should think of an election, if no leader shows up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// At once: nobody else will.
    None,
    /// The leader is gone.
    Short,
    /// An election came to nothing.
    Medium,
    /// There may well be a leader that has not been heard of yet.
    Long,
    /// There is a leader, or no right to become one.
    Forever,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Effects {
    pub letters: Vec<Letter>,
    pub writes: Vec<Write>,
    pub outcomes: VecDeque<Outcome>,
    /// The newest wish about the election timer.
    pub patience: Option<Patience>,
}

impl Effects {
    pub fn send(&mut self, to: NodeId, message: Message) {
        self.letters.push(Letter { to, message, promises: false });
    }

    /// Sends once everything written so far is synced.
    pub fn promise(&mut self, to: NodeId, message: Message) {
        self.letters.push(Letter { to, message, promises: true });
    }
}
