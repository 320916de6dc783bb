//! What a handler is configured with: the same for a client of queues and for a
//! consumer of a log.

use std::sync::Arc;

use super::Undo;
use super::dedupe::{Dedupe, LEASE, MARK_LIFE};
use crate::client::link::Pace;
use crate::client::session;
use crate::event::NodeId;
use crate::random::Seed;
use crate::setting::Settings;
use crate::time::Span;

/// A handler's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct Options {
    /// What effects are written to.
    pub store: NodeId,
    /// The key-value stores with the marks, the primary first. Without any, a
    /// policy that needs them tells no repeat.
    pub cache: Arc<[NodeId]>,
    /// Whom the effects are for; see the ledger.
    pub subscription: u16,
    /// How long work on one message takes, give or take a drawn quarter.
    pub processing: Span,
    /// How a repeat is told.
    pub dedupe: Dedupe,
    /// Set where the effect is to undo what a dead letter is about.
    pub undo: Option<Undo>,
    pub lease: Span,
    /// How long a mark stays.
    pub mark_life: Span,
    /// How long a service may take to answer before its connection is suspect.
    pub store_timeout: Span,
    pub reconnect_after: Span,
    /// For the draws of processing times and back-offs. Give every node its own.
    pub seed: Seed,
}

impl Options {
    #[must_use]
    pub fn new(store: NodeId, subscription: u16, seed: Seed) -> Self {
        Self {
            store,
            cache: Arc::default(),
            subscription,
            processing: Span::from_millis(20),
            dedupe: Dedupe::None,
            undo: None,
            lease: LEASE,
            mark_life: MARK_LIFE,
            store_timeout: Span::from_secs(5),
            reconnect_after: session::RECONNECT_AFTER,
            seed,
        }
    }

    /// Takes over those of the settings that concern a handler and are present.
    pub fn read(&mut self, settings: &Settings) {
        settings.read_millis("processing_ms", &mut self.processing);
        settings.read_millis("lease_ms", &mut self.lease);
        settings.read_millis("mark_ttl_ms", &mut self.mark_life);
        settings.read_millis("reconnect_ms", &mut self.reconnect_after);
        self.dedupe = Dedupe::named(settings.word("dedupe")).unwrap_or(self.dedupe);
    }

    /// How the connections of its client are kept up.
    #[must_use]
    pub const fn pace(&self) -> Pace {
        Pace { retry_after: self.reconnect_after, patience: session::PATIENCE, seed: self.seed }
    }
}
