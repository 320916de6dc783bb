//! A change of what the cluster knows, and how it is written into the log that
//! all nodes share.

use std::sync::Arc;

use bytes::{Buf, Bytes};

use crate::codec::{self, Coded};
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

impl Proposal {
    pub fn encode(&self) -> Bytes {
        codec::encode(self)
    }

    /// `None`: not a proposal.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        codec::decode(bytes)
    }
}

impl Coded for Proposal {
    fn put(&self, bytes: &mut Vec<u8>) {
        u32::from(self.origin.0).put(bytes);
        self.started.put(bytes);
        self.request.put(bytes);
        self.command.put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        Some(Self {
            origin: NodeId(u32::get(from)?.try_into().ok()?),
            started: Coded::get(from)?,
            request: Coded::get(from)?,
            command: Coded::get(from)?,
        })
    }
}

impl Coded for Command {
    fn put(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Queue { queue, durable, arguments } => {
                QUEUE.put(bytes);
                queue.put(bytes);
                durable.put(bytes);
                arguments.put(bytes);
            }
            Self::Exchange { exchange, kind, durable, alternate } => {
                EXCHANGE.put(bytes);
                exchange.put(bytes);
                alternate.put(bytes);
                kind.put(bytes);
                durable.put(bytes);
            }
            Self::Binding { queue, exchange, key } => {
                BINDING.put(bytes);
                queue.put(bytes);
                exchange.put(bytes);
                key.put(bytes);
            }
            Self::Delete { queue } => {
                DELETE.put(bytes);
                queue.put(bytes);
            }
            Self::Moved { queue } => {
                MOVED.put(bytes);
                queue.put(bytes);
            }
            Self::Forget => FORGET.put(bytes),
        }
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        Some(match u8::get(from)? {
            QUEUE => Self::Queue {
                queue: Coded::get(from)?,
                durable: Coded::get(from)?,
                arguments: Arc::new(Coded::get(from)?),
            },
            EXCHANGE => Self::Exchange {
                exchange: Coded::get(from)?,
                alternate: Coded::get(from)?,
                kind: Coded::get(from)?,
                durable: Coded::get(from)?,
            },
            BINDING => Self::Binding { queue: Coded::get(from)?, exchange: Coded::get(from)?, key: Coded::get(from)? },
            DELETE => Self::Delete { queue: Coded::get(from)? },
            MOVED => Self::Moved { queue: Coded::get(from)? },
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
