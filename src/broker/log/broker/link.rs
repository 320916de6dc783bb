//! A connection that this broker opens, to a controller or to another broker, and
//! opens again when it ends.

use crate::event::{Closed, NodeId};
use crate::node::{ConnectionId, Outputs};
use crate::time::{Span, Time};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// There is none before this time.
    Idle {
        until: Time,
    },
    /// Asked for; given up at this time.
    Opening {
        connection: ConnectionId,
        until: Time,
    },
    Open {
        connection: ConnectionId,
    },
}

impl Link {
    pub const NEW: Self = Self::Idle { until: Time::ZERO };

    pub const fn connection(self) -> Option<ConnectionId> {
        match self {
            Self::Idle { .. } => None,
            Self::Opening { connection, .. } | Self::Open { connection } => Some(connection),
        }
    }

    /// Whether frames can be sent.
    pub const fn open(self) -> Option<ConnectionId> {
        match self {
            Self::Open { connection } => Some(connection),
            _ => None,
        }
    }

    pub fn is(self, connection: ConnectionId) -> bool {
        self.connection() == Some(connection)
    }

    /// When something must be done about it.
    pub const fn due(self) -> Option<Time> {
        match self {
            Self::Idle { until } | Self::Opening { until, .. } => Some(until),
            Self::Open { .. } => None,
        }
    }

    pub fn connect(&mut self, peer: NodeId, now: Time, patience: Span, out: &mut Outputs) {
        *self = Self::Opening { connection: out.open(peer), until: now + patience };
    }

    pub fn opened(&mut self, connection: ConnectionId) {
        *self = Self::Open { connection };
    }

    /// Ends it, if there is one, and rests.
    pub fn drop_until(&mut self, until: Time, out: &mut Outputs) {
        if let Some(connection) = self.connection() {
            out.close(connection, Closed::Orderly);
        }
        *self = Self::Idle { until };
    }
}
