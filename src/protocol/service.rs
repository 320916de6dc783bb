//! What one service calls another for, without a broker in between: the three calls
//! of TCC (Try, Confirm, Cancel). Each is answered; an answer may be lost.

use super::fact::Fact;
use super::{Frame, FrameKind};
use crate::event::CopyId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Call { request: u64, call: Call, copy: CopyId, fact: Fact },
    Answer { request: u64, call: Call, answer: Answer },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Check that it can be done, and reserve what it takes.
    Try,
    /// Do it, with what is reserved.
    Confirm,
    /// Give back what is reserved.
    Cancel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done now, or before.
    Done,
    /// This cannot be reserved, or no more.
    Refused,
    /// The handler threw.
    Failed,
}

impl Method {
    #[must_use]
    pub const fn kind(&self) -> FrameKind {
        match self {
            Self::Call { call: Call::Try, .. } => FrameKind::Try,
            Self::Answer { call: Call::Try, .. } => FrameKind::Tried,
            Self::Call { .. } => FrameKind::Settle,
            Self::Answer { .. } => FrameKind::Settled,
        }
    }
}

impl From<Method> for Frame {
    fn from(method: Method) -> Self {
        Self::Service(method)
    }
}
