//! What a fault is called, what can be said of it (whether it kills, lasts, or waits
//! for a frame), whom it concerns, and who that is once the leader is known.

use super::fault::Action;
use crate::event::{FaultKind, MessageId, NodeId, name_partition};
use crate::protocol::{FrameKind, Name};

/// From whom, to whom, what kind of frame, and of which message.
type LostFrame = (NodeId, NodeId, FrameKind, Option<MessageId>);

impl Action {
    /// What the fault is called when it fires.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::Crash(_) => FaultKind::ProcessCrash,
            Self::Restart(_) => FaultKind::Restart,
            Self::Pause(_) => FaultKind::Pause,
            Self::PowerCut(_) => FaultKind::PowerCut,
            Self::DiskLoss(_) => FaultKind::DiskLoss,
            Self::DiskFull(_) => FaultKind::DiskFull,
            Self::DiskSlow { .. } => FaultKind::DiskSlow,
            Self::SyncError(_) => FaultKind::SyncError,
            Self::TornWrite(_) => FaultKind::TornWrite,
            Self::BitRot(_) => FaultKind::BitRot,
            Self::Cut { .. } => FaultKind::ConnectionCut,
            Self::Partition { .. } | Self::Split { .. } => FaultKind::Partition,
            Self::Delay { .. } => FaultKind::LinkSlow,
            Self::LoseFrame { .. } => FaultKind::FrameLost,
            Self::Throw { .. } => FaultKind::Exception,
            Self::Alarm { .. } => FaultKind::Shortage,
            Self::GrowTopic { .. } => FaultKind::TopicGrown,
            // An empty list does nothing, and no sentence makes one.
            Self::Together(parts) => parts.first().map_or(FaultKind::Restart, Self::kind),
            Self::OnLeader { action, .. } | Self::OnFollower { action, .. } => action.kind(),
        }
    }

    /// The nodes it is recorded on.
    #[must_use]
    pub fn targets(&self) -> Vec<NodeId> {
        match self {
            Self::PowerCut(nodes) | Self::Split { one: nodes, .. } | Self::GrowTopic { controllers: nodes, .. } => {
                nodes.clone()
            }
            Self::Crash(node)
            | Self::Restart(node)
            | Self::Pause(node)
            | Self::DiskLoss(node)
            | Self::DiskFull(node)
            | Self::DiskSlow { node, .. }
            | Self::SyncError(node)
            | Self::TornWrite(node)
            | Self::BitRot(node)
            | Self::Cut { from: node, .. }
            | Self::Partition { from: node, .. }
            | Self::Delay { from: node, .. }
            | Self::LoseFrame { from: node, .. }
            | Self::Throw { node, .. }
            | Self::Alarm { node, .. } => vec![*node],
            Self::Together(parts) => parts.iter().flat_map(Self::targets).collect(),
            Self::OnLeader { action, .. } | Self::OnFollower { action, .. } => action.targets(),
        }
    }

    /// The node at the other end of the link, for a fault of one link.
    #[must_use]
    pub fn peer(&self) -> Option<NodeId> {
        match self {
            Self::Cut { to, .. } | Self::Partition { to, .. } | Self::Delay { to, .. } | Self::LoseFrame { to, .. } => {
                Some(*to)
            }
            Self::Split { other, .. } if other.len() == 1 => other.first().copied(),
            _ => None,
        }
    }

    /// The faults it consists of.
    pub(super) fn parts(&self) -> &[Self] {
        match self {
            Self::Together(parts) => parts,
            one => std::slice::from_ref(one),
        }
    }

    /// Whether a process dies of it, and so comes back by a restart.
    #[must_use]
    pub fn kills(&self) -> bool {
        self.any(&|one| one.kind().kills())
    }

    /// Whether it goes on until it ends or is healed.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.any(&|one| one.kind().lasts())
    }

    /// Whether it may be given a length.
    #[must_use]
    pub fn may_end(&self) -> bool {
        self.any(&|one| one.kind().may_end())
    }

    /// Whether it waits for a frame to lose.
    #[must_use]
    pub fn loses_frame(&self) -> bool {
        self.any(&|one| matches!(one, Self::LoseFrame { .. }))
    }

    /// Whether it waits for a frame that has a certain message.
    pub(super) fn names_message(&self) -> bool {
        self.any(&|one| matches!(one, Self::LoseFrame { message: Some(_), .. }))
    }

    /// Whether it waits for a frame of this kind that has this very message.
    pub(super) fn names_frame(&self, kind: FrameKind, copy: MessageId) -> bool {
        let is_it = |one: &Self| match one {
            Self::LoseFrame { frame, message, .. } => (*frame, *message) == (kind, Some(copy)),
            _ => false,
        };
        self.any(&is_it)
    }

    /// Whether any of the plain faults that it comes to is such a one, whoever is
    /// meant by it. What is true of a kind of fault is asked through this alone.
    fn any(&self, is_such: &impl Fn(&Self) -> bool) -> bool {
        match self {
            Self::Together(parts) => parts.iter().any(|part| part.any(is_such)),
            Self::OnLeader { action, .. } | Self::OnFollower { action, .. } => action.any(is_such),
            one => is_such(one),
        }
    }

    /// The action with the leader of the queue, or a follower, in the place of its
    /// stand-in; nothing if there is nobody of that name.
    pub(super) fn resolved(&self, leader: impl Fn(Name) -> Option<NodeId>) -> Option<Self> {
        if !matches!(self, Self::OnLeader { .. } | Self::OnFollower { .. }) {
            return Some(self.clone());
        }
        let (stand_in, meant, action) = self.meant(&leader)?;
        let mut action = action.clone();
        action.swap(stand_in, meant);
        Some(action)
    }

    /// The frame that it loses once it is known who leads: from whom, to whom, what
    /// kind, and of which message. It is asked for every frame that arrives, so
    /// nothing is copied for it.
    pub(super) fn lost_frame(&self, leader: &impl Fn(Name) -> Option<NodeId>) -> Option<LostFrame> {
        match self {
            Self::LoseFrame { from, to, frame, message } => Some((*from, *to, *frame, *message)),
            Self::Together(parts) => parts.iter().find_map(|part| part.lost_frame(leader)),
            one => {
                let (stand_in, meant, action) = one.meant(leader)?;
                let (mut from, mut to, frame, message) = action.lost_frame(leader)?;
                swap(&mut from, stand_in, meant);
                swap(&mut to, stand_in, meant);
                Some((from, to, frame, message))
            }
        }
    }

    /// The stand-in, whom it stands for, and what happens; nothing if the action
    /// names its nodes, or a partition that nobody ever led: there is none.
    fn meant(&self, leader: &impl Fn(Name) -> Option<NodeId>) -> Option<(NodeId, NodeId, &Self)> {
        let leads = |queue: Name, stand_in| {
            let is_later = name_partition(queue).1 > 0;
            leader(queue).or((!is_later).then_some(stand_in))
        };
        match self {
            Self::OnLeader { queue, stand_in, action } => Some((*stand_in, leads(*queue, *stand_in)?, action)),
            Self::OnFollower { queue, brokers, action } => {
                let stand_in = *brokers.first()?;
                let leads = leads(*queue, stand_in)?;
                let place = brokers.iter().position(|broker| *broker == leads).unwrap_or(0);
                Some((stand_in, brokers[(place + 1) % brokers.len()], action))
            }
            _ => None,
        }
    }

    fn swap(&mut self, one: NodeId, other: NodeId) {
        let swap = |node: &mut NodeId| swap(node, one, other);
        match self {
            Self::PowerCut(nodes) | Self::GrowTopic { controllers: nodes, .. } => nodes.iter_mut().for_each(swap),
            Self::Split { one, other } => one.iter_mut().chain(other).for_each(swap),
            Self::Crash(node)
            | Self::Restart(node)
            | Self::Pause(node)
            | Self::DiskLoss(node)
            | Self::DiskFull(node)
            | Self::DiskSlow { node, .. }
            | Self::SyncError(node)
            | Self::TornWrite(node)
            | Self::BitRot(node)
            | Self::Throw { node, .. }
            | Self::Alarm { node, .. } => swap(node),
            Self::Cut { from, to }
            | Self::Partition { from, to, .. }
            | Self::Delay { from, to, .. }
            | Self::LoseFrame { from, to, .. } => {
                swap(from);
                swap(to);
            }
            Self::Together(parts) => parts.iter_mut().for_each(|part| part.swap(one, other)),
            Self::OnLeader { action, .. } | Self::OnFollower { action, .. } => action.swap(one, other),
        }
    }
}

/// Puts the one node in the place of the other.
fn swap(node: &mut NodeId, one: NodeId, other: NodeId) {
    if *node == one {
        *node = other;
    } else if *node == other {
        *node = one;
    }
}
