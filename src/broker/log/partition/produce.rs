//! Appending as the leader.

use std::sync::Arc;

use super::policy::CommitRule;
use super::{Appended, Effects, Replica};
use crate::event::{Kind, offset_detail};
use crate::node::Outputs;
use crate::protocol::log::{Acks, Batch, Control, Error};
use crate::time::Time;

impl Replica {
    /// Appends what a producer sent, or (with `control`, or to an internal topic) a
    /// coordinator. Answer the producer when [`answer`](Self::answer) says so: not
    /// before [`Effect::Progress`](super::Effect::Progress), unless it is a repeat.
    ///
    /// # Errors
    /// Nothing was appended; the error is the answer.
    pub fn produce(
        &mut self,
        now: Time,
        mut batch: Batch,
        acks: Acks,
        out: &mut Outputs,
        _effects: &mut Effects,
    ) -> Result<Appended, Error> {
        self.check_leads(None)?;
        let in_sync = self.state.as_ref().map_or(0, |state| state.in_sync.len());
        if acks == Acks::All
            && self.options.policy.commit == CommitRule::InSyncReplicas
            && in_sync < self.fewest_in_sync()
        {
            return Err(Error::NotEnoughReplicas);
        }
        if let Some(repeat) = self.log.producers.check(&batch, self.options.is_internal)? {
            return Ok(repeat);
        }
        batch.first_offset = self.log.next;
        batch.leader_epoch = self.leader_epoch();
        let control = batch.control;
        let appended = Appended { first: batch.first_offset, end: batch.end_offset(), is_repeat: false };
        self.log.append(Arc::new(batch), now, out);
        self.log.note(Kind::Enqueued, appended.first, appended.end, out);
        if let Some(control) = control.filter(|_| !self.options.is_internal) {
            let is_commit = control == Control::Commit;
            let detail = offset_detail(self.id.partition, appended.first);
            out.note_with(Kind::MarkerAppended { is_commit }, None, detail);
        }
        Ok(appended)
    }
}
