//! A list that is cheap to clone however long it is: its first items lie in one
//! plain vector, which is all that a usual run needs, and the rest in chunks
//! behind `Arc`. A snapshot copies the first part and shares the chunks; whoever
//! writes to a shared chunk later copies that one chunk.

use std::sync::Arc;

/// How many items are copied with every clone.
const OPEN: usize = 4096;
const CHUNK: usize = 512;

#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    open: Vec<T>,
    chunks: Vec<Arc<Vec<T>>>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { open: Vec::new(), chunks: Vec::new() }
    }
}

impl<T: Clone> Slab<T> {
    pub fn with_capacity(capacity: usize) -> Self {
        Self { open: Vec::with_capacity(capacity.min(OPEN)), chunks: Vec::new() }
    }

    pub fn len(&self) -> usize {
        let last = self.chunks.last().map_or(0, |chunk| chunk.len());
        self.open.len() + self.chunks.len().saturating_sub(1) * CHUNK + last
    }

    /// Adds an item and returns its index.
    pub fn push(&mut self, item: T) -> u32 {
        let index = self.len() as u32;
        if self.open.len() < OPEN {
            self.open.push(item);
            return index;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Arc::new(Vec::with_capacity(CHUNK)));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            Arc::make_mut(chunk).push(item);
        }
        index
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.open.iter().chain(self.chunks.iter().flat_map(|chunk| chunk.iter()))
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;
    #[inline]
    fn index(&self, index: u32) -> &T {
        match (index as usize).checked_sub(OPEN) {
            None => &self.open[index as usize],
            Some(at) => &self.chunks[at / CHUNK][at % CHUNK],
        }
    }
}

impl<T: Clone> std::ops::IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, index: u32) -> &mut T {
        match (index as usize).checked_sub(OPEN) {
            None => &mut self.open[index as usize],
            Some(at) => &mut Arc::make_mut(&mut self.chunks[at / CHUNK])[at % CHUNK],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_not_disturbed_by_later_writes_in_any_part() {
        let mut slab = Slab::default();
        for item in 0..OPEN as u32 + 700 {
            assert_eq!(slab.push(item), item);
        }
        let clone = slab.clone();
        let changed = [0, OPEN as u32 - 1, OPEN as u32, OPEN as u32 + 511, OPEN as u32 + 512, OPEN as u32 + 699];
        for index in changed {
            slab[index] += 1;
        }
        slab.push(u32::MAX);
        assert!(clone.iter().copied().eq(0..OPEN as u32 + 700));
        assert_eq!(clone.len() + 1, slab.len());
        assert!(changed.into_iter().all(|index| slab[index] == index + 1));
        assert_eq!(slab.iter().filter(|item| **item != u32::MAX).count(), slab.len() - 1);
    }
}
