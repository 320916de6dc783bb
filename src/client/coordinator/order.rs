//! How far an order is. The stages follow one another; the log's row is written at
//! each step from one to the next, so a process that dies loses no more than what
//! it was just about.

use crate::protocol::service::Call;
use crate::protocol::store::{CANCELLING, CONFIRMING, ENDED, LOG, STOCK, TRYING, Write};
use crate::time::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The row of the log is to be written, and b and c reserved.
    Begin,
    /// d is tried.
    Try,
    /// The decision is to be written, for or against.
    Decide(bool),
    /// The participant is to hear of it.
    Settle(bool),
    /// It has, and the log is to know.
    End(bool),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub stage: Stage,
    /// Since when it is there.
    pub since: Time,
    /// What was asked for it, and when, if it was asked on this connection.
    pub asked: Option<(u64, Time)>,
}

impl Stage {
    /// Whether the database is asked, and not the participant.
    pub const fn is_for_database(self) -> bool {
        matches!(self, Self::Begin | Self::Decide(_) | Self::End(_))
    }

    /// The call that it takes, if it takes one.
    pub const fn call(self) -> Option<Call> {
        match self {
            Self::Try => Some(Call::Try),
            Self::Settle(true) => Some(Call::Confirm),
            Self::Settle(false) => Some(Call::Cancel),
            Self::Begin | Self::Decide(_) | Self::End(_) => None,
        }
    }

    /// The transaction that it takes. The log's row is its guard: what was written
    /// once is not written again.
    pub const fn writes(self) -> &'static [Write] {
        const fn log(from: u8, to: u8) -> Write {
            Write::Step { step: LOG, from, to }
        }
        match self {
            Self::Begin => const { &[log(0, TRYING), Write::Freeze { step: STOCK }] },
            Self::Decide(true) => const { &[log(TRYING, CONFIRMING), Write::Use { step: STOCK }, Write::Order] },
            Self::Decide(false) => const { &[log(TRYING, CANCELLING), Write::Release { step: STOCK }] },
            Self::End(true) => const { &[log(CONFIRMING, ENDED)] },
            Self::End(false) => const { &[log(CANCELLING, ENDED)] },
            Self::Try | Self::Settle(_) => &[],
        }
    }

    /// Where an order goes on that the log has open.
    pub const fn of_row(state: u8) -> Self {
        match state {
            CONFIRMING => Self::Settle(true),
            CANCELLING => Self::Settle(false),
            _ => Self::Decide(false),
        }
    }
}
