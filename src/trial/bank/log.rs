//! Ways to get the log model wrong, its clients included.

use super::probe::log::{BACK_WITHOUT_RECORDS, ELIGIBLE_LOST_POWER, TORN_THEN_CRASHED};
use super::variant::{Variant, lab, probe, swarm, unit};
use crate::flaw::Flaw;

pub const VARIANTS: &[Variant] = &[
    // Replication.
    swarm(Flaw::HighWatermarkFromLeaderAlone, "log"),
    swarm(Flaw::WatermarkBelowMinInsync, "log"),
    swarm(Flaw::SentCountsAsReplicated, "log"),
    swarm(Flaw::AckBeforeIsr, "log"),
    swarm(Flaw::MinInsyncIgnored, "log"),
    swarm(Flaw::TruncateToWatermark, "log"),
    swarm(Flaw::DivergingLogKept, "log"),
    swarm(Flaw::FollowerReadsAhead, "log"),
    lab(Flaw::IsrNeverShrinks, "kafka-ha"),
    probe(Flaw::IsrGrowsTooEarly, &BACK_WITHOUT_RECORDS),
    probe(Flaw::TornTailKept, &TORN_THEN_CRASHED),
    // The controller.
    swarm(Flaw::AlterPartitionOfOldEpoch, "log"),
    lab(Flaw::UncleanByDefault, "kafka-ha"),
    lab(Flaw::ElectFenced, "kafka-ha"),
    swarm(Flaw::MetadataBeforeCommit, "log"),
    probe(Flaw::ElrIgnoresUncleanStop, &ELIGIBLE_LOST_POWER),
    probe(Flaw::BrokerClaimsCleanStop, &ELIGIBLE_LOST_POWER),
    unit(
        Flaw::AlterPartitionWithFenced,
        "broker/log/controller/tests/chaos.rs::every_flaw_is_noticed",
        "a leader asks for no fenced replica unless it knows less than the controller, for a moment",
    ),
    unit(
        Flaw::ProposalForgotten,
        "broker/log/broker/tests/promises.rs::a_proposal_is_repeated_until_it_is_answered",
        "the connection to the controller must break in the moment between a proposal and its answer",
    ),
    // Producers.
    swarm(Flaw::SequenceIgnored, "log"),
    swarm(Flaw::SequenceForgottenAtFailover, "log"),
    swarm(Flaw::RetryTakesNewSequence, "log"),
    unit(
        Flaw::ResendOutOfOrder,
        "client/log/producer/tests.rs::numbered_batches_that_were_refused_are_resent_one_after_another",
        "the broker refuses what is out of turn, and it is sent once more: it only takes longer",
    ),
    // Groups.
    swarm(Flaw::OffsetsForgottenAtReload, "log"),
    lab(Flaw::OffsetOfNextBatch, "lost-at-consumer-kafka"),
    swarm(Flaw::ZombieNotFenced, "log"),
    lab(Flaw::ZombieKeepsCommitting, "lost-at-consumer-kafka"),
    lab(Flaw::LaneCommitsHighest, "order-kafka"),
    unit(
        Flaw::OffsetAnsweredBeforeCommitted,
        "broker/log/coordinator/group/tests/random.rs::wrong_coordinators_are_noticed",
        "what the consumer was told leaves no trace; the group repeats some work, as after any crash",
    ),
    unit(
        Flaw::ShareLockNeverEnds,
        "broker/log/coordinator/share/tests/random.rs::wrong_shares_are_noticed",
        "a member that is gone gives its records back before their locks end",
    ),
    unit(
        Flaw::ShareAnsweredBeforeWritten,
        "broker/log/coordinator/share/tests/random.rs::wrong_shares_are_noticed",
        "what is answered too early is handed out again, as after any crash",
    ),
    // Transactions.
    swarm(Flaw::MarkerForgotten, "log"),
    swarm(Flaw::PreparedForgottenAtReload, "log"),
    swarm(Flaw::MarkersDisagree, "log"),
    swarm(Flaw::AbortedRecordsVisible, "log"),
    swarm(Flaw::OpenRecordsVisible, "log"),
    swarm(Flaw::EpochNotBumped, "log"),
    swarm(Flaw::OldEpochAccepted, "log"),
    unit(
        Flaw::LateMarkerEndsNext,
        "broker/log/partition/tests/transactions.rs::what_is_late_of_the_last_transaction_does_not_get_into_the_next",
        "a run of a few seconds hardly ever has a late marker come just when the next transaction is open",
    ),
    // Consumers.
    swarm(Flaw::PositionNotValidated, "log"),
];
