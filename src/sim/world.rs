//! The world: nodes, what lies between them and under them, and one loop.
//!
//! It is plain data. A clone is a snapshot that goes on exactly as the original
//! would, because everything a run depends on is in it: what lies ahead, the
//! place in the fault schedule, the disks, the counters, the seed. Nothing else
//! may be read: no clock, no generator, no map with an order of its own.

use std::collections::VecDeque;

use super::connection::Connection;
use super::disk::Disk;
use super::fault::{Fault, When};
use super::happening::{Entry, Happening};
use super::link::Link;
use super::process::Process;
use super::profile::Profile;
use super::queue::Queue;
use super::schedule::Schedule;
use super::snare::Snares;
use crate::event::{CopyId, Event, EventId, Kind, NodeId, Recorder, Resource, detail_queue};
use crate::node::{Node, Outputs};
use crate::random::Seed;
use crate::time::Time;

/// A simulated world of nodes of one type.
#[derive(Clone, Debug)]
pub struct World<N: Node> {
    pub(super) profile: Profile,
    pub(super) seed: Seed,
    pub(super) now: Time,
    /// When the last happening was. `now` may be later, after [`World::run_until`].
    last: Time,
    /// When something was last recorded of a message.
    pub(super) last_message: Time,
    pub(super) inputs: u64,
    pub(super) queue: Queue,
    /// What happens before anything in the queue: what a link or a paused
    /// process held and now lets go, in order.
    pub(super) ready: VecDeque<Entry>,
    pub(super) processes: Vec<Process<N>>,
    pub(super) disks: Vec<Disk>,
    /// By `from * nodes + to`.
    pub(super) links: Vec<Link>,
    pub(super) connections: Vec<Connection>,
    pub(super) schedule: Schedule,
    /// Faults that fired and wait for a frame to lose.
    pub(super) snares: Snares,
    /// What machines are short of, by a fault, and until when.
    pub(super) alarms: Vec<(NodeId, Resource, Time)>,
    /// Some link is blocked or some snare is laid: arrivals must look.
    pub(super) is_troubled: bool,
    /// Happenings that keep the run alive: all but periodic timers and idle polls.
    pub(super) busy: u64,
    is_healed: bool,
    pub(super) outputs: Outputs,
}

