//! Reads the host's files back, piece by piece, up to the first record that is
//! not certain. What was read need not be on the device: after the crash of a
//! process it may be in the page cache only, and a sync that comes back now proves
//! nothing, as the kernel may have failed to write it before and forgotten that.
//! So recovery counts only on files that the host had taken into use, which is
//! after they were synced: of two files of the log the older (the newer replaces
//! it only then), of three snapshots the one that the log speaks of. These stay
//! until all is written and synced once more; only then does any member answer
//! anybody. `ra` has directories for the same purpose: a snapshot moves out of
//! `writing` once it is synced, and recovery throws away what is still there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::Host;
use super::record::Record;
use super::snapshot;
use crate::node::{FileInfo, Outputs};
use crate::protocol::raft::{Group, Identity, Snapshot};
use crate::raft::effects::{Outcome, Patience};
use crate::raft::log::Log;
use crate::raft::member::{Member, Memory};
use crate::time::Time;
use crate::wal;

/// The most that is read at once.
const PIECE: u32 = 1 << 16;

#[derive(Clone, Debug)]
pub(super) struct Recovering {
    /// Still to be read, the front one now.
    files: VecDeque<FileInfo>,
    log: Option<wal::Recovery>,
    /// How much of the front one was read.
    fed: u64,
    /// What the file of the log under way holds.
    records: Vec<Record>,
    /// The oldest file of the log that is whole up to its seal, its generation,
    /// and which it is.
    oldest: Option<(u64, u32, Vec<Record>)>,
    /// The newest generation, in use or not.
    generation: u64,
    snapshots: Vec<Found>,
}

/// A snapshot that was read back.
#[derive(Clone, Debug)]
struct Found {
    group: Group,
    identity: Identity,
    snapshot: Arc<Snapshot>,
    place: u32,
}

impl Recovering {
    pub fn new(files: VecDeque<FileInfo>) -> Self {
        let (log, fed, records, oldest, snapshots) = (None, 0, Vec::new(), None, Vec::new());
        Self { files, log, fed, records, oldest, generation: 0, snapshots }
    }
}

impl Host {
    pub(super) fn is_reading(&self) -> bool {
        self.recovering.as_ref().is_some_and(|recovering| !recovering.files.is_empty())
    }

    /// Asks for the next piece, or ends if there is none.
    pub(super) fn read_on(&mut self, out: &mut Outputs) {
        let Some(recovering) = &mut self.recovering else { return };
        while let Some(FileInfo { file, length }) = recovering.files.front().copied() {
            let log = recovering.log.get_or_insert_with(|| wal::Recovery::new(file));
            if recovering.fed < length && !log.is_damaged() {
                let piece = (length - recovering.fed).min(PIECE.into()) as u32;
                return out.read(file, recovering.fed, piece);
            }
            recovering.file_done(self.options.first_file);
        }
        self.rebuild();
        self.go_on_writing(out);
    }

    pub(super) fn piece_read(&mut self, bytes: &[u8], out: &mut Outputs) {
        let Some(recovering) = &mut self.recovering else { return };
        let (Some(log), Some(info)) = (&mut recovering.log, recovering.files.front()) else { return };
        recovering.fed += bytes.len() as u64;
        if bytes.is_empty() {
            recovering.fed = info.length;
        }
        let first_file = self.options.first_file;
        let (records, snapshots) = (&mut recovering.records, &mut recovering.snapshots);
        log.feed(bytes, |record| match Record::decode(record) {
            Some(Record::Snapshot { group, identity, snapshot }) => {
                let place = snapshot::place_of(info.file, first_file).1;
                snapshots.push(Found { group, identity, snapshot: Arc::new(snapshot), place });
            }
            Some(record) => records.push(record),
            None => {}
        });
        self.read_on(out);
    }

    /// A file that cannot be read ends where reading failed.
    pub(super) fn read_failed(&mut self, out: &mut Outputs) {
        let Some(recovering) = &mut self.recovering else { return };
        recovering.fed = u64::MAX;
        self.read_on(out);
    }

