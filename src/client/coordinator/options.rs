//! What a coordinator is configured with.

use crate::client::occurrences::Occurrences;
use crate::client::session;
use crate::event::NodeId;
use crate::random::Seed;
use crate::setting::Settings;
use crate::time::Span;

/// A coordinator's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct CoordinatorOptions {
    /// Ascending in time.
    pub workload: Occurrences,
    /// The order service's own.
    pub database: NodeId,
    pub participant: NodeId,
    /// Whom the effects of a Confirm are for.
    pub subscription: u16,
    /// How long a call may stay without an answer.
    pub call_timeout: Span,
    pub reconnect_after: Span,
    /// For the draws of back-offs. Give every node its own.
    pub seed: Seed,
}

impl CoordinatorOptions {
    #[must_use]
    pub fn new(workload: impl Into<Occurrences>, database: NodeId, participant: NodeId, seed: Seed) -> Self {
        Self {
            workload: workload.into(),
            database,
            participant,
            subscription: 0,
            call_timeout: Span::from_secs(1),
            reconnect_after: session::RECONNECT_AFTER,
            seed,
        }
    }

    /// Takes over those of the settings that concern a coordinator and are present.
    #[must_use]
    pub fn with(mut self, settings: &Settings) -> Self {
        settings.read_millis("reconnect_ms", &mut self.reconnect_after);
        self
    }
}
