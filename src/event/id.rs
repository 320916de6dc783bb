//! What a history is about, by number: nodes, messages, their copies, and the
//! events themselves.

/// A node of the topology, by its place in the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u16);

/// A business fact that must be told. The workload fixes it; resends,
/// redeliveries and dead-letter copies keep it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u32);

/// One copy of a message: the message, the producer's send attempt that made it
/// (1 is the first), and the branch, which tells fan-out copies apart (0 until a
/// broker copies it to a second queue). Disks carry it as an opaque tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CopyId {
    pub message: MessageId,
    pub attempt: u16,
    pub branch: u16,
}

/// Attempts from here on are a reconciler's: it sends again what the books have
/// and nobody has seen an effect of.
const REFILLS: u16 = 1_000;

impl CopyId {
    /// The copy that a reconciler sends of a message at its n-th look, counted
    /// from 1.
    #[must_use]
    pub const fn refilled(message: MessageId, look: u16) -> Self {
        Self { message, attempt: REFILLS.saturating_add(look), branch: 0 }
    }

    /// At which of a reconciler's looks this copy was made, if it is one's.
    #[must_use]
    pub fn refill(self) -> Option<u16> {
        self.attempt.checked_sub(REFILLS).filter(|look| *look > 0)
    }

    /// Packs into the tag a disk carries.
    #[must_use]
    pub const fn tag(self) -> u64 {
        (self.message.0 as u64) << 32 | (self.attempt as u64) << 16 | self.branch as u64
    }

    /// The reverse of [`CopyId::tag`].
    #[must_use]
    pub const fn from_tag(tag: u64) -> Self {
        Self { message: MessageId((tag >> 32) as u32), attempt: (tag >> 16) as u16, branch: tag as u16 }
    }
}

/// The place of an event in its history, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u32);
