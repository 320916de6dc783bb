//! The probes of the queue model.

use super::{Keeps, Probe};

/// One consumer, and nothing goes wrong.
pub const ONE_CONSUMER: Probe =
    Probe { lab: "probe-queue", set: &[("consumers", "1")], faults: &[], keeps: Keeps::AQueue };

pub const CRASH: Probe = Probe {
    lab: "probe-queue",
    set: &[("consumers", "1")],
    faults: &["crash broker-1 within 300ms after message 20 is-confirmed, restart after 1s"],
    keeps: Keeps::AQueue,
};

/// The power goes while something is being written, which is there by half then.
pub const TORN: Probe = Probe {
    lab: "lost-in-broker-rabbit",
    set: &[("durable", "true"), ("persistent", "true"), ("confirms", "async")],
    faults: &["torn-write broker-1 within 300ms after message 30 reaches broker-1, restart after 2s"],
    keeps: Keeps::AQueue,
};

/// A byte of the file changes before the file is read back.
pub const DAMAGED: Probe = Probe {
    lab: "lost-in-broker-rabbit",
    set: &[("durable", "true"), ("persistent", "true"), ("confirms", "async"), ("sync", "before-confirm")],
    faults: &["bit-rot broker-1 at 1100ms", "crash broker-1 at 1200ms, restart after 1s"],
    keeps: Keeps::AQueue,
};

/// Of a queue that is full the oldest goes: whatever is newest of its key arrives.
pub const SHORT_QUEUE: Probe = Probe {
    lab: "probe-queue",
    set: &[("consumers", "1"), ("max_length", "10")],
    faults: &[],
    keeps: Keeps::Totals("lost_after_ok > 0 and stale == 0"),
};

/// What has expired stays where it was moved to.
pub const EXPIRED_LETTERS: Probe = Probe {
    lab: "probe-queue",
    set: &[("consumers", "1"), ("expiration_ms", "200"), ("dead_letter", "at-most-once")],
    faults: &[],
    keeps: Keeps::Totals("dead_lettered > 0 and lost_after_ok == 0"),
};

/// The queue's leader is not the node that publishers are connected to, and the
/// answer to that node is lost: it sends once more what is in the queue.
pub const ANSWER_LOST: Probe = Probe {
    lab: "probe-cluster",
    set: &[("queue_type", "quorum")],
    faults: &[
        "isolate broker-1 from brokers at 200ms, for 1500ms",
        "cut broker-1 broker-2 after message 25 is-confirmed",
        "cut broker-1 broker-3 after message 25 is-confirmed",
    ],
    keeps: Keeps::Totals("duplicates == 0 and lost == 0 and lost_after_ok == 0"),
};

/// Both consumers are well, so the second is never asked.
pub const SINGLE_ACTIVE: Probe = Probe {
    lab: "probe-queue",
    set: &[("queue_type", "quorum"), ("single_active_consumer", "true")],
    faults: &[],
    keeps: Keeps::Totals("busy_consumers == 1"),
};

/// Requeued twice: that is no failure that counts towards the limit.
pub const TWO_EXCEPTIONS: Probe = Probe {
    lab: "probe-queue",
    set: &[("queue_type", "quorum"), ("consumers", "1"), ("delivery_limit", "1")],
    faults: &["throw consumer-1 on message 8", "throw consumer-1 on message 8"],
    keeps: Keeps::Totals("lost_after_ok == 0 and pending == 0"),
};

/// Messages expire while the node that forwards them dies.
pub const SAFE_LETTERS: Probe = Probe {
    lab: "probe-cluster",
    set: &[
        ("queue_type", "quorum"),
        ("consumers", "1"),
        ("message_ttl_ms", "200"),
        ("dead_letter", "at-least-once"),
        ("overflow", "reject-publish"),
    ],
    faults: &["crash broker-1 within 500ms after message 20 is-confirmed, restart after 1s"],
    keeps: Keeps::Totals("dead_lettered > 0 and lost_after_ok == 0"),
};

/// A consumer is connected to another node than the queue's, and that one dies.
pub const OTHER_NODE_DIES: Probe = Probe {
    lab: "probe-cluster",
    set: &[],
    faults: &["crash broker-2 within 300ms after message 20 is-confirmed, restart after 1s"],
    keeps: Keeps::Totals("lost_after_ok == 0 and pending == 0"),
};

/// Both mirrors have just begun anew when the master dies.
pub const UNSYNCHRONISED_MIRROR: Probe = Probe {
    lab: "rabbit-ha",
    set: &[("queue_type", "mirrored"), ("promote_on_failure", "always")],
    faults: &["crash-unsynchronised"],
    keeps: Keeps::SilenceLosesNothing,
};
