//! A line of waiting copies, by their indices: first in, first out, with returns
//! to places further back. Short lines, which is most of them, are one plain
//! deque. A long one keeps its middle in sealed chunks behind `Arc`, so that a
//! snapshot of five million waiting messages copies only both ends.

use std::collections::VecDeque;
use std::sync::Arc;

/// Items in a chunk, and the most that either end holds for long.
const CHUNK: usize = 4096;

#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Empty only if the whole line is.
    front: VecDeque<u32>,
    /// No chunk is empty.
    middle: VecDeque<Arc<Vec<u32>>>,
    /// Empty unless the front is, or was, full.
    back: VecDeque<u32>,
    length: usize,
}

/// A place in a line, good until the line changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Front(usize),
    Middle(usize, usize),
    Back(usize),
}

impl Line {
    pub const fn len(&self) -> usize {
        self.length
    }

    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    #[inline]
    pub fn front(&self) -> Option<u32> {
        self.front.front().copied()
    }

    #[inline]
    pub fn push_back(&mut self, item: u32) {
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
    pub fn pop_front(&mut self) -> Option<u32> {
        let item = self.front.pop_front()?;
        self.length -= 1;
        if self.front.is_empty() && self.length > 0 {
            self.refill();
        }
        Some(item)
    }

    fn refill(&mut self) {
        match self.middle.pop_front() {
            Some(chunk) => self.front = Arc::unwrap_or_clone(chunk).into(),
            None => std::mem::swap(&mut self.front, &mut self.back),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let middle = self.middle.iter().flat_map(|chunk| chunk.iter());
        self.front.iter().chain(middle).chain(self.back.iter()).copied()
    }

    /// The first place whose item is not `before`; the line must be sorted so.
    pub fn first_not(&self, before: impl Fn(u32) -> bool) -> Spot {
        // Returned copies belong near the front: look there first.
        match self.front.front() {
            Some(&front) if before(front) => {}
            _ => return Spot::Front(0),
        }
        if self.length == self.front.len() || self.front.back().is_some_and(|last| !before(*last)) {
            return Spot::Front(self.front.partition_point(|item| before(*item)));
        }
        let chunk = self.middle.partition_point(|chunk| chunk.last().is_some_and(|last| before(*last)));
        match self.middle.get(chunk) {
            Some(items) => Spot::Middle(chunk, items.partition_point(|item| before(*item))),
            None => Spot::Back(self.back.partition_point(|item| before(*item))),
        }
    }

    pub fn last(&self) -> Option<Spot> {
        if !self.back.is_empty() {
            return Some(Spot::Back(self.back.len() - 1));
        }
        match self.middle.back() {
            Some(chunk) => Some(Spot::Middle(self.middle.len() - 1, chunk.len() - 1)),
            None => self.front.len().checked_sub(1).map(Spot::Front),
        }
    }

    pub fn get(&self, spot: Spot) -> Option<u32> {
        match spot {
            Spot::Front(at) => self.front.get(at).copied(),
            Spot::Middle(chunk, at) => self.middle.get(chunk)?.get(at).copied(),
            Spot::Back(at) => self.back.get(at).copied(),
        }
    }

    pub fn insert(&mut self, spot: Spot, item: u32) {
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

    pub fn remove(&mut self, spot: Spot) -> Option<u32> {
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
        if self.front.is_empty() && self.length > 0 {
            self.refill();
        }
        Some(item)
    }

    /// Keeps what `keep` says, in order.
    pub fn retain(&mut self, mut keep: impl FnMut(u32) -> bool) {
        let old = std::mem::take(self);
        old.iter().filter(|item| keep(*item)).for_each(|item| self.push_back(item));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(line: &Line, plain: &[u32]) -> Result<(), TestCaseError> {
        prop_assert_eq!(line.len(), plain.len());
        prop_assert_eq!(line.front(), plain.first().copied());
        prop_assert_eq!(line.last().and_then(|spot| line.get(spot)), plain.last().copied());
        prop_assert!(line.iter().eq(plain.iter().copied()));
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Long bursts, so that chunks are sealed, opened, cut and refilled.
        #[test]
        fn a_line_is_a_sorted_list_and_a_clone_is_not_disturbed(
            steps in prop::collection::vec((0u32..5, 0u32..20_000), 1..24),
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
                        let spot = line.first_not(|item| item < odd);
                        let at = plain.partition_point(|item| *item < odd);
                        prop_assert_eq!(line.get(spot), plain.get(at).copied());
                        if plain.get(at) != Some(&odd) {
                            line.insert(spot, odd);
                            plain.insert(at, odd);
                        }
                    },
                    _ => {
                        let spot = line.first_not(|item| item < amount);
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
