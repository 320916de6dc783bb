//! Faults as data: what goes wrong, when, and for how long. A lab file, a key
//! press and a random draw all become one of these before the run meets it, so
//! any run can be written down and run again.

use crate::event::{Kind, MessageId, NodeId, Resource};
use crate::protocol::{FrameKind, Name};
use crate::time::{Span, Time};

/// One scheduled fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub action: Action,
    pub when: When,
    /// Until it ends by itself: the restart after a crash, the end of a pause or
    /// of a partition. `None`: it lasts until the run heals everything.
    pub lasting: Option<Span>,
}

impl Fault {
    /// The message that it is about, if it names one.
    #[must_use]
    pub fn message(&self) -> Option<MessageId> {
        match (&self.when, &self.action) {
            (When::After { trigger: Trigger { message: Some(message), .. }, .. }, _)
            | (_, Action::Throw { message, .. } | Action::LoseFrame { message: Some(message), .. }) => Some(*message),
            _ => None,
        }
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The process dies; what it wrote stays with the operating system.
    Crash(NodeId),
    /// A process that is down starts (a no-op on one that is up).
    Restart(NodeId),
    /// The process stands still; its connections look alive.
    Pause(NodeId),
    /// The machines lose power together.
    PowerCut(Vec<NodeId>),
    /// The device is gone with everything on it, and the process with it.
    DiskLoss(NodeId),
    /// Appends are refused.
    DiskFull(NodeId),
    /// Writes and syncs take `factor` times as long.
    DiskSlow { node: NodeId, factor: u32 },
    /// The next sync fails, and the dirty pages are forgotten as if written.
    SyncError(NodeId),
    /// Power is cut and the last unsynced write is certain to tear.
    TornWrite(NodeId),
    /// One synced byte on the device changes. The process does not notice.
    BitRot(NodeId),
    /// Connections between the two reset; both directions lose what is in flight.
    Cut { from: NodeId, to: NodeId },
    /// Silence from `from` to `to`, and the other way too unless `one_way`.
    Partition { from: NodeId, to: NodeId, one_way: bool },
    /// Every frame from `from` to `to`, and back, takes `extra` longer.
    Delay { from: NodeId, to: NodeId, extra: Span },
    /// The connection resets just as the next such frame would have arrived.
    /// TCP loses no single frame: this is what "the ack was lost" means.
    LoseFrame { from: NodeId, to: NodeId, frame: FrameKind, message: Option<MessageId> },
    /// The consumer's handler throws when it next works on the message.
    Throw { node: NodeId, message: MessageId },
    /// Silence between every node of the one side and every node of the other.
    Split { one: Vec<NodeId>, other: Vec<NodeId> },
    /// The machine is short of something, as far as its broker can see.
    Alarm { node: NodeId, resource: Resource },
    /// An operator asks the controllers for more partitions of the first topic.
    GrowTopic { controllers: Vec<NodeId>, partitions: u16 },
    /// Several at one moment.
    Together(Vec<Self>),
    /// `action` with two nodes changing places: `stand_in`, and whoever leads the
    /// queue when the fault strikes. So `Crash(stand_in)` crashes the leader. If
    /// nobody was ever elected, the stand-in itself is struck; but a partition other
    /// than the first that nobody ever led is not there, and the fault is missed.
    OnLeader { queue: Name, stand_in: NodeId, action: Box<Self> },
    /// The same with a follower: the first of the brokers that comes after the
    /// leader, all around. The stand-in is the first of the brokers.
    OnFollower { queue: Name, brokers: Vec<NodeId>, action: Box<Self> },
}

/// When it goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    At(Time),
    /// After the trigger has fired `nth` times (1 is the first), then `delay`,
    /// then a drawn part of `within`.
    After {
        trigger: Trigger,
        nth: u32,
        delay: Span,
        within: Span,
    },
    /// Just before the world handles its n-th input: how a live fault is kept.
    BeforeInput(u64),
}

/// An event that a fault waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trigger {
    pub kind: Kind,
    pub node: Option<NodeId>,
    pub message: Option<MessageId>,
}
