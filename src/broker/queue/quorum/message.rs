//! A message as a quorum queue holds it.
//!
//! RabbitMQ keeps only the log index and a small header in memory and reads the
//! payload back from the log when it delivers. Here the payload is a shared slice
//! of the log entry, which comes to the same: nothing is stored twice.

use std::sync::Arc;

use bytes::{Buf, Bytes};

use crate::codec::{Coded, get_all, get_place, put_all, put_place};
use crate::event::CopyId;
use crate::protocol::Name;
use crate::protocol::queue::{Death, DeathReason, Properties};
use crate::time::Time;

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
    /// `delivery_mode = 2`. A quorum queue stores what is transient all the same;
    /// a dead letter of it may go to a queue that does not.
    pub persistent: bool,
    /// What few messages have.
    pub properties: Option<Arc<Properties>>,
    pub payload: Bytes,
}

impl Published {
    /// The lane it waits in.
    #[must_use]
    pub fn priority(&self) -> u8 {
        self.properties.as_ref().map_or(DEFAULT_PRIORITY, |it| it.priority).min(HIGHEST_PRIORITY)
    }
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
        self.exchange.put(bytes);
        self.key.put(bytes);
        self.persistent.put(bytes);
        self.properties.is_some().put(bytes);
        if let Some(properties) = &self.properties {
            properties.expiration.put(bytes);
            properties.priority.put(bytes);
            properties.headers.put(bytes);
            put_all(properties.deaths.iter(), bytes);
        }
        self.payload.put(bytes);
    }

    fn get(reader: &mut impl Buf) -> Option<Self> {
        Some(Self {
            copy: CopyId::get(reader)?,
            exchange: Name::get(reader)?,
            key: Name::get(reader)?,
            persistent: bool::get(reader)?,
            properties: match bool::get(reader)? {
                false => None,
                true => Some(Arc::new(Properties {
                    expiration: Coded::get(reader)?,
                    priority: Coded::get(reader)?,
                    headers: Name::get(reader)?,
                    deaths: get_all(reader)?,
                })),
            },
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

    fn get(reader: &mut impl Buf) -> Option<Self> {
        Some(Self {
            index: u64::get(reader)?,
            published: Published::get(reader)?,
            expires: Coded::get(reader)?,
            acquired: u32::get(reader)?,
            failed: u32::get(reader)?,
        })
    }
}

const REASONS: [DeathReason; 4] =
    [DeathReason::Expired, DeathReason::MaxLength, DeathReason::Rejected, DeathReason::DeliveryLimit];

impl Coded for DeathReason {
    fn put(&self, bytes: &mut Vec<u8>) {
        put_place(&REASONS, self, bytes);
    }

    fn get(reader: &mut impl Buf) -> Option<Self> {
        get_place(&REASONS, reader)
    }
}

impl Coded for Death {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.queue.put(bytes);
        self.reason.put(bytes);
        self.count.put(bytes);
    }

    fn get(reader: &mut impl Buf) -> Option<Self> {
        Some(Self { queue: Name::get(reader)?, reason: Coded::get(reader)?, count: Coded::get(reader)? })
    }
}
