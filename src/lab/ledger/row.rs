//! One row: what became of a message for one subscription.

use serde::Serialize;

/// Where a message stands for a subscription, or stood at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The business fact has not occurred.
    #[default]
    NotYet,
    /// Not settled, and some copy exists.
    InFlight,
    Applied,
    /// The subscription would still be handed it.
    Pending,
    DeadLettered,
    /// Gone although the producer was told ok.
    LostAfterOk,
    /// Gone, and the producer was never told ok.
    Lost,
    /// Gone, and the producer knows.
    Refused,
    /// No subscription is entitled to it.
    Nowhere,
}

impl Fate {
    /// How many fates there are.
    pub const COUNT: usize = 9;

    /// How bad it is, to say in one word what became of a message that several
    /// subscriptions should see.
    #[must_use]
    pub const fn severity(self) -> u8 {
        match self {
            Self::NotYet => 0,
            Self::Nowhere => 1,
            Self::Applied => 2,
            Self::InFlight => 3,
            Self::Pending => 4,
            Self::DeadLettered => 5,
            Self::Refused => 6,
            Self::Lost => 7,
            Self::LostAfterOk => 8,
        }
    }
}

/// What the producer's program knows of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    Ok,
    Unknown,
    Refused,
    Unsent,
}

/// What the audit found of a message for one subscription.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    pub held: bool,
    pub dead_lettered: bool,
}

/// A message for one subscription.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row {
    pub effects: u32,
    pub held: bool,
    pub dead_lettered: bool,
}
