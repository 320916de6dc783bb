//! A fault as a sentence, both ways: `power-cut broker-1 within 300ms after
//! message 12 reaches broker-1, restart after 2s`. Lab files, `--fault`, tokens
//! and faults injected by key all use it, so whatever happened can be written
//! down and typed in again.

mod parse;
mod scope;
mod write;

pub(in crate::lab) use parse::parse_span;
pub use parse::{SentenceError, parse};
pub use scope::Scope;
pub use write::write;

use super::topology::Topology;
use crate::event::{Answer, Kind};
use crate::picture::Role;
use crate::protocol::{FrameKind, Name};

/// The queue, or the topic, whose leaders a fault can strike: the first of the lab.
/// A partition of it is called as [`partition_name`](crate::event::partition_name)
/// says.
const FIRST_QUEUE: Name = Name(1);

/// Verbs that anchor a fault to the life of a message. The kind may depend on
/// who the message reaches, which is why `reaches` has three rows.
const VERBS: &[(&str, Kind, Role)] = &[
    ("occurs", Kind::Attempted, Role::Producer),
    ("is-sent", Kind::Sent, Role::Producer),
    ("reaches", Kind::Received, Role::Broker),
    ("is-written", Kind::Written, Role::Broker),
    ("is-synced", Kind::Synced, Role::Broker),
    ("is-confirmed", Kind::Confirmed, Role::Broker),
    ("is-told-ok", Kind::Told(Answer::Ok), Role::Producer),
    ("is-delivered", Kind::Delivered { redelivered: false }, Role::Broker),
    ("reaches", Kind::Taken, Role::Consumer),
    ("is-begun", Kind::WorkBegan, Role::Consumer),
    ("reaches", Kind::Applied { first: true }, Role::Store),
    ("is-applied", Kind::Applied { first: true }, Role::Store),
    ("ack-is-sent", Kind::AckSent, Role::Consumer),
    ("is-acked", Kind::Acked, Role::Broker),
    ("is-prepared", Kind::Prepared, Role::Broker),
    ("is-checked-back", Kind::CheckedBack, Role::Broker),
    ("is-enqueued", Kind::Enqueued, Role::Broker),
    ("is-appended", Kind::Enqueued, Role::Broker),
    ("is-committed", Kind::Committed, Role::Broker),
    ("is-requeued", Kind::Requeued, Role::Broker),
    ("is-dead-lettered", Kind::DeadLettered, Role::Broker),
    ("is-marked", Kind::Marked, Role::Store),
    ("is-leased", Kind::Leased, Role::Store),
    ("is-skipped", Kind::Skipped, Role::Consumer),
    ("is-recorded", Kind::Recorded, Role::Store),
    ("is-frozen", Kind::Frozen, Role::Store),
    ("is-compensated", Kind::Compensated { first: true }, Role::Store),
];

/// Verbs that anchor a fault to what a node does: `after broker-2 leads`.
const NODE_VERBS: &[(&str, Kind, Role)] = &[
    ("leads", Kind::LeaderElected, Role::Broker),
    ("steps-down", Kind::SteppedDown, Role::Broker),
    ("is-promoted", Kind::MirrorPromoted { synchronised: true }, Role::Broker),
    ("is-in-step", Kind::MirrorSynchronised, Role::Broker),
    ("stops-serving", Kind::MinorityPaused, Role::Broker),
    ("is-blocked", Kind::Blocked, Role::Producer),
    ("isr-shrinks", Kind::IsrShrunk, Role::Broker),
    ("isr-grows", Kind::IsrGrew, Role::Broker),
    ("is-assigned", Kind::PartitionsAssigned, Role::Consumer),
    ("rebalances", Kind::GroupRebalanced, Role::Broker),
    ("fences", Kind::BrokerFenced, Role::Controller),
    ("decides-commit", Kind::TransactionDecided { is_commit: true }, Role::Broker),
    ("decides-abort", Kind::TransactionDecided { is_commit: false }, Role::Broker),
    ("is-fenced", Kind::ProducerFenced, Role::Producer),
];

/// The sentences of a text, parted by `;`, each with its place.
pub fn parts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = 0;
    text.split(';').map(move |part| {
        let start = next + part.len() - part.trim_start().len();
        next += part.len() + 1;
        (start, part.trim())
    })
}

/// Frames that a fault can lose: `lose-ack from consumer-1 to broker-1`.
const FRAMES: &[(&str, FrameKind)] = &[
    ("lose-publish", FrameKind::Publish),
    ("lose-confirm", FrameKind::Confirm),
    ("lose-deliver", FrameKind::Deliver),
    ("lose-ack", FrameKind::Ack),
    ("lose-apply", FrameKind::Apply),
    ("lose-verdict", FrameKind::Verdict),
    ("lose-try", FrameKind::Try),
    ("lose-tried", FrameKind::Tried),
    ("lose-settle", FrameKind::Settle),
    ("lose-settled", FrameKind::Settled),
    // What they are called on a log.
    ("lose-produce", FrameKind::Publish),
    ("lose-produced", FrameKind::Confirm),
    ("lose-fetched", FrameKind::Deliver),
    ("lose-commit", FrameKind::Ack),
];

/// The words of a table that stand for one meaning differ between queues and logs:
/// the later ones are a log's.
fn word_for<'a, T>(mut words: impl DoubleEndedIterator<Item = (&'a str, T)>, is_log: bool) -> Option<&'a str> {
    if is_log { words.next_back() } else { words.next() }.map(|(word, _)| word)
}

/// A kind of node, where it does not matter which: `after any broker leads`.
const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Producer => "producer",
        Role::Broker => "broker",
        Role::Consumer => "consumer",
        Role::Store => "store",
        Role::Controller => "controller",
    }
}

/// Whether the lab has controllers, and so can run on a log.
const fn is_log(topology: Topology) -> bool {
    topology.controllers > 0
}

#[cfg(test)]
mod tests;
