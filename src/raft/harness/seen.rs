//! What an observer outside the process has seen of a replica. No crash erases it.

use crate::event::NodeId;
use crate::protocol::raft::{Group, Members, Position};
use crate::random::Digest;
use crate::time::Time;

/// One thing a replica did.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub time: Time,
    pub group: Group,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// It won an election, with this log: what its snapshot contains, and the
    /// terms of the entries behind.
    Led {
        term: u64,
        base: Position,
        terms: Vec<u64>,
    },
    /// It applied an entry when it was in `term`; its state is `state` now.
    Applied {
        at: Position,
        term: u64,
        before: u64,
        state: Digest,
    },
    /// Its state was replaced, by its own snapshot or by the leader's.
    Restored {
        at: Position,
        state: Digest,
        by_leader: bool,
    },
    /// It told its client that the command is safe.
    Confirmed {
        at: Position,
    },
    /// Entries of its log were cut off.
    Overwritten {
        at: Position,
    },
    Members(Members),
    /// It voted for two in one term, or bound itself in an older one again, or did
    /// not know after a restart that it had.
    BrokeItsWord,
    /// As a leader it committed an entry of an older term by counting copies.
    CountedOldTerm,
    /// It proposed a command.
    Proposed {
        at: Position,
    },
}

/// What the operator wants: this node's first life in every group is to end, and
/// a new one to begin. They keep at it until it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub node: NodeId,
    pub leaves: Time,
    pub returns: Time,
}
