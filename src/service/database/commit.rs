//! How transactions become durable. They are carried out in memory, in the order
//! they came; their records go to the log in one write; once the log is synced,
//! all of them are told and answered. What comes meanwhile makes the next batch:
//! a group commit, as in InnoDB and PostgreSQL.
//!
//! An answer that changes nothing (a duplicate) waits all the same, until what it
//! saw is durable: whoever is told "you did that already" lets go of the message.
//!
//! A database that cannot write or sync its log stops and starts again from what
//! the file says, as both engines do since 2018. A sync that failed has taken the
//! unsynced pages with it although they can still be read: what is then read back
//! goes at the next power cut.

use super::record::Record;
use super::settings::Durability;
use super::tables::{Done, tag};
use super::{Database, SYNC};
use crate::event::{Closed, MessageId};
use crate::flaw::{self, Flaw};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::store::{Method, OutboxRow, Transaction};
use crate::service::log::{FILE, Reading};
use crate::time::{Span, Time};

/// How long what is written stays unsynced with [`Durability::Lazy`]
/// (`innodb_flush_log_at_timeout`).
const LAZY_SYNC: Span = Span::from_secs(1);

#[derive(Clone, Debug, Default)]
pub(super) struct Commit {
    /// Not begun yet.
    pub queue: Vec<Request>,
    /// Carried out, and not answered.
    batch: Vec<Pending>,
    phase: Phase,
    /// In bytes.
    pub length: u64,
    sync_timer_set: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Idle,
    Writing,
    Syncing,
}

/// What a client asks.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub connection: ConnectionId,
    pub request: u64,
    pub ask: Ask,
}

#[derive(Clone, Debug)]
pub(super) enum Ask {
    /// The shortest of transactions, with an answer of its own.
    Apply(Transaction),
    Transact(Transaction),
    Poll(u16),
    Find(MessageId),
    FindOpen {
        step: u8,
        before: u8,
    },
    FindMissing(u16),
}

#[derive(Clone, Debug)]
struct Pending {
    request: Request,
    result: Result,
}

#[derive(Clone, Debug)]
enum Result {
    Done(Done),
    Rows(Box<[OutboxRow]>),
    Found(bool),
    Open(Box<[(MessageId, u8)]>),
    Missing(Box<[MessageId]>),
}

impl Database {
    /// Carries out what waits, if nothing is under way.
    pub(super) fn go_on(&mut self, out: &mut Outputs) {
        if self.commit.phase != Phase::Idle || self.reading.is_some() || self.commit.queue.is_empty() {
            return;
        }
        let mut queue = std::mem::take(&mut self.commit.queue);
        for request in queue.drain(..) {
            let result = match &request.ask {
                Ask::Apply(transaction) | Ask::Transact(transaction) => Result::Done(self.tables.execute(transaction)),
                Ask::Poll(limit) => Result::Rows(self.tables.outbox.poll(*limit)),
                Ask::Find(message) => Result::Found(self.tables.has_order(message.0 as usize)),
                Ask::FindOpen { step, before } => Result::Open(self.tables.open(*step, *before).collect()),
                Ask::FindMissing(subscription) => Result::Missing(self.tables.missing(*subscription).collect()),
            };
            self.commit.batch.push(Pending { request, result });
        }
        self.commit.queue = queue;
        if self.durability == Durability::Reliable || !self.commit.batch.iter().any(Pending::is_logged) {
            self.settle(out);
        } else {
            self.write(out);
        }
    }

    fn write(&mut self, out: &mut Outputs) {
        let commit = &mut self.commit;
        let logged = || commit.batch.iter().filter(|pending| pending.is_logged());
        let mut end = commit.length;
        let encode = |bytes: &mut Vec<u8>| {
            for pending in logged() {
                end += pending.record().map_or(0, |record| record.encode(bytes, FILE, end) as u64);
            }
        };
        out.append(FILE, encode, logged().filter_map(Pending::tag));
        commit.length = end;
        commit.phase = Phase::Writing;
    }

