//! What a replica asks of the node around it.

use crate::protocol::log::{Error, IsrChange};

/// In the order they came up. The node passes an empty list in and takes it away.
pub type Effects = Vec<Effect>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// To the controller. The answer goes to `isr_answer`; if the controller cannot
    /// be asked, or the connection ends first, so does `Err(RequestTimedOut)`. One
    /// proposal at most is under way.
    ProposeIsr(IsrChange),
    /// The log end, the high watermark, the last stable offset or the role changed:
    /// requests that wait may now have their answer. At most once a call.
    Progress,
    /// Recovery is over; `recovered` says how many copies were found.
    Recovered,
    /// The disk refused a write or a sync. Kafka takes the directory offline, and a
    /// broker with one directory stops. From now on every answer is an error.
    Failed(Error),
}

/// Where a batch stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The offset of its first record, and the one after its last.
    pub first: u64,
    pub end: u64,
    /// It is a repeat: the batch was there already, and this is where.
    pub is_repeat: bool,
}
