//! What the metadata log makes of a replica: a leader, a follower, or neither.

use super::leader::Leader;
use super::{Effect, Effects, Replica};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::log::Partition;
use crate::time::Time;

#[derive(Clone, Debug)]
pub(super) enum Role {
    /// Nobody has said yet, or it has resigned.
    Idle,
    Leader(Leader),
    Follower {
        /// What the leader last said of itself, to be followed as far as this log
        /// reaches.
        high_watermark: u64,
        log_start: u64,
    },
}

impl Replica {
    /// The metadata log says that this broker leads. Also for news of a partition
    /// that it leads already (other in-sync replicas); older states are ignored.
    pub fn lead(&mut self, now: Time, state: &Partition, out: &mut Outputs, effects: &mut Effects) {
        if self.is_old(state) || self.is_recovering() {
            return;
        }
        let known = self.state.as_ref().map(|state| state.leader_epoch);
        self.state = Some(state.clone());
        match std::mem::replace(&mut self.role, Role::Idle) {
            Role::Leader(mut leader) if known == Some(state.leader_epoch) => {
                leader.overtaken(state.partition_epoch);
                self.role = Role::Leader(leader);
            }
            Role::Leader(leader) => self.take_over(now, Some(leader), effects),
            Role::Idle | Role::Follower { .. } => self.take_over(now, None, effects),
        }
        self.advance_watermark(now, out, effects);
    }

    /// A new epoch begins at the end of the log, with what is in it.
    fn take_over(&mut self, now: Time, before: Option<Leader>, effects: &mut Effects) {
        let Some(state) = &self.state else { return };
        self.log.epochs.assign(state.leader_epoch, self.log.next);
        if flaw::is_on(Flaw::SequenceForgottenAtFailover) {
            self.log.producers = Default::default();
        }
        let mut leader = Leader::new(now, self.options.replica_lag_max);
        leader.epoch_start = self.log.next;
        leader.take_replicas(self.me, state, before, self.log.log_end(), now);
        self.role = Role::Leader(leader);
        progress(effects);
    }

    /// The metadata log says that another broker leads, or nobody.
    pub fn follow(&mut self, now: Time, state: &Partition, out: &mut Outputs, effects: &mut Effects) {
        if self.is_old(state) || self.is_recovering() {
            return;
        }
        let is_new = self.state.as_ref().is_none_or(|known| known.leader_epoch < state.leader_epoch);
        self.state = Some(state.clone());
        if is_new && flaw::is_on(Flaw::TruncateToWatermark) {
            self.cut_to(self.high_watermark, now, out);
        }
        if is_new || !matches!(self.role, Role::Follower { .. }) {
            self.role = Role::Follower { high_watermark: self.high_watermark, log_start: self.log.log_start };
            progress(effects);
        }
    }

    /// It neither leads nor follows any more: the broker is fenced or stops.
    pub fn resign(&mut self, effects: &mut Effects) {
        self.role = Role::Idle;
        progress(effects);
    }

    fn is_old(&self, state: &Partition) -> bool {
        self.state.as_ref().is_some_and(|known| state.partition_epoch < known.partition_epoch)
    }

    /// What the metadata log says of a broker (this one, too): its epoch, and
    /// whether it is fenced. To be told of every broker, also before `lead`.
    pub fn broker_changed(&mut self, broker: NodeId, epoch: u64, is_fenced: bool) {
        let known = KnownBroker { broker, epoch, is_fenced };
        match self.brokers.binary_search_by_key(&broker, |known| known.broker) {
            Ok(at) => self.brokers[at] = known,
            Err(at) => self.brokers.insert(at, known),
        }
    }

    pub(super) fn known_broker(&self, broker: NodeId) -> Option<&KnownBroker> {
        let at = self.brokers.binary_search_by_key(&broker, |known| known.broker).ok()?;
        Some(&self.brokers[at])
    }
}

/// A broker by the metadata log.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownBroker {
    pub broker: NodeId,
    pub epoch: u64,
    pub is_fenced: bool,
}

/// Says once that something moved.
pub(super) fn progress(effects: &mut Effects) {
    if !effects.contains(&Effect::Progress) {
        effects.push(Effect::Progress);
    }
}
