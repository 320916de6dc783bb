//! The records of the broker's two logs, as bytes. Names are the plan's interned
//! numbers: a broker with real files will store texts instead.

use crate::event::CopyId;
use crate::node::FileId;
use crate::protocol::Name;
use crate::wal;

const QUEUE: u8 = 1;
const EXCHANGE: u8 = 2;
const BINDING: u8 = 3;
const PUBLISH: u8 = 4;
const SETTLED: u8 = 5;

/// A record of the message log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    Publish {
        queue: Name,
        sequence: u64,
        copy: CopyId,
        payload: &'a [u8],
    },
    /// Acknowledged, rejected or given up: recovery must not bring it back.
    Settled {
        queue: Name,
        sequence: u64,
    },
}

/// A record of the metadata log. Only durable things are declared there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declaration {
    Queue(Name),
    Exchange(Name),
    Binding { queue: Name, exchange: Name, key: Name },
}

/// The length of a publish record in its file, in bytes.
pub(super) const fn publish_length(payload: usize) -> u64 {
    (wal::HEADER + 1 + 4 + 8 + 8 + payload) as u64
}

/// The length of a settled record in its file, in bytes.
pub(super) const SETTLED_LENGTH: u64 = (wal::HEADER + 1 + 4 + 8) as u64;

impl<'a> Message<'a> {
    pub fn encode(self, bytes: &mut Vec<u8>, file: FileId, offset: u64) {
        match self {
            Self::Publish { queue, sequence, copy, payload } => {
                wal::encode(bytes, file, offset, PUBLISH, |bytes| {
                    put(bytes, &[queue]);
                    bytes.extend_from_slice(&sequence.to_le_bytes());
                    bytes.extend_from_slice(&copy.tag().to_le_bytes());
                    bytes.extend_from_slice(payload);
                });
            }
            Self::Settled { queue, sequence } => {
                wal::encode(bytes, file, offset, SETTLED, |bytes| {
                    put(bytes, &[queue]);
                    bytes.extend_from_slice(&sequence.to_le_bytes());
                });
            }
        }
    }

    /// `None`: not a record of this log.
    pub fn decode(record: wal::Record<'a>) -> Option<Self> {
        let (queue, rest) = record.payload.split_first_chunk::<4>()?;
        let queue = Name(u32::from_le_bytes(*queue));
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let sequence = u64::from_le_bytes(*sequence);
        match record.kind {
            PUBLISH => {
                let (tag, payload) = rest.split_first_chunk::<8>()?;
                let copy = CopyId::from_tag(u64::from_le_bytes(*tag));
                Some(Self::Publish { queue, sequence, copy, payload })
            }
            SETTLED => Some(Self::Settled { queue, sequence }),
            _ => None,
        }
    }
}

impl Declaration {
    /// Returns the record's length.
    pub fn encode(self, bytes: &mut Vec<u8>, file: FileId, offset: u64) -> u64 {
        let length = match self {
            Self::Queue(name) => wal::encode(bytes, file, offset, QUEUE, |bytes| put(bytes, &[name])),
            Self::Exchange(name) => wal::encode(bytes, file, offset, EXCHANGE, |bytes| put(bytes, &[name])),
            Self::Binding { queue, exchange, key } => {
                wal::encode(bytes, file, offset, BINDING, |bytes| put(bytes, &[queue, exchange, key]))
            }
        };
        length as u64
    }

    /// `None`: not a record of this log.
    pub fn decode(record: wal::Record<'_>) -> Option<Self> {
        let name = |at: usize| Some(Name(u32::from_le_bytes(record.payload.get(at..at + 4)?.try_into().ok()?)));
        match record.kind {
            QUEUE => Some(Self::Queue(name(0)?)),
            EXCHANGE => Some(Self::Exchange(name(0)?)),
            BINDING => Some(Self::Binding { queue: name(0)?, exchange: name(4)?, key: name(8)? }),
            _ => None,
        }
    }
}

fn put(bytes: &mut Vec<u8>, names: &[Name]) {
    for name in names {
        bytes.extend_from_slice(&name.0.to_le_bytes());
    }
}
