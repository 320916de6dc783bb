//! The batches of a log in memory, standing for the page cache that serves reads.
//! They may be many, and are part of every snapshot of a world.

use std::sync::Arc;

use crate::node::FileId;
use crate::pages::List;
use crate::protocol::log::Batch;

/// A batch and its record on disk.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub batch: Arc<Batch>,
    pub file: FileId,
    /// Where its record begins, and how long it is, in bytes.
    pub position: u64,
    pub length: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    all: List<Entry, 64>,
}

impl Entries {
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn first(&self) -> Option<&Entry> {
        self.all.first()
    }

    pub fn last(&self) -> Option<&Entry> {
        self.all.last()
    }

    /// The entries from the one that holds `offset` on.
    pub fn from(&self, offset: u64) -> impl Iterator<Item = &Entry> {
        (self.place_of(offset)..self.all.len()).filter_map(|index| self.all.get(index))
    }

    /// The entries that lie in a range of offsets.
    pub fn within(&self, from: u64, to: u64) -> impl Iterator<Item = &Entry> {
        self.from(from).take_while(move |entry| entry.batch.end_offset() <= to)
    }

    /// How many entries end at or before `offset`.
    fn place_of(&self, offset: u64) -> usize {
        let (mut low, mut high) = (0, self.all.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.all.get(middle) {
                Some(entry) if entry.batch.end_offset() <= offset => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    pub fn push(&mut self, entry: Entry) {
        self.all.push(entry);
    }

    /// Takes the newest off.
    pub fn pop(&mut self) -> Option<Entry> {
        self.all.pop()
    }

    /// Takes the oldest off.
    pub fn pop_first(&mut self) {
        self.all.forget(1);
    }
}
