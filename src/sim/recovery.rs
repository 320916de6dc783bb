//! Faults end: one by one as they were laid out, or all of them at the end of a
//! run, so that the audit judges a world that had every chance to recover.
//!
//! When two faults of one kind overlap, the later end counts: a machine that
//! lost its power is not brought back by the restart that an earlier crash had
//! promised. Of two that make a link or a disk slow the worse is felt, until it ends.

use super::happening::{DiskTrouble, Ending, Entry, Happening};
use super::process::Running;
use super::world::World;
use crate::event::{EventId, FaultKind, Kind, NodeId, Recorder, Resource, fault_detail};
use crate::node::{Disturbance, Input, Node};
use crate::time::Time;

impl<N: Node> World<N> {
    pub(super) fn end<R: Recorder>(&mut self, ending: Ending, cause: Option<EventId>, recorder: &mut R) {
        let now = self.now;
        match ending {
            Ending::Restart(node) => {
                let process = self.process(node);
                if process.is_down() && process.down_until <= now {
                    let event = self.note_end(recorder, node, FaultKind::Restart, None, cause);
                    self.restart(node, event);
                }
            }
            Ending::Resume(node) => {
                let process = self.process(node);
                if process.running == Running::Paused && process.paused_until <= now {
                    self.note_end(recorder, node, FaultKind::Resume, None, cause);
                    self.resume(node);
                }
            }
            Ending::PartitionHeals { from, to, one_way } => {
                let there = self.unblock(from, to, now);
                let back = !one_way && self.unblock(to, from, now);
                if there || back {
                    self.note_end(recorder, from, FaultKind::LinkHeals, Some(to), cause);
                }
            }
            Ending::DelayEnds { from, to } => {
                let there = self.quicken(from, to, now);
                let back = self.quicken(to, from, now);
                if there || back {
                    self.note_end(recorder, from, FaultKind::LinkHeals, Some(to), cause);
                }
            }
            Ending::DiskHeals(node, trouble) => {
                if self.disks[usize::from(node.0)].heal(trouble, now) {
                    self.note_end(recorder, node, FaultKind::DiskHeals, None, cause);
                }
            }
            Ending::AlarmEnds(node, resource) => self.end_alarms(Some((node, resource)), now, cause, recorder),
        }
    }

    /// Records that a fault never happened.
    pub(super) fn miss<R: Recorder>(&mut self, index: u16, recorder: &mut R) {
        let action = self.schedule.fault(index).action.clone();
        let detail = fault_detail(Some(index), action.peer());
        for node in action.targets() {
            self.record(recorder, node, Kind::FaultMissed(action.kind()), None, detail, None);
        }
    }

    /// Ends every fault at once: at the end of a run, before its audit. A lost
    /// disk stays lost. Faults that never fired are recorded as missed and given
    /// up, except those tied to a later place in this very run.
    pub fn heal<R: Recorder>(&mut self, recorder: &mut R) {
        self.set_healed();
        let mut missed = self.schedule.give_up();
        missed.append(&mut self.snares.take_back());
        missed.sort_unstable();
        for index in missed {
            self.miss(index, recorder);
        }
        let ending = self.queue.extract(|what| matches!(what, Happening::Ending(_)));
        self.busy -= ending.len() as u64;
        let nodes = || (0..self.processes.len() as u16).map(NodeId);
        for (from, to) in nodes().flat_map(|from| nodes().map(move |to| (from, to))).collect::<Vec<_>>() {
            if from < to {
                let there = self.unblock(from, to, Time::MAX) | self.quicken(from, to, Time::MAX);
                let back = self.unblock(to, from, Time::MAX) | self.quicken(to, from, Time::MAX);
                if there || back {
                    self.note_end(recorder, from, FaultKind::LinkHeals, Some(to), None);
                }
            }
        }
        self.update_trouble();
        self.end_alarms(None, Time::MAX, None, recorder);
        for index in 0..self.processes.len() {
            self.heal_node(NodeId(index as u16), recorder);
        }
        self.settle();
    }

    /// Ends the alarms that are due by `now`: one, or all of them. The broker
    /// notes it, if it runs and has not forgotten.
    fn end_alarms<R: Recorder>(
        &mut self,
        which: Option<(NodeId, Resource)>,
        now: Time,
        cause: Option<EventId>,
        recorder: &mut R,
    ) {
        let mut alarms = std::mem::take(&mut self.alarms);
        alarms.retain(|&(node, resource, until)| {
            let ends = until <= now && which.is_none_or(|one| one == (node, resource));
            if ends {
                let input = Input::Disturbed(Disturbance::Alarm { resource, on: false });
                self.deliver(node, input, cause, recorder);
            }
            !ends
        });
        self.alarms = alarms;
    }

    fn heal_node<R: Recorder>(&mut self, node: NodeId, recorder: &mut R) {
        let disk = &mut self.disks[usize::from(node.0)];
        let troubles = [DiskTrouble::Full, DiskTrouble::Slow, DiskTrouble::Sync];
        if troubles.map(|trouble| disk.heal(trouble, Time::MAX)).contains(&true) {
            self.note_end(recorder, node, FaultKind::DiskHeals, None, None);
        }
        if self.process(node).running == Running::Paused {
            self.note_end(recorder, node, FaultKind::Resume, None, None);
            self.resume(node);
        }
        if self.process(node).is_down() {
            let event = self.note_end(recorder, node, FaultKind::Restart, None, None);
            self.restart(node, event);
        }
    }

    /// Lets a process that is down start. Nothing happens to one that is up.
    pub(super) fn restart(&mut self, node: NodeId, event: Option<EventId>) {
        let process = self.process_mut(node);
        if process.is_down() {
            process.running = Running::Starting;
            process.down_until = Time::ZERO;
            self.push(self.now, event, Happening::Start(node));
        }
    }

    /// Lets a process that stands still go on, with what waited for it.
    fn resume(&mut self, node: NodeId) {
        let process = &mut self.processes[usize::from(node.0)];
        process.running = Running::Up;
        process.paused_until = Time::ZERO;
        for (input, cause) in process.held.drain(..) {
            self.ready.push_back(Entry { cause, what: Happening::Held { node, input: Box::new(input) } });
        }
    }

    /// Opens a link that is due to open by now, and lets go what it held.
    fn unblock(&mut self, from: NodeId, to: NodeId, now: Time) -> bool {
        let index = usize::from(from.0) * self.processes.len() + usize::from(to.0);
        let link = &mut self.links[index];
        if !link.is_blocked() || link.blocked_until > now {
            return false;
        }
        link.blocked_until = Time::ZERO;
        self.ready.append(&mut link.held);
        self.update_trouble();
        true
    }

    fn quicken(&mut self, from: NodeId, to: NodeId, now: Time) -> bool {
        self.link_mut(from, to).slowness.end(now)
    }

    pub(super) fn update_trouble(&mut self) {
        self.is_troubled = !self.snares.is_empty() || self.links.iter().any(|link| link.is_blocked());
    }

    fn note_end<R: Recorder>(
        &mut self,
        recorder: &mut R,
        node: NodeId,
        kind: FaultKind,
        peer: Option<NodeId>,
        cause: Option<EventId>,
    ) -> Option<EventId> {
        self.record(recorder, node, Kind::Fault(kind), None, fault_detail(None, peer), cause)
    }
}
