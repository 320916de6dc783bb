//! A table by index, written anywhere.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// Entries of a page: a clone copies a pointer for each page and a few pages whole,
/// so small entries go into larger ones.
const fn page_of<T>() -> usize {
    match size_of::<T>() {
        0..4 => 8192,
        4..8 => 4096,
        8..16 => 2048,
        16..32 => 1024,
        _ => 512,
    }
}

/// Room for so many is there from the first entry on.
const FEW: usize = 64;

/// How many pages stay open. A run writes in a few places at a time: where
/// messages come in, where they take effect, where they are settled.
const OPEN: usize = 2;

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
    /// What stands in place of pages that were given up.
    blank: Option<Arc<Vec<T>>>,
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
        Self { pages: Vec::new(), length: 0, open: [NONE; OPEN], next: 0, blank: None }
    }
}

impl<T> Pages<T> {
    /// Entries of a page.
    pub const PAGE: usize = page_of::<T>();

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
            table.add_page(Vec::with_capacity(capacity.min(Self::PAGE)));
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
        let page = index / Self::PAGE;
        if page == self.pages.len() {
            // The first may stay small; where there are several, they fill up.
            self.add_page(Vec::with_capacity(if page == 0 { FEW } else { Self::PAGE }));
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

impl<T: Clone> Pages<T> {
    /// Gives a full page up, by the index of any of its entries: all of them are
    /// `nothing` now. Pages that were given up share one.
    pub fn give_up(&mut self, index: usize, nothing: &T) {
        let page = index / Self::PAGE;
        if self.pages.get(page).is_some_and(|page| page.entries().len() == Self::PAGE) {
            let blank = self.blank.get_or_insert_with(|| Arc::new(vec![nothing.clone(); Self::PAGE]));
            self.pages[page] = Page::Sealed(blank.clone());
            self.open.iter_mut().filter(|open| **open == page).for_each(|open| *open = NONE);
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
        &mut self.page_mut(index / Self::PAGE)[index % Self::PAGE]
    }

    #[cold]
    fn grow(&mut self, length: usize) {
        while self.length < length {
            let first = self.length;
            let entries = Self::PAGE.min(length - first / Self::PAGE * Self::PAGE);
            let page = self.last_page(first);
            page.resize(entries, T::default());
            self.length = first / Self::PAGE * Self::PAGE + entries;
        }
    }

    /// Makes it `length` entries of nothing, in the buffers that it alone has.
    pub fn reset(&mut self, length: usize) {
        self.pages.truncate(length.div_ceil(Self::PAGE));
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
        self.pages
            .get(index / Self::PAGE)
            .and_then(|page| page.entries().get(index % Self::PAGE))
            .copied()
            .unwrap_or_default()
    }
}

impl<T> Index<usize> for Pages<T> {
    type Output = T;
    #[inline]
    fn index(&self, index: usize) -> &T {
        &self.pages[index / Self::PAGE].entries()[index % Self::PAGE]
    }
}

impl<T: Clone> IndexMut<usize> for Pages<T> {
    #[inline]
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.page_mut(index / Self::PAGE)[index % Self::PAGE]
    }
}

#[cfg(test)]
mod tests;
