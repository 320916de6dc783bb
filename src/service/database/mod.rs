//! A database with transactions that applications write to. It counts what was
//! done: every effect of every message for every subscription, and which version
//! each key stands at.
//!
//! It does not refuse repeats of a plain `UPDATE`: that would be idempotence,
//! which is the application's business (see `tables` for what it can ask for). A
//! late repeat of an old version overwrites a newer one, as an `UPDATE` without a
//! version check does.
//!
//! - `tables`: what is committed, and what a transaction does to it; `effects`
//!   and `outbox` are two of them.
//! - `commit`: transactions become durable, several with one sync.
//! - `recovery`: reading the log back; `record`: what is in it.
//! - `desk`: how long a transaction takes, one after another.
//! - `books`: what the history was told, and what a recovery finds different.
//! - `settings`: what a commit waits for.
//!
//! Transactions are carried out one after another: the strictest isolation there
//! is. Left out: statements sent one by one, locks and deadlocks, reads, replicas,
//! checkpoints (the log is never cut, so recovery reads all of it).

mod books;
mod commit;
mod desk;
mod effects;
mod outbox;
mod record;
mod recovery;
mod settings;
mod tables;

#[cfg(test)]
mod tests;

pub use settings::{Durability, SETTINGS, work};

use crate::event::{CopyId, MessageId, NodeId, Tier};
use crate::node::{ConnectionId, DiskOperation, Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Figure, Lane, LaneLabel, Picture, Place, Role};
use crate::protocol::Frame;
use crate::protocol::store::{CANCELLING, LOG, Method, Transaction, Write};
use crate::service::log::Reading;
use crate::time::{Span, Time};

use books::Books;
use commit::{Ask, Commit, Request};
use desk::Desk;
use tables::Tables;

/// What was written and not synced is synced.
const SYNC: TimerId = TimerId(0);
/// Work on the first in line is done.
const WORK: TimerId = TimerId(1);

/// A database. Make a new one for every run.
#[derive(Clone, Debug)]
pub struct Database {
    durability: Durability,
    /// Whom the messages in the outbox are for.
    entitled: Vec<u16>,
    tables: Tables,
    books: Books,
    commit: Commit,
    desk: Desk,
    /// Set while the log is being read back.
    reading: Option<Reading>,
    clients: Vec<(ConnectionId, NodeId)>,
}

impl Default for Database {
    fn default() -> Self {
        Self::reliable()
    }
}

impl Database {
    /// One that no fault reaches.
    #[must_use]
    pub fn new() -> Self {
        Self::reliable()
    }

    /// One that no fault reaches: a commit is durable the moment it is noted.
    #[must_use]
    pub fn reliable() -> Self {
        Self::with(Durability::Reliable)
    }

    /// One with a log on its node's disk, for crashes, power cuts and disk faults.
    #[must_use]
    pub fn with(durability: Durability) -> Self {
        Self {
            durability,
            entitled: vec![0],
            tables: Tables::default(),
            books: Books::new(durability != Durability::Reliable),
            commit: Commit::default(),
            desk: Desk::default(),
            reading: None,
            clients: Vec::new(),
        }
    }

    /// The same, where every transaction takes this long, one after another.
    #[must_use]
    pub fn taking(mut self, work: Span) -> Self {
        self.desk = Desk::taking(work);
        self
    }

    /// The same, with an outbox whose messages these subscriptions must see.
    #[must_use]
    pub fn entitling(mut self, subscriptions: impl IntoIterator<Item = u16>) -> Self {
        self.entitled = subscriptions.into_iter().collect();
        self
    }

    /// How often a message took effect for a subscription.
    #[must_use]
    pub fn effects(&self, subscription: u16, message: MessageId) -> u32 {
        self.tables.effects.of(subscription, message)
    }

    /// The version that a key stands at: that of the last effect, not of the
    /// newest fact. Zero if nothing was written.
    #[must_use]
    pub fn version(&self, subscription: u16, key: u32) -> u32 {
        self.tables.version(subscription, key)
    }

    /// The state of a step's row; zero if it is not there.
    #[must_use]
    pub fn step(&self, step: u8, message: MessageId) -> u32 {
        self.tables.step(step, message.0)
    }

    /// Whether the business row of a message is there.
    #[must_use]
    pub fn has_order(&self, message: MessageId) -> bool {
        self.tables.has_order(message.0 as usize)
    }

