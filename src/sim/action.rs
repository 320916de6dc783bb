//! What a fault is called, whom it concerns, and who it is once the leader is
//! known.

use super::fault::Action;
use crate::event::{FaultKind, MessageId, NodeId};
use crate::protocol::{FrameKind, Name};

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
            // Nobody writes an empty list.
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

    /// The action with the leader of the queue, or a follower, in the place of its
    /// stand-in.
    pub(super) fn resolved(self, leader: impl Fn(Name) -> Option<NodeId>) -> Self {
        let (stand_in, meant, action) = match self {
            Self::OnLeader { queue, stand_in, action } => (stand_in, leader(queue).unwrap_or(stand_in), action),
            Self::OnFollower { queue, brokers, action } => {
                let stand_in = brokers[0];
                let leads = leader(queue).unwrap_or(stand_in);
                let place = brokers.iter().position(|broker| *broker == leads).unwrap_or(0);
                (stand_in, brokers[(place + 1) % brokers.len()], action)
            }
            one => return one,
        };
        let mut action = *action;
        action.swap(stand_in, meant);
        action
    }

    /// Whether it waits for a frame to lose.
    pub(super) fn loses_frame(&self) -> bool {
        match self {
            Self::LoseFrame { .. } => true,
            Self::OnLeader { action, .. } | Self::OnFollower { action, .. } => action.loses_frame(),
            _ => false,
        }
    }

    /// Whether it waits for a frame that has a certain message.
    pub(super) fn names_message(&self) -> bool {
        match self {
            Self::LoseFrame { message, .. } => message.is_some(),
            Self::OnLeader { action, .. } | Self::OnFollower { action, .. } => action.names_message(),
            _ => false,
        }
    }

    /// Whether it waits for a frame of this kind that has this very message.
    pub(super) fn names_frame(&self, kind: FrameKind, copy: MessageId) -> bool {
        match self {
            Self::LoseFrame { frame, message, .. } => (*frame, *message) == (kind, Some(copy)),
            Self::OnLeader { action, .. } | Self::OnFollower { action, .. } => action.names_frame(kind, copy),
            _ => false,
        }
    }

    fn swap(&mut self, one: NodeId, other: NodeId) {
        let swap = |node: &mut NodeId| {
            if *node == one {
                *node = other;
            } else if *node == other {
                *node = one;
            }
        };
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
