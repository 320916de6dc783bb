//! The replica.

use super::{Appended, Effects, Options};
use crate::event::{CopyId, NodeId};
use crate::node::{FileId, FileInfo, Input, Outputs};
use crate::picture::{PartitionPicture, Picture, ReplicaRole};
use crate::protocol::log::{
    Acks, Batch, Error, FetchPartition, FetchedPartition, Isolation, Partition, ReplicaState, TopicPartition,
};
use crate::time::Time;

/// How many file numbers a replica has for itself, from its first.
pub const FILES: u32 = 1 << 20;

/// One replica of one partition.
#[derive(Clone, Debug)]
pub struct Replica {
    id: TopicPartition,
    me: NodeId,
    first_file: u32,
    options: Options,
}

impl Replica {
    /// Its files are `first_file..first_file + FILES`. It has nothing in memory: a
    /// process that starts makes a new one and lets it [`start`](Self::start).
    #[must_use]
    pub fn new(id: TopicPartition, me: NodeId, first_file: u32, options: Options) -> Self {
        Self { id, me, first_file, options }
    }

    #[must_use]
    pub const fn id(&self) -> TopicPartition {
        self.id
    }

    /// Begins to read back those of `files` that are its own. Until
    /// [`Effect::Recovered`](super::Effect::Recovered) it neither leads nor follows.
    pub fn start(&mut self, _files: &[FileInfo], _now: Time, _out: &mut Outputs, _effects: &mut Effects) {}

    #[must_use]
    pub const fn owns_file(&self, file: FileId) -> bool {
        file.0 >= self.first_file && file.0 - self.first_file < FILES
    }

    /// Takes an input about one of its files; false: it was not for this replica.
    pub fn handle(&mut self, _now: Time, _input: &Input, _out: &mut Outputs, _effects: &mut Effects) -> bool {
        false
    }

    #[must_use]
    pub const fn is_recovering(&self) -> bool {
        false
    }

    /// How many copies were read back.
    #[must_use]
    pub const fn recovered(&self) -> u64 {
        0
    }

    /// The metadata log says that this broker leads. Also for news of a partition
    /// that it leads already (other in-sync replicas); older states are ignored.
    pub fn lead(&mut self, _now: Time, _state: &Partition, _out: &mut Outputs, _effects: &mut Effects) {}

    /// The metadata log says that another broker leads, or nobody.
    pub fn follow(&mut self, _now: Time, _state: &Partition, _out: &mut Outputs, _effects: &mut Effects) {}

    /// It neither leads nor follows any more: the broker is fenced or stops.
    pub fn resign(&mut self, _effects: &mut Effects) {}

    /// What the metadata log says of a broker (this one, too): its epoch, and
    /// whether it is fenced. To be told of every broker, also before `lead`.
    pub fn broker_changed(&mut self, _broker: NodeId, _epoch: u64, _is_fenced: bool) {}

    /// Appends what a producer sent, or (with `control`, or to an internal topic) a
    /// coordinator. Answer the producer when [`answer`](Self::answer) says so.
    ///
    /// # Errors
    /// Nothing was appended; the error is the answer.
    pub fn produce(
        &mut self,
        _now: Time,
        _batch: Batch,
        _acks: Acks,
        _out: &mut Outputs,
        _effects: &mut Effects,
    ) -> Result<Appended, Error> {
        Err(Error::NotLeaderOrFollower)
    }

    /// Whether a request that appended up to `end` has its answer; `None`: not yet.
    #[must_use]
    pub fn answer(&self, _acks: Acks, _end: u64) -> Option<Result<(), Error>> {
        Some(Err(Error::NotLeaderOrFollower))
    }

    /// What a consumer may read. At least one batch, if there is any.
    #[must_use]
    pub fn read(&self, asked: &FetchPartition, _isolation: Isolation, _max_bytes: u32) -> FetchedPartition {
        refused(asked, Error::NotLeaderOrFollower)
    }

