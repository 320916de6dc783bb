//! Copies of messages, as queues hold them: one slab for the whole broker, so
//! that lists elsewhere are lists of small indices and nothing is allocated per
//! message in the steady state.

use bytes::Bytes;

use super::channel::Ticket;
use crate::event::CopyId;
use crate::node::FileId;

/// The index of an entry in [`Entries`].
pub(super) type EntryIndex = u32;

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub copy: CopyId,
    pub payload: Bytes,
    /// The index of its queue.
    pub queue: u32,
    /// Its place in the queue, for good: a returned message goes back there.
    pub sequence: u64,
    pub state: State,
    pub location: Location,
    /// It was, or may have been, delivered before.
    pub redelivered: bool,
    /// The write buffer still refers to it: the slot must not be reused.
    pub pinned: bool,
    /// The publish that waits for this copy to be safe.
    pub ticket: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ready,
    Unacked,
    /// Settled; kept only while it is pinned.
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// Only in this process: transient, or still in the write buffer.
    Memory,
    /// Handed to the disk, which has not answered yet.
    Writing {
        file: FileId,
        offset: u64,
    },
    File {
        file: FileId,
        offset: u64,
    },
}

#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    slots: Vec<Entry>,
    free: Vec<EntryIndex>,
}

impl Entries {
    pub fn with_capacity(capacity: usize) -> Self {
        Self { slots: Vec::with_capacity(capacity), free: Vec::new() }
    }

    pub fn add(&mut self, entry: Entry) -> EntryIndex {
        if let Some(index) = self.free.pop() {
            self.slots[index as usize] = entry;
            return index;
        }
        self.slots.push(entry);
        (self.slots.len() - 1) as EntryIndex
    }

    /// Gives the slot up. The payload goes at once.
    pub fn remove(&mut self, index: EntryIndex) {
        let entry = &mut self[index];
        entry.state = State::Gone;
        entry.pinned = false;
        entry.ticket = None;
        entry.payload = Bytes::new();
        self.free.push(index);
    }

    /// Marks a pinned entry as settled: the buffer gives the slot up later.
    pub fn bury(&mut self, index: EntryIndex) {
        let entry = &mut self[index];
        debug_assert!(entry.pinned);
        entry.state = State::Gone;
        entry.payload = Bytes::new();
    }

    /// Every entry that is ready or unacknowledged.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().filter(|entry| entry.state != State::Gone)
    }
}

impl std::ops::Index<EntryIndex> for Entries {
    type Output = Entry;
    fn index(&self, index: EntryIndex) -> &Entry {
        &self.slots[index as usize]
    }
}

impl std::ops::IndexMut<EntryIndex> for Entries {
    fn index_mut(&mut self, index: EntryIndex) -> &mut Entry {
        &mut self.slots[index as usize]
    }
}
