//! What must hold at every step.

use super::{Town, Verdict};

impl Town {
    /// What must hold at every step.
    pub(super) fn check(&mut self, node: usize) -> Verdict {
        if !self.is_up[node] {
            return Ok(());
        }
        let replica = &self.nodes[node].replica;
        let (reached, epoch) = (replica.high_watermark(), replica.leader_epoch());
        if replica.is_leader() {
            let before = self.watermarks.insert((node, self.broker_epochs[node], epoch), reached);
            if before.is_none() && epoch == self.now.leader_epoch && replica.log_end() < self.committed.len() as u64 {
                return Err(format!(
                    "the leader of epoch {epoch} has {} of {}",
                    replica.log_end(),
                    self.committed.len()
                ));
            }
            if before.is_some_and(|before| before > reached) {
                return Err(format!("the high watermark fell to {reached} in epoch {epoch}"));
            }
        } else if reached > self.committed.len() as u64 {
            return Err(format!("a follower takes {reached} of {} for committed", self.committed.len()));
        }
        let (committed, mut wrong) = (&mut self.committed, None);
        replica.batches(0, &mut |batch| {
            for (offset, record) in (batch.first_offset..reached).zip(batch.records.iter()) {
                if offset == committed.len() as u64 {
                    committed.push(batch.leader_epoch);
                }
                let known = committed.get(offset as usize);
                if u64::from(record.copy.message.0) != offset || known != Some(&batch.leader_epoch) {
                    wrong = Some(format!(
                        "offset {offset}: {} of epoch {}, {known:?}",
                        record.copy.message.0, batch.leader_epoch
                    ));
                }
            }
        });
        wrong.map_or(Ok(()), Err)
    }
}
