//! What a ledger is told of a run before it begins.

use crate::client::occurrences::Occurrences;
use crate::lab::entitlement::Entitlement;

#[derive(Clone, Debug)]
pub struct Books {
    /// The business facts, by message.
    pub facts: Occurrences,
    pub keys: u32,
    pub entitlement: Entitlement,
    pub producers: u16,
    /// Their nodes come after those of the producers.
    pub brokers: u16,
    /// Producers ask the broker for confirms.
    pub asks: bool,
    /// There are so many messages that nobody may look at all of them now and then.
    pub is_long: bool,
}

impl Default for Books {
    fn default() -> Self {
        Self {
            facts: Occurrences::default(),
            keys: 0,
            entitlement: Entitlement::default(),
            producers: 1,
            brokers: 1,
            asks: false,
            is_long: false,
        }
    }
}
