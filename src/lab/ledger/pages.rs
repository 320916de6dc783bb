//! A long list that is cheap to clone: pages behind `Arc`, shared by all clones
//! until one of them writes. A ledger is part of every snapshot of a run, and
//! between two snapshots a run touches few pages.

use std::sync::Arc;

/// Entries per page. A lab of today's size fits into one.
const PAGE: usize = 1024;

/// From here on a page is made when it is first written to.
const MANY: usize = 64 * PAGE;

#[derive(Clone, Debug, Default)]
pub(super) struct Pages<T> {
    pages: Vec<Arc<Vec<T>>>,
    length: usize,
}

impl<T: Copy + Default> Pages<T> {
    /// Makes it `length` entries of nothing, in the buffers that it alone has.
    pub fn reset(&mut self, length: usize) {
        self.length = length;
        if length > MANY {
            // Most of it stays empty for long: one page of nothing does for all.
            let blank = Arc::new(vec![T::default(); PAGE]);
            self.pages.clear();
            self.pages.resize(length.div_ceil(PAGE), blank);
            return;
        }
        self.pages.truncate(length.div_ceil(PAGE));
        self.pages.resize_with(length.div_ceil(PAGE), Arc::default);
        for (at, page) in self.pages.iter_mut().enumerate() {
            let entries = PAGE.min(length - at * PAGE);
            match Arc::get_mut(page) {
                Some(page) => {
                    page.clear();
                    page.resize(entries, T::default());
                }
                None => *page = Arc::new(vec![T::default(); entries]),
            }
        }
    }

    pub const fn len(&self) -> usize {
        self.length
    }

    /// The entry; nothing beyond the end.
    pub fn get(&self, index: usize) -> T {
        self.pages.get(index / PAGE).and_then(|page| page.get(index % PAGE)).copied().unwrap_or_default()
    }

    /// The entry to be changed.
    pub fn get_mut(&mut self, index: usize) -> &mut T {
        &mut Arc::make_mut(&mut self.pages[index / PAGE])[index % PAGE]
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flat_map(|page| page.iter()).take(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_its_entries_and_shares_the_pages_nobody_wrote() {
        let mut pages = Pages::default();
        pages.reset(3 * PAGE + 7);
        *pages.get_mut(3 * PAGE + 6) = 7;
        let snapshot = pages.clone();
        *pages.get_mut(0) = 1;
        assert_eq!((pages.get(0), snapshot.get(0), pages.get(3 * PAGE + 6), pages.get(3 * PAGE + 7)), (1, 0, 7, 0));
        let shared: Vec<_> =
            pages.pages.iter().zip(&snapshot.pages).map(|(one, other)| Arc::ptr_eq(one, other)).collect();
        assert_eq!(shared, [false, true, true, true]);
    }

    #[test]
    fn it_begins_anew_with_nothing_in_it_whatever_it_shares() {
        let mut pages = Pages::default();
        pages.reset(2 * PAGE);
        *pages.get_mut(5) = 5;
        let snapshot = pages.clone();
        pages.reset(PAGE + 3);
        assert_eq!((pages.iter().sum::<u32>(), pages.iter().count(), pages.len()), (0, PAGE + 3, PAGE + 3));
        assert_eq!(snapshot.get(5), 5);
    }
}
