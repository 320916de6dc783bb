//! The event queue. Everything that will happen has a time; what has the same
//! time happens in the order in which it was asked for, so a run has one order
//! and only one. The heap holds one `u128` per happening (time 64 bits, sequence
//! 40, slot 24), which compares in two instructions; the happening itself stays
//! where it is, in a slab whose free slots are used again.
//!
//! A cancelled happening is not searched for in the heap: its slot is blanked,
//! and the key is dropped when its turn comes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::happening::{Entry, Happening};
use crate::time::Time;

const SLOT_BITS: u32 = 24;
const SEQUENCE_BITS: u32 = 40;
const SLOT_MASK: u128 = (1 << SLOT_BITS) - 1;

/// Where a happening lies in the slab, until it is popped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(u32);

#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<u128>>,
    /// Nothing in free slots.
    slab: Vec<Option<Entry>>,
    free: Vec<u32>,
    sequence: u64,
    overflowed: bool,
}

impl Queue {
    /// Empties the queue, keeping its buffers.
    pub fn clear(&mut self) {
        self.heap.clear();
        self.slab.clear();
        self.free.clear();
        self.sequence = 0;
        self.overflowed = false;
    }

    /// True once more lay ahead than the key has room for: 16 million happenings
    /// at a time, or a million million in all. The run must stop.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    #[inline(always)]
    pub fn push(&mut self, time: Time, entry: Entry) -> Slot {
        let slot = self.free_slot();
        self.slab[slot as usize] = Some(entry);
        self.rank(time, slot)
    }

    fn free_slot(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slab.push(None);
            self.slab.len() as u32 - 1
        })
    }

    fn rank(&mut self, time: Time, slot: u32) -> Slot {
        if u128::from(slot) > SLOT_MASK || self.sequence >> SEQUENCE_BITS != 0 {
            self.overflowed = true;
            return Slot(slot);
        }
        let rank = self.sequence << SLOT_BITS | u64::from(slot);
        self.heap.push(Reverse(u128::from(time.as_nanos()) << 64 | u128::from(rank)));
        self.sequence += 1;
        Slot(slot)
    }

    /// The time of the first happening, and the happening.
    pub fn peek(&self) -> Option<(Time, &Entry)> {
        let Reverse(key) = *self.heap.peek()?;
        Some((time_of(key), self.slab[slot_of(key)].as_ref()?))
    }

    pub fn peek_time(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse(key)| time_of(*key))
    }

    #[inline(always)]
    pub fn pop(&mut self) -> Option<(Time, Entry)> {
        let (time, slot) = self.pop_key()?;
        Some((time, self.slab[slot].take()?))
    }

    fn pop_key(&mut self) -> Option<(Time, usize)> {
        let Reverse(key) = self.heap.pop()?;
        let slot = slot_of(key);
        self.free.push(slot as u32);
        Some((time_of(key), slot))
    }

    pub fn cancel(&mut self, slot: Slot) {
        self.slab[slot.0 as usize] = Some(Entry::cancelled());
    }

    /// Takes out what `choose` picks, in the order in which it would have
    /// happened. Looks at everything: for faults, which are rare.
    pub fn extract(&mut self, choose: impl Fn(&Happening) -> bool) -> Vec<Entry> {
        let mut keys: Vec<u128> = self.heap.iter().map(|Reverse(key)| *key).collect();
        keys.retain(|key| self.slab[slot_of(*key)].as_ref().is_some_and(|entry| choose(&entry.what)));
        keys.sort_unstable();
        keys.iter().filter_map(|key| self.slab[slot_of(*key)].replace(Entry::cancelled())).collect()
    }

    /// Everything that lies ahead, in no particular order, with its time.
    pub fn iter(&self) -> impl Iterator<Item = (Time, &Entry)> {
        self.heap.iter().filter_map(|Reverse(key)| Some((time_of(*key), self.slab[slot_of(*key)].as_ref()?)))
    }
}

fn time_of(key: u128) -> Time {
    Time::from_nanos((key >> 64) as u64)
}

fn slot_of(key: u128) -> usize {
    (key & SLOT_MASK) as usize
}
