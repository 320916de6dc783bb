//! The store protocol: what applications say to the services behind them, a
//! transactional database and a key-value store like Redis.
//!
//! A transaction travels as one frame, from BEGIN to COMMIT. A real client sends
//! a statement at a time; what matters for the fate of a message is that either
//! all of it happens or nothing, and that an answer may be lost.

use super::Frame;
use super::fact::Fact;
use crate::event::{CopyId, MessageId};
use crate::time::{Span, Time};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    // Client to database, and its answers.
    /// Apply the effect of a message for a subscription: a plain `UPDATE`.
    Apply {
        request: u64,
        copy: CopyId,
        fact: Fact,
        subscription: u16,
    },
    /// The effect is committed.
    Applied {
        request: u64,
    },
    Transact {
        request: u64,
        transaction: Transaction,
    },
    Transacted {
        request: u64,
        outcome: Outcome,
    },
    /// A relay asks for the oldest unsent rows of the outbox, and counts the
    /// attempt on each: `UPDATE .. SET attempts = attempts + 1 .. RETURNING`.
    Poll {
        request: u64,
        limit: u16,
    },
    Polled {
        request: u64,
        rows: Box<[OutboxRow]>,
    },
    /// Is the business row of this fact there? `SELECT 1 FROM orders WHERE id = ?`.
    Find {
        request: u64,
        message: MessageId,
    },
    Found {
        request: u64,
        is_there: bool,
    },
    /// Which rows of a step are in a state after 0 and before this one: what a
    /// program that died has left half done.
    FindOpen {
        request: u64,
        step: u8,
        before: u8,
    },
    Open {
        request: u64,
        /// Ascending, each with its state.
        rows: Box<[(MessageId, u8)]>,
    },
    /// Which recorded facts have had no effect for a subscription: `SELECT
    /// orders.id FROM orders LEFT JOIN effects .. WHERE effects.id IS NULL`.
    FindMissing {
        request: u64,
        subscription: u16,
    },
    Missing {
        request: u64,
        /// Ascending.
        messages: Box<[MessageId]>,
    },

    // Client to key-value store, and its answers.
    Command {
        request: u64,
        command: Command,
    },
    Reply {
        request: u64,
        reply: Reply,
    },

    // Between two key-value stores.
    /// Asks whether the peer is there, and what it is.
    Ping,
    /// `term` counts promotions: the primary of the latest one is right.
    Pong {
        term: u32,
        is_primary: bool,
    },
    /// A replica asks for everything, and for every later write.
    Follow,
    /// Everything.
    Snapshot {
        entries: Box<[(Key, Entry)]>,
    },
    /// A write of the primary's.
    Replicate {
        key: Key,
        entry: Entry,
    },
}

/// What one transaction does, all of it or nothing. Everything in it is about
/// one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub copy: CopyId,
    pub fact: Fact,
    pub subscription: u16,
    /// In order. One that fails takes the others back.
    pub writes: [Option<Write>; 3],
}

/// One write of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// `UPDATE`: applies again each time.
    Effect,
    /// `INSERT INTO inbox (subscription, message)`: a second one violates the
    /// unique key.
    Inbox,
    /// `INSERT .. ON CONFLICT DO UPDATE` of the row that the message's own
    /// business number names: a second one finds the row as it would make it.
    Upsert,
    /// `UPDATE .. WHERE version < ?`.
    UpdateIfNewer,
    /// The business row that the fact is: `INSERT INTO orders (id)`.
    Order,
    /// `INSERT INTO outbox`.
    Outbox,
    /// `UPDATE outbox SET sent = 1`.
    MarkSent,
    /// `UPDATE step SET state = to WHERE state = from`: a row state machine, as
    /// sagas keep for each of their steps. A row that is not there is in state 0.
    Step { step: u8, from: u8, to: u8 },
    /// Puts back what the order took: `UPDATE stock SET n = n + 1`, and the same
    /// for its coupon. Puts back again each time.
    Undo,
    /// Reserves what the step needs: `UPDATE account SET free = free - 1, frozen =
    /// frozen + 1`. Reserves again each time.
    Freeze { step: u8 },
    /// What is reserved is used up: `frozen = frozen - 1`.
    Use { step: u8 },
    /// What is reserved is given back: `free = free + 1, frozen = frozen - 1`. Gives
    /// back as much if nothing is reserved.
    Release { step: u8 },
}

/// The step that an order itself is, and its states.
pub const ORDER: u8 = 0;
pub const PLACED: u8 = 0;
pub const COMPENSATED: u8 = 1;

/// The step that is an order's row in its coordinator's log (TCC), and its states.
pub const LOG: u8 = 1;
pub const TRYING: u8 = 1;
pub const CONFIRMING: u8 = 2;
pub const CANCELLING: u8 = 3;
/// All who took part know.
pub const ENDED: u8 = 4;

/// The steps of TCC: b and c in the shop's own database, d in the points service's;
/// and the states of d's row.
pub const STOCK: u8 = 2;
pub const POINTS: u8 = 3;
pub const TRIED: u8 = 1;
pub const CONFIRMED: u8 = 2;
pub const CANCELLED: u8 = 3;

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Committed,
    /// Nothing was there to change: no rows affected.
    Unchanged,
    /// A unique key was violated: rolled back.
    Duplicate,
}

/// An unsent row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    pub message: MessageId,
    /// Counted from 1.
    pub attempt: u16,
}

/// A key of the key-value store, such as `done:points:17`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub subscription: u16,
    pub message: MessageId,
}

/// The two values that consumers of this house set.
pub const WORKING: u32 = 1;
pub const DONE: u32 = 2;

/// What a key holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Zero: nothing; the key is not there.
    pub value: u32,
    /// When it goes by itself (`PXAT`); [`Time::MAX`]: never.
    pub expires: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Get(Key),
    /// `SET key value [NX] [PX life]`.
    Set {
        key: Key,
        value: u32,
        only_if_absent: bool,
        /// [`Span::ZERO`]: it stays.
        life: Span,
    },
    Delete(Key),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `OK`, or what was deleted.
    Done,
    /// The key is not there, or NX forbade the `SET`.
    Nil,
    Value(u32),
    /// A replica takes no writes, and here no reads either.
    ReadOnly,
}

impl Transaction {
    /// One about a message, without writes.
    #[must_use]
    pub const fn about(copy: CopyId, fact: Fact, subscription: u16) -> Self {
        Self { copy, fact, subscription, writes: [None; 3] }
    }

    /// With these writes, of which there may be three.
    #[must_use]
    pub fn with(mut self, writes: &[Write]) -> Self {
        debug_assert!(writes.len() <= self.writes.len(), "a transaction has room for three writes");
        for (place, write) in self.writes.iter_mut().zip(writes) {
            *place = Some(*write);
        }
        self
    }

    pub fn writes(&self) -> impl Iterator<Item = Write> + '_ {
        self.writes.iter().flatten().copied()
    }
}

impl From<Method> for Frame {
    fn from(method: Method) -> Self {
        Self::Store(method)
    }
}
