//! One file on a simulated device: its bytes as a process reads them back (the
//! page cache), and for every write whether it is on the device yet. Left out:
//! sectors and blocks. A torn write keeps a prefix of any length, which is the
//! worst that a log with checksums has to withstand.

mod extent;

use self::extent::Extent;
use crate::event::Tier;
use crate::node::FileId;
use crate::pages::List;
use crate::random::Draw;
use crate::time::{Span, Time};

const BYTES_PER_CHUNK: usize = 1 << 16;
const EXTENTS_PER_CHUNK: usize = 1 << 9;
const TAGS_PER_CHUNK: usize = 1 << 10;

/// The draws a file needs, already narrowed to the node and the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileDraws {
    pub write_back: Draw,
    pub fate: Draw,
    pub tear: Draw,
    pub sync: Draw,
}

/// A file of a simulated device.
#[derive(Clone, Debug)]
pub struct File {
    pub(super) id: FileId,
    bytes: List<u8, BYTES_PER_CHUNK>,
    extents: List<Extent, EXTENTS_PER_CHUNK>,
    tags: List<u64, TAGS_PER_CHUNK>,
    /// Extents before this one are settled: synced, or given up on.
    settled: usize,
    /// A sync under way will make everything before this durable.
    promised: u64,
    /// When the system writes back next, and how often it has.
    written_back_at: Time,
    write_backs: u64,
    pub(super) draws: FileDraws,
}

/// What power loss does to one unsynced write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Survives,
    Vanishes,
    Tears,
}

impl File {
    pub(super) fn new(id: FileId, draws: FileDraws) -> Self {
        Self {
            id,
            bytes: List::default(),
            extents: List::default(),
            tags: List::default(),
            settled: 0,
            promised: 0,
            written_back_at: Time::ZERO,
            write_backs: 0,
            draws,
        }
    }

    /// In bytes, as a process sees it.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The bytes of a range as a process reads them, fewer at the end of the file.
    #[must_use]
    pub fn read(&self, offset: u64, length: u32) -> Vec<u8> {
        let start = offset as usize;
        self.bytes.copy(start..start.saturating_add(length as usize))
    }

    /// Whether the byte at `offset` is on the device.
    #[must_use]
    pub fn is_on_device(&self, offset: u64, now: Time) -> bool {
        let index = self.extent_at(offset);
        self.extents.get(index).is_some_and(|extent| offset < extent.end() && extent.on_device_at <= now)
    }

    /// Visits the tags of what the file holds, with the tier that each is in.
    pub(super) fn tags(&self, now: Time, visit: &mut dyn FnMut(u64, Tier)) {
        for extent in self.extents.iter() {
            let range = extent.first_tag as usize..extent.first_tag as usize + extent.tags as usize;
            range.filter_map(|index| self.tags.get(index)).for_each(|tag| visit(*tag, extent.tier(now)));
        }
    }

    /// Adds one write to the end. It reaches the device with everything before
    /// it when the system writes back next, unless a sync is sooner. The system
    /// does so at drawn times between `least` and `most` apart, whatever is
    /// written, as the kernel's flusher wakes up by its own clock.
    pub(super) fn append(&mut self, bytes: &[u8], tags: &[u64], now: Time, (least, most): (Span, Span)) {
        if bytes.is_empty() {
            return;
        }
        while self.written_back_at <= now {
            self.write_backs += 1;
            self.written_back_at +=
                self.draws.write_back.by(self.write_backs).span(least, most).max(Span::from_nanos(1));
        }
        let offset = self.length();
        self.extents.push(Extent {
            offset,
            length: bytes.len() as u32,
            tags: tags.len() as u32,
            first_tag: self.tags.len() as u64,
            on_device_at: self.written_back_at,
        });
        self.bytes.extend(bytes);
        self.tags.extend(tags);
    }

    /// What a draw about the whole file names: the last copy it holds.
    pub(super) fn newest(&self) -> u64 {
        self.tags.last().copied().unwrap_or_else(|| self.length())
    }

    /// Everything before `end` is on the device, except what it has given up on.
    pub(super) fn synced(&mut self, end: u64) {
        while let Some(extent) = self.extents.get_mut(self.settled) {
            if extent.end() > end {
                break;
            }
            if extent.on_device_at != Time::MAX {
                extent.on_device_at = Time::ZERO;
            }
            self.settled += 1;
        }
    }

    /// A sync that will succeed is under way.
    pub(super) fn sync_begins(&mut self) -> u64 {
        self.promised = self.length();
        self.promised
    }

    /// A sync failed: what is not on the device by now, nor being brought there
    /// by an earlier sync, never will be, and the kernel holds it for clean.
    pub(super) fn sync_fails(&mut self, now: Time) {
        for index in self.settled..self.extents.len() {
            if let Some(extent) = self.extents.get_mut(index)
                && extent.on_device_at > now
                && extent.end() > self.promised
            {
                extent.on_device_at = Time::MAX;
            }
        }
    }

