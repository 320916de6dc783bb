//! A long list that is cheap to clone: sealed chunks behind `Arc`, and one open
//! chunk. A snapshot of a world copies the open chunk and shares the rest.

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
        if self.open.len() == self.chunk {
            let full = std::mem::take(&mut self.open);
            self.sealed.push(Arc::new(full));
        }
    }

    pub fn extend(&mut self, mut items: &[T]) {
        while !items.is_empty() {
            let room = self.chunk - self.open.len();
            let (now, later) = items.split_at(room.min(items.len()));
            self.open.extend_from_slice(now);
            if self.open.len() == self.chunk {
                let full = std::mem::take(&mut self.open);
                self.sealed.push(Arc::new(full));
            }
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
    pub fn iter(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = T> {
        range.map_while(|index| self.get(index))
    }
}
