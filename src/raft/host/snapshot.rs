//! Snapshots on disk: each group has three files. One holds the snapshot that the
//! log on the device speaks of, one the newest that is whole, and one is free for
//! the next: only so is there, at any moment, a snapshot for the log that a crash
//! leaves, whether or not the log got as far as to speak of the newest.

use super::journal::Phase;
use super::record::Record;
use super::{Host, Seat};
use crate::node::{FileId, Outputs};
use crate::protocol::raft::{Group, Snapshot};

/// The files of the log come first.
const LOG_FILES: u32 = 2;
const FILES: u32 = 3;

/// The group that a snapshot's file belongs to, and its place among that group's.
pub(super) fn place_of(file: FileId, first_file: u32) -> (Group, u32) {
    let number = file.0 - first_file - LOG_FILES;
    (Group(number / FILES), number % FILES)
}

/// Which of a group's files hold what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The newest that is synced.
    pub newest: Option<u32>,
    /// The one that the log speaks of.
    pub spoken_of: Option<u32>,
}

impl Places {
    fn free(self) -> u32 {
        let is_taken = |place| [self.newest, self.spoken_of].contains(&Some(place));
        (0..FILES).find(|place| !is_taken(*place)).unwrap_or_default()
    }
}

impl Host {
    pub(super) fn snapshot_files(&self, group: Group) -> [FileId; FILES as usize] {
        let first = self.options.first_file + LOG_FILES + group.0 * FILES;
        [FileId(first), FileId(first + 1), FileId(first + 2)]
    }

    pub(super) fn next_due_snapshot(&mut self) -> Option<Group> {
        while let Some(group) = self.due_snapshots.pop() {
            if self.seats.get(&group).is_some_and(|seat| seat.snapshot_due) {
                return Some(group);
            }
        }
        None
    }

    pub(super) fn write_snapshot(&mut self, group: Group, out: &mut Outputs) {
        let files = self.snapshot_files(group);
        let Some(seat) = self.seats.get_mut(&group) else { return };
        let Some(snapshot) = seat.member.snapshot.clone() else { return };
        seat.snapshot_due = false;
        let file = files[seat.places.free() as usize];
        let identity = seat.member.identity;
        let record = Record::Snapshot { group, identity, snapshot: Snapshot::clone(&snapshot) };
        out.remove(file);
        out.append(file, |bytes| record.encode(bytes, file, 0), []);
        self.journal.phase = Phase::Snapshot { file, is_written: false };
    }

    pub(super) fn snapshot_synced(&mut self, file: FileId, out: &mut Outputs) {
        let (group, place) = place_of(file, self.options.first_file);
        match self.seats.get_mut(&group) {
            Some(seat) => seat.places.newest = Some(place),
            // The group was removed meanwhile.
            None => out.remove(file),
        }
    }

    pub(super) fn snapshot_is_due(&mut self, group: Group) {
        if let Some(seat) = self.seats.get_mut(&group) {
            seat.snapshot_due = true;
            self.due_snapshots.push(group);
        }
    }
}

impl Seat {
    /// The log on the device speaks of the newest snapshot now.
    pub(super) fn snapshot_spoken_of(&mut self) {
        self.places.spoken_of = self.places.newest;
    }
}
