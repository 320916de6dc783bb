//! A picture is what a node shows of itself. Screens draw pictures and nothing
//! else, so a new kind of broker costs no line of screen code.

use crate::event::{CopyId, NodeId, Resource, Tier};
use crate::node::FileId;
use crate::protocol::Name;
use crate::protocol::log::TopicPartition;

/// What a node is in the topology.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Producer,
    Broker,
    Consumer,
    Store,
    /// It keeps the metadata of a log's brokers, and elects leaders.
    Controller,
}

/// Whether a node runs. The world knows this; the node does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    #[default]
    Up,
    /// The process is dead, the machine runs.
    Crashed,
    /// The machine has no power.
    Off,
    /// The process does not run, but nobody else can tell.
    Paused,
    /// Up, and still reading its files back.
    Recovering,
}

/// Where a node keeps a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Memory,
    /// The world resolves this to page cache or disk: only the disk knows what
    /// the system has written back.
    File {
        file: FileId,
        offset: u64,
    },
    Tier(Tier),
}

/// A queue, a partition, a window of unanswered sends: copies in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    pub label: LaneLabel,
    /// Waiting.
    pub ready: u64,
    /// Handed out, not yet settled.
    pub unacked: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneLabel {
    /// A queue by name.
    Queue(Name),
    /// Sent, not yet answered.
    Unconfirmed,
    /// Taken, not yet settled.
    Unsettled,
    /// Effects committed.
    Applied,
    /// Rows of the outbox that no relay has sent.
    Outbox,
}

/// What this node is to a queue that several nodes know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaRole {
    /// It decides, and clients are served by it.
    Leader,
    Follower,
    /// Between two leaders.
    Candidate,
    /// A new or returning replica that does not count yet.
    Learner,
    /// The one node with the contents of a classic queue.
    Only,
    /// The serving copy of a mirrored queue, and the copies behind it.
    Master,
    Mirror,
    /// No copy. It knows the queue by name, and which node has it: the `leader`.
    Elsewhere,
    /// The same, and that node is down as far as it knows: so is the queue.
    Down,
}

/// A node's part in a queue of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replica {
    /// [`Name::EMPTY`] is the cluster's own metadata.
    pub queue: Name,
    pub role: ReplicaRole,
    /// Zero where there are no terms.
    pub term: u64,
    /// Whom it believes to be the leader or master.
    pub leader: Option<NodeId>,
    /// It has all that counts as accepted.
    pub in_step: bool,
    /// How many entries it lacks, as far as is known to the node itself.
    pub behind: u64,
}

/// A node's replica of a partition of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionPicture {
    pub partition: TopicPartition,
    pub role: ReplicaRole,
    /// Whom it believes to lead, and in which epoch.
    pub leader: Option<NodeId>,
    pub leader_epoch: u32,
    /// How many brokers have a replica, or are to have one.
    pub replicas: usize,
    /// The in-sync replicas, as this node knows them.
    pub in_sync: Vec<NodeId>,
    /// This node is one of them.
    pub is_in_sync: bool,
    /// Offsets: the first there is, the first that consumers may not read, the
    /// first that will be given out.
    pub log_start: u64,
    pub high_watermark: u64,
    pub log_end: u64,
}

/// A consumer group, as its coordinator keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPicture {
    pub group: Name,
    /// Counts rebalances.
    pub generation: u32,
    /// It is between two generations: nobody reads for it.
    pub is_rebalancing: bool,
    /// Who is in it, and what each reads.
    pub members: Vec<(NodeId, Vec<TopicPartition>)>,
    /// Where the group goes on reading, by partition.
    pub committed: Vec<(TopicPartition, u64)>,
}

/// A count worth showing beside a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Sent(u64),
    ToldOk(u64),
    ToldRefused(u64),
    ToldUnknown(u64),
    Applied(u64),
    Duplicates(u64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    pub role: Role,
    pub status: Status,
    pub lanes: Vec<Lane>,
    pub figures: Vec<Figure>,
    /// The copies this node holds and where, oldest first, up to `limit`.
    pub copies: Vec<(CopyId, Place)>,
    /// How many copies did not fit.
    pub more: u64,
    /// Where those are, as far as they were counted.
    pub beyond: Vec<Place>,
    /// The nodes it believes it is connected to.
    pub peers: Vec<NodeId>,
    /// Its parts in the queues of the cluster; empty on a node alone.
    pub replicas: Vec<Replica>,
    /// Its replicas of partitions.
    pub partitions: Vec<PartitionPicture>,
    /// The consumer groups that it coordinates.
    pub groups: Vec<GroupPicture>,
    /// What it is short of.
    pub alarms: Vec<Resource>,
    /// It is up and refuses to serve, as it sees no majority.
    pub is_minority: bool,
}

impl Picture {
    /// As many copies as any screen can draw.
    pub const LIMIT: usize = 256;
    /// So many more are counted by their places. Beyond them only their number is
    /// known: asking the disk about each of a million would take longer than a frame.
    pub const BEYOND: usize = 4096;

    /// Empties the picture, keeping its buffers.
    pub fn clear(&mut self) {
        self.role = Role::default();
        self.status = Status::default();
        self.lanes.clear();
        self.figures.clear();
        self.copies.clear();
        self.more = 0;
        self.beyond.clear();
        self.peers.clear();
        self.replicas.clear();
        self.partitions.clear();
        self.groups.clear();
        self.alarms.clear();
        self.is_minority = false;
    }

    /// Adds a copy, or counts it if the picture is full.
    pub fn hold(&mut self, copy: CopyId, place: Place) {
        if self.copies.len() < Self::LIMIT {
            self.copies.push((copy, place));
            return;
        }
        self.more += 1;
        if self.beyond.len() < Self::BEYOND {
            self.beyond.push(place);
        }
    }

    /// How many copies are at places like this; nothing if not all could be counted.
    pub fn count(&self, is_there: impl Fn(Place) -> bool) -> Option<u64> {
        let places = self.copies.iter().map(|(_, place)| *place).chain(self.beyond.iter().copied());
        let all_counted = self.more == self.beyond.len() as u64;
        all_counted.then(|| places.filter(|place| is_there(*place)).count() as u64)
    }
}
