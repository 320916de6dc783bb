//! Hosts side by side, without a world: messages arrive at once, disks are
//! maps, and a test decides what happens when.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::event::NodeId;
use crate::node::{DiskError, DiskOperation, FileId, FileInfo, Input, Output, Outputs, TimerId};
use crate::protocol::raft::{Group, Message};
use crate::raft::{Host, Options, Outcome};
use crate::random::Seed;
use crate::time::Time;

pub const GROUP: Group = Group(1);
const TIMER: TimerId = TimerId(4);

pub struct Bench {
    pub hosts: Vec<Host>,
    disks: Vec<BTreeMap<FileId, Vec<u8>>>,
    /// How much of each file is on the device.
    synced: Vec<BTreeMap<FileId, usize>>,
    pub timers: Vec<Option<Time>>,
    pub told: Vec<Vec<Outcome>>,
    /// Syncs of these nodes fail.
    pub failing: Vec<NodeId>,
    /// So many more syncs end; those after them take for ever.
    pub sync_only: Option<u32>,
    /// Syncs of these nodes take for ever.
    pub stuck: Vec<NodeId>,
    /// Syncs of these nodes fail, and they die before they hear of it.
    pub failing_unheard: Vec<NodeId>,
    /// What the kernel failed to write, and takes for written.
    forgotten: Vec<BTreeSet<FileId>>,
    /// Everything that was said.
    pub said: Vec<(NodeId, NodeId, Message)>,
    /// Messages to these are lost.
    pub away: Vec<NodeId>,
    pub now: Time,
}

fn host(node: usize) -> Host {
    let me = NodeId(node as u16);
    Host::new(Options { me, seed: Seed(7), first_file: 10, timer: TIMER, roll_bytes: 1 << 20 })
}

impl Bench {
    pub fn new(nodes: usize) -> Self {
        Self {
            hosts: (0..nodes).map(host).collect(),
            disks: vec![BTreeMap::new(); nodes],
            synced: vec![BTreeMap::new(); nodes],
            timers: vec![None; nodes],
            told: vec![Vec::new(); nodes],
            failing: Vec::new(),
            sync_only: None,
            stuck: Vec::new(),
            failing_unheard: Vec::new(),
            forgotten: vec![BTreeSet::new(); nodes],
            said: Vec::new(),
            away: Vec::new(),
            now: Time::ZERO,
        }
    }

    pub fn members(&self) -> Vec<NodeId> {
        (0..self.hosts.len() as u16).map(NodeId).collect()
    }

    /// Lets a host act, and carries everything out that follows from it.
    pub fn act<T>(&mut self, node: usize, act: impl FnOnce(&mut Host, Time, &mut Outputs) -> T) -> T {
        let mut out = Outputs::default();
        let result = act(&mut self.hosts[node], self.now, &mut out);
        let mut letters = VecDeque::new();
        self.carry_out(node, out, &mut letters);
        while let Some((from, to, group, message)) = letters.pop_front() {
            self.said.push((from, to, Message::clone(&message)));
            if self.away.contains(&to) || self.away.contains(&from) {
                continue;
            }
            let (to, mut out) = (usize::from(to.0), Outputs::default());
            self.hosts[to].frame(self.now, from, group, message, &mut out);
            self.carry_out(to, out, &mut letters);
        }
        result
    }

    fn carry_out(&mut self, node: usize, mut out: Outputs, letters: &mut VecDeque<(NodeId, NodeId, Group, Message)>) {
        loop {
            let mut inputs = Vec::new();
            for output in std::mem::take(&mut out.list) {
                inputs.extend(self.perform(node, output, &out.bytes));
            }
            if inputs.is_empty() {
                break;
            }
            out.clear();
            for input in inputs {
                self.hosts[node].handle(self.now, &input, &mut out);
            }
        }
        while let Some(outcome) = self.hosts[node].next_outcome() {
            self.told[node].push(outcome);
        }
        while let Some((to, group, message)) = self.hosts[node].next_message() {
            letters.push_back((NodeId(node as u16), to, group, message));
        }
    }

    fn perform(&mut self, node: usize, output: Output, bytes: &[u8]) -> Option<Input> {
        let disk = &mut self.disks[node];
        match output {
            Output::SetTimer { at, .. } => self.timers[node] = Some(at),
            Output::CancelTimer { .. } => self.timers[node] = None,
            Output::Remove { file } => {
                disk.remove(&file);
                self.synced[node].remove(&file);
                self.forgotten[node].remove(&file);
            }
            Output::Append { file, bytes: range, .. } => {
                let held = disk.entry(file).or_default();
                held.extend_from_slice(&bytes[range.start as usize..range.end as usize]);
                return Some(Input::Written { file, end: held.len() as u64 });
            }
            Output::Sync { file } if self.failing.contains(&NodeId(node as u16)) => {
                self.forgotten[node].insert(file);
                return Some(Input::DiskError { file, operation: DiskOperation::Sync, error: DiskError::SyncFailed });
            }
            Output::Sync { file } if self.failing_unheard.contains(&NodeId(node as u16)) => {
                self.forgotten[node].insert(file);
            }
            Output::Sync { .. } if self.sync_only == Some(0) => {}
            Output::Sync { .. } if self.stuck.contains(&NodeId(node as u16)) => {}
            Output::Sync { file } => {
                let end = disk[&file].len();
                self.sync_only = self.sync_only.map(|left| left - 1);
                if !self.forgotten[node].contains(&file) {
                    self.synced[node].insert(file, end);
                }
                return Some(Input::Synced { file, end: end as u64 });
            }
            Output::Read { file, offset, length } => {
                let end = (offset as usize + length as usize).min(disk[&file].len());
                let bytes = disk[&file][offset as usize..end].to_vec().into();
                return Some(Input::ReadDone { file, offset, bytes });
            }
            _ => {}
        }
        None
    }

    /// The timer of a host fires, when it is set.
    pub fn timer(&mut self, node: usize) {
        if let Some(at) = self.timers[node].take() {
            self.now = self.now.max(at);
            self.act(node, |host, now, out| {
                host.handle(now, &Input::Timer(TIMER), out);
            });
        }
    }

    /// The process dies and starts again from its files.
    pub fn restart(&mut self, node: usize) {
        let files: Vec<FileInfo> =
            self.disks[node].iter().map(|(file, bytes)| FileInfo { file: *file, length: bytes.len() as u64 }).collect();
        self.hosts[node] = host(node);
        self.timers[node] = None;
        self.act(node, |host, _, out| host.start(&files, out));
    }

    /// The power goes, and nothing that was not synced survives.
    pub fn cut_power(&mut self, node: usize) {
        let synced = &self.synced[node];
        self.disks[node].retain(|file, bytes| {
            bytes.truncate(synced.get(file).copied().unwrap_or(0));
            !bytes.is_empty()
        });
        self.restart(node);
    }

    pub fn lose_disk(&mut self, node: usize) {
        self.disks[node].clear();
        self.restart(node);
    }

    /// Founds the group; the first member leads.
    pub fn found(nodes: usize) -> Self {
        let mut bench = Self::new(nodes);
        let members = bench.members();
        for node in (0..nodes).rev() {
            bench.act(node, |host, now, out| host.create(now, GROUP, &members, node == 0, out));
        }
        bench
    }
}
