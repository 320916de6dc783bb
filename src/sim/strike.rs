//! A fault fires.

use super::connection::Side;
use super::fault::{Action, Fault};
use super::happening::{DiskTrouble, Ending, Happening};
use super::process::Running;
use super::world::World;
use crate::event::{EventId, Kind, NodeId, Recorder, Resource, fault_detail};
use crate::node::{ConnectionId, Disturbance, Input, Node};
use crate::time::{Span, Time};

impl<N: Node> World<N> {
    /// Lets a fault of the schedule happen, caused by the event it waited for.
    pub(super) fn strike<R: Recorder>(&mut self, index: u16, cause: Option<EventId>, recorder: &mut R) {
        let Fault { action, lasting, .. } = self.schedule.fault(index);
        if action.loses_frame() {
            // It fires when such a frame comes.
            self.snares.lay(index);
            self.outputs.wants_carried |= action.names_message();
            self.is_troubled = true;
            return;
        }
        let lasting = *lasting;
        let Some(action) = action.resolved(|queue| self.schedule.leader(queue)) else {
            return self.miss(index, recorder);
        };
        self.schedule.mark_fired(index, self.now);
        for part in action.parts() {
            self.strike_part(part, index, lasting, cause, recorder);
        }
    }

    fn strike_part<R: Recorder>(
        &mut self,
        action: &Action,
        index: u16,
        lasting: Option<Span>,
        cause: Option<EventId>,
        recorder: &mut R,
    ) {
        let until = lasting.map_or(Time::MAX, |span| self.now + span);
        let kind = Kind::Fault(action.kind());
        let detail = fault_detail(Some(index), action.peer());
        let struck = action.targets().into_iter();
        let targets: Vec<(NodeId, Option<EventId>)> =
            struck.map(|node| (node, self.record(recorder, node, kind, None, detail, cause))).collect();
        for (node, event) in targets {
            self.befall(action, node, (index, until), event, recorder);
            let Some(span) = lasting else { continue };
            for ending in endings(action, node) {
                self.push(self.now + span, event, Happening::Ending(ending));
            }
        }
    }

    fn befall<R: Recorder>(
        &mut self,
        action: &Action,
        node: NodeId,
        (index, until): (u16, Time),
        event: Option<EventId>,
        recorder: &mut R,
    ) {
        match *action {
            Action::Crash(_) => self.crash(node, until, event, recorder),
            Action::Restart(_) => self.restart(node, event),
            Action::Pause(_) => self.pause(node, until),
            Action::PowerCut(_) => self.power_cut(node, until, false, event, recorder),
            Action::TornWrite(_) => self.power_cut(node, until, true, event, recorder),
            Action::DiskLoss(_) => {
                self.crash(node, until, event, recorder);
                self.ruin_disk(node, event, recorder, |disk, now, visit| disk.lose(now, visit));
            }
            Action::DiskFull(_) => self.disks[usize::from(node.0)].ail(DiskTrouble::Full, until, 1),
            Action::DiskSlow { factor, .. } => {
                self.disks[usize::from(node.0)].ail(DiskTrouble::Slow, until, u64::from(factor));
            }
            Action::SyncError(_) => self.disks[usize::from(node.0)].ail(DiskTrouble::Sync, until, 1),
            Action::BitRot(_) => self.disks[usize::from(node.0)].rot(self.now, u64::from(index)),
            Action::Cut { from, to } => self.cut(from, to, event, recorder),
            Action::Partition { from, to, one_way } => {
                self.block(from, to, until);
                if !one_way {
                    self.block(to, from, until);
                }
            }
            Action::Delay { from, to, extra } => {
                self.slow(from, to, extra, until);
                self.slow(to, from, extra, until);
            }
            Action::Throw { message, .. } => {
                let input = Input::Disturbed(Disturbance::Throw(message));
                self.deliver(node, input, event, recorder);
            }
            Action::Split { ref other, .. } => {
                for peer in other {
                    self.block(node, *peer, until);
                    self.block(*peer, node, until);
                }
            }
            Action::Alarm { resource, .. } => self.alarm(node, resource, until, event, recorder),
            Action::GrowTopic { partitions, .. } => {
                let input = Input::Disturbed(Disturbance::GrowTopic { partitions });
                self.deliver(node, input, event, recorder);
            }
            Action::LoseFrame { .. } | Action::Together(_) | Action::OnLeader { .. } | Action::OnFollower { .. } => {}
        }
    }

    fn alarm<R: Recorder>(
        &mut self,
        node: NodeId,
        resource: Resource,
        until: Time,
        event: Option<EventId>,
        recorder: &mut R,
    ) {
        match self.alarms.iter_mut().find(|alarm| (alarm.0, alarm.1) == (node, resource)) {
            Some(alarm) => alarm.2 = alarm.2.max(until),
            None => self.alarms.push((node, resource, until)),
        }
        let input = Input::Disturbed(Disturbance::Alarm { resource, on: true });
        self.deliver(node, input, event, recorder);
    }

    fn pause(&mut self, node: NodeId, until: Time) {
        let process = self.process_mut(node);
        if matches!(process.running, Running::Up | Running::Paused) {
            process.running = Running::Paused;
            process.paused_until = process.paused_until.max(until);
        }
    }

    fn cut<R: Recorder>(&mut self, from: NodeId, to: NodeId, event: Option<EventId>, recorder: &mut R) {
        for index in 0..self.connections.len() {
            let link = &self.connections[index];
            if link.joins(from, to) && (link.is_live(Side::Opener) || link.is_live(Side::Acceptor)) {
                self.reset(ConnectionId(index as u32), event, recorder);
            }
        }
    }

    fn block(&mut self, from: NodeId, to: NodeId, until: Time) {
        let link = self.link_mut(from, to);
        link.blocked_until = link.blocked_until.max(until);
        self.is_troubled = true;
    }

    fn slow(&mut self, from: NodeId, to: NodeId, extra: Span, until: Time) {
        self.link_mut(from, to).slowness.add(until, extra);
    }
}

/// How a fault ends by itself, for one of its nodes.
fn endings(action: &Action, node: NodeId) -> Vec<Ending> {
    match *action {
        _ if action.kills() => vec![Ending::Restart(node)],
        Action::Pause(_) => vec![Ending::Resume(node)],
        Action::DiskFull(_) => vec![Ending::DiskHeals(node, DiskTrouble::Full)],
        Action::DiskSlow { .. } => vec![Ending::DiskHeals(node, DiskTrouble::Slow)],
        Action::SyncError(_) => vec![Ending::DiskHeals(node, DiskTrouble::Sync)],
        Action::Partition { from, to, one_way } => vec![Ending::PartitionHeals { from, to, one_way }],
        Action::Split { ref other, .. } => {
            other.iter().map(|to| Ending::PartitionHeals { from: node, to: *to, one_way: false }).collect()
        }
        Action::Delay { from, to, .. } => vec![Ending::DelayEnds { from, to }],
        Action::Alarm { resource, .. } => vec![Ending::AlarmEnds(node, resource)],
        // What happens once is over.
        _ => Vec::new(),
    }
}
