//! The names of the counts, as claims and `--json` write them.

/// One count, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    Attempted,
    Applied,
    Pending,
    DeadLettered,
    LostAfterOk,
    Lost,
    Refused,
    Duplicates,
    Reordered,
    Stale,
    Residue,
    RefusedYetThere,
    ToldOk,
    ToldUnknown,
    ToldRefused,
    Unsent,
    Entitled,
    Nowhere,
    Stray,
    Redelivered,
    Skipped,
    Elections,
    Compensated,
    Overcompensated,
    HalfDone,
    Frozen,
    Overreleased,
    BlockedMs,
    UnconnectedMs,
    UnavailableMs,
    StalledMs,
    Backlog,
    AnsweredMs,
    DrainedMs,
    Rebalances,
    IsrShrinks,
    UncleanElections,
    BusyConsumers,
}

impl Measure {
    pub const ALL: [(Self, &'static str); 38] = [
        (Self::Attempted, "attempted"),
        (Self::Applied, "applied"),
        (Self::Pending, "pending"),
        (Self::DeadLettered, "dead_lettered"),
        (Self::LostAfterOk, "lost_after_ok"),
        (Self::Lost, "lost"),
        (Self::Refused, "refused"),
        (Self::Duplicates, "duplicates"),
        (Self::Reordered, "reordered"),
        (Self::Stale, "stale"),
        (Self::Residue, "residue"),
        (Self::RefusedYetThere, "refused_yet_there"),
        (Self::ToldOk, "told_ok"),
        (Self::ToldUnknown, "told_unknown"),
        (Self::ToldRefused, "told_refused"),
        (Self::Unsent, "unsent"),
        (Self::Entitled, "entitled"),
        (Self::Nowhere, "nowhere"),
        (Self::Stray, "stray"),
        (Self::Redelivered, "redelivered"),
        (Self::Skipped, "skipped"),
        (Self::Elections, "elections"),
        (Self::Compensated, "compensated"),
        (Self::Overcompensated, "overcompensated"),
        (Self::HalfDone, "half_done"),
        (Self::Frozen, "frozen"),
        (Self::Overreleased, "overreleased"),
        (Self::BlockedMs, "blocked_ms"),
        (Self::UnconnectedMs, "unconnected_ms"),
        (Self::UnavailableMs, "unavailable_ms"),
        (Self::StalledMs, "stalled_ms"),
        (Self::Backlog, "backlog"),
        (Self::AnsweredMs, "answered_ms"),
        (Self::DrainedMs, "drained_ms"),
        (Self::Rebalances, "rebalances"),
        (Self::IsrShrinks, "isr_shrinks"),
        (Self::UncleanElections, "unclean_elections"),
        (Self::BusyConsumers, "busy_consumers"),
    ];

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(measure, _)| *measure)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}
