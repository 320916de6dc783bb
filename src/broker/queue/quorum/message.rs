//! A message as a quorum queue holds it.
//!
//! RabbitMQ keeps only the log index and a small header in memory and reads the
//! payload back from the log when it delivers. Here the payload is a shared slice
//! of the log entry, which comes to the same: nothing is stored twice.

use bytes::Bytes;

use super::codec::{Coded, Reader};
use crate::event::CopyId;
use crate::protocol::Name;
use crate::time::{Span, Time};

/// The priorities of a quorum queue are 0 to this (RabbitMQ 4.3).
pub const HIGHEST_PRIORITY: u8 = 31;
/// What a message without a priority has.
pub const DEFAULT_PRIORITY: u8 = 4;
/// What a command costs in the log besides its payload, in bytes, as RabbitMQ
/// reckons it.
pub const OVERHEAD: u64 = 256;

/// A message as it was published to the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub copy: CopyId,
    /// Where it was published: a dead letter keeps its routing key by default.
    pub exchange: Name,
    pub key: Name,
    /// `None`: none was given.
    pub priority: Option<u8>,
    /// The message's own time to live.
    pub expiration: Option<Span>,
    pub payload: Bytes,
}

/// A message in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The log index of the command that enqueued it.
    pub index: u64,
    pub published: Published,
    pub expires: Option<Time>,
    /// How often it was handed to a consumer and came back
    /// (`x-acquired-count`), for whatever reason. Zero: never delivered before.
    pub acquired: u32,
    /// How often that counted as a failure (`x-delivery-count`): a consumer that
    /// was lost with it, or `basic.reject` with requeue. Not `basic.nack`, not a
    /// timeout.
    pub failed: u32,
}

impl Message {
    #[must_use]
    pub const fn copy(&self) -> CopyId {
        self.published.copy
    }

    /// The flag on its next delivery.
    #[must_use]
    pub const fn is_redelivered(&self) -> bool {
        self.acquired > 0
    }

    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }

    /// What it costs in the log, in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.published.payload.len() as u64 + OVERHEAD
    }
}

impl Coded for Published {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.copy.put(bytes);
        self.exchange.0.put(bytes);
        self.key.0.put(bytes);
        // One more than any priority is "none".
        self.priority.unwrap_or(u8::MAX).put(bytes);
        self.expiration.put(bytes);
        self.payload.put(bytes);
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        Some(Self {
            copy: CopyId::get(reader)?,
            exchange: Name(u32::get(reader)?),
            key: Name(u32::get(reader)?),
            priority: Some(u8::get(reader)?).filter(|priority| *priority != u8::MAX),
            expiration: Coded::get(reader)?,
            payload: Bytes::get(reader)?,
        })
    }
}

impl Coded for Message {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.index.put(bytes);
        self.published.put(bytes);
        self.expires.put(bytes);
        self.acquired.put(bytes);
        self.failed.put(bytes);
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        Some(Self {
            index: u64::get(reader)?,
            published: Published::get(reader)?,
            expires: Coded::get(reader)?,
            acquired: u32::get(reader)?,
            failed: u32::get(reader)?,
        })
    }
}
