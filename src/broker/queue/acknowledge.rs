//! What a consumer says about its deliveries: done with, not done with, refused.

use super::QueueBroker;
use super::channel::Held;
use super::cluster::Verdict;
use super::quorum::Settlement;
use crate::event::Kind;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::queue::{DeathReason, code};
use crate::time::Time;

impl QueueBroker {
    pub(super) fn ack(&mut self, slot: u32, tag: u64, multiple: bool, now: Time, out: &mut Outputs) {
        let wrong = flaw::is_on(Flaw::AckOfWrongTag) && self.take_held(slot, tag + 1, false);
        if !wrong && !self.take_held(slot, tag, multiple) {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        let mut taken = std::mem::take(&mut self.channels.taken);
        self.settle_taken(&taken, Some(Kind::Acked), now, out);
        if taken.iter().any(|held| held.entry.is_none()) {
            self.settle_away(slot, &taken, Verdict::Ack, out);
            self.settle_leases(&taken, Settlement::Ack, now, out);
        }
        taken.clear();
        self.channels.taken = taken;
    }

    pub(super) fn nack(&mut self, slot: u32, tag: u64, multiple: bool, requeue: bool, now: Time, out: &mut Outputs) {
        let settlement = if requeue { Settlement::Return } else { Settlement::Discard { failed: false } };
        self.refuse(slot, (tag, multiple), requeue, settlement, now, out);
    }

    /// A nack of one message, but to a quorum queue, which counts it as a failure.
    pub(super) fn reject(&mut self, slot: u32, tag: u64, requeue: bool, now: Time, out: &mut Outputs) {
        let settlement = if requeue { Settlement::ReturnFailed } else { Settlement::Discard { failed: true } };
        self.refuse(slot, (tag, false), requeue, settlement, now, out);
    }

    fn refuse(
        &mut self,
        slot: u32,
        (tag, multiple): (u64, bool),
        requeue: bool,
        settlement: Settlement,
        now: Time,
        out: &mut Outputs,
    ) {
        if !self.take_held(slot, tag, multiple) {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        let mut taken = std::mem::take(&mut self.channels.taken);
        self.settle_away(slot, &taken, Verdict::Nack { requeue }, out);
        self.settle_leases(&taken, settlement, now, out);
        if requeue {
            self.requeue(&taken, now, out);
        } else {
            for index in taken.iter().filter_map(|held| held.entry) {
                out.note(Kind::Rejected, Some(self.entries[index].copy));
            }
            for index in taken.iter().filter_map(|held| held.entry) {
                self.queues.list[self.entries[index].queue as usize].unacked -= 1;
                self.die(index, DeathReason::Rejected, now, out);
            }
        }
        taken.clear();
        self.channels.taken = taken;
    }

    /// Takes deliveries out of the channel into the scratch list and returns
    /// their credit.
    fn take_held(&mut self, slot: u32, tag: u64, multiple: bool) -> bool {
        let mut taken = std::mem::take(&mut self.channels.taken);
        let channel = &mut self.channels[slot];
        let known = channel.take(tag, multiple, &mut taken);
        for held in &taken {
            // The consumer of that tag may be another by now, on the next master.
            if held.away.is_some_and(|away| !channel.remotes.iter().any(|remote| remote.number == away.number)) {
                continue;
            }
            if let Some(consumer) = channel.consumer_mut(held.consumer) {
                consumer.unacked = consumer.unacked.saturating_sub(1);
                self.queues.touch(consumer.queue);
            }
        }
        self.channels.taken = taken;
        known
    }

    /// Done with copies that were handed out.
    pub(super) fn settle_taken(&mut self, taken: &[Held], note: Option<Kind>, now: Time, out: &mut Outputs) {
        for index in taken.iter().filter_map(|held| held.entry) {
            let entry = &self.entries[index];
            if let Some(kind) = note {
                out.note(kind, Some(entry.copy));
            }
            self.queues.list[entry.queue as usize].unacked -= 1;
            self.settle(index, now, out);
        }
    }
}