    /// Cuts the file and syncs it. Visits the tags that lay beyond, with the
    /// tier each was destroyed in.
    pub(super) fn truncate(&mut self, length: u64, now: Time, visit: &mut dyn FnMut(u64, Tier)) {
        let mut last = self.extents.len();
        while let Some(extent) = last.checked_sub(1).and_then(|index| self.extents.get(index)) {
            if extent.end() <= length {
                break;
            }
            let kept = length.saturating_sub(extent.offset);
            self.destroy_tags(last - 1, extent.tags_within(kept), extent.tier(now), visit);
            if kept > 0 {
                if let Some(extent) = self.extents.get_mut(last - 1) {
                    extent.length = kept as u32;
                }
                break;
            }
            last -= 1;
        }
        self.extents.truncate(last);
        self.settled = self.settled.min(last);
        self.promised = self.promised.min(length);
        self.bytes.truncate(length as usize);
    }

    /// The device is gone.
    pub(super) fn destroy(&mut self, now: Time, visit: &mut dyn FnMut(u64, Tier)) {
        self.truncate(0, now, visit);
    }

    /// The power goes. Every write that is not on the device survives, vanishes
    /// or tears, by draw; `tear_last` makes sure of the last. What is left is on
    /// the device.
    pub(super) fn power_cut(&mut self, now: Time, tear_last: bool, visit: &mut dyn FnMut(u64, Tier)) {
        let (mut length, mut extents) = (0, 0);
        let last_unsynced = (0..self.extents.len()).rev().find(|index| self.is_unsynced(*index, now));
        for index in 0..self.extents.len() {
            let Some(mut extent) = self.extents.get(index).copied() else { break };
            if self.is_unsynced(index, now) {
                let subject = if extent.tags > 0 {
                    self.tags.get(extent.first_tag as usize).copied().unwrap_or(0)
                } else {
                    extent.offset
                };
                let kept = match self.fate(&extent, subject, tear_last && Some(index) == last_unsynced) {
                    Fate::Survives => extent.length,
                    Fate::Vanishes => 0,
                    Fate::Tears => self.draws.tear.by(subject).below(u64::from(extent.length)) as u32,
                };
                self.destroy_tags(index, extent.tags_within(u64::from(kept)), Tier::PageCache, visit);
                self.blank(extent.offset + u64::from(kept)..extent.end());
                extent.length = kept;
            }
            if extent.on_device_at > Time::ZERO
                && let Some(place) = self.extents.get_mut(index)
            {
                place.length = extent.length;
                place.on_device_at = Time::ZERO;
            }
            if extent.length > 0 {
                length = extent.end();
                extents = index + 1;
            }
        }
        self.extents.truncate(extents);
        self.settled = self.extents.len();
        self.promised = length;
        self.bytes.truncate(length as usize);
    }

    /// Flips one bit of one byte that is on the device. `draw` picks it.
    pub(super) fn rot(&mut self, now: Time, draw: Draw) {
        let mut place = draw.below(self.bytes_on_device(now));
        for extent in self.extents.iter() {
            if extent.on_device_at > now {
                continue;
            }
            if place < u64::from(extent.length) {
                if let Some(byte) = self.bytes.get_mut((extent.offset + place) as usize) {
                    *byte ^= 1 << draw.by(1).below(8);
                }
                return;
            }
            place -= u64::from(extent.length);
        }
    }

    pub(super) fn bytes_on_device(&self, now: Time) -> u64 {
        self.extents.iter().filter(|extent| extent.on_device_at <= now).map(|extent| u64::from(extent.length)).sum()
    }

    fn fate(&self, extent: &Extent, subject: u64, tears: bool) -> Fate {
        if tears {
            return Fate::Tears;
        }
        if extent.on_device_at == Time::MAX {
            return Fate::Vanishes;
        }
        match self.draws.fate.by(subject).below(3) {
            0 => Fate::Survives,
            1 => Fate::Vanishes,
            _ => Fate::Tears,
        }
    }

    fn is_unsynced(&self, index: usize, now: Time) -> bool {
        self.extents.get(index).is_some_and(|extent| extent.on_device_at > now)
    }

    /// Forgets all but the first `kept` tags of a write, and visits the others.
    fn destroy_tags(&mut self, index: usize, kept: u32, tier: Tier, visit: &mut dyn FnMut(u64, Tier)) {
        let Some(extent) = self.extents.get_mut(index) else { return };
        let lost = extent.first_tag + u64::from(kept)..extent.first_tag + u64::from(extent.tags);
        extent.tags = kept;
        for tag in self.tags.copy(lost.start as usize..lost.end as usize) {
            visit(tag, tier);
        }
    }

    /// A hole reads as zeros.
    fn blank(&mut self, range: std::ops::Range<u64>) {
        for index in range {
            if let Some(byte) = self.bytes.get_mut(index as usize) {
                *byte = 0;
            }
        }
    }

    /// The last extent that begins at or before `offset`.
    fn extent_at(&self, offset: u64) -> usize {
        let (mut low, mut high) = (0, self.extents.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.extents.get(middle) {
                Some(extent) if extent.offset <= offset => low = middle + 1,
                _ => high = middle,
            }
        }
        low.saturating_sub(1)
    }
}
