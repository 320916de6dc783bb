//! What a queue's leader says to a session on another node, and the one question
//! that a session asks, as bytes.

use bytes::{Buf, Bytes};

use crate::broker::queue::quorum::command::ConsumerKey;
use crate::broker::queue::quorum::effect::Answer;
use crate::broker::queue::quorum::message::Message;
use crate::codec::{Coded, decode, get_all, put_all};
use crate::event::CopyId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Applied {
        correlation: u64,
        answer: Answer,
    },
    Deliver {
        tag: u16,
        consumer: ConsumerKey,
        delivery: u64,
        message: Message,
    },
    Full(bool),
    TimedOut {
        tag: u16,
        copy: CopyId,
    },
    /// To the leader: what does this consumer hold?
    Fetch {
        consumer: ConsumerKey,
        from: u64,
        to: u64,
    },
    /// And its answer.
    Found {
        consumer: ConsumerKey,
        missed: Vec<Missed>,
    },
}

/// A delivery, and its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missed(pub u64, pub Message);

impl Word {
    pub fn encode(&self) -> Bytes {
        let mut bytes = Vec::with_capacity(32);
        self.put(&mut bytes);
        bytes.into()
    }

    pub fn decode(bytes: &Bytes) -> Option<Self> {
        decode(bytes.clone())
    }

    /// Whether the queue would say it only to a session that consumes.
    pub const fn takes_for_alive(&self) -> bool {
        matches!(self, Self::Deliver { .. } | Self::Applied { answer: Answer::Consuming { .. }, .. })
    }
}

impl Coded for Missed {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
        self.1.put(bytes);
    }

    fn get(r: &mut impl Buf) -> Option<Self> {
        Some(Self(Coded::get(r)?, Coded::get(r)?))
    }
}

impl Coded for Answer {
    fn put(&self, bytes: &mut Vec<u8>) {
        match *self {
            Self::Done => 1_u8.put(bytes),
            Self::OutOfSequence => 2_u8.put(bytes),
            Self::Full => 3_u8.put(bytes),
            Self::NoSuchConsumer => 4_u8.put(bytes),
            Self::Consuming { consumer, next } => {
                5_u8.put(bytes);
                consumer.put(bytes);
                next.put(bytes);
            }
        }
    }

    fn get(r: &mut impl Buf) -> Option<Self> {
        Some(match u8::get(r)? {
            1 => Self::Done,
            2 => Self::OutOfSequence,
            3 => Self::Full,
            4 => Self::NoSuchConsumer,
            5 => Self::Consuming { consumer: Coded::get(r)?, next: Coded::get(r)? },
            _ => return None,
        })
    }
}

impl Coded for Word {
    fn put(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Applied { correlation, answer } => {
                1_u8.put(bytes);
                correlation.put(bytes);
                answer.put(bytes);
            }
            Self::Deliver { tag, consumer, delivery, message } => {
                2_u8.put(bytes);
                tag.put(bytes);
                consumer.put(bytes);
                delivery.put(bytes);
                message.put(bytes);
            }
            Self::Full(full) => {
                3_u8.put(bytes);
                full.put(bytes);
            }
            Self::TimedOut { tag, copy } => {
                4_u8.put(bytes);
                tag.put(bytes);
                copy.put(bytes);
            }
            Self::Fetch { consumer, from, to } => {
                5_u8.put(bytes);
                consumer.put(bytes);
                from.put(bytes);
                to.put(bytes);
            }
            Self::Found { consumer, missed } => {
                6_u8.put(bytes);
                consumer.put(bytes);
                put_all(missed.iter(), bytes);
            }
        }
    }

    fn get(r: &mut impl Buf) -> Option<Self> {
        Some(match u8::get(r)? {
            1 => Self::Applied { correlation: Coded::get(r)?, answer: Coded::get(r)? },
            2 => Self::Deliver {
                tag: Coded::get(r)?,
                consumer: Coded::get(r)?,
                delivery: Coded::get(r)?,
                message: Coded::get(r)?,
            },
            3 => Self::Full(Coded::get(r)?),
            4 => Self::TimedOut { tag: Coded::get(r)?, copy: Coded::get(r)? },
            5 => Self::Fetch { consumer: Coded::get(r)?, from: Coded::get(r)?, to: Coded::get(r)? },
            6 => Self::Found { consumer: Coded::get(r)?, missed: get_all(r)? },
            _ => return None,
        })
    }
}
