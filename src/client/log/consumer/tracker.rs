//! The records of one partition that `poll()` has returned, until they are both
//! done with and committed. The two come in either order, and that order is all
//! the difference between a duplicate and a loss.

use std::collections::VecDeque;

use crate::event::{CopyId, Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Done,
    /// The program has left it aside.
    Skipped,
}

#[derive(Clone, Copy, Debug)]
struct Tracked {
    offset: u64,
    copy: CopyId,
    fate: Fate,
    /// A commit of its offset was sent, and acknowledged.
    is_sent: bool,
    is_committed: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Tracker {
    records: VecDeque<Tracked>,
}

impl Tracker {
    pub fn returned(&mut self, offset: u64, copy: CopyId) {
        self.records.push_back(Tracked { offset, copy, fate: Fate::Open, is_sent: false, is_committed: false });
    }

    /// The record, unless another one stands at its offset by now.
    fn find(&mut self, offset: u64, copy: CopyId) -> Option<&mut Tracked> {
        let place = self.records.binary_search_by_key(&offset, |record| record.offset).ok()?;
        Some(&mut self.records[place]).filter(|record| record.copy == copy)
    }

    pub fn done(&mut self, offset: u64, copy: CopyId) {
        if let Some(record) = self.find(offset, copy) {
            record.fate = Fate::Done;
        }
        self.trim();
    }

    pub fn skipped(&mut self, offset: u64, copy: CopyId, out: &mut Outputs) {
        if let Some(record) = self.find(offset, copy) {
            record.fate = Fate::Skipped;
            if record.is_committed {
                out.note(Kind::Dropped(Reason::OffsetSkipped), Some(record.copy));
            }
        }
        self.trim();
    }

    /// Forgets the records from an offset on: they will be returned once more.
    pub fn seek(&mut self, offset: u64) {
        let keep = self.records.partition_point(|record| record.offset < offset);
        self.records.truncate(keep);
    }

    /// The offset to commit when nothing unfinished may be passed: that of the
    /// first open record, or else `position`.
    pub fn lowest(&self, position: u64) -> u64 {
        if flaw::is_on(Flaw::LaneCommitsHighest) {
            let highest = self.records.iter().rev().find(|record| record.fate != Fate::Open);
            return highest.map_or_else(|| self.first_open(position), |record| record.offset + 1);
        }
        self.first_open(position)
    }

    fn first_open(&self, position: u64) -> u64 {
        self.records.iter().find(|record| record.fate == Fate::Open).map_or(position, |record| record.offset)
    }

    /// A commit up to `offset` goes out.
    pub fn commit_sent(&mut self, offset: u64, out: &mut Outputs) {
        let covered = self.records.iter_mut().take_while(|record| record.offset < offset);
        for record in covered.filter(|record| !record.is_sent) {
            record.is_sent = true;
            out.note(Kind::AckSent, Some(record.copy));
        }
    }

    /// What a commit up to `offset` goes past that no earlier one is known to.
    pub fn covered(&self, offset: u64) -> impl Iterator<Item = CopyId> + '_ {
        let covered = self.records.iter().take_while(move |record| record.offset < offset);
        covered.filter(|record| !record.is_committed).map(|record| record.copy)
    }

    /// It is acknowledged: what was left aside will not come again.
    pub fn committed(&mut self, offset: u64, out: &mut Outputs) {
        let covered = self.records.iter_mut().take_while(|record| record.offset < offset);
        for record in covered.filter(|record| !record.is_committed) {
            record.is_committed = true;
            if record.fate == Fate::Skipped {
                out.note(Kind::Dropped(Reason::OffsetSkipped), Some(record.copy));
            }
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.records.front().is_some_and(|record| record.is_committed && record.fate != Fate::Open) {
            self.records.pop_front();
        }
    }

    /// Records that this process alone has, for its group: committed and not done.
    pub fn at_risk(&self) -> impl Iterator<Item = CopyId> + '_ {
        self.records.iter().filter(|record| record.is_committed && record.fate == Fate::Open).map(|record| record.copy)
    }
}
