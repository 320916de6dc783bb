//! A table by index, written anywhere.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// Entries of a page.
const PAGE: usize = 512;

/// Room for so many is there from the first entry on.
const FEW: usize = 64;

/// How many pages stay open. A run writes in a few places at a time: where
/// messages come in, where they take effect, where they are settled.
const OPEN: usize = 4;

const NONE: usize = usize::MAX;

/// Entries by index. What was never written is as [`Default`] makes it.
#[derive(Clone, Debug)]
pub struct Pages<T> {
    /// All are full but the last.
    pages: Vec<Page<T>>,
    length: usize,
    /// The pages that are open, and which of them is sealed next.
    open: [usize; OPEN],
    next: usize,
}

#[derive(Clone, Debug)]
enum Page<T> {
    Open(Vec<T>),
    Sealed(Arc<Vec<T>>),
}

impl<T> Page<T> {
    #[inline]
    fn entries(&self) -> &[T] {
        match self {
            Self::Open(entries) => entries,
            Self::Sealed(entries) => entries,
        }
    }
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: Vec::new(), length: 0, open: [NONE; OPEN], next: 0 }
    }
}

impl<T> Pages<T> {
    /// One more than the highest index that was written to.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flat_map(|page| page.entries())
    }
}

impl<T: Clone> Pages<T> {
    /// An empty table that has room for the first entries.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let mut table = Self::default();
        if capacity > 0 {
            table.add_page(Vec::with_capacity(capacity.min(PAGE)));
        }
        table
    }

    /// Adds an entry and returns its index.
    pub fn push(&mut self, entry: T) -> usize {
        let index = self.length;
        self.last_page(index).push(entry);
        self.length += 1;
        index
    }

    /// The page of the first index that is not there yet.
    fn last_page(&mut self, index: usize) -> &mut Vec<T> {
        let page = index / PAGE;
        if page == self.pages.len() {
            // The first may stay small; where there are several, they fill up.
            self.add_page(Vec::with_capacity(if page == 0 { FEW } else { PAGE }));
        }
        self.page_mut(page)
    }

    fn add_page(&mut self, entries: Vec<T>) {
        self.pages.push(Page::Open(entries));
        self.list_as_open(self.pages.len() - 1);
    }

    #[inline(always)]
    fn page_mut(&mut self, page: usize) -> &mut Vec<T> {
        if matches!(self.pages[page], Page::Sealed(_)) {
            self.open(page);
        }
        match &mut self.pages[page] {
            Page::Open(entries) => entries,
            Page::Sealed(entries) => Arc::make_mut(entries),
        }
    }

    #[cold]
    fn open(&mut self, page: usize) {
        if let Page::Sealed(entries) = &mut self.pages[page] {
            let entries = Arc::unwrap_or_clone(std::mem::take(entries));
            self.pages[page] = Page::Open(entries);
            self.list_as_open(page);
        }
    }

    /// Seals the page that was opened longest ago.
    fn list_as_open(&mut self, page: usize) {
        let oldest = std::mem::replace(&mut self.open[self.next], page);
        self.next = (self.next + 1) % OPEN;
        if let Some(Page::Open(entries)) = self.pages.get_mut(oldest) {
            self.pages[oldest] = Page::Sealed(Arc::new(std::mem::take(entries)));
        }
    }
}

impl<T: Clone + Default> Pages<T> {
    /// The entry to be changed.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> &mut T {
        if index >= self.length {
            self.grow(index + 1);
        }
        &mut self.page_mut(index / PAGE)[index % PAGE]
    }

    #[cold]
    fn grow(&mut self, length: usize) {
        while self.length < length {
            let first = self.length;
            let entries = PAGE.min(length - first / PAGE * PAGE);
            let page = self.last_page(first);
            page.resize(entries, T::default());
            self.length = first / PAGE * PAGE + entries;
        }
    }

    /// Makes it `length` entries of nothing, in the buffers that it alone has.
    pub fn reset(&mut self, length: usize) {
        self.pages.truncate(length.div_ceil(PAGE));
        self.open.iter_mut().filter(|page| **page >= self.pages.len()).for_each(|page| *page = NONE);
        for page in &mut self.pages {
            match page {
                Page::Open(entries) => entries.clear(),
                Page::Sealed(shared) => match Arc::get_mut(shared) {
                    Some(entries) => entries.clear(),
                    None => *shared = Arc::default(),
                },
            }
        }
        self.length = 0;
        self.grow(length);
    }
}