    /// A follower's fetch: what it has may move the high watermark, and brings it
    /// back among the in-sync replicas. Once a request; when a request that waited
    /// gets its answer, use [`read_for_follower`](Self::read_for_follower).
    pub fn follower_fetch(
        &mut self,
        _now: Time,
        _follower: ReplicaState,
        asked: &FetchPartition,
        _max_bytes: u32,
        _effects: &mut Effects,
    ) -> FetchedPartition {
        refused(asked, Error::NotLeaderOrFollower)
    }

    /// The same without taking note of the follower.
    #[must_use]
    pub fn read_for_follower(
        &self,
        _follower: ReplicaState,
        asked: &FetchPartition,
        _max_bytes: u32,
    ) -> FetchedPartition {
        refused(asked, Error::NotLeaderOrFollower)
    }

    /// What to ask of the leader next; `None` while there is no leader, or while
    /// the last answer is still being written ([`Effect::Progress`](super::Effect::Progress)
    /// says when it is).
    #[must_use]
    pub fn next_fetch(&self) -> Option<FetchPartition> {
        None
    }

    /// Takes the leader's answer to `asked`. An answer to a question of another
    /// epoch or offset is ignored. Errors are for the node to see, except that a
    /// log which the leader's does not reach begins anew.
    pub fn fetched(
        &mut self,
        _now: Time,
        _asked: &FetchPartition,
        _answer: FetchedPartition,
        _out: &mut Outputs,
        _effects: &mut Effects,
    ) {
    }

    /// The largest epoch not above `epoch`, and where it ends.
    ///
    /// # Errors
    /// It does not lead, or not in `current_epoch`.
    pub fn epoch_end(&self, _current_epoch: Option<u32>, _epoch: u32) -> Result<(u32, u64), Error> {
        Err(Error::NotLeaderOrFollower)
    }

    /// The first offset there is, and the one after the last that may be read.
    ///
    /// # Errors
    /// It does not lead.
    pub fn offsets(&self, _isolation: Isolation) -> Result<(u64, u64), Error> {
        Err(Error::NotLeaderOrFollower)
    }

    /// The controller's answer to a proposal.
    pub fn isr_answer(
        &mut self,
        _now: Time,
        _answer: Result<Partition, Error>,
        _out: &mut Outputs,
        _effects: &mut Effects,
    ) {
    }

    /// When [`time_passed`](Self::time_passed) is due, and whether nothing but
    /// housekeeping waits for it. Ask again after every call.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        None
    }

    pub fn time_passed(&mut self, _now: Time, _out: &mut Outputs, _effects: &mut Effects) {}

    #[must_use]
    pub const fn is_leader(&self) -> bool {
        false
    }

    #[must_use]
    pub const fn leader_epoch(&self) -> u32 {
        0
    }

    #[must_use]
    pub const fn log_start(&self) -> u64 {
        0
    }

    /// The offset after the last record that is with the operating system.
    #[must_use]
    pub const fn log_end(&self) -> u64 {
        0
    }

    #[must_use]
    pub const fn high_watermark(&self) -> u64 {
        0
    }

    #[must_use]
    pub const fn last_stable_offset(&self) -> u64 {
        0
    }

    /// Visits the records from an offset on, with their offsets; for audits and for
    /// coordinators that load their topic ([`batches`](Self::batches)).
    pub fn records(&self, _from: u64, _visit: &mut dyn FnMut(CopyId, u64)) {}

    /// Visits the batches from an offset on, up to the log end.
    pub fn batches(&self, _from: u64, _visit: &mut dyn FnMut(&Batch)) {}

    /// Adds its copies, with their places, and itself.
    pub fn show(&self, picture: &mut Picture) {
        picture.partitions.push(PartitionPicture {
            partition: self.id,
            role: ReplicaRole::Follower,
            leader: None,
            leader_epoch: 0,
            in_sync: Vec::new(),
            is_in_sync: false,
            log_start: 0,
            high_watermark: 0,
            log_end: 0,
        });
    }
}

fn refused(asked: &FetchPartition, error: Error) -> FetchedPartition {
    FetchedPartition {
        partition: asked.partition,
        error: Some(error),
        high_watermark: 0,
        last_stable_offset: 0,
        log_start: 0,
        diverging: None,
        aborted: Box::default(),
        batches: Box::default(),
    }
}
