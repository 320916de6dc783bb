//! The store protocol: what a consumer says to the database it writes to.

use super::Frame;
use super::fact::Fact;
use crate::event::CopyId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// Apply the effect of a message for a subscription.
    Apply { request: u64, copy: CopyId, fact: Fact, subscription: u16 },
    /// The effect is committed.
    Applied { request: u64 },
}

impl From<Method> for Frame {
    fn from(method: Method) -> Self {
        Self::Store(method)
    }
}
