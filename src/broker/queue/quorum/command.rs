//! What is written to the log of a quorum queue: everything that changes its
//! state. Time is part of a command: the leader stamps its clock on it, so that a
//! follower, or a restart years later, expires the same messages at the same
//! index (`system_time` in RabbitMQ's Raft library).

use bytes::{Buf, Bytes};

use super::message::Published;
use crate::codec::{Coded, decode};
use crate::event::NodeId;
use crate::time::Time;

/// One channel's dealings with one queue: RabbitMQ's queue process knows it by
/// the channel's process id. Never reused, not even after a restart of its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Session {
    pub node: NodeId,
    pub number: u64,
}

/// Names a consumer for good: the log index of its first checkout.
pub type ConsumerKey = u64;

/// Deliveries of one consumer, by their numbers. Kept as bytes, so that reading a
/// command allocates nothing.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Deliveries(Bytes);

impl Deliveries {
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.chunks_exact(8).map(|chunk| u64::from_le_bytes(chunk.try_into().unwrap_or_default()))
    }
}

impl FromIterator<u64> for Deliveries {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        Self(numbers.into_iter().flat_map(u64::to_le_bytes).collect())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A channel announces that it will publish, and learns whether the queue
    /// takes messages at all.
    Register,
    /// `sequence` counts the messages of this session from 1: so a resend after a
    /// change of leader is enqueued once.
    Enqueue {
        sequence: u64,
        message: Published,
    },
    /// Starts a consumer. A prefetch of zero is as good as unlimited.
    Checkout {
        tag: u16,
        prefetch: u16,
        priority: i16,
    },
    /// `basic.ack`.
    Settle {
        consumer: ConsumerKey,
        deliveries: Deliveries,
    },
    /// Back to the queue. `failed`: it counts towards the delivery limit, as
    /// `basic.reject` does and `basic.nack` does not (4.3).
    Return {
        consumer: ConsumerKey,
        deliveries: Deliveries,
        failed: bool,
    },
    /// Refused for good.
    Discard {
        consumer: ConsumerKey,
        deliveries: Deliveries,
        failed: bool,
    },
    /// `basic.cancel`: no more deliveries. What it holds it may still settle.
    Cancel {
        tag: u16,
    },
    /// The session is over: its channel closed, or its node started anew.
    Down,
    /// The node of the session started anew: its sessions of lower numbers are gone.
    Restarted,
    /// The leader's failure detector takes a node for dead. Its sessions may come
    /// back, so what their consumers hold stays theirs for a while. (RabbitMQ has
    /// one such command per process of the node.)
    Disconnected {
        node: NodeId,
    },
    /// That node is heard again.
    Reconnected {
        node: NodeId,
    },
    Purge,
    /// Time has passed: a message expired or a consumer took too long.
    Tick,
    /// The leader's dead-letter worker starts, and replaces an older one.
    WorkerCheckout,
    /// Dead letters that their queues have confirmed.
    WorkerSettle {
        deliveries: Deliveries,
    },
}

/// A command as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The leader's clock when it took the command.
    pub time: Time,
    /// Who sent it, and by which number it knows the answer.
    pub from: Session,
    pub correlation: u64,
    pub command: Command,
}

/// A command on its way to the leader, without a time.
#[must_use]
pub fn encode(from: Session, correlation: u64, command: &Command) -> Bytes {
    let mut bytes = Vec::with_capacity(64);
    from.put(&mut bytes);
    correlation.put(&mut bytes);
    command.put(&mut bytes);
    bytes.into()
}

/// The leader's stamp: the bytes as they go into the log.
#[must_use]
pub fn stamp(now: Time, command: &Bytes) -> Bytes {
    let mut bytes = Vec::with_capacity(8 + command.len());
    now.put(&mut bytes);
    bytes.extend_from_slice(command);
    bytes.into()
}

