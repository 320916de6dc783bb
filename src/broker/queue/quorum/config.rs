//! What one quorum queue was declared with, as far as its state machine cares.

use crate::protocol::queue::{Arguments, DeadLetter, Overflow};
use crate::time::Span;

/// How long a consumer may hold a delivery (RabbitMQ: 30 minutes).
pub const CONSUMER_TIMEOUT: Span = Span::from_secs(30 * 60);
/// How long what a consumer holds stays its own after the leader lost touch with
/// its node (4.3: `consumer_disconnected_timeout`, 60 seconds; 4.2 gave it to
/// others at once).
pub const DISCONNECTED_TIMEOUT: Span = Span::from_secs(60);

#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub max_length: Option<u32>,
    pub overflow: Overflow,
    pub message_ttl: Option<Span>,
    pub single_active: bool,
    /// Failed deliveries allowed; one more and the message is dead. `None`: any
    /// number.
    pub delivery_limit: Option<u32>,
    pub dead_letters: Strategy,
    pub consumer_timeout: Span,
    pub disconnected_timeout: Span,
    /// A snapshot is worth its cost when it frees this much of the log, in bytes.
    pub snapshot_after: u64,
}

/// What becomes of messages that nobody shall have any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// They are dropped.
    #[default]
    Drop,
    /// Published once to the dead-letter exchange and forgotten.
    AtMostOnce,
    /// Kept until every queue that the exchange routes them to has confirmed.
    AtLeastOnce,
}

impl Strategy {
    /// What a declaration comes to. `at-least-once` needs `reject-publish`: with
    /// `drop-head` RabbitMQ logs a warning and goes on with `at-most-once`.
    #[must_use]
    pub fn of(dead_letter: Option<DeadLetter>, overflow: Overflow) -> Self {
        match dead_letter {
            None => Self::Drop,
            Some(it) if it.at_least_once && overflow == Overflow::RejectPublish => Self::AtLeastOnce,
            Some(_) => Self::AtMostOnce,
        }
    }
}

impl Config {
    #[must_use]
    pub fn of(arguments: &Arguments) -> Self {
        Self {
            max_length: arguments.max_length,
            overflow: arguments.overflow,
            message_ttl: arguments.message_ttl,
            single_active: arguments.single_active_consumer,
            delivery_limit: arguments.delivery_limit,
            dead_letters: Strategy::of(arguments.dead_letter, arguments.overflow),
            consumer_timeout: CONSUMER_TIMEOUT,
            disconnected_timeout: DISCONNECTED_TIMEOUT,
            snapshot_after: 2_000_000,
        }
    }
}
