//! The records of the database's log. Replaying them in order does to the tables
//! what was done when they were written.

use crate::codec::Coded;
use crate::node::FileId;
use crate::protocol::fact::Fact;
use crate::protocol::store::{Transaction, Write};
use crate::wal;

const TRANSACTION: u8 = 1;
const POLL: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
    Transaction(Transaction),
    /// Attempts were counted on this many rows of the outbox.
    Poll(u16),
}

impl Record {
    pub fn encode(&self, bytes: &mut Vec<u8>, file: FileId, offset: u64) -> usize {
        match self {
            Self::Poll(limit) => wal::encode(bytes, file, offset, POLL, |bytes| limit.put(bytes)),
            Self::Transaction(transaction) => wal::encode(bytes, file, offset, TRANSACTION, |bytes| {
                transaction.copy.put(bytes);
                bytes.extend_from_slice(&transaction.fact.encode());
                transaction.subscription.put(bytes);
                for write in transaction.writes() {
                    bytes.extend_from_slice(&encode(write));
                }
            }),
        }
    }

    /// `None`: not a record of this log.
    pub fn decode(record: wal::Record<'_>) -> Option<Self> {
        let mut rest = record.payload;
        if record.kind == POLL {
            return Coded::get(&mut rest).map(Self::Poll);
        }
        let copy = Coded::get(&mut rest)?;
        let fact = Fact::decode(rest.split_off(..Fact::LENGTH)?)?;
        let mut transaction = Transaction::about(copy, fact, Coded::get(&mut rest)?);
        for (place, write) in transaction.writes.iter_mut().zip(rest.as_chunks::<4>().0) {
            *place = Some(decode(*write)?);
        }
        Some(Self::Transaction(transaction))
    }
}

const fn encode(write: Write) -> [u8; 4] {
    match write {
        Write::Effect => [1, 0, 0, 0],
        Write::Inbox => [2, 0, 0, 0],
        Write::Upsert => [3, 0, 0, 0],
        Write::UpdateIfNewer => [4, 0, 0, 0],
        Write::Order => [5, 0, 0, 0],
        Write::Outbox => [6, 0, 0, 0],
        Write::MarkSent => [7, 0, 0, 0],
        Write::Step { step, from, to } => [8, step, from, to],
        Write::Undo => [9, 0, 0, 0],
        Write::Freeze { step } => [10, step, 0, 0],
        Write::Use { step } => [11, step, 0, 0],
        Write::Release { step } => [12, step, 0, 0],
    }
}

const fn decode(bytes: [u8; 4]) -> Option<Write> {
    Some(match bytes {
        [1, ..] => Write::Effect,
        [2, ..] => Write::Inbox,
        [3, ..] => Write::Upsert,
        [4, ..] => Write::UpdateIfNewer,
        [5, ..] => Write::Order,
        [6, ..] => Write::Outbox,
        [7, ..] => Write::MarkSent,
        [8, step, from, to] => Write::Step { step, from, to },
        [9, ..] => Write::Undo,
        [10, step, ..] => Write::Freeze { step },
        [11, step, ..] => Write::Use { step },
        [12, step, ..] => Write::Release { step },
        _ => return None,
    })
}
