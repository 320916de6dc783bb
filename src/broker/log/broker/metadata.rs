//! News of the metadata log, and what this broker makes of them: its replicas lead,
//! follow, or give up.

use std::sync::Arc;

use super::LogBroker;
use super::seats::slot_of;
use crate::event::{Kind, NodeId, partition_detail};
use crate::node::Outputs;
use crate::protocol::log::{Change, Partition, RecoveryState, TopicPartition};
use crate::time::Time;

impl LogBroker {
    pub(super) fn news(&mut self, first: u64, changes: Box<[Change]>, now: Time, out: &mut Outputs) {
        let (seats, coordination) = (&mut self.seats, &mut self.coordination);
        self.image.apply(first, changes, |change| match change {
            Change::Broker { broker, epoch, is_fenced, .. } => {
                for seat in &mut seats.list {
                    seat.replica.broker_changed(*broker, *epoch, *is_fenced);
                }
            }
            Change::Topic { topic, partitions } => coordination.topic(*topic, *partitions),
            _ => {}
        });
        // Until the log tells of this very process, it tells of an earlier one.
        let me = self.image.broker(self.options.me);
        self.is_published |= me.is_some_and(|me| me.incarnation == self.incarnation);
        self.publish(now, out);
        self.hurry_heartbeat(now);
    }

    /// Acts on what has changed.
    pub(super) fn publish(&mut self, now: Time, out: &mut Outputs) {
        if !self.is_published {
            return;
        }
        for partition in std::mem::take(&mut self.image.changed) {
            if let Some(state) = self.image.partition(partition) {
                let state = Arc::clone(state);
                self.partition_changed(partition, &state, now, out);
            }
        }
    }

    fn partition_changed(&mut self, partition: TopicPartition, state: &Arc<Partition>, now: Time, out: &mut Outputs) {
        let me = self.options.me;
        let Some(slot) = slot_of(&self.options, partition) else { return };
        if !state.replicas.contains(&me) {
            if let Some(at) = self.seats.at(slot) {
                self.seats.list[at].following = None;
                self.seats.list[at].replica.resign(&mut self.effects);
                self.absorb(at, now, out);
            }
            return;
        }
        let at = match self.seats.at(slot) {
            Some(at) => at,
            None => self.seat_made(slot, partition, now, out),
        };
        if self.seats.list[at].is_recovering {
            // It must read its log back first.
            return self.image.changed.push(partition);
        }
        self.note_in_sync(at, state, out);
        let seat = &mut self.seats.list[at];
        (seat.retry_at, seat.fenced_in) = (Time::ZERO, None);
        let before = seat.replica.is_leader().then(|| seat.replica.leader_epoch());
        seat.following = state.leader.filter(|leader| *leader != me);
        if state.leader == Some(me) {
            seat.replica.lead(now, state, out, &mut self.effects);
        } else {
            seat.replica.follow(now, state, out, &mut self.effects);
        }
        let after = seat.replica.is_leader().then(|| seat.replica.leader_epoch());
        if before != after {
            note_leadership(partition, (before, after), state, out);
        }
        self.absorb(at, now, out);
        self.seats.mark(at);
    }

    /// A replica of which no file was found.
    fn seat_made(&mut self, slot: u32, partition: TopicPartition, now: Time, out: &mut Outputs) -> usize {
        let at = self.seats.add(&self.options, slot, partition);
        let replica = &mut self.seats.list[at].replica;
        for broker in &self.image.brokers {
            replica.broker_changed(broker.node, broker.epoch, broker.is_fenced);
        }
        replica.start(&[], now, out, &mut self.effects);
        self.absorb(at, now, out);
        at
    }

    /// Keeps what is known of a partition; a leader notes who came and went among
    /// the in-sync replicas.
    pub(super) fn note_in_sync(&mut self, at: usize, state: &Partition, out: &mut Outputs) {
        let seat = &mut self.seats.list[at];
        if seat.state.as_ref().is_some_and(|known| known.partition_epoch >= state.partition_epoch) {
            return;
        }
        let known = seat.state.replace(Arc::new(state.clone()));
        let Some(known) = known.filter(|_| state.leader == Some(self.options.me)) else { return };
        let lost = |one: &[NodeId], other: &[NodeId]| one.iter().any(|node| !other.contains(node));
        let id = seat.replica.id();
        let detail = partition_detail(id.topic, id.partition, state.in_sync.len() as u32);
        if lost(&known.in_sync, &state.in_sync) {
            out.note_with(Kind::IsrShrunk, None, detail);
        }
        if lost(&state.in_sync, &known.in_sync) {
            out.note_with(Kind::IsrGrew, None, detail);
        }
    }
}

fn note_leadership(
    id: TopicPartition,
    (before, after): (Option<u32>, Option<u32>),
    state: &Partition,
    out: &mut Outputs,
) {
    let detail = |epoch| partition_detail(id.topic, id.partition, epoch);
    match (before, after) {
        (_, Some(epoch)) => {
            out.note_with(Kind::LeaderElected, None, detail(epoch));
            if state.recovery == RecoveryState::Recovering {
                out.note_with(Kind::UncleanLeaderElected, None, detail(epoch));
            }
        }
        (Some(epoch), None) => out.note_with(Kind::SteppedDown, None, detail(epoch)),
        (None, None) => {}
    }
}
