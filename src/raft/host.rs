//! All groups of one node and the log they share: what a broker embeds. It
//! writes what its members want kept, sends what they say once what it rests on
//! is synced, and keeps the one timer that elections need.
//!
//! The broker owns connections and the failure detector. After every input it
//! drains [`Host::next_message`] and [`Host::next_outcome`].

mod clock;
mod journal;
mod record;
mod recovery;
mod serve;
mod snapshot;
mod status;
mod storage;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use self::clock::Clock;
use self::journal::Journal;
use self::record::Record;
use self::recovery::Recovering;
use self::snapshot::Places;
pub use self::status::Status;
use super::effects::{Effects, Letter, Outcome, Patience};
use super::member::{Member, Memory};
use super::membership::Refusal;
use crate::event::{CopyId, NodeId};
use crate::node::{FileId, FileInfo, Input, Outputs, TimerId};
use crate::protocol::raft::{Body, Group, Identity, Members, Message, Peer, Position};
use crate::random::Seed;
use crate::time::Time;

/// What a host needs to know of the node it is in.
#[derive(Clone, Debug)]
pub struct Options {
    pub me: NodeId,
    pub seed: Seed,
    /// Files from this number up are the host's: two for the log, then
    /// three for the snapshots of each group.
    pub first_file: u32,
    pub timer: TimerId,
    /// A file of the log is begun anew when it is longer than this, and several
    /// times as long as what is still needed of it.
    pub roll_bytes: u64,
}

/// This member does not lead; perhaps that one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLeader {
    pub leader: Option<NodeId>,
}

/// A member with what belongs to it here.
#[derive(Clone, Debug)]
struct Seat {
    member: Member,
    /// Elections that came to nothing since there was a leader.
    attempts: u32,
    /// Where its snapshots are.
    places: Places,
    /// Its newest snapshot is still to be written.
    snapshot_due: bool,
    /// The leader still has to send what is new.
    is_dirty: bool,
}

/// The groups of one node.
#[derive(Clone, Debug)]
pub struct Host {
    options: Options,
    seats: BTreeMap<Group, Seat>,
    journal: Journal,
    clock: Clock,
    effects: Effects,
    outbox: VecDeque<(NodeId, Group, Message)>,
    /// Groups with news that their leader has not sent yet.
    dirty: Vec<Group>,
    /// Groups with a snapshot that is not on disk yet.
    due_snapshots: Vec<Group>,
    /// What came during recovery, or for groups that this node does not know (yet).
    early: VecDeque<(NodeId, Group, Message)>,
    recovering: Option<Box<Recovering>>,
}

