//! The rules of replication that a designer can choose, and Kafka's choice. Each
//! is read at one place, so another answer to one question leaves the rest alone.

/// Kafka is [`Policy::default`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Read in `watermark`.
    pub commit: CommitRule,
    /// Read in `storage`.
    pub sync: SyncRule,
    /// Read by the controller.
    pub election: ElectionRule,
    /// Read in `fence`.
    pub fencing: FencingRule,
}

/// When a record counts as committed: consumers may read it, and `acks=all` is
/// answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CommitRule {
    /// All in-sync replicas have it. They may become fewer, down to
    /// `min.insync.replicas`.
    #[default]
    InSyncReplicas,
    /// The leader has it.
    LeaderAlone,
    /// More than half of all replicas have it, in sync or not.
    Majority,
}

/// When what was written is synced. A record counts as written only once the sync
/// it asks for is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncRule {
    /// The operating system writes back when it likes: replicas are the safety.
    #[default]
    System,
    /// After so many records (`flush.messages`).
    Every(u64),
    /// Before every answer.
    BeforeAnswer,
}

/// Who may become leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ElectionRule {
    InSync,
    /// And those that left the in-sync replicas while these were too few (KIP-966).
    #[default]
    InSyncThenEligible,
    /// And at last anybody, whatever it lacks (`unclean.leader.election.enable`).
    Anybody,
}

/// What an old leader is still heard about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FencingRule {
    /// Nothing: requests name the leader's epoch, and another one is refused.
    #[default]
    LeaderEpoch,
    /// Epochs are not compared.
    Nothing,
}
