//! A table in pages that clones share until one of them writes. A snapshot of a
//! world copies page pointers; the run that goes on copies only the pages it
//! touches.

use std::sync::Arc;

/// Entries per page: 4 KiB of numbers.
const PAGE: usize = 1024;

/// Entries by index, all as [`Default`] makes them at first.
#[derive(Clone, Debug)]
pub struct Pages<T> {
    pages: Vec<Option<Arc<[T; PAGE]>>>,
}

/// Numbers by index, all zero at first.
pub type Tally = Pages<u32>;

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T: Copy + Default> Pages<T> {
    #[must_use]
    pub fn get(&self, index: usize) -> T {
        self.pages.get(index / PAGE).and_then(Option::as_ref).map_or_else(T::default, |page| page[index % PAGE])
    }

    /// The entry to be changed. Allocates once a page.
    pub fn get_mut(&mut self, index: usize) -> &mut T {
        let place = index / PAGE;
        if place >= self.pages.len() {
            self.pages.resize_with(place + 1, || None);
        }
        let page = self.pages[place].get_or_insert_with(|| Arc::new([T::default(); PAGE]));
        &mut Arc::make_mut(page)[index % PAGE]
    }

    /// One more than the highest index that may have been written to.
    #[must_use]
    pub fn end(&self) -> usize {
        self.pages.len() * PAGE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_zero_until_it_is_written_and_pages_do_not_mix() {
        let mut tally = Tally::default();
        *tally.get_mut(3 * PAGE + 5) = 7;
        *tally.get_mut(5) += 1;
        assert_eq!((tally.get(3 * PAGE + 5), tally.get(5), tally.get(PAGE + 5), tally.get(99 * PAGE)), (7, 1, 0, 0));
        assert_eq!(tally.end(), 4 * PAGE);
    }

    #[test]
    fn a_clone_keeps_its_numbers_and_shares_the_pages_nobody_wrote() {
        let mut tally = Tally::default();
        *tally.get_mut(0) = 1;
        *tally.get_mut(PAGE) = 1;
        let snapshot = tally.clone();
        *tally.get_mut(0) = 2;
        assert_eq!((snapshot.get(0), tally.get(0)), (1, 2));
        let same =
            |place: usize| Arc::ptr_eq(tally.pages[place].as_ref().unwrap(), snapshot.pages[place].as_ref().unwrap());
        assert!(!same(0) && same(1));
    }
}
