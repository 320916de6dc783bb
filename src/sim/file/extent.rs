//! One write to a file, and how far it has come.

use crate::event::Tier;
use crate::time::Time;

/// One write: where it lies, which copies it carries, when it is on the device.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    pub offset: u64,
    pub length: u32,
    pub tags: u32,
    pub first_tag: u64,
    /// [`Time::ZERO`] once synced, [`Time::MAX`] if it will never be.
    pub on_device_at: Time,
}

impl Extent {
    pub fn end(&self) -> u64 {
        self.offset + u64::from(self.length)
    }

    pub fn tier(&self, now: Time) -> Tier {
        if self.on_device_at <= now { Tier::Disk } else { Tier::PageCache }
    }

    /// How many of its tags lie whole within its first `kept` bytes. The disk
    /// knows no records, so it takes those of one write for equally long.
    pub fn tags_within(&self, kept: u64) -> u32 {
        if kept >= u64::from(self.length) {
            return self.tags;
        }
        (kept * u64::from(self.tags) / u64::from(self.length)) as u32
    }
}