    /// How often the order of a message was undone.
    #[must_use]
    pub fn undone(&self, message: MessageId) -> u32 {
        self.tables.undone(message.0 as usize)
    }

    /// How much is reserved for a message in a step.
    #[must_use]
    pub fn frozen(&self, step: u8, message: MessageId) -> u32 {
        self.tables.frozen(step, message.0)
    }

    fn is_reliable(&self) -> bool {
        self.durability == Durability::Reliable
    }

    fn take(&mut self, now: Time, connection: ConnectionId, method: Method, out: &mut Outputs) {
        let (request, ask) = match method {
            Method::Apply { request, copy, fact, subscription } => {
                (request, Ask::Apply(Transaction::about(copy, fact, subscription).with(&[Write::Effect])))
            }
            Method::Transact { request, transaction } => (request, Ask::Transact(transaction)),
            Method::Poll { request, limit } => (request, Ask::Poll(limit)),
            Method::Find { request, message } => (request, Ask::Find(message)),
            Method::FindOpen { request, step, before } => (request, Ask::FindOpen { step, before }),
            Method::FindMissing { request, subscription } => (request, Ask::FindMissing(subscription)),
            _ => return,
        };
        self.line_up(now, Request { connection, request, ask }, out);
    }
}

impl Node for Database {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Frame { connection, frame: Frame::Store(method), .. } => self.take(now, connection, method, out),
            Input::Opened { connection, peer, .. } => self.clients.push((connection, peer)),
            Input::Closed { connection, .. } => self.clients.retain(|(client, _)| *client != connection),
            Input::Start(files) if !self.is_reliable() => self.start(&files, out),
            Input::Timer(SYNC) => self.sync_due(out),
            Input::Timer(WORK) => self.worked(now, out),
            Input::Written { end, .. } => self.written(end, now, out),
            Input::Synced { end, .. } => self.synced(end, out),
            Input::ReadDone { bytes, .. } => self.piece_read(&bytes, out),
            Input::DiskError { operation: DiskOperation::Read, .. } => self.piece_read(&[], out),
            Input::DiskError { .. } => self.disk_failed(out),
            _ => {}
        }
        self.go_on(out);
    }

    /// A reliable database never dies; what is committed on a disk comes back
    /// from the disk.
    fn reset(&mut self) {
        self.clients.clear();
        if !self.is_reliable() {
            self.tables = Tables::default();
            self.commit = Commit::default();
            self.desk.clear();
            self.reading = None;
        }
    }

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    /// What the outbox has and the relay has not sent will still be delivered. An
    /// order that was undone stands in the books as one that failed: its message
    /// is put aside, as in a dead-letter queue, and not gone. One that a coordinator's
    /// log has open will still be confirmed or cancelled.
    fn holdings(&self, visit: &mut dyn FnMut(Holding)) {
        for message in self.tables.all_undone() {
            let copy = CopyId { message, attempt: 1, branch: 0 };
            for subscription in &self.entitled {
                visit(Holding { copy, subscription: *subscription, dead_lettered: true });
            }
        }
        let open = self.tables.open(LOG, CANCELLING).map(|(message, _)| CopyId { message, attempt: 1, branch: 0 });
        for copy in self.unsent().chain(open) {
            for subscription in &self.entitled {
                visit(Holding { copy, subscription: *subscription, dead_lettered: false });
            }
        }
    }

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Store;
        let effects = &self.tables.effects;
        picture.lanes.push(Lane { label: LaneLabel::Applied, ready: effects.total - effects.repeats, unacked: 0 });
        let unsent = self.tables.outbox.unsent_count();
        if unsent > 0 {
            picture.lanes.push(Lane { label: LaneLabel::Outbox, ready: u64::from(unsent), unacked: 0 });
        }
        picture.figures.extend([Figure::Applied(effects.total), Figure::Duplicates(effects.repeats)]);
        for copy in self.unsent() {
            picture.hold(copy, Place::Tier(Tier::Disk));
        }
        picture.peers.extend(self.clients.iter().map(|(_, peer)| *peer));
    }
}

impl Database {
    fn unsent(&self) -> impl Iterator<Item = CopyId> + '_ {
        self.tables.outbox.unsent().map(|message| CopyId { message, attempt: 1, branch: 0 })
    }
}
