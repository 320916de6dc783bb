//! A process or a machine dies. Three ways, and what tells them apart is what
//! outlives it: after a process crash the operating system still has the page
//! cache and what was handed to its sockets, and tells every peer; after a power
//! cut nobody tells anybody, and of the page cache only what had been written
//! back is certain; after the loss of the device nothing is left.

use super::connection::{End, Side};
use super::disk::Disk;
use super::happening::{Ending, Entry, Happening};
use super::process::Running;
use super::world::World;
use crate::event::{Closed, CopyId, EventId, FaultKind, Kind, NodeId, Recorder, Tier, fault_detail};
use crate::node::{ConnectionId, Input, Node, RESTART_DELAY};
use crate::time::Time;

impl<N: Node> World<N> {
    /// The process dies, by a fault that was recorded as `event`.
    pub(super) fn crash<R: Recorder>(&mut self, node: NodeId, until: Time, event: Option<EventId>, recorder: &mut R) {
        let process = self.process_mut(node);
        process.down_until = process.down_until.max(until);
        if process.is_down() {
            return;
        }
        self.process_dies(node, Running::Crashed, event, recorder);
        for index in 0..self.connections.len() {
            let connection = ConnectionId(index as u32);
            for side in [Side::Opener, Side::Acceptor] {
                let link = &mut self.connections[index];
                if link.node(side) == node && link.is_live(side) {
                    link.set_end(side, End::Closed);
                    self.send_close(connection, side.other(), Closed::Reset, event);
                }
            }
        }
    }

    /// The process ends by its own decision, and starts again after a while.
    pub(super) fn exit<R: Recorder>(&mut self, node: NodeId, cause: Option<EventId>, recorder: &mut R) {
        let (kind, detail) = (Kind::Fault(FaultKind::ProcessCrash), fault_detail(None, None));
        let event = self.record(recorder, node, kind, None, detail, cause);
        let until = self.now + RESTART_DELAY;
        self.crash(node, until, event, recorder);
        self.push(until, event, Happening::Ending(Ending::Restart(node)));
    }

    /// The machine loses its power.
    pub(super) fn power_cut<R: Recorder>(
        &mut self,
        node: NodeId,
        until: Time,
        tears: bool,
        event: Option<EventId>,
        recorder: &mut R,
    ) {
        let process = self.process_mut(node);
        process.down_until = process.down_until.max(until);
        if process.is_down() {
            process.running = Running::Off;
            process.down_event = event;
        } else {
            self.process_dies(node, Running::Off, event, recorder);
            for link in &mut self.connections {
                for side in [Side::Opener, Side::Acceptor] {
                    if link.node(side) == node && link.is_live(side) {
                        link.set_end(side, End::Forgotten);
                    }
                }
            }
        }
        self.ruin_disk(node, event, recorder, |disk, now, visit| disk.power_cut(now, tears, visit));
        // What its system still tried to get through a blocked link is gone.
        for to in 0..self.processes.len() as u16 {
            let held = std::mem::take(&mut self.link_mut(node, NodeId(to)).held);
            self.scatter(held, event, recorder);
        }
    }

    /// Does something to a disk and records which copies that destroyed.
    pub(super) fn ruin_disk<R: Recorder>(
        &mut self,
        node: NodeId,
        event: Option<EventId>,
        recorder: &mut R,
        ruin: impl FnOnce(&mut Disk, Time, &mut dyn FnMut(u64, Tier)),
    ) {
        let mut lost = Vec::new();
        ruin(&mut self.disks[usize::from(node.0)], self.now, &mut |tag, tier| lost.push((tag, tier)));
        for (tag, tier) in lost {
            self.destroyed(node, Some(CopyId::from_tag(tag)), tier, event, recorder);
        }
    }

    /// Both ends of a connection are reset at once, and what is under way on it
    /// is lost.
    pub(super) fn reset<R: Recorder>(&mut self, connection: ConnectionId, event: Option<EventId>, recorder: &mut R) {
        let lost = self.extract(|_, what| match what {
            Happening::Frame { connection: other, .. }
            | Happening::Opening(other)
            | Happening::Accepted(other)
            | Happening::Closed { connection: other, .. } => *other == connection,
            _ => false,
        });
        self.scatter(lost, event, recorder);
        for to in [Side::Opener, Side::Acceptor] {
            if self.connections[connection.0 as usize].is_live(to) {
                let what = Happening::Closed { connection, to, why: Closed::Reset, local: true };
                self.push(self.now, event, what);
            }
        }
    }