impl<N: Node> Default for World<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Node> World<N> {
    /// An empty world. [`World::start`] fills it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            profile: Profile::default(),
            seed: Seed(0),
            now: Time::ZERO,
            last: Time::ZERO,
            last_message: Time::ZERO,
            inputs: 0,
            queue: Queue::default(),
            ready: VecDeque::new(),
            processes: Vec::new(),
            disks: Vec::new(),
            links: Vec::new(),
            connections: Vec::new(),
            schedule: Schedule::default(),
            snares: Snares::default(),
            alarms: Vec::new(),
            is_troubled: false,
            busy: 0,
            is_healed: false,
            outputs: Outputs::default(),
        }
    }

    /// Begins a run, with the buffers of the last one. Every node starts at time
    /// zero, in order of id. The nodes that `faults` name must exist.
    pub fn start(&mut self, profile: &Profile, nodes: impl IntoIterator<Item = N>, faults: &[Fault], seed: Seed) {
        self.profile.clone_from(profile);
        self.seed = seed;
        self.now = Time::ZERO;
        self.last = Time::ZERO;
        self.last_message = Time::ZERO;
        self.inputs = 0;
        self.queue.clear();
        self.ready.clear();
        self.connections.clear();
        self.snares.clear();
        self.alarms.clear();
        self.is_troubled = false;
        self.busy = 0;
        self.is_healed = false;
        self.outputs.clear();
        self.outputs.next_connection = 0;
        self.processes.clear();
        self.processes.extend(nodes.into_iter().map(Process::new));
        let ids = || (0..self.processes.len() as u16).map(NodeId);
        self.disks.clear();
        self.disks.extend(ids().map(|node| Disk::new(seed, node)));
        self.links.clear();
        self.links.extend(ids().flat_map(|from| ids().map(move |to| Link::new(seed, from, to))));
        self.schedule.lay_out(faults, seed);
        self.outputs.wants_carried = faults.iter().any(|fault| fault.action.names_message());
        for node in 0..self.processes.len() as u16 {
            self.push(Time::ZERO, None, Happening::Start(NodeId(node)));
        }
    }

    /// Takes the next happening: an input, a fault, or something of the world's
    /// own. False when nothing is left.
    pub fn step<R: Recorder>(&mut self, recorder: &mut R) -> bool {
        if self.queue.overflowed() {
            return false;
        }
        if self.schedule.next_count() <= self.inputs {
            self.now = self.last;
            if let Some(index) = self.schedule.pop_counted() {
                self.strike(index, None, recorder);
            }
        } else if let Some(entry) = self.ready.pop_front() {
            self.arrive(entry, recorder);
        } else {
            let fault_time = self.schedule.next_time();
            match self.queue.peek_time() {
                Some(time) if time <= fault_time => {
                    let Some((time, entry)) = self.queue.pop() else { return false };
                    self.now = time;
                    self.busy -= u64::from(entry.what.keeps_alive());
                    self.arrive(entry, recorder);
                }
                _ => {
                    let Some((time, index, cause)) = self.schedule.pop_timed() else { return false };
                    self.now = time.max(self.now);
                    self.strike(index, cause, recorder);
                }
            }
        }
        self.inputs += 1;
        self.last = self.now;
        self.settle();
        true
    }

    /// Runs through `time`, and moves on to it.
    pub fn run_until<R: Recorder>(&mut self, time: Time, recorder: &mut R) {
        while self.next_time().is_some_and(|next| next <= time) && self.step(recorder) {}
        if time < Time::MAX {
            self.now = self.now.max(time);
        }
    }

    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many happenings the world has taken: inputs, faults, and its own. A
    /// fault with [`When::BeforeInput`] of this number fires next.
    #[must_use]
    pub fn inputs(&self) -> u64 {
        self.inputs
    }

    /// When the next happening is.
    #[must_use]
    pub fn next_time(&self) -> Option<Time> {
        if self.schedule.next_count() <= self.inputs || !self.ready.is_empty() {
            return Some(self.last);
        }
        let fault = Some(self.schedule.next_time()).filter(|time| *time < Time::MAX);
        match (self.queue.peek_time(), fault) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Whether only housekeeping goes on: no frame under way that can arrive, no
    /// disk work, no fault about to fire or to end, only periodic timers.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.busy == 0
            && self.ready.is_empty()
            && self.schedule.next_time() == Time::MAX
            && self.schedule.next_count() > self.inputs
    }

    /// Whether the run had to stop because more lay ahead than the queue's keys
    /// have room for.
    #[must_use]
    pub fn overflowed(&self) -> bool {
        self.queue.overflowed()
    }

    /// Adds a fault to the schedule of a run under way. With [`World::moment`] as
    /// its `when` it fires at the next step, and a run that has it from the start
    /// goes the same way.
    pub fn inject(&mut self, fault: Fault) {
        self.schedule.add(fault);
    }

    /// This moment, for a fault injected now.
    #[must_use]
    pub fn moment(&self) -> When {
        let is_between = self.now > self.last && self.next_time().is_none_or(|next| next > self.now);
        if is_between && !self.is_healed { When::At(self.now) } else { When::BeforeInput(self.inputs) }
    }

    pub(super) fn process(&self, node: NodeId) -> &Process<N> {
        &self.processes[usize::from(node.0)]
    }

    pub(super) fn process_mut(&mut self, node: NodeId) -> &mut Process<N> {
        &mut self.processes[usize::from(node.0)]
    }

    pub(super) fn link(&self, from: NodeId, to: NodeId) -> &Link {
        &self.links[usize::from(from.0) * self.processes.len() + usize::from(to.0)]
    }

    pub(super) fn link_mut(&mut self, from: NodeId, to: NodeId) -> &mut Link {
        &mut self.links[usize::from(from.0) * self.processes.len() + usize::from(to.0)]
    }

    /// Lays something other than a timer into the queue.
    #[inline]
    pub(super) fn push(&mut self, time: Time, cause: Option<EventId>, what: Happening) {
        self.busy += u64::from(what.keeps_alive());
        self.queue.push(time, Entry { cause, what });
    }

    pub(super) fn set_healed(&mut self) {
        self.is_healed = true;
    }

    /// Records an event, and shows it to the faults that wait for one.
    #[inline(always)]
    pub(super) fn record<R: Recorder>(
        &mut self,
        recorder: &mut R,
        node: NodeId,
        kind: Kind,
        copy: Option<CopyId>,
        detail: u64,
        cause: Option<EventId>,
    ) -> Option<EventId> {
        let event = Event { time: self.now, node, kind, copy, detail, cause, prior: None };
        let id = recorder.record(event);
        if copy.is_some() {
            self.last_message = self.now;
        }
        if matches!(kind, Kind::LeaderElected | Kind::MirrorPromoted { .. }) {
            self.schedule.set_leader(detail_queue(detail), node);
        }
        if self.schedule.is_watching() {
            self.schedule.observe(&event, id);
        }
        id
    }

    /// Clears away what stands first in the queue and will not happen, so that
    /// [`World::next_time`] is true: blanked entries, and timers put off.
    pub(super) fn settle(&mut self) {
        while let Some((time, entry)) = self.queue.peek() {
            match entry.what {
                Happening::Cancelled => {
                    self.queue.pop();
                }
                Happening::Timer { node, timer } => {
                    let state = self.processes[usize::from(node.0)].timer(timer);
                    if state.wanted == Some(time) {
                        return;
                    }
                    let wanted = state.wanted;
                    self.queue.pop();
                    let key = wanted.map(|wanted| {
                        let entry = Entry { cause: None, what: Happening::Timer { node, timer } };
                        (self.queue.push(wanted, entry), wanted)
                    });
                    self.processes[usize::from(node.0)].timer(timer).key = key;
                }
                _ => return,
            }
        }
    }
}
