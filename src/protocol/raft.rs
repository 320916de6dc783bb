//! The consensus protocol: what members of a Raft group say to each other
//! (Ongaro and Ousterhout, 2014), as RabbitMQ's library `ra` speaks it: with
//! pre-votes, pipelined appends, and no heartbeats at all while nothing happens.
//! Left out: a snapshot in many frames (`ra` cuts it into chunks of 1 MB; here
//! it is one frame), and the negotiation of versions.

use std::sync::Arc;

use bytes::Bytes;

use super::{Frame, FrameKind};
use crate::event::{CopyId, NodeId};

/// A Raft group, such as one quorum queue. Never reused for another: a member
/// that slept through the removal would take the new group for the old one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub u32);

/// Which life of a member this is. A member that lost its disk has lost what it
/// promised, so it must come back as somebody else (`ra` has a UID for this).
/// Zero is the life of those who founded the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub u32);

/// A place in a group's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// First by term, so that the later of two logs compares greater.
    pub term: u64,
    /// Counted from 1.
    pub index: u64,
}

/// One who replicates the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    pub node: NodeId,
    pub identity: Identity,
    /// It votes and counts. One who joins does not until it has caught up.
    pub voter: bool,
}

/// Who replicates the log. Shared, because every entry of this kind is kept in
/// several places.
pub type Members = Arc<[Peer]>;

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: Position,
    pub body: Body,
    /// The copy of a message it carries, for the history.
    pub about: Option<CopyId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// What a new leader begins its term with: by committing it, it commits
    /// everything before.
    Nothing,
    Command(Bytes),
    /// Who the members are from here on.
    Members(Members),
}

/// A state machine's state, with everything before it in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The last entry it contains.
    pub at: Position,
    pub members: Members,
    pub state: Bytes,
}

/// What one member says to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// "Vote for me." `trial`: a pre-vote, "would you?", which binds nobody.
    RequestVote {
        term: u64,
        last: Position,
        identity: Identity,
        trial: bool,
    },
    Vote {
        term: u64,
        granted: bool,
        identity: Identity,
        trial: bool,
    },
    /// Entries that follow `previous`. `probe`: the leader waits for the answer
    /// before it sends more. Neither entries nor a probe: the news of a commit,
    /// which needs no answer.
    Append {
        term: u64,
        previous: Position,
        commit: u64,
        entries: Arc<[Entry]>,
        probe: bool,
    },
    Appended {
        term: u64,
        identity: Identity,
        answer: Answer,
    },
    Install {
        term: u64,
        snapshot: Arc<Snapshot>,
    },
    /// The leader of this term wants to take the receiver in as a new, empty member.
    Invite {
        term: u64,
    },
    /// It is ready, under this identity; or its term is newer, and only a leader
    /// of a newer one still can invite it.
    Accept {
        term: u64,
        identity: Identity,
    },
}

/// What a follower says to an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Everything through this index is as the leader has it, and synced.
    Matches(u64),
    /// The entry before the append was not there; try from `next`.
    Conflict { previous: u64, next: u64 },
}

impl Message {
    #[must_use]
    pub const fn kind(&self) -> FrameKind {
        match self {
            Self::RequestVote { .. } | Self::Vote { .. } => FrameKind::Vote,
            Self::Append { .. } => FrameKind::Replicate,
            Self::Appended { .. } => FrameKind::Replicated,
            Self::Install { .. } => FrameKind::Snapshot,
            Self::Invite { .. } | Self::Accept { .. } => FrameKind::Control,
        }
    }

    /// The copy the message is about: the first that it carries.
    #[must_use]
    pub fn about(&self) -> Option<CopyId> {
        match self {
            Self::Append { entries, .. } => entries.iter().find_map(|entry| entry.about),
            _ => None,
        }
    }

    /// The message as a frame between two members of `group`.
    #[must_use]
    pub const fn of(self, group: Group) -> Frame {
        Frame::Raft { group, message: self }
    }
}
