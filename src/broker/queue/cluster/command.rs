//! A change of what the cluster knows, and how it is written into the log that
//! all nodes share.

use std::sync::Arc;

use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, ExchangeKind, Overflow, QueueKind};
use crate::time::{Span, Time};

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
const FORGET: u8 = 4;
const DELETE: u8 = 5;

/// No length of time, limit or name that is given is this large.
const NONE: u64 = u64::MAX;

impl Proposal {
    pub fn encode(&self) -> Vec<u8> {
        let mut words = vec![u64::from(self.origin.0), self.started.as_nanos(), u64::from(self.request)];
        let kind = self.command.put(&mut words);
        let mut bytes = vec![kind];
        bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        bytes
    }

    /// `None`: not a proposal.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        let mut words = rest.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()));
        let mut word = || words.next();
        let origin = NodeId(word()? as u16);
        let started = Time::from_nanos(word()?);
        let request = word()? as u32;
        Some(Self { origin, started, request, command: Command::take(kind, &mut word)? })
    }
}

impl Command {
    /// Returns the kind.
    fn put(&self, words: &mut Vec<u64>) -> u8 {
        match self {
            Self::Queue { queue, durable, arguments } => {
                words.extend([u64::from(queue.0), u64::from(*durable)]);
                put_arguments(words, arguments);
                QUEUE
            }
            Self::Exchange { exchange, kind, durable, alternate } => {
                let alternate = alternate.map_or(NONE, |name| u64::from(name.0));
                words.extend([u64::from(exchange.0), *kind as u64, u64::from(*durable), alternate]);
                EXCHANGE
            }
            Self::Binding { queue, exchange, key } => {
                words.extend([queue, exchange, key].map(|name| u64::from(name.0)));
                BINDING
            }
            Self::Delete { queue } => {
                words.push(u64::from(queue.0));
                DELETE
            }
            Self::Forget => FORGET,
        }
    }

    fn take(kind: u8, word: &mut impl FnMut() -> Option<u64>) -> Option<Self> {
        Some(match kind {
            QUEUE => Self::Queue {
                queue: Name(word()? as u32),
                durable: word()? != 0,
                arguments: Arc::new(arguments(word)?),
            },
            EXCHANGE => Self::Exchange {
                exchange: Name(word()? as u32),
                kind: exchange_kind(word()?)?,
                durable: word()? != 0,
                alternate: Some(word()?).filter(|word| *word != NONE).map(|word| Name(word as u32)),
            },
            BINDING => {
                let mut name = || Some(Name(word()? as u32));
                Self::Binding { queue: name()?, exchange: name()?, key: name()? }
            }
            DELETE => Self::Delete { queue: Name(word()? as u32) },
            FORGET => Self::Forget,
            _ => return None,
        })
    }
}

fn exchange_kind(word: u64) -> Option<ExchangeKind> {
    let kinds = [
        ExchangeKind::Direct,
        ExchangeKind::Fanout,
        ExchangeKind::Topic,
        ExchangeKind::Headers,
        ExchangeKind::ConsistentHash,
        ExchangeKind::ModulusHash,
    ];
    kinds.into_iter().find(|kind| *kind as u64 == word)
}

fn put_arguments(words: &mut Vec<u64>, arguments: &Arguments) {
    let span = |span: Option<Span>| span.map_or(NONE, Span::as_nanos);
    let count = |count: Option<u32>| count.map_or(NONE, u64::from);
    let dead = arguments.dead_letter;
    words.extend([
        arguments.kind as u64,
        span(arguments.message_ttl),
        span(arguments.expires),
        count(arguments.max_length),
        arguments.overflow as u64,
        dead.map_or(NONE, |dead| u64::from(dead.exchange.0)),
        dead.and_then(|dead| dead.key).map_or(NONE, |key| u64::from(key.0)),
        u64::from(dead.is_some_and(|dead| dead.at_least_once)),
        u64::from(arguments.max_priority),
        u64::from(arguments.single_active_consumer),
        count(arguments.delivery_limit),
        u64::from(arguments.exclusive),
        u64::from(arguments.auto_delete),
    ]);
}

fn arguments(word: &mut impl FnMut() -> Option<u64>) -> Option<Arguments> {
    let mut given = || word().map(|word| Some(word).filter(|word| *word != NONE));
    let span = |word: Option<u64>| word.map(Span::from_nanos);
    let count = |word: Option<u64>| word.map(|word| word as u32);
    let kinds = [QueueKind::Classic, QueueKind::Mirrored, QueueKind::Quorum];
    let overflows = [Overflow::DropHead, Overflow::RejectPublish];
    let kind = given()?;
    let kind = kinds.into_iter().find(|it| Some(*it as u64) == kind)?;
    let (message_ttl, expires, max_length) = (span(given()?), span(given()?), count(given()?));
    let overflow = given()?;
    let overflow = overflows.into_iter().find(|it| Some(*it as u64) == overflow)?;
    let (exchange, key, at_least_once) = (count(given()?), count(given()?), given()? == Some(1));
    let dead_letter =
        exchange.map(|exchange| DeadLetter { exchange: Name(exchange), key: key.map(Name), at_least_once });
    Some(Arguments {
        kind,
        message_ttl,
        expires,
        max_length,
        overflow,
        dead_letter,
        max_priority: given()?.unwrap_or(0) as u8,
        single_active_consumer: given()? == Some(1),
        delivery_limit: count(given()?),
        exclusive: given()? == Some(1),
        auto_delete: given()? == Some(1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_as_it_was_written() {
        let dead_letter = DeadLetter { exchange: Name(0), key: Some(Name(0)), at_least_once: true };
        let arguments = Arguments {
            kind: QueueKind::Mirrored,
            message_ttl: Some(Span::ZERO),
            expires: Some(Span::from_secs(7)),
            max_length: Some(u32::MAX),
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