    /// Memory, timers, waiting inputs, disk work and arriving frames go with the
    /// process.
    fn process_dies<R: Recorder>(&mut self, node: NodeId, running: Running, event: Option<EventId>, recorder: &mut R) {
        let mut copies = Vec::new();
        let process = self.process_mut(node);
        process.node.in_memory(&mut |copy| copies.push(copy));
        process.node.reset();
        process.running = running;
        process.down_event = event;
        process.paused_until = Time::ZERO;
        process.reads = 0;
        let held = std::mem::take(&mut process.held);
        let timers = std::mem::take(&mut process.timers);
        for copy in copies {
            self.destroyed(node, Some(copy), Tier::Memory, event, recorder);
        }
        for timer in timers {
            if let Some((slot, _)) = timer.key {
                self.queue.cancel(slot);
            }
            self.busy -= u64::from(timer.wanted.is_some() && !timer.periodic);
        }
        for (input, _) in held {
            if let Input::Frame { frame, about, .. } = input {
                self.lost_on_the_way(node, &frame, about, event, recorder);
            }
        }
        let lost = self.extract(|world, what| world.dies_with(node, what));
        self.scatter(lost, event, recorder);
    }

    /// Whether something that lies ahead would happen to this process, and so
    /// will not. A wish to connect is for whoever listens then.
    fn dies_with(&self, node: NodeId, what: &Happening) -> bool {
        match what {
            Happening::Frame { .. } | Happening::Accepted(_) => self.way_of(what).is_some_and(|(_, to)| to == node),
            Happening::Closed { connection, to, .. } => self.connections[connection.0 as usize].node(*to) == node,
            Happening::Start(other)
            | Happening::Written { node: other, .. }
            | Happening::Synced { node: other, .. }
            | Happening::ReadDone { node: other, .. }
            | Happening::DiskError { node: other, .. }
            | Happening::Held { node: other, .. } => *other == node,
            Happening::Opening(_) | Happening::Timer { .. } | Happening::Ending(_) | Happening::Cancelled => false,
        }
    }

    /// Takes what `choose` picks out of everything that lies ahead.
    fn extract(&mut self, choose: impl Fn(&Self, &Happening) -> bool) -> Vec<Entry> {
        let mut queue = std::mem::take(&mut self.queue);
        let mut taken = queue.extract(|what| choose(self, what));
        self.queue = queue;
        self.busy -= taken.iter().filter(|entry| entry.what.keeps_alive()).count() as u64;
        let mut ready = std::mem::take(&mut self.ready);
        ready.retain(|entry| {
            let chosen = choose(self, &entry.what);
            if chosen {
                taken.push(entry.clone());
            }
            !chosen
        });
        self.ready = ready;
        for link in 0..self.links.len() {
            let mut held = std::mem::take(&mut self.links[link].held);
            held.retain(|entry| {
                let chosen = choose(self, &entry.what);
                if chosen {
                    taken.push(entry.clone());
                }
                !chosen
            });
            self.links[link].held = held;
        }
        taken
    }

    /// Records the copies that were in frames now lost.
    fn scatter<R: Recorder>(
        &mut self,
        lost: impl IntoIterator<Item = Entry>,
        event: Option<EventId>,
        recorder: &mut R,
    ) {
        for entry in lost {
            let (frame, about, to) = match &entry.what {
                Happening::Frame { frame, about, .. } => (frame, *about, self.way_of(&entry.what)),
                Happening::Held { node, input } => match &**input {
                    Input::Frame { frame, about, .. } => (frame, *about, Some((*node, *node))),
                    _ => continue,
                },
                _ => continue,
            };
            if let Some((_, to)) = to {
                self.lost_on_the_way(to, frame, about, event, recorder);
            }
        }
    }
}