    /// Makes members of what was read.
    fn rebuild(&mut self) {
        let Some(recovering) = &mut self.recovering else { return };
        let (_, in_use, records) = recovering.oldest.take().unwrap_or((0, 1, Vec::new()));
        let snapshots = std::mem::take(&mut recovering.snapshots);
        self.journal.generation = recovering.generation;
        self.journal.in_use = in_use;
        self.journal.owes = true;
        let mut memories = BTreeMap::new();
        records.into_iter().for_each(|record| replay(record, &mut memories));
        for (group, mut memory) in memories {
            let own = snapshots.iter().filter(|found| (found.group, found.identity) == (group, memory.identity));
            // The log may be torn where it speaks of a later one; all that it was
            // about to speak of were synced, and the oldest of them is still here.
            let base = memory.log.base().index;
            let found = own.filter(|found| found.snapshot.at.index >= base).min_by_key(|found| found.snapshot.at.index);
            // A log that begins at its beginning speaks of none.
            let found = found.filter(|_| base > 0);
            if let Some(found) = found {
                memory.go_on_behind(&found.snapshot);
            }
            let snapshot = found.map(|found| found.snapshot.clone());
            let place = found.map(|found| found.place);
            self.seat(group, Member::new(group, self.options.me, memory, snapshot), place);
        }
        for found in snapshots.iter().filter(|found| !self.seats.contains_key(&found.group)) {
            let file = self.snapshot_files(found.group)[found.place as usize];
            self.journal.gathering.removals.push(file);
        }
    }

    /// All that was read is on the device now.
    pub(super) fn recovery_done(&mut self, now: Time) {
        self.recovering = None;
        let groups: Vec<Group> = self.seats.keys().copied().collect();
        for group in groups {
            self.with(group, now, |member, effects| {
                if let Some(snapshot) = &member.snapshot {
                    let (at, state) = (snapshot.at, snapshot.state.clone());
                    effects.outcomes.push_back(Outcome::Restored { group, at, state });
                }
                member.tell_members(effects);
                member.tell_role(effects);
                effects.patience = Some(Patience::Long);
            });
        }
        self.hear_early(now);
    }
}

impl Recovering {
    fn file_done(&mut self, first_file: u32) {
        let records = std::mem::take(&mut self.records);
        self.log = None;
        self.fed = 0;
        let Some(FileInfo { file, .. }) = self.files.pop_front() else { return };
        let Some(Record::Head { generation }) = records.first() else { return };
        // Without its seal it was never in use: the other one still is.
        if !records.contains(&Record::Sealed) {
            return;
        }
        self.generation = self.generation.max(*generation);
        if self.oldest.as_ref().is_none_or(|(oldest, ..)| generation < oldest) {
            self.oldest = Some((*generation, file.0 - first_file, records));
        }
    }
}

impl Memory {
    fn go_on_behind(&mut self, snapshot: &Snapshot) {
        if snapshot.at.index <= self.log.base().index {
            return;
        }
        if self.log.has(snapshot.at) {
            self.log.forget_through(snapshot.at);
        } else {
            self.log = Log::behind(snapshot.at);
        }
        self.members = Some(snapshot.members.clone());
    }
}

fn replay(record: Record, memories: &mut BTreeMap<Group, Memory>) {
    match record {
        Record::Begin { group, identity, term, members } => {
            let members = Some(members);
            memories.insert(group, Memory { identity, term, members, ..Memory::default() });
        }
        Record::Vote { group, term, voted } => {
            if let Some(memory) = memories.get_mut(&group) {
                memory.term = term;
                memory.voted = voted;
            }
        }
        Record::Entry { group, entry } => {
            let Some(log) = memories.get_mut(&group).map(|memory| &mut memory.log) else { return };
            while log.last().index >= entry.at.index && log.pop().is_some() {}
            if log.last().index + 1 == entry.at.index {
                log.push(entry);
            }
        }
        Record::Base { group, at, members } => {
            let Some(memory) = memories.get_mut(&group) else { return };
            if memory.log.has(at) {
                memory.log.forget_through(at);
            } else {
                memory.log = Log::behind(at);
            }
            memory.members = Some(members);
        }
        Record::Gone { group } => {
            memories.remove(&group);
        }
        Record::Head { .. } | Record::Sealed | Record::Snapshot { .. } => {}
    }
}
