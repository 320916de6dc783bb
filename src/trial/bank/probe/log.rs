//! The probes of the log model. While something is at stake the consumer is away:
//! what it had read already, nobody could lose any more.

use super::{Keeps, Probe};

const NOTHING_TOLD_IS_LOST: Keeps = Keeps::Totals("lost_after_ok == 0");

/// A follower comes back without its disk, over a slow link; the leader is cut off
/// in the moment in which it takes the follower back into the ISR.
pub const BACK_WITHOUT_RECORDS: Probe = Probe {
    lab: "kafka-ha",
    set: &[("acks", "all"), ("min_insync", "2")],
    faults: &[
        "crash consumer-1 after message 5 is-appended, restart after 90s",
        "disk-loss broker-2 after message 10 is-appended, restart after 12s",
        "delay broker-1 broker-2 by 1s after message 20 is-appended, for 60s",
        "isolate broker-1 within 100ms after any broker isr-grows, for 60s",
    ],
    keeps: NOTHING_TOLD_IS_LOST,
};

/// One replica, every record synced: a torn write costs nothing that was told. What
/// comes after it must not stand behind the torn record in the file.
pub const TORN_THEN_CRASHED: Probe = Probe {
    lab: "lost-in-broker-kafka",
    set: &[("acks", "all"), ("min_insync", "1"), ("replication_factor", "1"), ("flush_messages", "1")],
    faults: &[
        "torn-write broker-1 within 2s after message 20 is-appended, restart after 1s",
        "crash broker-1 within 2s after message 100 is-appended, restart after 1s",
    ],
    keeps: NOTHING_TOLD_IS_LOST,
};

/// Both followers have dropped out of the ISR, the second of them is eligible. It
/// loses its power, and what was not synced; then the leader is out of sight.
pub const ELIGIBLE_LOST_POWER: Probe = Probe {
    lab: "last-replica-standing",
    set: &[
        ("eligible_leader_replicas", "true"),
        ("min_insync", "2"),
        ("acks", "all"),
        ("unclean_election", "false"),
        ("flush_messages", "0"),
    ],
    faults: &[
        "crash consumer-1 after message 5 is-appended, restart after 100s",
        "isolate broker-3 from brokers after message 20 is-appended, for 15s",
        "isolate broker-2 from brokers after message 60 is-appended, for 14s",
        "power-cut broker-2 within 200ms after 1200ms after message 60 is-appended, restart after 2s",
        "isolate broker-1 from brokers + controllers after 1500ms after message 60 is-appended, for 30s",
    ],
    keeps: NOTHING_TOLD_IS_LOST,
};
