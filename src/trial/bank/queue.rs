//! Ways to get the queue model wrong, the consensus below it included.

use super::probe::queue::{
    ANSWER_LOST, CRASH, EXPIRED_LETTERS, ONE_CONSUMER, OTHER_NODE_DIES, SAFE_LETTERS, SHORT_QUEUE, SINGLE_ACTIVE,
    TWO_EXCEPTIONS, UNSYNCHRONISED_MIRROR,
};
use super::variant::{Variant, lab, probe, swarm, unit};
use crate::flaw::Flaw;

pub const VARIANTS: &[Variant] = &[
    // One queue on one broker.
    lab(Flaw::ConfirmBeforeWrite, "first-loss"),
    lab(Flaw::ConfirmsNothing, "lost-at-producer-rabbit"),
    lab(Flaw::AutoAckIgnored, "lost-at-consumer-rabbit"),
    lab(Flaw::CloseDropsUnacked, "lost-at-consumer-rabbit"),
    lab(Flaw::AckOfWrongTag, "lost-at-consumer-rabbit"),
    lab(Flaw::RedeliveredNeverSet, "dup-consumers"),
    lab(Flaw::RequeueAtBack, "order-rabbit"),
    lab(Flaw::SingleActiveServesTwo, "order-rabbit"),
    lab(Flaw::TransactionCommitsEarly, "confirm-or-tx"),
    lab(Flaw::AlarmBlocksConsumers, "bounded-buffer"),
    probe(Flaw::PrefetchIgnored, &ONE_CONSUMER),
    probe(Flaw::RecoversAcked, &CRASH),
    probe(Flaw::DropTailInsteadOfHead, &SHORT_QUEUE),
    probe(Flaw::DeadLetterKeepsExpiration, &EXPIRED_LETTERS),
    unit(
        Flaw::ExpiresFromTheMiddle,
        "broker/queue/tests/expiring.rs::a_message_expires_only_at_the_head",
        "the messages of a lab all live equally long, so those in the middle never die first",
    ),
    unit(
        Flaw::DeadLettersInCircles,
        "broker/queue/tests/dying.rs::a_message_does_not_go_round_on_its_own",
        "the queues of a lab dead-letter one way, never in a circle",
    ),
    unit(
        Flaw::RequeueLosesPriority,
        "broker/queue/tests/preferring.rs::a_returned_message_keeps_its_priority",
        "no count of a run tells in what order messages of different keys were applied",
    ),
    // Half messages.
    lab(Flaw::HalfShownAtOnce, "b-c-ok-d-failed"),
    lab(Flaw::HalfForgottenAtRestart, "b-c-ok-d-failed"),
    // Classic and mirrored queues in a cluster.
    lab(Flaw::MirrorConfirmsWithoutMirrors, "rabbit-ha"),
    lab(Flaw::MetadataWithoutMajority, "rabbit-ha"),
    lab(Flaw::RemoteAckOfWrongTag, "rabbit-ha"),
    probe(Flaw::PeerDownKeepsUnacked, &OTHER_NODE_DIES),
    probe(Flaw::MirrorPromotedInSilence, &UNSYNCHRONISED_MIRROR),
    // Quorum queues.
    swarm(Flaw::QuorumForgetsReturned, "queue"),
    swarm(Flaw::QuorumConfirmsBeforeCommit, "queue"),
    probe(Flaw::QuorumEnqueuesTwice, &ANSWER_LOST),
    probe(Flaw::QuorumServesTwo, &SINGLE_ACTIVE),
    probe(Flaw::QuorumCountsNack, &TWO_EXCEPTIONS),
    probe(Flaw::QuorumDeadLettersWithoutConfirm, &SAFE_LETTERS),
    unit(
        Flaw::QuorumHandsOutTwice,
        "broker/queue/quorum/tests/links.rs::wrong_queues_and_channels_are_noticed",
        "a delivery of a former leader must overtake the election of the next, and come after its first",
    ),
    unit(
        Flaw::QuorumSnapshotDropsCheckedOut,
        "broker/queue/quorum/tests/random.rs::wrong_queues_are_noticed",
        "a snapshot takes 2 MB of settled messages, and a whole run of them is slow",
    ),
    // Consensus.
    swarm(Flaw::RaftVotesTwice, "raft"),
    swarm(Flaw::RaftAcksBeforeSync, "raft"),
    swarm(Flaw::RaftAppliesTwice, "raft"),
    swarm(Flaw::RaftSkipsLogCheckInVote, "raft"),
    swarm(Flaw::RaftKeepsConflictingEntries, "raft"),
    swarm(Flaw::RaftCommitsWithoutMajority, "raft"),
    swarm(Flaw::RaftCommitsOldTermByCount, "raft"),
    swarm(Flaw::RaftForgetsTerm, "raft"),
];
