//! The replica: its state, and how inputs reach it.

use super::checkpoint::Checkpoint;
use super::recovery::Recovering;
use super::role::{KnownBroker, Role, progress};
use super::storage::Storage;
use super::{Effect, Effects, Options};
use crate::event::{Kind, NodeId, Reason};
use crate::node::{DiskOperation, FileId, FileInfo, Input, Outputs};
use crate::protocol::log::{Error, Partition, TopicPartition};
use crate::time::Time;

/// How many file numbers a replica has for itself, from its first.
pub const FILES: u32 = 1 << 20;

/// One replica of one partition.
#[derive(Clone, Debug)]
pub struct Replica {
    pub(super) id: TopicPartition,
    pub(super) me: NodeId,
    pub(super) options: Options,
    pub(super) log: Storage,
    pub(super) checkpoint: Checkpoint,
    pub(super) recovering: Option<Recovering>,
    /// How many copies were read back.
    pub(super) recovered: u64,
    pub(super) high_watermark: u64,
    pub(super) role: Role,
    /// The newest that was said of this partition.
    pub(super) state: Option<Partition>,
    /// In ascending order.
    pub(super) brokers: Vec<KnownBroker>,
    /// The disk refused something: nothing more is promised.
    pub(super) has_failed: bool,
    pub(super) retention_due: Option<Time>,
    pub(super) expiry_due: Time,
}

impl Replica {
    /// Its files are `first_file..first_file + FILES`. It has nothing in memory: a
    /// process that starts makes a new one and lets it [`start`](Self::start).
    #[must_use]
    pub fn new(id: TopicPartition, me: NodeId, first_file: u32, options: Options) -> Self {
        Self {
            id,
            me,
            options,
            log: Storage::new(first_file, &options),
            checkpoint: Checkpoint::new(FileId(first_file)),
            recovering: None,
            recovered: 0,
            high_watermark: 0,
            role: Role::Idle,
            state: None,
            brokers: Vec::new(),
            has_failed: false,
            retention_due: None,
            expiry_due: Time::MAX,
        }
    }

    #[must_use]
    pub const fn id(&self) -> TopicPartition {
        self.id
    }

    /// Begins to read back those of `files` (in ascending order) that are its own.
    /// Until [`Effect::Recovered`], which may come at once, it neither leads nor
    /// follows.
    pub fn start(&mut self, files: &[FileInfo], now: Time, out: &mut Outputs, effects: &mut Effects) {
        self.start_clocks(now);
        let own = files.iter().filter(|info| self.owns_file(info.file)).copied().collect();
        self.recovering = Some(Recovering::new(own));
        self.read_on(now, out, effects);
    }

    #[must_use]
    pub const fn owns_file(&self, file: FileId) -> bool {
        let first = self.checkpoint.file.0;
        file.0 >= first && file.0 - first < FILES
    }

    /// Takes an input about one of its files; false: it was not for this replica.
    pub fn handle(&mut self, now: Time, input: &Input, out: &mut Outputs, effects: &mut Effects) -> bool {
        match *input {
            Input::ReadDone { file, ref bytes, .. } if self.owns_file(file) => {
                self.piece_read(bytes, now, out, effects);
            }
            Input::Written { file, end } if self.owns_file(file) => {
                let before = self.log.log_end();
                self.log.written(file, end, out);
                self.log_end_moved(before, now, out, effects);
            }
            Input::Synced { file, end } if self.owns_file(file) => {
                let before = self.log.log_end();
                self.log.synced(file, end, out);
                self.log_end_moved(before, now, out, effects);
            }
            Input::DiskError { file, operation, .. } if self.owns_file(file) => match operation {
                DiskOperation::Read => self.read_failed(now, out, effects),
                DiskOperation::Append | DiskOperation::Sync => self.fail(out, effects),
            },
            _ => return false,
        }
        true
    }

    fn log_end_moved(&mut self, before: u64, now: Time, out: &mut Outputs, effects: &mut Effects) {
        if self.log.log_end() != before {
            self.advance_watermark(now, out, effects);
            self.learn(now, out);
            progress(effects);
        }
    }

    /// Kafka takes a directory offline at the first error, and forgets nothing that
    /// it has said: what was under way was never acknowledged.
    fn fail(&mut self, out: &mut Outputs, effects: &mut Effects) {
        if self.has_failed {
            return;
        }
        self.has_failed = true;
        self.log.note(Kind::Dropped(Reason::DiskError), self.log.gates.written, self.log.next, out);
        effects.push(Effect::Failed(Error::KafkaStorageError));
        progress(effects);
    }

    #[must_use]
    pub const fn is_recovering(&self) -> bool {
        self.recovering.is_some()
    }

    /// How many copies were read back.
    #[must_use]
    pub const fn recovered(&self) -> u64 {
        self.recovered
    }

    #[must_use]
    pub const fn is_leader(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// The newest that it was told of this partition, or that the controller
    /// answered to it.
    #[must_use]
    pub const fn state(&self) -> Option<&Partition> {
        self.state.as_ref()
    }

    #[must_use]
    pub fn leader_epoch(&self) -> u32 {
        self.state.as_ref().map_or(0, |state| state.leader_epoch)
    }

    #[must_use]
    pub const fn log_start(&self) -> u64 {
        self.log.log_start
    }

    /// The offset after the last record that is with the operating system.
    #[must_use]
    pub fn log_end(&self) -> u64 {
        self.log.log_end()
    }

    #[must_use]
    pub const fn high_watermark(&self) -> u64 {
        self.high_watermark
    }
}
