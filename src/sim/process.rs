//! A process: a node with what the operating system keeps for it, timers and
//! inputs that wait. All of it dies with the process; files do not, they are the
//! disk's.

use std::collections::VecDeque;

use super::queue::Slot;
use crate::event::EventId;
use crate::node::{Input, Node, TimerId};
use crate::picture::Status;
use crate::time::Time;

/// What a machine and the process on it are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Running {
    /// About to start: the machine is on, nobody listens yet.
    Starting,
    Up,
    /// Stands still; its operating system goes on accepting for it.
    Paused,
    Crashed,
    /// The machine has no power.
    Off,
}

#[derive(Clone, Debug)]
pub(super) struct Process<N> {
    pub node: N,
    pub running: Running,
    /// When the newest outage ends by itself; a restart due before then is void.
    pub down_until: Time,
    pub paused_until: Time,
    /// The fault that took it down last: the cause of what is lost with it.
    pub down_event: Option<EventId>,
    /// Reads that were asked for and have not come back: it is recovering.
    pub reads: u32,
    pub timers: Vec<Timer>,
    /// Inputs that wait while it is paused.
    pub held: VecDeque<(Input, Option<EventId>)>,
}

/// A timer. Its key in the heap may lie earlier than it is wanted: putting a
/// timer off, as every heartbeat does, costs no work in the heap, and the key is
/// moved only when its turn comes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timer {
    /// The key in the heap and its time, if there is one.
    pub key: Option<(Slot, Time)>,
    /// When it shall fire, if it is set.
    pub wanted: Option<Time>,
    pub periodic: bool,
    /// It fired while the process was paused; the input waits.
    pub due: bool,
    pub cause: Option<EventId>,
}

impl<N: Node> Process<N> {
    pub fn new(node: N) -> Self {
        Self {
            node,
            running: Running::Starting,
            down_until: Time::ZERO,
            paused_until: Time::ZERO,
            down_event: None,
            reads: 0,
            timers: Vec::new(),
            held: VecDeque::new(),
        }
    }

    pub fn is_on(&self) -> bool {
        self.running != Running::Off
    }

    pub fn is_down(&self) -> bool {
        matches!(self.running, Running::Crashed | Running::Off)
    }

    /// Whether the operating system has a process to accept connections for.
    pub fn listens(&self) -> bool {
        matches!(self.running, Running::Up | Running::Paused)
    }

    pub fn timer(&mut self, timer: TimerId) -> &mut Timer {
        let index = usize::from(timer.0);
        if index >= self.timers.len() {
            self.timers.resize(index + 1, Timer::default());
        }
        &mut self.timers[index]
    }

    pub fn status(&self) -> Status {
        match self.running {
            Running::Crashed => Status::Crashed,
            Running::Off => Status::Off,
            Running::Paused => Status::Paused,
            Running::Starting => Status::Recovering,
            Running::Up if self.reads > 0 => Status::Recovering,
            Running::Up => Status::Up,
        }
    }
}