impl<T: Copy + Default> Pages<T> {
    /// The entry.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> T {
        self.pages.get(index / PAGE).and_then(|page| page.entries().get(index % PAGE)).copied().unwrap_or_default()
    }
}

impl<T> Index<usize> for Pages<T> {
    type Output = T;
    #[inline]
    fn index(&self, index: usize) -> &T {
        &self.pages[index / PAGE].entries()[index % PAGE]
    }
}

impl<T: Clone> IndexMut<usize> for Pages<T> {
    #[inline]
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.page_mut(index / PAGE)[index % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl<T> Pages<T> {
        fn is_shared_with(&self, other: &Self) -> Vec<bool> {
            let pairs = self.pages.iter().zip(&other.pages);
            pairs.map(|pair| matches!(pair, (Page::Sealed(one), Page::Sealed(two)) if Arc::ptr_eq(one, two))).collect()
        }
    }

    fn check(table: &Pages<u32>, plain: &[u32]) -> Result<(), TestCaseError> {
        let is_listed = |page| table.open.iter().filter(|open| **open == page).count();
        for (place, page) in table.pages.iter().enumerate() {
            prop_assert_eq!(is_listed(place), usize::from(matches!(page, Page::Open(_))));
        }
        prop_assert_eq!(table.len(), plain.len());
        prop_assert!(table.iter().eq(plain));
        prop_assert!((0..plain.len()).all(|index| table.get(index) == plain[index] && table[index] == plain[index]));
        prop_assert_eq!(table.get(plain.len()), 0);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_table_is_a_vector_and_a_clone_is_not_disturbed(
            steps in prop::collection::vec((0u32..5, 0usize..9 * PAGE), 1..24),
            capacity in 0usize..2 * PAGE,
        ) {
            let (mut table, mut plain) = (Pages::with_capacity(capacity), Vec::new());
            let mut clones: Vec<(Pages<u32>, Vec<u32>)> = Vec::new();
            for (number, (what, place)) in (1..).zip(steps) {
                match what {
                    0 => {
                        plain.resize(plain.len().max(place + 1), 0);
                        *table.get_mut(place) += number;
                        plain[place] += number;
                    }
                    1 => for _ in 0..place / 4 {
                        prop_assert_eq!(table.push(number), plain.len());
                        plain.push(number);
                    },
                    // Here and there, more places than stay open.
                    2 => for index in (0..plain.len()).step_by(PAGE / 2 + 1) {
                        table[index] += number;
                        plain[index] += number;
                    },
                    3 => if let Some(index) = place.checked_rem(plain.len()) {
                        table[index] = number;
                        plain[index] = number;
                    },
                    _ => {
                        table.reset(place / 2);
                        plain = vec![0; place / 2];
                    }
                }
                check(&table, &plain)?;
                clones.push((table.clone(), plain.clone()));
                // A rewind goes on with a clone.
                if place % 5 == 0 {
                    (table, plain) = clones[place % clones.len()].clone();
                }
            }
            for (table, plain) in clones {
                check(&table, &plain)?;
            }
        }
    }

    #[test]
    fn a_clone_shares_all_pages_but_those_that_were_open() {
        let mut table: Pages<u32> = Pages::default();
        *table.get_mut(9 * PAGE + 7) = 7;
        let snapshot = table.clone();
        assert_eq!(table.is_shared_with(&snapshot).iter().filter(|shared| **shared).count(), 10 - OPEN);
        *table.get_mut(0) = 1;
        assert_eq!((table.get(0), snapshot.get(0)), (1, 0));
        let shared = table.is_shared_with(&snapshot);
        assert!(!shared[0] && shared[1..10 - OPEN].iter().all(|shared| *shared), "{shared:?}");
    }

    #[test]
    fn it_begins_anew_in_the_buffers_that_it_alone_has() {
        let mut table: Pages<u32> = Pages::default();
        *table.get_mut(5 * PAGE) = 1;
        let buffer = table.pages[0].entries().as_ptr();
        table.reset(3 * PAGE);
        assert_eq!((table.iter().sum::<u32>(), table.len()), (0, 3 * PAGE));
        assert_eq!(table.pages[0].entries().as_ptr(), buffer);
        let snapshot = table.clone();
        table.reset(PAGE);
        *table.get_mut(5) = 5;
        assert_eq!((snapshot.get(5), snapshot.len()), (0, 3 * PAGE));
    }
}
