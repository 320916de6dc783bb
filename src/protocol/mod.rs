//! The frames that nodes exchange, one module a protocol. They carry what the
//! real protocols carry and nothing else: a broker that speaks to real sockets
//! later needs a codec in front, not other frames.

pub mod cluster;
pub mod fact;
pub mod log;
pub mod queue;
pub mod raft;
pub mod service;
pub mod store;

use crate::event::CopyId;

/// An interned name (exchange, queue, routing key). The plan holds the texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub u32);

impl Name {
    /// The empty name: AMQP's default exchange.
    pub const EMPTY: Self = Self(0);
}

/// A frame on a connection. It is handed on several times on its way, and a
/// processor that copies it in pieces of 16 bytes waits for the last copy unless
/// the pieces are the same each time: so it lies at a multiple of 16 everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(align(16))]
pub enum Frame {
    /// The queue protocol. Channel 0 is the connection itself.
    Queue {
        channel: u16,
        method: queue::Method,
    },
    Store(store::Method),
    /// Between two services, without a broker.
    Service(service::Method),
    /// A request or a response of the log protocol.
    Log {
        correlation: u32,
        message: log::Message,
    },
    /// Between the nodes of a cluster.
    Cluster(cluster::Message),
    Raft {
        group: raft::Group,
        message: raft::Message,
    },
}

impl Frame {
    /// What the frame is, without its contents: the key for latency draws and
    /// the handle by which a fault names a frame.
    #[must_use]
    pub const fn kind(&self) -> FrameKind {
        match self {
            Self::Queue { method, .. } => match method {
                queue::Method::Publish(_) | queue::Method::PublishHalf(_) => FrameKind::Publish,
                queue::Method::EndTransaction { .. } => FrameKind::Verdict,
                queue::Method::Confirm { .. } | queue::Method::ConfirmNack { .. } | queue::Method::TxCommitOk => {
                    FrameKind::Confirm
                }
                queue::Method::Return { .. } => FrameKind::Return,
                queue::Method::Deliver(_) => FrameKind::Deliver,
                queue::Method::Ack { .. } | queue::Method::Nack { .. } | queue::Method::Reject { .. } => FrameKind::Ack,
                queue::Method::Heartbeat => FrameKind::Heartbeat,
                _ => FrameKind::Control,
            },
            Self::Service(method) => method.kind(),
            Self::Cluster(cluster::Message::Tick) => FrameKind::Heartbeat,
            Self::Cluster(_) => FrameKind::Control,
            Self::Raft { message, .. } => message.kind(),
            Self::Log { message, .. } => message.kind(),
            Self::Store(method) => match method {
                store::Method::Apply { .. } | store::Method::Transact { .. } => FrameKind::Apply,
                store::Method::Applied { .. } | store::Method::Transacted { .. } => FrameKind::Applied,
                store::Method::Poll { .. }
                | store::Method::Find { .. }
                | store::Method::FindOpen { .. }
                | store::Method::FindMissing { .. }
                | store::Method::Command { .. } => FrameKind::Command,
                store::Method::Polled { .. }
                | store::Method::Found { .. }
                | store::Method::Open { .. }
                | store::Method::Missing { .. }
                | store::Method::Reply { .. } => FrameKind::Reply,
                store::Method::Replicate { .. } | store::Method::Snapshot { .. } => FrameKind::Replicate,
                store::Method::Ping | store::Method::Pong { .. } => FrameKind::Heartbeat,
                store::Method::Follow => FrameKind::Control,
            },
        }
    }

    /// Names the copies of messages in a frame that holds several: records.
    pub fn copies(&self, visit: &mut dyn FnMut(CopyId)) {
        if let Self::Log { message, .. } = self {
            message.copies(visit);
        }
    }
}

/// A class of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FrameKind {
    Publish,
    Confirm,
    Return,
    Deliver,
    Ack,
    Apply,
    Applied,
    Heartbeat,
    Control,
    Command,
    Reply,
    Replicate,
    /// Consensus: a request for a vote or the answer, entries on their way to a
    /// follower, its acknowledgement, a whole state.
    Vote,
    Replicated,
    Snapshot,
    /// A request that may wait for news, or an answer without any. It keeps no run
    /// alive: somebody always polls.
    Poll,
    /// Whether a half message counts.
    Verdict,
    /// Between services: a call to reserve something and its answer, a call to confirm
    /// or to cancel that and its answer.
    Try,
    Tried,
    Settle,
    Settled,
}
