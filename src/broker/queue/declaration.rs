//! The records of the metadata log: only durable things are declared there. What
//! is declared without arguments takes the short form.

use super::bytes::Reader;
use crate::node::FileId;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, ExchangeKind, Overflow, QueueKind};
use crate::time::Span;
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
pub(super) const EXCHANGE_KINDS: [ExchangeKind; 6] = [
    ExchangeKind::Direct,
    ExchangeKind::Fanout,
    ExchangeKind::Topic,
    ExchangeKind::Headers,
    ExchangeKind::ConsistentHash,
    ExchangeKind::ModulusHash,
];

/// Stands for an absent name, span or count.
const ABSENT: u32 = u32::MAX;

impl Declaration {
    /// Returns the record's length.
    pub fn encode(self, bytes: &mut Vec<u8>, file: FileId, offset: u64) -> u64 {
        let length = match self {
            Self::Queue { name, arguments } if arguments == Arguments::default() => {
                wal::encode(bytes, file, offset, QUEUE, |bytes| put(bytes, &[name]))
            }
            Self::Queue { name, arguments } => wal::encode(bytes, file, offset, QUEUE_WITH, |bytes| {
                put(bytes, &[name]);
                put_arguments(bytes, &arguments);
            }),
            Self::Exchange { name, kind: ExchangeKind::Direct, alternate: None } => {
                wal::encode(bytes, file, offset, EXCHANGE, |bytes| put(bytes, &[name]))
            }
            Self::Exchange { name, kind, alternate } => wal::encode(bytes, file, offset, EXCHANGE_WITH, |bytes| {
                put(bytes, &[name, alternate.unwrap_or(Name(ABSENT))]);
                bytes.push(place(&EXCHANGE_KINDS, kind));
            }),
            Self::Binding { queue, exchange, key } => {
                wal::encode(bytes, file, offset, BINDING, |bytes| put(bytes, &[queue, exchange, key]))
            }
            Self::QueueDeleted(name) => wal::encode(bytes, file, offset, QUEUE_DELETED, |bytes| put(bytes, &[name])),
        };
        length as u64
    }

    /// `None`: not a record of this log.
    pub fn decode(record: wal::Record<'_>) -> Option<Self> {
        let mut reader = Reader(record.payload);
        let name = reader.name()?;
        match record.kind {
            QUEUE => Some(Self::Queue { name, arguments: Arguments::default() }),
            QUEUE_WITH => Some(Self::Queue { name, arguments: arguments(&mut reader)? }),
            EXCHANGE => Some(Self::Exchange { name, kind: ExchangeKind::Direct, alternate: None }),
            EXCHANGE_WITH => {
                let alternate = present(reader.name()?);
                Some(Self::Exchange { name, kind: *EXCHANGE_KINDS.get(usize::from(reader.byte()?))?, alternate })
            }
            BINDING => Some(Self::Binding { queue: name, exchange: reader.name()?, key: reader.name()? }),
            QUEUE_DELETED => Some(Self::QueueDeleted(name)),
            _ => None,
        }
    }
}

fn put(bytes: &mut Vec<u8>, names: &[Name]) {
    for name in names {
        bytes.extend_from_slice(&name.0.to_le_bytes());
    }
}

pub(super) fn place<T: PartialEq>(all: &[T], one: T) -> u8 {
    all.iter().position(|it| *it == one).unwrap_or(0) as u8
}

fn present(name: Name) -> Option<Name> {
    Some(name).filter(|name| name.0 != ABSENT)
}

pub(super) fn put_arguments(bytes: &mut Vec<u8>, arguments: &Arguments) {
    let Arguments { message_ttl, expires, max_length, dead_letter, delivery_limit, .. } = *arguments;
    for span in [message_ttl, expires] {
        bytes.extend_from_slice(&span.map_or(u64::MAX, Span::as_nanos).to_le_bytes());
    }
    for count in [max_length, delivery_limit] {
        bytes.extend_from_slice(&count.unwrap_or(ABSENT).to_le_bytes());
    }
    let exchange = dead_letter.map_or(Name(ABSENT), |to| to.exchange);
    let key = dead_letter.and_then(|to| to.key).unwrap_or(Name(ABSENT));
    put(bytes, &[exchange, key]);
    bytes.extend_from_slice(&[
        place(&QUEUE_KINDS, arguments.kind),
        place(&OVERFLOWS, arguments.overflow),
        u8::from(dead_letter.is_some_and(|to| to.at_least_once)),
        arguments.max_priority,
        u8::from(arguments.single_active_consumer),
        u8::from(arguments.exclusive),
        u8::from(arguments.auto_delete),
    ]);
}

pub(super) fn arguments(reader: &mut Reader<'_>) -> Option<Arguments> {
    let mut span = || Some(Some(reader.word()?).filter(|nanos| *nanos != u64::MAX).map(Span::from_nanos));
    let (message_ttl, expires) = (span()?, span()?);
    let mut count = || Some(Some(reader.half()?).filter(|count| *count != ABSENT));
    let (max_length, delivery_limit) = (count()?, count()?);
    let (exchange, key) = (present(reader.name()?), present(reader.name()?));
    let kind = *QUEUE_KINDS.get(usize::from(reader.byte()?))?;
    let overflow = *OVERFLOWS.get(usize::from(reader.byte()?))?;
    let at_least_once = reader.flag()?;
    Some(Arguments {
        kind,
        message_ttl,
        expires,
        max_length,
        overflow,
        dead_letter: exchange.map(|exchange| DeadLetter { exchange, key, at_least_once }),
        max_priority: reader.byte()?,
        single_active_consumer: reader.flag()?,
        delivery_limit,
        exclusive: reader.flag()?,
        auto_delete: reader.flag()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
