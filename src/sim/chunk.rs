//! A long list that is cheap to clone: sealed chunks behind `Arc`, and one open
//! chunk. A snapshot of a world copies the open chunk and shares the rest.

use std::ops::Range;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub(super) struct Chunked<T> {
    sealed: Vec<Arc<Vec<T>>>,
    open: Vec<T>,
    chunk: usize,
}

impl<T: Copy> Chunked<T> {
    /// A list in chunks of `chunk` items.
    pub fn new(chunk: usize) -> Self {
        Self { sealed: Vec::new(), open: Vec::new(), chunk }
    }

    pub fn len(&self) -> usize {
        self.sealed.len() * self.chunk + self.open.len()
    }

    pub fn push(&mut self, item: T) {
        self.open.push(item);
        self.seal_if_full();
    }

    pub fn extend(&mut self, mut items: &[T]) {
        while !items.is_empty() {
            let room = self.chunk - self.open.len();
            let (now, later) = items.split_at(room.min(items.len()));
            self.open.extend_from_slice(now);
            self.seal_if_full();
            items = later;
        }
    }

    pub fn get(&self, index: usize) -> Option<T> {
        match self.sealed.get(index / self.chunk) {
            Some(chunk) => chunk.get(index % self.chunk).copied(),
            None => self.open.get(index - self.sealed.len() * self.chunk).copied(),
        }
    }

    /// A place to write to. Unshares its chunk.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let sealed = self.sealed.len();
        match self.sealed.get_mut(index / self.chunk) {
            Some(chunk) => Arc::make_mut(chunk).get_mut(index % self.chunk),
            None => self.open.get_mut(index - sealed * self.chunk),
        }
    }

    pub fn truncate(&mut self, length: usize) {
        if length >= self.len() {
            return;
        }
        let chunks = length / self.chunk;
        if chunks < self.sealed.len() {
            self.open = self.sealed[chunks].as_ref().clone();
            self.sealed.truncate(chunks);
        }
        self.open.truncate(length - chunks * self.chunk);
    }

    /// The items of a range, drawn in to what there is.
    pub fn copy(&self, range: Range<usize>) -> Vec<T> {
        let end = range.end.min(self.len());
        let mut start = range.start.min(end);
        let mut items = Vec::with_capacity(end - start);
        while start < end {
            let index = start / self.chunk;
            let chunk = self.sealed.get(index).map_or(&self.open, |chunk| chunk.as_ref());
            let first = index * self.chunk;
            let stop = end.min(first + self.chunk);
            items.extend_from_slice(&chunk[start - first..stop - first]);
            start = stop;
        }
        items
    }

    fn seal_if_full(&mut self) {
        if self.open.len() == self.chunk {
            let full = std::mem::replace(&mut self.open, Vec::with_capacity(self.chunk));
            self.sealed.push(Arc::new(full));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_chunked_list_is_a_list_and_a_clone_is_not_disturbed(
            parts in prop::collection::vec((0usize..9, prop::option::of(0usize..30)), 0..12),
            from in 0usize..40,
            to in 0usize..40,
        ) {
            let (mut chunked, mut plain) = (Chunked::new(4), Vec::new());
            let mut clones = Vec::new();
            for (n, (add, cut)) in parts.into_iter().enumerate() {
                let items = vec![n; add];
                chunked.extend(&items);
                plain.extend(items);
                clones.push((chunked.clone(), plain.clone()));
                if let Some(length) = cut {
                    chunked.truncate(length);
                    plain.truncate(length);
                }
                if let Some(place) = chunked.get_mut(from) {
                    *place += 100;
                    plain[from] += 100;
                }
            }
            clones.push((chunked, plain));
            for (chunked, plain) in clones {
                prop_assert_eq!(chunked.copy(0..usize::MAX), plain.clone());
                prop_assert_eq!(chunked.len(), plain.len());
                prop_assert_eq!(chunked.get(from), plain.get(from).copied());
                let range = from.min(plain.len())..to.min(plain.len());
                prop_assert_eq!(chunked.copy(from..to), plain.get(range).unwrap_or_default().to_vec());
            }
        }
    }
}
