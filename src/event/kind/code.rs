//! The stable number of each kind of event.

use super::Kind;
use crate::event::Closed;

impl Kind {
    /// A number that is stable across builds, for digests.
    #[must_use]
    #[inline]
    pub const fn code(self) -> u64 {
        match self {
            Self::Started => 1,
            Self::Fault(fault) => 0x100 + fault as u64,
            Self::FaultMissed(fault) => 0x200 + fault as u64,
            Self::Destroyed(tier) => 0x300 + tier as u64,
            Self::WrittenBack => 2,
            Self::Connected => 3,
            Self::Disconnected(closed) => match closed {
                Closed::Orderly => 0x400,
                Closed::Reset => 0x401,
                Closed::Refused => 0x402,
                Closed::HeartbeatMissed => 0x403,
                Closed::Unanswered => 0x404,
                Closed::Protocol(code) => 0x1_0000 + code as u64,
            },
            Self::Attempted => 4,
            Self::Sent => 5,
            Self::Told(answer) => 0x500 + answer as u64,
            Self::Blocked => 6,
            Self::Unblocked => 7,
            Self::Received => 8,
            Self::Enqueued => 9,
            Self::Written => 10,
            Self::Synced => 11,
            Self::Confirmed => 12,
            Self::Nacked => 13,
            Self::Returned => 14,
            Self::Delivered { redelivered } => 0x600 + redelivered as u64,
            Self::Acked => 15,
            Self::Requeued => 16,
            Self::Rejected => 17,
            Self::DeadLettered => 18,
            Self::Dropped(reason) => 0x700 + reason as u64,
            Self::Recovered => 19,
            Self::Taken => 20,
            Self::WorkBegan => 21,
            Self::Threw => 22,
            Self::AckSent => 23,
            Self::Applied { first } => 0x800 + first as u64,
            Self::LeaderElected => 24,
            Self::SteppedDown => 25,
            Self::PeerDown => 26,
            Self::PeerUp => 27,
            Self::Committed => 28,
            Self::MirrorPromoted { synchronised } => 0x900 + synchronised as u64,
            Self::MirrorSynchronised => 29,
            Self::MinorityPaused => 30,
            Self::MinorityResumed => 31,
            Self::AlarmRaised(resource) => 0xa00 + resource as u64,
            Self::AlarmCleared(resource) => 0xb00 + resource as u64,
            Self::ConsumerCancelled => 32,
            Self::ConsumerTimedOut => 33,
            Self::Prepared => 34,
            Self::CheckedBack => 35,
            Self::Marked => 60,
            Self::Leased => 61,
            Self::Skipped => 62,
            Self::EffectLost => 63,
            Self::Superseded => 64,
            Self::Recorded => 65,
            Self::ReplicaPromoted => 66,
            Self::FoundMissing => 67,
            Self::Compensated { first } => 0xc00 + first as u64,
            Self::Frozen => 68,
            Self::Used => 69,
            Self::Released { frozen } => 0x1000 + frozen as u64,
            _ => self.code_of_calls(),
        }
    }

    /// The kinds that only services know that call one another.
    const fn code_of_calls(self) -> u64 {
        match self {
            Self::Called => 70,
            Self::Unanswered => 71,
            Self::TryRefused => 72,
            Self::RolledBackEmpty { marked } => 0xf00 + marked as u64,
            _ => self.code_of_log(),
        }
    }

    /// The kinds that only a log knows.
    const fn code_of_log(self) -> u64 {
        match self {
            Self::IsrShrunk => 100,
            Self::IsrGrew => 101,
            Self::UncleanLeaderElected => 102,
            Self::BrokerFenced => 110,
            Self::BrokerUnfenced => 111,
            Self::GroupRebalanced => 115,
            Self::OffsetCommitted => 116,
            Self::MemberFenced => 117,
            Self::Batched => 120,
            Self::BufferFull => 121,
            Self::PartitionsAssigned => 122,
            Self::PartitionsRevoked => 123,
            Self::OffsetReset => 124,
            Self::TruncationDetected => 127,
            Self::ProducerFenced => 125,
            Self::ProducerIdentified => 126,
            Self::LockExpired => 128,
            Self::AckRefused => 129,
            Self::PollIntervalExceeded => 130,
            Self::TransactionDecided { is_commit } => 0xd00 + is_commit as u64,
            Self::MarkerAppended { is_commit } => 0xe00 + is_commit as u64,
            _ => 0,
        }
    }
}
