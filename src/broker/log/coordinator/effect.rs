//! What coordinators and their host say to each other.

use bytes::Bytes;

use crate::event::{Kind, NodeId};
use crate::node::ConnectionId;
use crate::protocol::Name;
use crate::protocol::log::{Control, Message, ProducerId, TopicPartition};
use crate::time::Time;

/// Who asked, and under which number it waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub connection: ConnectionId,
    pub correlation: u32,
    pub client: NodeId,
}

/// What a coordinator wants done. Carried out in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Reply(Caller, Message),
    /// Append to the coordinator's own partition, as one batch, as `acks=all` does.
    /// Then say `committed(token)` once it is below the high watermark, or
    /// `append_failed(token)` if it was refused or leadership is lost. With a
    /// producer it is a transactional batch of that producer, whose sequence is
    /// not checked (as of any batch a coordinator writes).
    Append {
        token: u64,
        records: Box<[Bytes]>,
        producer: Option<ProducerId>,
    },
    /// Write the end of a transaction into these partitions, wherever they are led
    /// now; then say `markers_written` with what their leaders answered. A partition
    /// whose leader is not known, or whose connection ended, is answered with
    /// `NotLeaderOrFollower`; of silence nothing need be said, it comes again.
    SendMarkers {
        producer: ProducerId,
        control: Control,
        partitions: Box<[TopicPartition]>,
    },
    /// Ask the share coordinator of `group` (it may be this broker), and hand its
    /// answer to [`SharePartitions::answered`](super::SharePartitions::answered).
    AskShareCoordinator {
        group: Name,
        message: Message,
    },
    /// For the history, with the detail that the kind defines.
    Note(Kind, u64),
    /// The same about the record at an offset of a partition that this broker leads.
    NoteRecord {
        kind: Kind,
        partition: TopicPartition,
        offset: u64,
        detail: u64,
    },
}

pub type Effects = Vec<Effect>;

/// What a coordinator's partition holds, as it is read back, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded {
    Record {
        /// The producer, if its batch was transactional.
        producer: Option<ProducerId>,
        bytes: Bytes,
    },
    Marker {
        producer: ProducerId,
        control: Control,
    },
}

/// The earlier of two deadlines. At the same time the one that is no
/// housekeeping, and therefore keeps a run alive, counts.
#[must_use]
pub fn earlier(one: Option<(Time, bool)>, other: Option<(Time, bool)>) -> Option<(Time, bool)> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
