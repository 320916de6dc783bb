//! Following: ask the leader for what comes next, append it as it is, learn how far
//! it is committed. When the leader says that the logs part, cut this one back to
//! what both may share and ask again.

use super::role::{Role, progress};
use super::{Effects, Replica};
use crate::event::Reason;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::log::{Error, FetchPartition, FetchedPartition};
use crate::time::Time;

impl Replica {
    /// What to ask of the leader next; `None` while there is no leader, or while
    /// the last answer is still being written ([`Effect::Progress`](super::Effect::Progress)
    /// says when it is).
    #[must_use]
    pub fn next_fetch(&self) -> Option<FetchPartition> {
        let state = self.state.as_ref().filter(|state| state.leader.is_some())?;
        let may_ask = matches!(self.role, Role::Follower { .. }) && !self.has_failed && self.log.gates.is_idle();
        may_ask.then(|| FetchPartition {
            partition: self.id,
            offset: self.log.next,
            leader_epoch: Some(state.leader_epoch),
            last_epoch: self.log.epochs.latest().filter(|_| !flaw::is_on(Flaw::TruncateToWatermark)),
            high_watermark: self.high_watermark,
        })
    }

    /// Takes the leader's answer to `asked`. An answer to a question that it would
    /// not ask now is ignored. Errors are for the node to see, except that a
    /// log which the leader's does not reach begins anew.
    pub fn fetched(
        &mut self,
        now: Time,
        asked: &FetchPartition,
        answer: FetchedPartition,
        out: &mut Outputs,
        effects: &mut Effects,
    ) {
        let question = |asked: &FetchPartition| (asked.offset, asked.leader_epoch, asked.last_epoch);
        if self.next_fetch().is_none_or(|next| question(&next) != question(asked)) {
            return;
        }
        match (answer.error, answer.diverging) {
            (Some(Error::OffsetOutOfRange), _) => {
                let is_behind = answer.log_start > self.log.next;
                if !is_behind && asked.last_epoch.is_some() {
                    return;
                }
                let why = if is_behind { Reason::Retained } else { Reason::Overwritten };
                self.log.begin_anew(answer.log_start, why, now, out);
                self.set_watermark(answer.log_start, now);
                progress(effects);
                return;
            }
            (Some(_), _) => return,
            (None, Some(shared)) => {
                self.cut_behind(shared, now, out);
                progress(effects);
                return;
            }
            (None, None) => {}
        }
        for batch in answer.batches {
            // A batch that begins before the offset asked for is here already.
            if batch.first_offset == self.log.next {
                self.log.append(batch, now, out);
            }
        }
        if let Role::Follower { high_watermark, log_start } = &mut self.role {
            (*high_watermark, *log_start) = (answer.high_watermark, answer.log_start);
        }
        self.learn(now, out);
    }

    /// Follows the leader's high watermark and log start as far as this log reaches.
    /// A new leader may know a lower watermark than the last.
    pub(super) fn learn(&mut self, now: Time, out: &mut Outputs) {
        let Role::Follower { high_watermark, log_start } = self.role else { return };
        self.set_watermark(high_watermark.min(self.log.log_end()).max(self.log.log_start), now);
        if log_start > self.log.log_start && log_start <= self.high_watermark {
            self.log.cut_start(log_start, out);
            self.checkpoint.changed(now);
        }
    }

    /// The leader has nothing after `end` in this epoch, or the one before it.
    fn cut_behind(&mut self, (epoch, end): (u32, u64), now: Time, out: &mut Outputs) {
        let own = self.log.epochs.end_of(epoch, self.log.next);
        let shared = match own {
            // This log does not know that epoch: back to the one before, and ask again.
            Some((known, own_end)) if known != epoch => own_end,
            Some((_, own_end)) => own_end.min(end),
            None => end,
        };
        self.cut_to(shared.min(self.log.next), now, out);
    }

    pub(super) fn cut_to(&mut self, end: u64, now: Time, out: &mut Outputs) {
        self.log.cut_end(end, now, out);
        self.set_watermark(self.high_watermark.clamp(self.log.log_start, self.log.next), now);
        // What the log knows of producers was read back, with all that ever ended.
        self.log.producers.watermark_moved(self.high_watermark);
    }
}
