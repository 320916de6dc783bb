//! The log of one group in memory: what lies behind the last snapshot. It
//! may grow long, and is part of every snapshot of a world.

use crate::pages::List;
use crate::protocol::raft::{Entry, Position};

#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The last entry that is not here any more: it is in the snapshot.
    base: Position,
    entries: List<Entry, 128>,
}

impl Log {
    /// An empty log that goes on behind `base`.
    #[must_use]
    pub fn behind(base: Position) -> Self {
        Self { base, ..Self::default() }
    }

    #[must_use]
    pub fn base(&self) -> Position {
        self.base
    }

    #[must_use]
    pub fn last(&self) -> Position {
        self.entries.last().map_or(self.base, |entry| entry.at)
    }

    #[must_use]
    pub fn get(&self, index: u64) -> Option<&Entry> {
        self.entries.get(index.checked_sub(self.base.index + 1)? as usize)
    }

    /// The term of an entry, if it is here or the last of the snapshot.
    #[must_use]
    pub fn term(&self, index: u64) -> Option<u64> {
        if index == self.base.index { Some(self.base.term) } else { self.get(index).map(|entry| entry.at.term) }
    }

    #[must_use]
    pub fn has(&self, at: Position) -> bool {
        self.term(at.index) == Some(at.term)
    }

    /// The entries of a range of indices, as far as they are here.
    pub fn range(&self, from: u64, through: u64) -> impl Iterator<Item = &Entry> {
        (from.max(self.base.index + 1)..=through.min(self.last().index)).filter_map(|index| self.get(index))
    }

    /// Adds the entry that follows the last.
    pub fn push(&mut self, entry: Entry) {
        debug_assert_eq!(entry.at.index, self.last().index + 1, "a log has no holes");
        self.entries.push(entry);
    }

    /// Cuts the newest entry off.
    pub fn pop(&mut self) -> Option<Entry> {
        self.entries.pop()
    }

    /// Forgets everything through `at`, which is here: a snapshot has it.
    pub fn forget_through(&mut self, at: Position) {
        if at.index <= self.base.index {
            return;
        }
        self.entries.forget((at.index - self.base.index) as usize);
        self.base = at;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::raft::Body;

    proptest! {
        #[test]
        fn a_log_is_a_list_whose_front_can_go(steps in prop::collection::vec((0u64..400, 0usize..300, 0u64..300), 1..8)) {
            let mut log = Log::default();
            let mut plain: Vec<Position> = Vec::new();
            let mut base = 0;
            for (add, cut, forget) in steps {
                for _ in 0..add {
                    let at = Position { term: 1, index: base + plain.len() as u64 + 1 };
                    log.push(Entry { at, body: Body::Nothing, about: None });
                    plain.push(at);
                }
                let clone = log.clone();
                let before = plain.clone();
                for _ in 0..cut {
                    prop_assert_eq!(log.pop().map(|entry| entry.at), plain.pop());
                }
                let gone = forget.min(plain.len() as u64);
                if gone > 0 {
                    log.forget_through(plain[gone as usize - 1]);
                    plain.drain(..gone as usize);
                }
                let all: Vec<Position> = clone.range(0, u64::MAX - 1).map(|entry| entry.at).collect();
                prop_assert_eq!(all, before);
                base += gone;
                let all: Vec<Position> = log.range(0, u64::MAX - 1).map(|entry| entry.at).collect();
                prop_assert_eq!(&all, &plain);
                prop_assert_eq!(log.last().index, base + plain.len() as u64);
                prop_assert!(log.get(base).is_none());
            }
        }
    }
}