impl Entry {
    /// Reads what [`stamp`] made. `None`: not a command of a quorum queue.
    #[must_use]
    pub fn decode(bytes: &Bytes) -> Option<Self> {
        decode(bytes.clone())
    }
}

impl Coded for Entry {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.time.put(bytes);
        self.from.put(bytes);
        self.correlation.put(bytes);
        self.command.put(bytes);
    }

    fn get(reader: &mut impl Buf) -> Option<Self> {
        Some(Self {
            time: Time::get(reader)?,
            from: Session::get(reader)?,
            correlation: u64::get(reader)?,
            command: Command::get(reader)?,
        })
    }
}

impl Coded for Session {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.node.put(bytes);
        self.number.put(bytes);
    }

    fn get(reader: &mut impl Buf) -> Option<Self> {
        Some(Self { node: NodeId::get(reader)?, number: u64::get(reader)? })
    }
}

impl Coded for Deliveries {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
    }

    fn get(reader: &mut impl Buf) -> Option<Self> {
        Bytes::get(reader).filter(|bytes| bytes.len().is_multiple_of(8)).map(Self)
    }
}

impl Coded for Command {
    fn put(&self, bytes: &mut Vec<u8>) {
        let kind: u8 = match self {
            Self::Register => 1,
            Self::Enqueue { .. } => 2,
            Self::Checkout { .. } => 3,
            Self::Settle { .. } => 4,
            Self::Return { .. } => 5,
            Self::Discard { .. } => 6,
            Self::Cancel { .. } => 7,
            Self::Down => 8,
            Self::Disconnected { .. } => 9,
            Self::Reconnected { .. } => 10,
            Self::Purge => 11,
            Self::Tick => 12,
            Self::WorkerCheckout => 13,
            Self::WorkerSettle { .. } => 14,
            Self::Restarted => 15,
        };
        kind.put(bytes);
        match self {
            Self::Register | Self::Down | Self::Restarted | Self::Purge | Self::Tick | Self::WorkerCheckout => {}
            Self::Enqueue { sequence, message } => {
                sequence.put(bytes);
                message.put(bytes);
            }
            Self::Checkout { tag, prefetch, priority } => {
                tag.put(bytes);
                prefetch.put(bytes);
                priority.put(bytes);
            }
            Self::Settle { consumer, deliveries } => {
                consumer.put(bytes);
                deliveries.put(bytes);
            }
            Self::Return { consumer, deliveries, failed } | Self::Discard { consumer, deliveries, failed } => {
                consumer.put(bytes);
                deliveries.put(bytes);
                failed.put(bytes);
            }
            Self::Cancel { tag } => tag.put(bytes),
            Self::Disconnected { node } | Self::Reconnected { node } => node.put(bytes),
            Self::WorkerSettle { deliveries } => deliveries.put(bytes),
        }
    }

    fn get(r: &mut impl Buf) -> Option<Self> {
        Some(match u8::get(r)? {
            1 => Self::Register,
            2 => Self::Enqueue { sequence: Coded::get(r)?, message: Coded::get(r)? },
            3 => Self::Checkout { tag: Coded::get(r)?, prefetch: Coded::get(r)?, priority: Coded::get(r)? },
            4 => Self::Settle { consumer: Coded::get(r)?, deliveries: Coded::get(r)? },
            5 => Self::Return { consumer: Coded::get(r)?, deliveries: Coded::get(r)?, failed: Coded::get(r)? },
            6 => Self::Discard { consumer: Coded::get(r)?, deliveries: Coded::get(r)?, failed: Coded::get(r)? },
            7 => Self::Cancel { tag: Coded::get(r)? },
            8 => Self::Down,
            9 => Self::Disconnected { node: Coded::get(r)? },
            10 => Self::Reconnected { node: Coded::get(r)? },
            11 => Self::Purge,
            12 => Self::Tick,
            13 => Self::WorkerCheckout,
            14 => Self::WorkerSettle { deliveries: Coded::get(r)? },
            15 => Self::Restarted,
            _ => return None,
        })
    }
}
