//! A first-in first-out list that is cheap to clone however long it is. A world
//! is cloned for every snapshot of a run, and a queue may hold millions.
//!
//! The middle is sealed chunks behind `Arc`, which clones share. Only the chunk
//! being read and the chunk being written are copied.

use std::collections::VecDeque;
use std::sync::Arc;

/// Items in a chunk. Two open chunks are what a clone copies.
const CHUNK: usize = 128;

#[derive(Clone, Debug)]
pub struct Row<T> {
    /// The oldest, being read.
    head: VecDeque<T>,
    sealed: VecDeque<Arc<Vec<T>>>,
    /// The newest, being written.
    tail: Vec<T>,
    length: usize,
}

impl<T> Default for Row<T> {
    fn default() -> Self {
        Self { head: VecDeque::new(), sealed: VecDeque::new(), tail: Vec::new(), length: 0 }
    }
}

impl<T: Clone> Row<T> {
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    pub fn push(&mut self, item: T) {
        self.length += 1;
        self.tail.push(item);
        if self.tail.len() == CHUNK {
            self.sealed.push_back(Arc::new(std::mem::take(&mut self.tail)));
        }
    }

    /// Puts an item before all others.
    pub fn push_front(&mut self, item: T) {
        self.length += 1;
        self.head.push_front(item);
        if self.head.len() == 2 * CHUNK {
            let rest = self.head.split_off(CHUNK);
            self.sealed.push_front(Arc::new(rest.into()));
        }
    }

    #[must_use]
    pub fn first(&self) -> Option<&T> {
        let sealed = || self.sealed.front().and_then(|chunk| chunk.first());
        self.head.front().or_else(sealed).or_else(|| self.tail.first())
    }

    pub fn pop(&mut self) -> Option<T> {
        if self.head.is_empty() {
            match self.sealed.pop_front() {
                Some(chunk) => self.head = Arc::unwrap_or_clone(chunk).into(),
                None => self.head.extend(self.tail.drain(..)),
            }
        }
        let item = self.head.pop_front()?;
        self.length -= 1;
        Some(item)
    }

    /// From the oldest to the newest.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let sealed = self.sealed.iter().flat_map(|chunk| chunk.iter());
        self.head.iter().chain(sealed).chain(&self.tail)
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl<T: Clone> FromIterator<T> for Row<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut row = Self::default();
        for item in items {
            row.push(item);
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};

    #[test]
    fn a_row_is_a_queue_at_every_seed() {
        for seed in 0..50 {
            let (mut row, mut plain) = (Row::default(), VecDeque::new());
            for step in 0..3_000_u64 {
                let draw = Seed(seed).draw(Purpose::Test).by(step);
                match draw.below(20) {
                    // It grows at first and drains at the end.
                    0 => {
                        row.push_front(step);
                        plain.push_front(step);
                    }
                    kind if kind < 13 - 8 * (step / 1_500) => {
                        row.push(step);
                        plain.push_back(step);
                    }
                    _ => assert_eq!(row.pop(), plain.pop_front()),
                }
                assert_eq!(row.first(), plain.front());
                assert_eq!(row.len(), plain.len());
            }
            assert!(row.iter().eq(plain.iter()));
        }
    }

    #[test]
    fn a_clone_goes_its_own_way() {
        let mut row: Row<u32> = (0..1_000).collect();
        let other = row.clone();
        for expected in 0..1_000 {
            assert_eq!(row.pop(), Some(expected));
            row.push(expected + 1_000);
        }
        assert!(other.iter().copied().eq(0..1_000));
    }
}
