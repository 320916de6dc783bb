//! The records of the broker's message log, as bytes. Names are the plan's
//! interned numbers: a broker with real files will store texts instead.

use super::details::Details;
use crate::codec::Coded;
use crate::event::CopyId;
use crate::node::FileId;
use crate::protocol::Name;
use crate::wal;

const PUBLISH: u8 = 4;
const SETTLED: u8 = 5;
/// A publish of which more must be known: see [`Details`].
const DETAILED: u8 = 6;

/// A record of the message log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    Publish(Published<'a>),
    /// Acknowledged, rejected or given up: recovery must not bring it back.
    Settled {
        queue: Name,
        sequence: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Published<'a> {
    pub queue: Name,
    pub sequence: u64,
    pub copy: CopyId,
    pub details: Option<Details>,
    pub payload: &'a [u8],
}

/// The length of a publish record in its file, in bytes.
pub(super) fn publish_length(payload: usize, details: Option<&Details>) -> u64 {
    (wal::HEADER + 1 + 4 + 8 + 8 + details.map_or(0, Details::length) + payload) as u64
}

/// The length of a settled record in its file, in bytes.
pub(super) const SETTLED_LENGTH: u64 = (wal::HEADER + 1 + 4 + 8) as u64;

impl<'a> Message<'a> {
    pub fn encode(&self, bytes: &mut Vec<u8>, file: FileId, offset: u64) {
        match self {
            Self::Publish(publish) => {
                let kind = if publish.details.is_some() { DETAILED } else { PUBLISH };
                wal::encode(bytes, file, offset, kind, |bytes| {
                    publish.queue.put(bytes);
                    publish.sequence.put(bytes);
                    publish.copy.put(bytes);
                    if let Some(details) = &publish.details {
                        details.put(bytes);
                    }
                    bytes.extend_from_slice(publish.payload);
                });
            }
            Self::Settled { queue, sequence } => {
                wal::encode(bytes, file, offset, SETTLED, |bytes| {
                    queue.put(bytes);
                    sequence.put(bytes);
                });
            }
        }
    }

    /// `None`: not a record of this log.
    pub fn decode(record: wal::Record<'a>) -> Option<Self> {
        let mut rest = record.payload;
        let (queue, sequence) = (Coded::get(&mut rest)?, Coded::get(&mut rest)?);
        if record.kind == SETTLED {
            return Some(Self::Settled { queue, sequence });
        }
        let copy = Coded::get(&mut rest)?;
        let details = match record.kind {
            PUBLISH => None,
            DETAILED => Some(Details::get(&mut rest)?),
            _ => return None,
        };
        Some(Self::Publish(Published { queue, sequence, copy, details, payload: rest }))
    }
}
