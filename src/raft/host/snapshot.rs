//! Snapshots on disk: each group has two files, written in turn, so that one is
//! always whole. At recovery the newest that is whole holds.

use super::Host;
use super::journal::Phase;
use super::record::Record;
use crate::node::{FileId, Outputs};
use crate::protocol::raft::{Group, Snapshot};

/// The files of the log come first.
const LOG_FILES: u32 = 2;

impl Host {
    pub(super) fn snapshot_files(&self, group: Group) -> [FileId; 2] {
        let first = self.options.first_file + LOG_FILES + group.0 * 2;
        [FileId(first), FileId(first + 1)]
    }

    /// The group a snapshot's file belongs to, and whether it is the second.
    pub(super) fn group_of(&self, file: FileId) -> (Group, bool) {
        let place = file.0 - self.options.first_file - LOG_FILES;
        (Group(place / 2), place % 2 == 1)
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
        let file = files[usize::from(!seat.second_file)];
        let identity = seat.member.identity;
        let record = Record::Snapshot { group, identity, snapshot: Snapshot::clone(&snapshot) };
        out.remove(file);
        out.append(file, |bytes| record.encode(bytes, file, 0), []);
        self.journal.phase = Phase::Snapshot { file, is_written: false };
    }

    pub(super) fn snapshot_synced(&mut self, file: FileId, out: &mut Outputs) {
        let (group, second) = self.group_of(file);
        match self.seats.get_mut(&group) {
            Some(seat) => seat.second_file = second,
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
