//! The records of the metadata log: only durable things are declared there. What
//! is declared without arguments takes the short form.

use bytes::Buf;

use crate::codec::{Coded, get_place, put_place};
use crate::node::FileId;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, ExchangeKind, Overflow, QueueKind};
use crate::wal;

const QUEUE: u8 = 1;
const EXCHANGE: u8 = 2;
const BINDING: u8 = 3;
const QUEUE_WITH: u8 = 7;
const EXCHANGE_WITH: u8 = 8;
const QUEUE_DELETED: u8 = 9;

/// A record of the metadata log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declaration {
    Queue { name: Name, arguments: Arguments },
    Exchange { name: Name, kind: ExchangeKind, alternate: Option<Name> },
    Binding { queue: Name, exchange: Name, key: Name },
    QueueDeleted(Name),
}

const QUEUE_KINDS: [QueueKind; 3] = [QueueKind::Classic, QueueKind::Mirrored, QueueKind::Quorum];
const OVERFLOWS: [Overflow; 2] = [Overflow::DropHead, Overflow::RejectPublish];
const EXCHANGE_KINDS: [ExchangeKind; 6] = [
    ExchangeKind::Direct,
    ExchangeKind::Fanout,
    ExchangeKind::Topic,
    ExchangeKind::Headers,
    ExchangeKind::ConsistentHash,
    ExchangeKind::ModulusHash,
];

impl Declaration {
    /// Returns the record's length.
    pub fn encode(self, bytes: &mut Vec<u8>, file: FileId, offset: u64) -> u64 {
        let kind = match self {
            Self::Queue { arguments, .. } if arguments == Arguments::default() => QUEUE,
            Self::Queue { .. } => QUEUE_WITH,
            Self::Exchange { kind: ExchangeKind::Direct, alternate: None, .. } => EXCHANGE,
            Self::Exchange { .. } => EXCHANGE_WITH,
            Self::Binding { .. } => BINDING,
            Self::QueueDeleted(_) => QUEUE_DELETED,
        };
        wal::encode(bytes, file, offset, kind, |bytes| self.payload(kind, bytes)) as u64
    }

    fn payload(self, kind: u8, bytes: &mut Vec<u8>) {
        match self {
            Self::Queue { name, arguments } => {
                name.put(bytes);
                if kind == QUEUE_WITH {
                    arguments.put(bytes);
                }
            }
            Self::Exchange { name, kind: exchange, alternate } => {
                name.put(bytes);
                if kind == EXCHANGE_WITH {
                    alternate.put(bytes);
                    exchange.put(bytes);
                }
            }
            Self::Binding { queue, exchange, key } => {
                queue.put(bytes);
                exchange.put(bytes);
                key.put(bytes);
            }
            Self::QueueDeleted(name) => name.put(bytes),
        }
    }

    /// `None`: not a record of this log.
    pub fn decode(record: wal::Record<'_>) -> Option<Self> {
        let from = &mut &record.payload[..];
        let name = Name::get(from)?;
        match record.kind {
            QUEUE => Some(Self::Queue { name, arguments: Arguments::default() }),
            QUEUE_WITH => Some(Self::Queue { name, arguments: Coded::get(from)? }),
            EXCHANGE => Some(Self::Exchange { name, kind: ExchangeKind::Direct, alternate: None }),
            EXCHANGE_WITH => {
                let alternate = Coded::get(from)?;
                Some(Self::Exchange { name, kind: Coded::get(from)?, alternate })
            }
            BINDING => Some(Self::Binding { queue: name, exchange: Coded::get(from)?, key: Coded::get(from)? }),
            QUEUE_DELETED => Some(Self::QueueDeleted(name)),
            _ => None,
        }
    }
}

impl Coded for ExchangeKind {
    fn put(&self, bytes: &mut Vec<u8>) {
        put_place(&EXCHANGE_KINDS, self, bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        get_place(&EXCHANGE_KINDS, from)
    }
}

impl Coded for Arguments {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.message_ttl.put(bytes);
        self.expires.put(bytes);
        self.max_length.put(bytes);
        self.delivery_limit.put(bytes);
        self.dead_letter.map(|to| to.exchange).put(bytes);
        self.dead_letter.and_then(|to| to.key).put(bytes);
        put_place(&QUEUE_KINDS, &self.kind, bytes);
        put_place(&OVERFLOWS, &self.overflow, bytes);
        self.dead_letter.is_some_and(|to| to.at_least_once).put(bytes);
        self.max_priority.put(bytes);
        self.single_active_consumer.put(bytes);
        self.exclusive.put(bytes);
        self.auto_delete.put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        let (message_ttl, expires) = (Coded::get(from)?, Coded::get(from)?);
        let (max_length, delivery_limit) = (Coded::get(from)?, Coded::get(from)?);
        let (exchange, key) = (<Option<Name>>::get(from)?, Coded::get(from)?);
        let (kind, overflow) = (get_place(&QUEUE_KINDS, from)?, get_place(&OVERFLOWS, from)?);
        let at_least_once = Coded::get(from)?;
        Some(Self {
            kind,
            message_ttl,
            expires,
            max_length,
            overflow,
            dead_letter: exchange.map(|exchange| DeadLetter { exchange, key, at_least_once }),
            max_priority: Coded::get(from)?,
            single_active_consumer: Coded::get(from)?,
            delivery_limit,
            exclusive: Coded::get(from)?,
            auto_delete: Coded::get(from)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn every_declaration_is_read_back_as_it_was_written() {
        let full = Arguments {
            kind: QueueKind::Mirrored,
            message_ttl: Some(Span::from_millis(1500)),
            expires: Some(Span::from_secs(60)),
            max_length: Some(1000),
            overflow: Overflow::RejectPublish,
            dead_letter: Some(DeadLetter { exchange: Name::EMPTY, key: Some(Name(7)), at_least_once: true }),
            max_priority: 5,
            single_active_consumer: true,
            delivery_limit: Some(20),
            exclusive: false,
            auto_delete: true,
        };
        let half = Arguments {
            dead_letter: Some(DeadLetter { exchange: Name(3), key: None, at_least_once: false }),
            ..Arguments::default()
        };
        let all = [
            Declaration::Queue { name: Name(1), arguments: Arguments::default() },
            Declaration::Queue { name: Name(1), arguments: full },
            Declaration::Queue { name: Name(2), arguments: half },
            Declaration::Exchange { name: Name(3), kind: ExchangeKind::Direct, alternate: None },
            Declaration::Exchange { name: Name(3), kind: ExchangeKind::Topic, alternate: Some(Name(4)) },
            Declaration::Exchange { name: Name(3), kind: ExchangeKind::ModulusHash, alternate: None },
            Declaration::Binding { queue: Name(1), exchange: Name(3), key: Name(5) },
            Declaration::QueueDeleted(Name(1)),
        ];
        let (mut bytes, mut end) = (Vec::new(), 0);
        for declaration in all {
            end += declaration.encode(&mut bytes, FileId(0), end);
        }
        let mut read = Vec::new();
        wal::Recovery::new(FileId(0)).feed(&bytes, |record| read.extend(Declaration::decode(record)));
        assert_eq!(read, all);
    }
}
