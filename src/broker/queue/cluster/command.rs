//! A change of what the cluster knows, and how it is written into the log that
//! all nodes share.

use std::sync::Arc;

use crate::broker::queue::bytes::Reader;
use crate::broker::queue::declaration::{EXCHANGE_KINDS, arguments, place, put_arguments};
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, ExchangeKind};
use crate::time::Time;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::broker::queue) enum Command {
    Queue {
        queue: Name,
        durable: bool,
        arguments: Arc<Arguments>,
    },
    Exchange {
        exchange: Name,
        kind: ExchangeKind,
        durable: bool,
        alternate: Option<Name>,
    },
    Binding {
        queue: Name,
        exchange: Name,
        key: Name,
    },
    Delete {
        queue: Name,
    },
    /// The proposing node is now the master of a mirrored queue.
    Moved {
        queue: Name,
    },
    /// The proposing node began a new life: queues that lived in its memory only
    /// are gone.
    Forget,
}

/// A command, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::broker::queue) struct Proposal {
    /// The node that proposed it: the home of a classic queue it declares.
    pub origin: NodeId,
    /// When that node's process began, which tells its lives apart.
    pub started: Time,
    /// Counts the proposals of one life.
    pub request: u32,
    pub command: Command,
}

const QUEUE: u8 = 1;
const EXCHANGE: u8 = 2;
const BINDING: u8 = 3;
const DELETE: u8 = 4;
const FORGET: u8 = 5;
const MOVED: u8 = 6;

/// Stands for an absent name.
const ABSENT: Name = Name(u32::MAX);

impl Proposal {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&u32::from(self.origin.0).to_le_bytes());
        bytes.extend_from_slice(&self.started.as_nanos().to_le_bytes());
        bytes.extend_from_slice(&self.request.to_le_bytes());
        self.command.encode(&mut bytes);
        bytes
    }

    /// `None`: not a proposal.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        Some(Self {
            origin: NodeId(reader.half()? as u16),
            started: Time::from_nanos(reader.word()?),
            request: reader.half()?,
            command: Command::decode(&mut reader)?,
        })
    }
}

impl Command {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let mut put = |kind: u8, names: &[Name]| {
            bytes.push(kind);
            names.iter().for_each(|name| bytes.extend_from_slice(&name.0.to_le_bytes()));
        };
        match self {
            Self::Queue { queue, durable, arguments } => {
                put(QUEUE, &[*queue]);
                bytes.push(u8::from(*durable));
                put_arguments(bytes, arguments);
            }
            Self::Exchange { exchange, kind, durable, alternate } => {
                put(EXCHANGE, &[*exchange, alternate.unwrap_or(ABSENT)]);
                bytes.extend_from_slice(&[place(&EXCHANGE_KINDS, *kind), u8::from(*durable)]);
            }
            Self::Binding { queue, exchange, key } => put(BINDING, &[*queue, *exchange, *key]),
            Self::Delete { queue } => put(DELETE, &[*queue]),
            Self::Moved { queue } => put(MOVED, &[*queue]),
            Self::Forget => put(FORGET, &[]),
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Option<Self> {
        Some(match reader.byte()? {
            QUEUE => {
                Self::Queue { queue: reader.name()?, durable: reader.flag()?, arguments: Arc::new(arguments(reader)?) }
            }
            EXCHANGE => Self::Exchange {
                exchange: reader.name()?,
                alternate: Some(reader.name()?).filter(|name| *name != ABSENT),
                kind: *EXCHANGE_KINDS.get(usize::from(reader.byte()?))?,
                durable: reader.flag()?,
            },
            BINDING => Self::Binding { queue: reader.name()?, exchange: reader.name()?, key: reader.name()? },
            DELETE => Self::Delete { queue: reader.name()? },
            MOVED => Self::Moved { queue: reader.name()? },
            FORGET => Self::Forget,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::queue::{DeadLetter, Overflow, QueueKind};
    use crate::time::Span;

    #[test]
    fn a_command_is_read_as_it_was_written() {
        let dead_letter = DeadLetter { exchange: Name(0), key: Some(Name(0)), at_least_once: true };
        let arguments = Arguments {
            kind: QueueKind::Mirrored,
            message_ttl: Some(Span::ZERO),
            expires: Some(Span::from_secs(7)),
            max_length: Some(7),
            overflow: Overflow::RejectPublish,
            dead_letter: Some(dead_letter),
            max_priority: 9,
            single_active_consumer: true,
            delivery_limit: Some(0),
            exclusive: true,
            auto_delete: true,
        };
        let queue = |arguments| Command::Queue { queue: Name(4), durable: true, arguments: Arc::new(arguments) };
        for command in [
            queue(arguments),
            queue(Arguments::default()),
            queue(Arguments { dead_letter: Some(DeadLetter { key: None, ..dead_letter }), ..arguments }),
            Command::Exchange { exchange: Name(1), kind: ExchangeKind::ModulusHash, durable: false, alternate: None },
            Command::Exchange {
                exchange: Name(1),
                kind: ExchangeKind::Fanout,
                durable: true,
                alternate: Some(Name(0)),
            },
            Command::Binding { queue: Name(1), exchange: Name(2), key: Name(3) },
            Command::Delete { queue: Name(5) },
            Command::Moved { queue: Name(5) },
            Command::Forget,
        ] {
            let (origin, started) = (NodeId(6), Time::from_millis(5));
            let proposal = Proposal { origin, started, request: 3, command };
            let bytes = proposal.encode();
            assert_eq!(Proposal::decode(&bytes), Some(proposal));
            for length in 0..bytes.len() {
                assert_eq!(Proposal::decode(&bytes[..length]), None);
            }
        }
    }
}
