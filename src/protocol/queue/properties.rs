//! What a message may carry besides its key and its payload.

use crate::protocol::Name;
use crate::time::Span;

/// The properties of a message that change its fate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// `expiration`: the message's own time to live.
    pub expiration: Option<Span>,
    pub priority: u8,
    /// What a headers exchange looks at: a name whose text reads
    /// `type=order region=eu`.
    pub headers: Name,
    /// `x-death`: where the message was dead-lettered before, newest first.
    pub deaths: Vec<Death>,
}

/// One line of `x-death`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    pub queue: Name,
    pub reason: DeathReason,
    /// How often it died there of this.
    pub count: u32,
}

/// Why a queue gave a message to its dead-letter exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeathReason {
    Expired,
    /// The length limit pushed it out.
    MaxLength,
    Rejected,
    DeliveryLimit,
}
