//! A list that grows at the end, is read anywhere, and is cut at both ends, as a
//! log is. Its chunks are sealed as they fill up; only the last is open.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Items in chunks of `CHUNK`.
#[derive(Clone, Debug)]
pub struct List<T, const CHUNK: usize> {
    sealed: VecDeque<Arc<Vec<T>>>,
    open: Vec<T>,
    /// How many items of the first chunk are gone already.
    skipped: usize,
}

impl<T, const CHUNK: usize> Default for List<T, CHUNK> {
    fn default() -> Self {
        Self { sealed: VecDeque::new(), open: Vec::new(), skipped: 0 }
    }
}

impl<T: Clone, const CHUNK: usize> List<T, CHUNK> {
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.sealed.len() * CHUNK + self.open.len() - self.skipped
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        let place = index + self.skipped;
        match self.sealed.get(place / CHUNK) {
            Some(chunk) => chunk.get(place % CHUNK),
            None => self.open.get(place - self.sealed.len() * CHUNK),
        }
    }

    /// The item to be changed. Unshares its chunk.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let (place, sealed) = (index + self.skipped, self.sealed.len());
        match self.sealed.get_mut(place / CHUNK) {
            Some(chunk) => Arc::make_mut(chunk).get_mut(place % CHUNK),
            None => self.open.get_mut(place - sealed * CHUNK),
        }
    }

    #[must_use]
    pub fn first(&self) -> Option<&T> {
        self.get(0)
    }

    #[inline]
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.open.last().or_else(|| self.get(self.len().checked_sub(1)?))
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.sealed.iter().flat_map(|chunk| chunk.iter()).chain(&self.open).skip(self.skipped)
    }

    #[inline]
    pub fn push(&mut self, item: T) {
        self.open.push(item);
        self.seal_if_full();
    }

    /// Takes the newest item off.
    pub fn pop(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        if self.open.is_empty() {
            self.open = Arc::unwrap_or_clone(self.sealed.pop_back()?);
        }
        let last = self.open.pop();
        self.drop_skipped();
        last
    }

    /// Keeps the oldest `length` items.
    pub fn truncate(&mut self, length: usize) {
        if length >= self.len() {
            return;
        }
        let end = length + self.skipped;
        if end / CHUNK < self.sealed.len() {
            self.open = self.sealed[end / CHUNK].as_ref().clone();
            self.sealed.truncate(end / CHUNK);
        }
        self.open.truncate(end - self.sealed.len() * CHUNK);
        self.drop_skipped();
    }

    /// Forgets the oldest `items`.
    pub fn forget(&mut self, items: usize) {
        self.skipped += items.min(self.len());
        self.drop_skipped();
    }

    fn drop_skipped(&mut self) {
        while self.skipped >= CHUNK && self.sealed.pop_front().is_some() {
            self.skipped -= CHUNK;
        }
        if self.sealed.is_empty() && self.skipped > 0 {
            self.open.drain(..self.skipped);
            self.skipped = 0;
        }
    }

    #[inline]
    fn seal_if_full(&mut self) {
        if self.open.len() == CHUNK {
            let full = std::mem::replace(&mut self.open, Vec::with_capacity(CHUNK));
            self.sealed.push_back(Arc::new(full));
        }
    }
}

impl<T: Copy, const CHUNK: usize> List<T, CHUNK> {
    pub fn extend(&mut self, mut items: &[T]) {
        while !items.is_empty() {
            let room = CHUNK - self.open.len();
            let (now, later) = items.split_at(room.min(items.len()));
            self.open.extend_from_slice(now);
            self.seal_if_full();
            items = later;
        }
    }

    /// The items of a range, drawn in to what there is.
    #[must_use]
    pub fn copy(&self, range: Range<usize>) -> Vec<T> {
        let end = range.end.min(self.len()) + self.skipped;
        let mut start = (range.start + self.skipped).min(end);
        let mut items = Vec::with_capacity(end - start);
        while start < end {
            let first = start / CHUNK * CHUNK;
            let chunk = self.sealed.get(start / CHUNK).map_or(&self.open, |chunk| chunk.as_ref());
            let stop = end.min(first + CHUNK);
            items.extend_from_slice(&chunk[start - first..stop - first]);
            start = stop;
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHUNK: usize = 8;

    fn check(list: &List<u32, CHUNK>, plain: &[u32], from: usize, to: usize) -> Result<(), TestCaseError> {
        prop_assert_eq!(list.len(), plain.len());
        prop_assert_eq!((list.first(), list.last()), (plain.first(), plain.last()));
        prop_assert!(list.iter().eq(plain));
        prop_assert!((0..plain.len() + CHUNK).all(|index| list.get(index) == plain.get(index)));
        let range = from.min(plain.len())..to.min(plain.len());
        prop_assert_eq!(list.copy(from..to), plain.get(range).unwrap_or_default().to_vec());
        prop_assert!(list.sealed.len() <= plain.len() / CHUNK + 1, "what is forgotten is freed");
        Ok(())
    }

    proptest! {
        #[test]
        fn a_list_is_a_vector_that_is_cut_at_both_ends_and_a_clone_is_not_disturbed(
            steps in prop::collection::vec((0u32..6, 0usize..5 * CHUNK), 1..32),
            (from, to) in (0usize..6 * CHUNK, 0usize..6 * CHUNK),
        ) {
            let (mut list, mut plain) = (List::default(), Vec::new());
            let mut clones: Vec<(List<u32, CHUNK>, Vec<u32>)> = Vec::new();
            for (number, (what, amount)) in (1..).zip(steps) {
                match what {
                    0 => (0..amount).for_each(|_| {
                        list.push(number);
                        plain.push(number);
                    }),
                    1 => {
                        list.extend(&vec![number; amount]);
                        plain.extend(vec![number; amount]);
                    }
                    2 => for _ in 0..amount / 2 {
                        prop_assert_eq!(list.pop(), plain.pop());
                    },
                    3 => {
                        list.truncate(amount);
                        plain.truncate(amount);
                    }
                    4 => {
                        list.forget(amount);
                        plain.drain(..amount.min(plain.len()));
                    }
                    _ => {
                        prop_assert_eq!(list.get_mut(amount).is_some(), amount < plain.len());
                        if let (Some(item), Some(place)) = (list.get_mut(amount), plain.get_mut(amount)) {
                            *item += 100;
                            *place += 100;
                        }
                    }
                }
                check(&list, &plain, from, to)?;
                clones.push((list.clone(), plain.clone()));
            }
            for (list, plain) in clones {
                check(&list, &plain, from, to)?;
            }
        }
    }
}
