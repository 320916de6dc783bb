//! What waits in a queue, in the order in which it will be handed out: one line
//! for each priority, the highest first. RabbitMQ keeps a whole queue for each
//! (`rabbit_priority_queue`), so the head of the queue is the head of the highest
//! one that is not empty, for deliveries, expiry and the length limit alike.
//! That also means: a full queue with priorities drops its most important
//! message first, and an expired one waits behind whatever is more important.

use super::entry::{Entries, EntryIndex};
use crate::flaw::{self, Flaw};
use crate::pages::{self, Spot};

/// Copies, in chunks of 16 KiB.
type Line = pages::Line<EntryIndex, 4096>;

#[derive(Clone, Debug, Default)]
pub(super) struct Ready {
    lowest: Line,
    /// Priorities from 1 on; empty in a queue without priorities.
    higher: Vec<Line>,
    length: usize,
}

impl Ready {
    pub fn new(max_priority: u8) -> Self {
        Self { lowest: Line::default(), higher: vec![Line::default(); usize::from(max_priority)], length: 0 }
    }

    pub const fn len(&self) -> usize {
        self.length
    }

    /// The copy that is next, and its priority.
    #[inline]
    pub fn head(&self) -> Option<EntryIndex> {
        if self.higher.is_empty() { self.lowest.front().copied() } else { self.line(self.highest()).front().copied() }
    }

    #[inline]
    pub fn pop(&mut self) -> Option<EntryIndex> {
        let priority = if self.higher.is_empty() { 0 } else { self.highest() };
        let popped = self.line_mut(priority).pop_front();
        self.length -= usize::from(popped.is_some());
        popped
    }

    /// The highest priority that has anything waiting.
    fn highest(&self) -> u8 {
        self.higher.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at as u8 + 1)
    }

    pub fn push(&mut self, priority: u8, index: EntryIndex) {
        self.length += 1;
        self.line_mut(priority).push_back(index);
    }

    /// Puts a copy back to its original place.
    pub fn put_back(&mut self, index: EntryIndex, entries: &Entries) {
        let entry = &entries[index];
        let priority = if flaw::is_on(Flaw::RequeueLosesPriority) { 0 } else { entry.priority };
        let sequence = entry.sequence;
        let line = self.line_mut(priority);
        let spot = line.first_not(|other| entries[*other].sequence < sequence);
        line.insert(spot, index);
        self.length += 1;
    }

    /// Finds a copy by its number.
    pub fn find(&self, sequence: u64, entries: &Entries) -> Option<EntryIndex> {
        (0..=self.higher.len() as u8).find_map(|priority| {
            let line = self.line(priority);
            let first = entries[*line.front()?].sequence;
            // Where no number is missing, it says how far back a copy is.
            let likely = sequence.checked_sub(first).and_then(|back| line.get(Spot::Front(back as usize)));
            if let Some(likely) = likely.filter(|index| entries[**index].sequence == sequence) {
                return Some(*likely);
            }
            let found = *line.get(line.first_not(|other| entries[*other].sequence < sequence))?;
            (entries[found].sequence == sequence).then_some(found)
        })
    }

    /// Takes a copy out of the middle.
    pub fn withdraw(&mut self, index: EntryIndex, entries: &Entries) -> bool {
        let entry = &entries[index];
        let sequence = entry.sequence;
        let line = self.line_mut(entry.priority);
        let spot: Spot = line.first_not(|other| entries[*other].sequence < sequence);
        let found = line.get(spot) == Some(&index);
        if found {
            line.remove(spot);
            self.length -= 1;
        }
        found
    }

    /// The copy that came last to the line served last.
    pub fn tail(&self) -> Option<EntryIndex> {
        let line = std::iter::once(&self.lowest).chain(&self.higher).find(|line| !line.is_empty())?;
        line.get(line.last()?).copied()
    }

    /// How many wait in the line of a priority.
    pub fn waiting_at(&self, priority: u8) -> usize {
        self.line(priority).len()
    }

    /// All copies, next one first.
    pub fn iter(&self) -> impl Iterator<Item = EntryIndex> {
        self.higher.iter().rev().chain(std::iter::once(&self.lowest)).flat_map(Line::iter).copied()
    }

    pub fn retain(&mut self, mut keep: impl FnMut(EntryIndex) -> bool) {
        for line in std::iter::once(&mut self.lowest).chain(&mut self.higher) {
            line.retain(|index| keep(*index));
        }
        self.length = self.lowest.len() + self.higher.iter().map(Line::len).sum::<usize>();
    }

    #[inline]
    fn line(&self, priority: u8) -> &Line {
        match priority.checked_sub(1) {
            None => &self.lowest,
            Some(at) => &self.higher[usize::from(at)],
        }
    }

    #[inline]
    fn line_mut(&mut self, priority: u8) -> &mut Line {
        match priority.checked_sub(1) {
            None => &mut self.lowest,
            Some(at) => &mut self.higher[usize::from(at)],
        }
    }
}