impl Host {
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            journal: Journal::new(options.first_file),
            clock: Clock::new(options.timer),
            options,
            seats: BTreeMap::new(),
            effects: Effects::default(),
            outbox: VecDeque::new(),
            dirty: Vec::new(),
            due_snapshots: Vec::new(),
            early: VecDeque::new(),
            recovering: None,
        }
    }

    #[must_use]
    pub fn owns_file(&self, file: FileId) -> bool {
        file.0 >= self.options.first_file
    }

    /// Begins to read back what is on disk. Of `files`, those of others are ignored.
    pub fn start(&mut self, files: &[FileInfo], out: &mut Outputs) {
        let own: VecDeque<FileInfo> = files.iter().filter(|info| self.owns_file(info.file)).copied().collect();
        if !own.is_empty() {
            self.recovering = Some(Box::new(Recovering::new(own)));
            self.read_on(out);
        }
    }

    /// Until this is over, the host answers nobody; a broker lets nobody in.
    #[must_use]
    pub fn is_recovering(&self) -> bool {
        self.recovering.is_some()
    }

    /// Takes what happened to its files and its timer. False: it was not for the host.
    pub fn handle(&mut self, now: Time, input: &Input, out: &mut Outputs) -> bool {
        match input {
            Input::Timer(timer) if *timer == self.options.timer => self.time_passed(now),
            Input::ReadDone { file, bytes, .. } if self.owns_file(*file) => self.piece_read(bytes, out),
            Input::Written { file, .. } if self.owns_file(*file) => self.written(out),
            Input::Synced { file, .. } if self.owns_file(*file) => self.synced(now, out),
            Input::DiskError { file, operation, .. } if self.owns_file(*file) => {
                self.disk_failed(*operation, now, out);
            }
            _ => return false,
        }
        self.finish(now, out);
        true
    }

    /// A message of another member.
    pub fn frame(&mut self, now: Time, from: NodeId, group: Group, message: Message, out: &mut Outputs) {
        if self.is_recovering() {
            return self.early.push_back((from, group, message));
        }
        self.hear(now, from, group, message);
        self.finish(now, out);
    }

    /// Founds a group with these members; nothing happens if it exists. Every
    /// node does so once, when it first learns of the group. A node whose disk
    /// was lost must not: to be let in again it is removed and added, see
    /// [`Host::add_member`]. `prefer`: it stands for election at once, so it
    /// most likely leads (in RabbitMQ, the node where a queue is declared).
    pub fn create(&mut self, now: Time, group: Group, members: &[NodeId], prefer: bool, out: &mut Outputs) {
        if self.seats.contains_key(&group) || self.is_recovering() {
            return;
        }
        let voter = |node: &NodeId| Peer { node: *node, identity: Identity::default(), voter: true };
        let members: Members = members.iter().map(voter).collect();
        self.begin(now, group, Memory { members: Some(members), ..Memory::default() });
        let patience = if prefer { Patience::None } else { Patience::Long };
        self.with(group, now, |member, effects| {
            effects.patience = Some(patience);
            member.tell_members(effects);
        });
        self.hear_early(now);
        if prefer {
            self.with(group, now, |member, effects| member.time_is_up(effects));
        }
        self.finish(now, out);
    }

    /// Forgets the group here, with its files.
    pub fn remove(&mut self, now: Time, group: Group, out: &mut Outputs) {
        if self.seats.remove(&group).is_some() {
            self.clock.set(group, None);
            self.write(&Record::Gone { group });
            self.journal.gathering.removals.extend(self.snapshot_files(group));
            self.finish(now, out);
        }
    }

    /// Adds a command to the log, if this member leads. It is committed once an
    /// [`Outcome::Committed`] with this position says so; if another entry is
    /// committed at its index, or it is overwritten, it is not.
    pub fn propose(
        &mut self,
        now: Time,
        group: Group,
        command: Bytes,
        about: Option<CopyId>,
        out: &mut Outputs,
    ) -> Result<Position, NotLeader> {
        let leader = self.seats.get(&group).and_then(|seat| seat.member.leader);
        if self.is_recovering() || leader != Some(self.options.me) {
            return Err(NotLeader { leader });
        }
        let at = self.with(group, now, |member, effects| member.add(Body::Command(command), about, effects));
        self.finish(now, out);
        at.ok_or(NotLeader { leader })
    }

    /// The failure detector says that a node can be reached, on a new connection:
    /// whatever was under way before is lost.
    pub fn peer_up(&mut self, now: Time, node: NodeId, out: &mut Outputs) {
        self.for_all(now, out, |member, effects| member.peer_came_up(node, effects));
    }

    /// The failure detector says that a node cannot be reached.
    pub fn peer_down(&mut self, now: Time, node: NodeId, out: &mut Outputs) {
        // What it said before does not show any more that it is there.
        self.early.retain(|(from, ..)| *from != node);
        self.for_all(now, out, |member, effects| member.peer_went_down(node, effects));
    }

    /// Lets a node join, at the leader. It starts empty and votes once it has
    /// caught up.
    pub fn add_member(&mut self, now: Time, group: Group, node: NodeId, out: &mut Outputs) -> Result<(), Refusal> {
        let done = self.with(group, now, |member, effects| member.add_member(node, effects));
        self.finish(now, out);
        done.unwrap_or(Err(Refusal::NoSuchGroup))
    }

    /// Takes a node out of the group, at the leader, whether or not it is alive.
    pub fn remove_member(&mut self, now: Time, group: Group, node: NodeId, out: &mut Outputs) -> Result<(), Refusal> {
        let done = self.with(group, now, |member, effects| member.remove_member(node, effects));
        self.finish(now, out);
        done.unwrap_or(Err(Refusal::NoSuchGroup))
    }

    /// The state machine's state as of an entry it has applied. What the log
    /// holds through there can go.
    pub fn snapshot(&mut self, now: Time, group: Group, index: u64, state: Bytes, out: &mut Outputs) {
        self.with(group, now, |member, effects| member.take_snapshot(index, state, effects));
        self.finish(now, out);
    }

    /// What the state machines are told, in order.
    pub fn next_outcome(&mut self) -> Option<Outcome> {
        self.effects.outcomes.pop_front()
    }

    /// What is to be sent. A message to a node without a connection can be
    /// dropped: [`Host::peer_up`] makes up for it.
    pub fn next_message(&mut self) -> Option<(NodeId, Group, Message)> {
        while let Some(group) = self.dirty.pop() {
            let Some(seat) = self.seats.get_mut(&group) else { continue };
            seat.is_dirty = false;
            seat.member.replicate(&mut self.effects);
            // Replicating writes nothing and promises nothing.
            for Letter { to, message, .. } in self.effects.letters.drain(..) {
                self.outbox.push_back((to, group, message));
            }
        }
        self.outbox.pop_front()
    }

    /// The groups this node has a member of.
    pub fn groups(&self) -> impl Iterator<Item = Group> {
        self.seats.keys().copied()
    }

    /// The entries of a group's log that no snapshot has replaced.
    pub fn entries(&self, group: Group) -> impl Iterator<Item = &crate::protocol::raft::Entry> {
        self.seats.get(&group).into_iter().flat_map(|seat| seat.member.log.range(0, u64::MAX))
    }
}
