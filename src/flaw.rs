//! Deliberate flaws, for testing the tests. Each is a way to get a broker, a
//! disk or a ledger wrong; the bank of flaws (`trial::bank`) turns one on, makes
//! whole runs, and demands that they show it. A new flaw needs a place there.
//! Outside unit tests every flaw is a constant `false` and costs nothing.

/// One way to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    ConfirmBeforeWrite,
    SyncDoesNothing,
    ChecksumSkipped,
    ContinuesPastTornRecord,
    RequeueAtBack,
    CloseDropsUnacked,
    RedeliveredNeverSet,
    PrefetchIgnored,
    AckOfWrongTag,
    LedgerDropsRow,
    AuditApplies,
    AutoAckIgnored,
    ConfirmsNothing,
    RecoversAcked,
    QuorumEnqueuesTwice,
    QuorumForgetsReturned,
    QuorumCountsNack,
    QuorumDeadLettersWithoutConfirm,
    QuorumSnapshotDropsCheckedOut,
    QuorumServesTwo,
    QuorumConfirmsBeforeCommit,
    QuorumHandsOutTwice,
    InboxOutsideTransaction,
    UpsertCountsTwice,
    CommitBeforeSync,
    SetNxIgnoresNx,
    LeaseNeverExpires,
    SentMarkedBeforeConfirm,
    RemoteAckOfWrongTag,
    PeerDownKeepsUnacked,
    MetadataWithoutMajority,
    MirrorPromotedInSilence,
    MirrorConfirmsWithoutMirrors,
    RaftVotesTwice,
    RaftForgetsTerm,
    RaftCommitsOldTermByCount,
    RaftAcksBeforeSync,
    RaftAppliesTwice,
    RaftSkipsLogCheckInVote,
    RaftKeepsConflictingEntries,
    RaftCommitsWithoutMajority,
    DeskServesAllAtOnce,
    ExpiresFromTheMiddle,
    DropTailInsteadOfHead,
    DeadLetterKeepsExpiration,
    DeadLettersInCircles,
    RequeueLosesPriority,
    SingleActiveServesTwo,
    TransactionCommitsEarly,
    AlarmBlocksConsumers,
    ReconcilerRenumbersFacts,
    StepIgnoresState,
    HalfShownAtOnce,
    HalfForgottenAtRestart,
    UncleanByDefault,
    ElectFenced,
    ElrIgnoresUncleanStop,
    AlterPartitionOfOldEpoch,
    AlterPartitionWithFenced,
    MetadataBeforeCommit,
    ZombieNotFenced,
    OffsetAnsweredBeforeCommitted,
    MarkerForgotten,
    MarkersDisagree,
    EpochNotBumped,
    PreparedForgottenAtReload,
    ShareLockNeverEnds,
    ShareAnsweredBeforeWritten,
    HighWatermarkFromLeaderAlone,
    TruncateToWatermark,
    SequenceForgottenAtFailover,
    IsrNeverShrinks,
    IsrGrowsTooEarly,
    SentCountsAsReplicated,
    MinInsyncIgnored,
    WatermarkBelowMinInsync,
    DivergingLogKept,
    SequenceIgnored,
    TornTailKept,
    OffsetsForgottenAtReload,
    FollowerReadsAhead,
    AckBeforeIsr,
    AbortedRecordsVisible,
    OpenRecordsVisible,
    LateMarkerEndsNext,
    OldEpochAccepted,
    BrokerClaimsCleanStop,
    ProposalForgotten,
    RetryTakesNewSequence,
    ResendOutOfOrder,
    OffsetOfNextBatch,
    ZombieKeepsCommitting,
    LaneCommitsHighest,
    PositionNotValidated,
}

/// Whether this flaw is on in this thread.
#[cfg(not(test))]
#[inline(always)]
#[must_use]
pub const fn is_on(_: Flaw) -> bool {
    false
}

#[cfg(test)]
pub use in_tests::*;

#[cfg(test)]
mod in_tests {
    use super::Flaw;
    use std::cell::Cell;

    thread_local!(static ON: Cell<Option<Flaw>> = const { Cell::new(None) });

    /// Whether this flaw is on in this thread.
    pub fn is_on(flaw: Flaw) -> bool {
        ON.get() == Some(flaw)
    }

    /// Runs `test` with one flaw on.
    pub fn with<T>(flaw: Flaw, test: impl FnOnce() -> T) -> T {
        let _off_again = OffAgain;
        ON.set(Some(flaw));
        test()
    }

    /// A test that fails must not leave its flaw to the next one on this thread.
    struct OffAgain;

    impl Drop for OffAgain {
        fn drop(&mut self) {
            ON.set(None);
        }
    }
}
