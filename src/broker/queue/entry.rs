//! Copies of messages, as queues hold them: one slab for the whole broker, so
//! that lists elsewhere are lists of small indices and nothing is allocated per
//! message in the steady state. An entry is small, as millions may wait; what
//! only some copies need lies beside it: contents while they are in memory, and
//! particulars of messages that have any.

use std::sync::Arc;

use bytes::Bytes;

use super::channel::Ticket;
use crate::event::CopyId;
use crate::node::FileId;
use crate::pages::{List, Pages};
use crate::protocol::Name;
use crate::protocol::queue::Properties;
use crate::time::Time;

/// The index of an entry in [`Entries`].
pub(super) type EntryIndex = u32;

/// No contents, no particulars, no free slot.
const NONE: u32 = u32::MAX;

/// A slab that has had room for so many does not keep the pages that are empty.
const MANY: usize = 64 * Pages::<Entry>::PAGE;

/// What a message in memory takes besides its payload, in bytes: an estimate of
/// what Erlang's terms for its properties and its place in the queue need.
pub(super) const OVERHEAD: u64 = 1024;

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub copy: CopyId,
    /// Its place in the queue, for good: a returned message goes back there.
    pub sequence: u64,
    /// When it may be dropped, once it is at the head; [`Time::MAX`]: never.
    pub expires_at: Time,
    pub location: Location,
    /// The index of its queue.
    pub queue: u32,
    /// The length of its payload, in bytes.
    pub length: u32,
    /// Where its payload is, if it is in memory; and what else is known of it.
    pub contents: u32,
    pub particulars: u32,
    pub state: State,
    /// At most the queue's `x-max-priority`.
    pub priority: u8,
    /// It was, or may have been, delivered before.
    pub redelivered: bool,
    /// The write buffer still refers to it: the slot must not be reused.
    pub pinned: bool,
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
        offset: u32,
    },
    File {
        file: FileId,
        offset: u32,
    },
}

/// What only a copy in memory has.
#[derive(Clone, Debug, Default)]
struct Contents {
    payload: Bytes,
    /// The publish that waits for this copy to be safe.
    ticket: Option<Ticket>,
}

/// What a queue must remember of a message that may be dead-lettered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Particulars {
    /// How it came: the key is what it goes on with.
    pub key: Name,
    pub persistent: bool,
    pub properties: Option<Arc<Properties>>,
}

#[derive(Clone, Debug)]
pub(super) struct Entries {
    slots: Pages<Entry>,
    /// Free slots; the one that was given up last is taken first.
    free: List<EntryIndex, 1024>,
    /// Slots that are not free, by page.
    taken: Pages<u32>,
    contents: Pages<Contents>,
    free_contents: Vec<u32>,
    particulars: Pages<Particulars>,
    free_particulars: Vec<u32>,
    /// Messages in memory, with their overhead, in bytes.
    bytes: u64,
}

impl Entry {
    /// A copy that just came in.
    pub fn new(copy: CopyId, queue: u32, sequence: u64) -> Self {
        Self {
            copy,
            sequence,
            expires_at: Time::MAX,
            location: Location::Memory,
            queue,
            length: 0,
            contents: NONE,
            particulars: NONE,
            state: State::Ready,
            priority: 0,
            redelivered: false,
            pinned: false,
        }
    }

    /// Whether its payload is in memory.
    pub const fn is_resident(&self) -> bool {
        self.contents != NONE
    }
}

