//! The batches of a log in memory, standing for the page cache that serves reads.
//! Sealed chunks are shared between clones, so that a snapshot of a world with a
//! long log copies the open chunk and a list of pointers.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::node::FileId;
use crate::protocol::log::Batch;

const CHUNK: usize = 64;

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
    /// Each of `CHUNK` entries.
    sealed: VecDeque<Arc<Vec<Entry>>>,
    open: Vec<Entry>,
    /// How many entries of the first chunk are gone already.
    skipped: usize,
}

impl Entries {
    pub fn len(&self) -> usize {
        self.sealed.len() * CHUNK + self.open.len() - self.skipped
    }

    pub fn get(&self, index: usize) -> Option<&Entry> {
        let place = index + self.skipped;
        match self.sealed.get(place / CHUNK) {
            Some(chunk) => chunk.get(place % CHUNK),
            None => self.open.get(place - self.sealed.len() * CHUNK),
        }
    }

    pub fn first(&self) -> Option<&Entry> {
        self.get(0)
    }

    pub fn last(&self) -> Option<&Entry> {
        self.open.last().or_else(|| self.get(self.len().checked_sub(1)?))
    }

    /// The entries from the one that holds `offset` on.
    pub fn from(&self, offset: u64) -> impl Iterator<Item = &Entry> {
        (self.place_of(offset)..self.len()).filter_map(|index| self.get(index))
    }

    /// The entries that lie in a range of offsets.
    pub fn within(&self, from: u64, to: u64) -> impl Iterator<Item = &Entry> {
        self.from(from).take_while(move |entry| entry.batch.end_offset() <= to)
    }

    /// How many entries end at or before `offset`.
    fn place_of(&self, offset: u64) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle) {
                Some(entry) if entry.batch.end_offset() <= offset => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    pub fn push(&mut self, entry: Entry) {
        self.open.push(entry);
        if self.open.len() == CHUNK {
            let full = std::mem::replace(&mut self.open, Vec::with_capacity(CHUNK));
            self.sealed.push_back(Arc::new(full));
        }
    }

    pub fn pop(&mut self) -> Option<Entry> {
        if self.len() == 0 {
            return None;
        }
        if self.open.is_empty() {
            self.open = Arc::unwrap_or_clone(self.sealed.pop_back()?);
        }
        let last = self.open.pop();
        self.forget_skipped();
        last
    }

    pub fn pop_first(&mut self) -> Option<Entry> {
        let first = self.first()?.clone();
        self.skipped += 1;
        self.forget_skipped();
        Some(first)
    }

    fn forget_skipped(&mut self) {
        if self.skipped >= CHUNK && self.sealed.pop_front().is_some() {
            self.skipped -= CHUNK;
        }
        if self.sealed.is_empty() && self.skipped > 0 {
            self.open.drain(..self.skipped.min(self.open.len()));
            self.skipped = 0;
        }
    }
}
