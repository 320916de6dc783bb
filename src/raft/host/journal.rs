//! The log that all groups of a node share, as it is laid out: what is to be
//! written next, what is under way, and who waits for it.
//!
//! One batch is under way at a time; while the device syncs it, the next
//! gathers. So the busier a node is, the more entries share one sync (`ra`'s
//! write-ahead log does the same for all quorum queues of a node).
//!
//! There are two files, and one of them is in use. When it has grown too long,
//! when a write or a sync failed, and after every restart, all that is still
//! needed is written to the other one, which is taken into use once it is
//! synced. After a restart because the last write may have left a torn end; after
//! a failed sync because the kernel forgets what it failed to write, and a second sync that succeeds proves nothing. `ra` does the same at
//! both occasions: its log process crashes on a failed sync, and recovery writes
//! what it reads into files of its own and syncs those.

use crate::event::{CopyId, NodeId};
use crate::node::FileId;
use crate::protocol::raft::{Group, Message, Position};

/// What the disk is busy with for the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Idle,
    /// A snapshot is written, then synced. The log waits, so that it never
    /// speaks of a snapshot that is not there.
    Snapshot {
        file: FileId,
        is_written: bool,
    },
    /// A batch of the log is written, then synced.
    Batch {
        file: FileId,
        is_written: bool,
    },
    /// The disk failed; it is tried again in a while.
    Resting,
}

/// What gathers for a batch.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// Encoded for its place in the file.
    pub bytes: Vec<u8>,
    pub tags: Vec<u64>,
    /// Copies that are written for the first time.
    pub copies: Vec<CopyId>,
    /// The last entry of each group that it makes durable.
    pub reaches: Vec<(Group, Position)>,
    /// Groups of which it says that the log goes on behind their newest snapshot.
    pub bases: Vec<Group>,
    /// What may be said once it is synced.
    pub letters: Vec<(NodeId, Group, Message)>,
    /// Files that nothing speaks of any more once it is synced.
    pub removals: Vec<FileId>,
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.letters.is_empty()
    }

    pub fn reach(&mut self, group: Group, at: Position) {
        match self.reaches.iter_mut().find(|(other, _)| *other == group) {
            Some((_, last)) => *last = at,
            None => self.reaches.push((group, at)),
        }
    }

    /// Takes what an earlier batch did not achieve.
    fn inherit(&mut self, mut failed: Self) {
        failed.copies.append(&mut self.copies);
        failed.letters.append(&mut self.letters);
        failed.removals.append(&mut self.removals);
        self.copies = failed.copies;
        self.letters = failed.letters;
        self.removals = failed.removals;
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.tags.clear();
        self.copies.clear();
        self.reaches.clear();
        self.bases.clear();
        self.letters.clear();
        self.removals.clear();
    }
}

#[derive(Clone, Debug)]
pub(super) struct Journal {
    first_file: u32,
    pub phase: Phase,
    /// Which of the two files is in use.
    pub in_use: u32,
    /// How long it is, with the batch under way.
    pub length: u64,
    /// How long it was when it was begun.
    pub begun_with: u64,
    pub generation: u64,
    /// The file in use cannot be added to: everything goes to the other.
    pub must_begin_anew: bool,
    /// What was to be written is not, and nothing gathers that would lead to it.
    pub owes: bool,
    /// The batch under way begins the other file.
    pub begins_anew: bool,
    pub gathering: Batch,
    pub under_way: Batch,
}

impl Journal {
    pub fn new(first_file: u32) -> Self {
        Self {
            first_file,
            phase: Phase::Idle,
            in_use: 1,
            length: 0,
            begun_with: 0,
            generation: 0,
            must_begin_anew: true,
            owes: false,
            begins_anew: false,
            gathering: Batch::default(),
            under_way: Batch::default(),
        }
    }

    pub fn file(&self) -> FileId {
        FileId(self.first_file + self.in_use)
    }

    pub fn other_file(&self) -> FileId {
        FileId(self.first_file + 1 - self.in_use)
    }

    /// The file that the next record will stand in.
    pub fn next_file(&self) -> FileId {
        if self.begins_anew { self.other_file() } else { self.file() }
    }

    /// Where the next record of the gathering batch will stand.
    pub fn next_offset(&self) -> u64 {
        self.length + self.gathering.bytes.len() as u64
    }

    /// Whether anything that was to be written is not yet synced.
    pub fn is_behind(&self) -> bool {
        !self.gathering.is_empty() || self.owes || matches!(self.phase, Phase::Batch { .. })
    }

    pub fn hold(&mut self, to: NodeId, group: Group, message: Message) {
        self.gathering.letters.push((to, group, message));
    }

    /// The disk refused the batch under way, or a snapshot. What the file in use
    /// holds from here on is uncertain.
    pub fn failed(&mut self) {
        if matches!(self.phase, Phase::Batch { .. }) {
            self.gathering.inherit(std::mem::take(&mut self.under_way));
            self.must_begin_anew = true;
            self.owes = true;
            self.begins_anew = false;
        }
        self.phase = Phase::Resting;
    }
}
