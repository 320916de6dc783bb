//! First in, first out, with returns to places further back. Short lines, which
//! is most of them, are one plain deque; a long one keeps its middle in sealed
//! chunks, and a snapshot of five million waiting messages copies only both ends.

use std::collections::VecDeque;
use std::sync::Arc;

/// Items in a line, in chunks of `CHUNK`: the most that either end holds for long.
#[derive(Clone, Debug)]
pub struct Line<T, const CHUNK: usize> {
    /// Empty only if the whole line is.
    front: VecDeque<T>,
    /// No chunk is empty.
    middle: VecDeque<Arc<Vec<T>>>,
    /// Empty unless the front is, or was, full.
    back: VecDeque<T>,
    length: usize,
}

/// A place in a line, good until the line changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Front(usize),
    Middle(usize, usize),
    Back(usize),
}

impl<T, const CHUNK: usize> Default for Line<T, CHUNK> {
    fn default() -> Self {
        Self { front: VecDeque::new(), middle: VecDeque::new(), back: VecDeque::new(), length: 0 }
    }
}

impl<T: Clone, const CHUNK: usize> Line<T, CHUNK> {
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    #[inline]
    #[must_use]
    pub fn front(&self) -> Option<&T> {
        self.front.front()
    }

    #[inline]
    pub fn push_back(&mut self, item: T) {
        self.length += 1;
        if self.length <= CHUNK && self.middle.is_empty() && self.back.is_empty() {
            return self.front.push_back(item);
        }
        self.back.push_back(item);
        if self.back.len() == CHUNK {
            let sealed = Vec::from(std::mem::take(&mut self.back));
            self.middle.push_back(Arc::new(sealed));
        }
    }

    #[inline]
    pub fn pop_front(&mut self) -> Option<T> {
        let item = self.front.pop_front()?;
        self.length -= 1;
        self.refill();
        Some(item)
    }

    #[inline]
    fn refill(&mut self) {
        if self.front.is_empty() && self.length > 0 {
            match self.middle.pop_front() {
                Some(chunk) => self.front = Arc::unwrap_or_clone(chunk).into(),
                None => std::mem::swap(&mut self.front, &mut self.back),
            }
        }
    }

    /// From the oldest to the newest.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let middle = self.middle.iter().flat_map(|chunk| chunk.iter());
        self.front.iter().chain(middle).chain(self.back.iter())
    }

    /// The first place whose item is not `before`; the line must be sorted so.
    pub fn first_not(&self, before: impl Fn(&T) -> bool) -> Spot {
        // Returned items belong near the front: look there first.
        match self.front.front() {
            Some(front) if before(front) => {}
            _ => return Spot::Front(0),
        }
        if self.length == self.front.len() || self.front.back().is_some_and(|last| !before(last)) {
            return Spot::Front(self.front.partition_point(|item| before(item)));
        }
        let chunk = self.middle.partition_point(|chunk| chunk.last().is_some_and(&before));
        match self.middle.get(chunk) {
            Some(items) => Spot::Middle(chunk, items.partition_point(|item| before(item))),
            None => Spot::Back(self.back.partition_point(|item| before(item))),
        }
    }

    #[must_use]
    pub fn last(&self) -> Option<Spot> {
        if !self.back.is_empty() {
            return Some(Spot::Back(self.back.len() - 1));
        }
        match self.middle.back() {
            Some(chunk) => Some(Spot::Middle(self.middle.len() - 1, chunk.len() - 1)),
            None => self.front.len().checked_sub(1).map(Spot::Front),
        }
    }

    #[must_use]
    pub fn get(&self, spot: Spot) -> Option<&T> {
        match spot {
            Spot::Front(at) => self.front.get(at),
            Spot::Middle(chunk, at) => self.middle.get(chunk)?.get(at),
            Spot::Back(at) => self.back.get(at),
        }
    }

    pub fn insert(&mut self, spot: Spot, item: T) {
        self.length += 1;
        match spot {
            Spot::Front(at) => self.front.insert(at, item),
            Spot::Middle(chunk, at) => Arc::make_mut(&mut self.middle[chunk]).insert(at, item),
            Spot::Back(at) => self.back.insert(at, item),
        }
        if self.front.len() > 2 * CHUNK {
            let sealed = Vec::from(self.front.split_off(CHUNK));
            self.middle.push_front(Arc::new(sealed));
        }
    }

    pub fn remove(&mut self, spot: Spot) -> Option<T> {
        let item = match spot {
            Spot::Front(at) => self.front.remove(at)?,
            Spot::Back(at) => self.back.remove(at)?,
            Spot::Middle(chunk, at) => {
                let items = Arc::make_mut(self.middle.get_mut(chunk)?);
                let item = items.remove(at);
                if items.is_empty() {
                    self.middle.remove(chunk);
                }
                item
            }
        };
        self.length -= 1;
        self.refill();
        Some(item)
    }

    /// Keeps what `keep` says, in order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut old = std::mem::take(self);
        while let Some(item) = old.pop_front() {
            if keep(&item) {
                self.push_back(item);
            }
        }
    }
}

impl<T: Clone, const CHUNK: usize> FromIterator<T> for Line<T, CHUNK> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut line = Self::default();
        items.into_iter().for_each(|item| line.push_back(item));
        line
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    type Line = super::Line<u32, 4096>;

    fn check(line: &Line, plain: &[u32]) -> Result<(), TestCaseError> {
        prop_assert_eq!((line.len(), line.is_empty()), (plain.len(), plain.is_empty()));
        prop_assert_eq!(line.front(), plain.first());
        prop_assert_eq!(line.last().and_then(|spot| line.get(spot)), plain.last());
        prop_assert!(line.iter().eq(plain));
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Long bursts, so that chunks are sealed, opened, cut and refilled.
        #[test]
        fn a_line_is_a_sorted_list_and_a_clone_is_not_disturbed(
            steps in prop::collection::vec((0u32..6, 0u32..20_000), 1..24),
        ) {
            let (mut line, mut plain, mut next) = (Line::default(), Vec::new(), 0);
            let mut clones: Vec<(Line, Vec<u32>)> = Vec::new();
            for (what, amount) in steps {
                match what {
                    0 | 1 => for _ in 0..amount {
                        line.push_back(next);
                        plain.push(next);
                        next += 2;
                    },
                    2 => {
                        let gone = (amount as usize).min(plain.len());
                        for item in plain.drain(..gone) {
                            prop_assert_eq!(line.pop_front(), Some(item));
                        }
                    }
                    3 => for odd in (1..next).step_by(next as usize / 40 + 2).map(|n| n | 1) {
                        let spot = line.first_not(|item| *item < odd);
                        let at = plain.partition_point(|item| *item < odd);
                        prop_assert_eq!(line.get(spot), plain.get(at));
                        if plain.get(at) != Some(&odd) {
                            line.insert(spot, odd);
                            plain.insert(at, odd);
                        }
                    },
                    4 => {
                        line.retain(|item| item % 7 != amount % 7);
                        plain.retain(|item| item % 7 != amount % 7);
                    }
                    _ => {
                        let spot = line.first_not(|item| *item < amount);
                        let at = plain.partition_point(|item| *item < amount);
                        let removed = line.remove(spot);
                        prop_assert_eq!(removed, (at < plain.len()).then(|| plain.remove(at)));
                    }
                }
                check(&line, &plain)?;
                clones.push((line.clone(), plain.clone()));
            }
            for (line, plain) in clones {
                check(&line, &plain)?;
            }
        }
    }
}
