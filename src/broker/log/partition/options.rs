//! What is set for a replica, with Kafka's names and defaults.

use super::Policy;
use crate::time::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub policy: Policy,
    /// `min.insync.replicas`. More than there are replicas counts as all of them.
    pub min_insync: u16,
    /// `replica.lag.time.max.ms`: looked at every half of it.
    pub replica_lag_max: Span,
    /// `log.segment.bytes`.
    pub segment_bytes: u64,
    /// `log.retention.ms` and `log.retention.bytes`; `None`: for ever.
    pub retention: Option<Span>,
    pub retention_bytes: Option<u64>,
    /// `log.retention.check.interval.ms`.
    pub retention_check: Span,
    /// `producer.id.expiration.ms`.
    pub producer_expiry: Span,
    /// A topic of the brokers' own: only coordinators write to it, without sequence
    /// numbers, and its records are no copies of messages, so nothing is noted.
    pub is_internal: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            min_insync: 1,
            replica_lag_max: Span::from_secs(30),
            segment_bytes: 1 << 30,
            retention: Some(Span::from_secs(7 * 24 * 3600)),
            retention_bytes: None,
            retention_check: Span::from_secs(300),
            producer_expiry: Span::from_secs(24 * 3600),
            is_internal: false,
        }
    }
}
