//! A node's disk: the operating system's page cache and the device under it.
//! Three faults must stay apart here, because they end differently. A process
//! crash harms nothing that was written. A power cut takes what was written and
//! not synced, unless the system had already written it back: each such write
//! survives, vanishes or tears. The loss of the device takes everything.
//!
//! A failed sync is the subtle one. The kernel reports it once and holds the
//! pages for clean from then on, so the data can be read back, a second sync
//! succeeds, and a power cut shows that it was never there (what PostgreSQL
//! found in 2018).

use std::sync::Arc;

use super::file::{File, FileDraws};
use super::happening::DiskTrouble;
use super::profile::Profile;
use super::slowness::Slowness;
use crate::event::{CopyId, NodeId, Tier};
use crate::flaw::{self, Flaw};
use crate::node::{DiskError, FileId, FileInfo};
use crate::random::{Draw, Purpose, Seed};
use crate::time::{Span, Time};

/// The disk of one node.
#[derive(Clone, Debug)]
pub struct Disk {
    /// In ascending order of their ids. Snapshots share those that are not written to.
    files: Vec<Arc<File>>,
    /// Full or failing until then; zero when well.
    full_until: Time,
    sync_fails_until: Time,
    /// How many times as long everything takes.
    slowness: Slowness<u64>,
    /// Appends complete in order, and so do syncs.
    last_written: Time,
    last_synced: Time,
    draws: FileDraws,
    rot: Draw,
}

impl Disk {
    pub(super) fn new(seed: Seed, node: NodeId) -> Self {
        let draw = |purpose| seed.draw(purpose).by(u64::from(node.0));
        Self {
            files: Vec::new(),
            full_until: Time::ZERO,
            sync_fails_until: Time::ZERO,
            slowness: Slowness::none(),
            last_written: Time::ZERO,
            last_synced: Time::ZERO,
            draws: FileDraws {
                write_back: draw(Purpose::WriteBack),
                fate: draw(Purpose::PowerCutFate),
                tear: draw(Purpose::TearPoint),
                sync: draw(Purpose::SyncLatency),
            },
            rot: draw(Purpose::Rot),
        }
    }

    /// The file, if it exists.
    #[must_use]
    pub fn file(&self, file: FileId) -> Option<&File> {
        self.index_of(file).ok().map(|index| self.files[index].as_ref())
    }

    /// The files as a process that starts finds them.
    #[must_use]
    pub fn list(&self) -> Box<[FileInfo]> {
        self.files.iter().map(|file| FileInfo { file: file.id, length: file.length() }).collect()
    }

    /// Visits the copies that were written to files of this disk, whether or not
    /// the node still wants them, with the tier that each is in.
    pub fn copies(&self, now: Time, visit: &mut dyn FnMut(CopyId, Tier)) {
        for file in &self.files {
            file.tags(now, &mut |tag, tier| visit(CopyId::from_tag(tag), tier));
        }
    }

    #[must_use]
    pub fn is_on_device(&self, file: FileId, offset: u64, now: Time) -> bool {
        self.file(file).is_some_and(|file| file.is_on_device(offset, now))
    }

    pub(super) fn is_full(&self) -> bool {
        self.full_until > Time::ZERO
    }

    /// Writes to the end of a file, which begins to exist. Returns its new length.
    /// The data is with the operating system at once, so a process that dies
    /// before it hears of it has written it nonetheless.
    pub(super) fn append(&mut self, file: FileId, bytes: &[u8], tags: &[u64], now: Time, profile: &Profile) -> u64 {
        let index = match self.index_of(file) {
            Ok(index) => index,
            Err(index) => {
                let of = |draw: Draw| draw.by(u64::from(file.0));
                let FileDraws { write_back, fate, tear, sync } = self.draws;
                let draws = FileDraws { write_back: of(write_back), fate: of(fate), tear: of(tear), sync: of(sync) };
                self.files.insert(index, Arc::new(File::new(file, draws)));
                index
            }
        };
        let file = Arc::make_mut(&mut self.files[index]);
        file.append(bytes, tags, now, profile.write_back);
        file.length()
    }

    /// When an append that is asked for now completes.
    pub(super) fn append_completes(&mut self, now: Time, profile: &Profile) -> Time {
        let time = now + profile.write_latency.times(self.factor());
        self.last_written = self.last_written.max(time);
        self.last_written
    }