    pub(super) fn written(&mut self, end: u64, now: Time, out: &mut Outputs) {
        if self.commit.phase != Phase::Writing || end < self.commit.length {
            return;
        }
        if self.durability == Durability::OnCommit && !flaw::is_on(Flaw::CommitBeforeSync) {
            self.commit.phase = Phase::Syncing;
            out.sync(FILE);
            return;
        }
        self.settle(out);
        if !self.commit.sync_timer_set {
            self.commit.sync_timer_set = true;
            out.set_timer(SYNC, now + LAZY_SYNC);
        }
    }

    pub(super) fn sync_due(&mut self, out: &mut Outputs) {
        self.commit.sync_timer_set = false;
        out.sync(FILE);
    }

    pub(super) fn synced(&mut self, end: u64, out: &mut Outputs) {
        if self.commit.phase == Phase::Syncing && end >= self.commit.length {
            self.settle(out);
        }
    }

    /// Tells and answers the batch.
    fn settle(&mut self, out: &mut Outputs) {
        self.commit.phase = Phase::Idle;
        let mut batch = std::mem::take(&mut self.commit.batch);
        for Pending { request: Request { connection, request, ask }, result } in batch.drain(..) {
            match (ask, result) {
                (Ask::Apply(transaction), Result::Done(done)) => {
                    self.books.tell(&transaction, done, out);
                    out.send(connection, Method::Applied { request }, Some(transaction.copy));
                }
                (Ask::Transact(transaction), Result::Done(done)) => {
                    self.books.tell(&transaction, done, out);
                    let answer = Method::Transacted { request, outcome: done.outcome };
                    out.send(connection, answer, Some(transaction.copy));
                }
                (_, Result::Rows(rows)) => out.send(connection, Method::Polled { request, rows }, None),
                (_, Result::Found(is_there)) => out.send(connection, Method::Found { request, is_there }, None),
                (_, Result::Open(rows)) => out.send(connection, Method::Open { request, rows }, None),
                (_, Result::Missing(messages)) => out.send(connection, Method::Missing { request, messages }, None),
                (_, Result::Done(_)) => {}
            }
        }
        self.commit.batch = batch;
    }

    /// The log cannot be written: the process gives up and begins again.
    pub(super) fn disk_failed(&mut self, out: &mut Outputs) {
        if self.reading.is_some() {
            return;
        }
        // What could not be written is not in the file; recovery ends before it.
        let length = self.commit.length;
        for (connection, _) in std::mem::take(&mut self.clients) {
            out.close(connection, Closed::Reset);
        }
        if self.commit.sync_timer_set {
            out.cancel_timer(SYNC);
        }
        crate::node::Node::reset(self);
        self.read(Reading::of_length(length, out), out);
    }
}

impl Pending {
    fn is_logged(&self) -> bool {
        match &self.result {
            Result::Done(done) => done.is_logged(),
            Result::Rows(rows) => !rows.is_empty(),
            Result::Found(_) | Result::Open(_) | Result::Missing(_) => false,
        }
    }

    /// What the log must say of it; `None` for a question that changes nothing.
    fn record(&self) -> Option<Record> {
        match self.request.ask {
            Ask::Apply(transaction) | Ask::Transact(transaction) => Some(Record::Transaction(transaction)),
            Ask::Poll(limit) => Some(Record::Poll(limit)),
            Ask::Find(_) | Ask::FindOpen { .. } | Ask::FindMissing(_) => None,
        }
    }

    fn tag(&self) -> Option<u64> {
        match &self.request.ask {
            Ask::Apply(transaction) | Ask::Transact(transaction) => tag(transaction),
            Ask::Poll(_) | Ask::Find(_) | Ask::FindOpen { .. } | Ask::FindMissing(_) => None,
        }
    }
}