impl Entries {
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            slots: Pages::with_capacity(capacity),
            free: List::default(),
            taken: Pages::default(),
            contents: Pages::with_capacity(capacity),
            free_contents: Vec::new(),
            particulars: Pages::default(),
            free_particulars: Vec::new(),
            bytes: 0,
        }
    }

    /// What messages in memory take, in bytes.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds an entry whose payload stays on disk.
    #[inline]
    pub fn add(&mut self, entry: Entry) -> EntryIndex {
        let index = match self.free.pop() {
            Some(index) => {
                self.slots[index as usize] = entry;
                index
            }
            None => self.slots.push(entry) as u32,
        };
        *self.taken.get_mut(index as usize / Pages::<Entry>::PAGE) += 1;
        index
    }

    /// Keeps a payload in memory, and who waits for the copy to be safe.
    pub fn fill(&mut self, index: EntryIndex, payload: Bytes, ticket: Option<Ticket>) {
        self.bytes += payload.len() as u64 + OVERHEAD;
        let contents = Contents { payload, ticket };
        let at = match self.free_contents.pop() {
            Some(at) => {
                self.contents[at as usize] = contents;
                at
            }
            None => self.contents.push(contents) as u32,
        };
        self[index].contents = at;
    }

    /// Forgets the payload, which can be read back from the file.
    #[inline]
    pub fn page_out(&mut self, index: EntryIndex) {
        let at = std::mem::replace(&mut self[index].contents, NONE);
        if at != NONE {
            let contents = std::mem::take(&mut self.contents[at as usize]);
            self.bytes -= contents.payload.len() as u64 + OVERHEAD;
            self.free_contents.push(at);
        }
    }

    /// The payload; empty if it is not in memory.
    #[inline]
    pub fn payload(&self, index: EntryIndex) -> Bytes {
        match self[index].contents {
            NONE => Bytes::new(),
            at => self.contents[at as usize].payload.clone(),
        }
    }

    /// The payload as bytes; see [`Entries::payload`].
    #[inline]
    pub fn bytes_of(&self, index: EntryIndex) -> &[u8] {
        match self[index].contents {
            NONE => &[],
            at => &self.contents[at as usize].payload,
        }
    }

    #[inline]
    pub fn take_ticket(&mut self, index: EntryIndex) -> Option<Ticket> {
        match self[index].contents {
            NONE => None,
            at => self.contents[at as usize].ticket.take(),
        }
    }

    pub fn set_particulars(&mut self, index: EntryIndex, particulars: Particulars) {
        let at = match self.free_particulars.pop() {
            Some(at) => {
                self.particulars[at as usize] = particulars;
                at
            }
            None => self.particulars.push(particulars) as u32,
        };
        self[index].particulars = at;
    }

    #[inline]
    pub fn particulars(&self, index: EntryIndex) -> Option<&Particulars> {
        match self[index].particulars {
            NONE => None,
            at => Some(&self.particulars[at as usize]),
        }
    }

    /// Forgets all but the entry itself.
    fn strip(&mut self, index: EntryIndex) {
        self.page_out(index);
        let at = std::mem::replace(&mut self[index].particulars, NONE);
        if at != NONE {
            self.particulars[at as usize] = Particulars::default();
            self.free_particulars.push(at);
        }
        self[index].state = State::Gone;
    }

    /// Gives the slot up. Where millions waited, whole pages are given up with it.
    pub fn remove(&mut self, index: EntryIndex) {
        self.strip(index);
        self[index].pinned = false;
        self.free.push(index);
        let taken = self.taken.get_mut(index as usize / Pages::<Entry>::PAGE);
        *taken -= 1;
        if *taken == 0 && self.slots.len() > MANY {
            self.slots.give_up(index as usize, &Entry { state: State::Gone, ..Entry::new(CopyId::default(), 0, 0) });
        }
    }

    /// Marks a pinned entry as settled: the buffer gives the slot up later.
    pub fn bury(&mut self, index: EntryIndex) {
        debug_assert!(self[index].pinned);
        self.strip(index);
    }

    /// Every entry that is ready or unacknowledged.
    pub fn of_queue(&self, queue: u32) -> impl Iterator<Item = (u64, EntryIndex)> {
        let slots = self.slots.iter().zip(0..);
        let of_queue = slots.filter(move |(entry, _)| entry.state != State::Gone && entry.queue == queue);
        of_queue.map(|(entry, index)| (entry.sequence, index))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().filter(|entry| entry.state != State::Gone)
    }
}

impl std::ops::Index<EntryIndex> for Entries {
    type Output = Entry;
    #[inline]
    fn index(&self, index: EntryIndex) -> &Entry {
        &self.slots[index as usize]
    }
}

impl std::ops::IndexMut<EntryIndex> for Entries {
    #[inline]
    fn index_mut(&mut self, index: EntryIndex) -> &mut Entry {
        &mut self.slots[index as usize]
    }
}