    /// When a sync that is asked for now completes.
    pub(super) fn sync_completes(&mut self, file: FileId, now: Time, profile: &Profile) -> Time {
        let jitter = match self.file(file) {
            Some(file) => file.draws.sync.by(file.newest()).span(Span::ZERO, profile.sync_jitter),
            None => Span::ZERO,
        };
        let time = now + (profile.sync_latency + jitter).times(self.factor());
        self.last_synced = self.last_synced.max(time);
        self.last_synced
    }

    /// Begins a sync: the end of what it will make durable, or that it will
    /// fail. A failing disk fails one sync.
    pub(super) fn sync_begins(&mut self, file: FileId, now: Time) -> Result<u64, DiskError> {
        let Ok(index) = self.index_of(file) else { return Err(DiskError::Missing) };
        let file = Arc::make_mut(&mut self.files[index]);
        if self.sync_fails_until == Time::ZERO {
            return Ok(file.sync_begins());
        }
        self.sync_fails_until = Time::ZERO;
        file.sync_fails(now);
        Err(DiskError::SyncFailed)
    }

    pub(super) fn synced(&mut self, file: FileId, end: u64) {
        if flaw::is_on(Flaw::SyncDoesNothing) {
            return;
        }
        if let Ok(index) = self.index_of(file) {
            Arc::make_mut(&mut self.files[index]).synced(end);
        }
    }

    /// Cuts a file and syncs it; see [`File`].
    pub(super) fn truncate(&mut self, file: FileId, length: u64, now: Time, visit: &mut dyn FnMut(u64, Tier)) {
        if let Ok(index) = self.index_of(file) {
            Arc::make_mut(&mut self.files[index]).truncate(length, now, visit);
        }
        self.synced(file, length);
    }

    pub(super) fn remove(&mut self, file: FileId) {
        if let Ok(index) = self.index_of(file) {
            self.files.remove(index);
        }
    }

    pub(super) fn power_cut(&mut self, now: Time, tear_last: bool, visit: &mut dyn FnMut(u64, Tier)) {
        for file in self.files.iter_mut().map(Arc::make_mut) {
            file.power_cut(now, tear_last, visit);
        }
    }

    /// The device is gone, and an empty one takes its place.
    pub(super) fn lose(&mut self, now: Time, visit: &mut dyn FnMut(u64, Tier)) {
        for file in self.files.iter_mut().map(Arc::make_mut) {
            file.destroy(now, visit);
        }
        self.files.clear();
    }

    /// Flips one bit of one byte on the device, if there is any.
    pub(super) fn rot(&mut self, now: Time, fault: u64) {
        let draw = self.rot.by(fault);
        let total = self.files.iter().map(|file| file.bytes_on_device(now)).sum();
        let mut place = draw.below(total);
        for file in &mut self.files {
            let length = file.bytes_on_device(now);
            if place < length {
                Arc::make_mut(file).rot(now, draw.by(0));
                return;
            }
            place -= length;
        }
    }

    /// Makes the disk full, failing, or slower by `factor`, until then.
    pub(super) fn ail(&mut self, trouble: DiskTrouble, until: Time, factor: u64) {
        match trouble {
            DiskTrouble::Slow => self.slowness.add(until, factor.max(1)),
            DiskTrouble::Full => self.full_until = self.full_until.max(until),
            DiskTrouble::Sync => self.sync_fails_until = self.sync_fails_until.max(until),
        }
    }

    /// Ends a trouble that is due to end by now. False if there was none.
    pub(super) fn heal(&mut self, trouble: DiskTrouble, now: Time) -> bool {
        let ends = match trouble {
            DiskTrouble::Slow => return self.slowness.end(now),
            DiskTrouble::Full => &mut self.full_until,
            DiskTrouble::Sync => &mut self.sync_fails_until,
        };
        if *ends == Time::ZERO || *ends > now {
            return false;
        }
        *ends = Time::ZERO;
        true
    }

    fn factor(&self) -> u64 {
        self.slowness.worst().unwrap_or(1)
    }

    fn index_of(&self, file: FileId) -> Result<usize, usize> {
        self.files.binary_search_by_key(&file, |file| file.id)
    }
}
