//! Where each leader's time began in the log. Two logs agree up to the end of the
//! last epoch that both have, so a follower that names the epoch of its last record
//! learns where its log and the leader's part (KIP-101, KIP-279). Before, followers
//! cut their logs at their own high watermark, which lags behind the leader's, and
//! lost committed records when leaders changed twice in a row.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Epochs {
    /// (epoch, offset of its first record), both ascending.
    list: Vec<(u32, u64)>,
}

impl Epochs {
    pub fn latest(&self) -> Option<u32> {
        self.list.last().map(|(epoch, _)| *epoch)
    }

    /// Records from `start` on are of this epoch. What contradicts that goes.
    pub fn assign(&mut self, epoch: u32, start: u64) {
        if self.list.last().is_some_and(|last| last.0 == epoch && last.1 <= start) {
            return;
        }
        while self.list.last().is_some_and(|last| last.0 >= epoch || last.1 >= start) {
            self.list.pop();
        }
        self.list.push((epoch, start));
    }

    /// The largest epoch here that is not above `epoch`, and the offset after its
    /// last record. `None` if `epoch` is above all of these. Asked for an epoch
    /// before the first, it answers where the log begins.
    pub fn end_of(&self, epoch: u32, log_end: u64) -> Option<(u32, u64)> {
        let later = self.list.partition_point(|entry| entry.0 <= epoch);
        let (own, next) = (later.checked_sub(1).map(|at| self.list[at].0), self.list.get(later));
        match (own, next) {
            (Some(own), Some(next)) => Some((own, next.1)),
            (None, Some(next)) => Some((epoch, next.1)),
            (Some(own), None) if own == epoch => Some((own, log_end)),
            (_, None) => None,
        }
    }

    pub fn cut_end(&mut self, end: u64) {
        while self.list.last().is_some_and(|last| last.1 >= end) {
            self.list.pop();
        }
    }

    /// The log begins at `start` now. The epoch in which that lies begins there.
    pub fn cut_start(&mut self, start: u64) {
        let before = self.list.partition_point(|entry| entry.1 <= start);
        if let Some(last_before) = before.checked_sub(1) {
            self.list.drain(..last_before);
            self.list[0].1 = start;
        }
    }
}
