//! Where a node lays down what it wants done, in order: frames, timers, writes, notes.

use super::{ConnectionId, FileId, Output, TimerId};
use crate::event::{Closed, CopyId, Kind, NodeId, Note};
use crate::protocol::Frame;
use crate::time::Time;

/// Collects outputs. One is reused for a whole run, so that handling an input
/// allocates nothing in the steady state.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    pub list: Vec<Output>,
    /// The bytes of appends, addressed by [`Output::Append`].
    pub bytes: Vec<u8>,
    /// The tags of appends.
    pub tags: Vec<u64>,
    /// What frames carry besides what they say themselves: the place of the frame
    /// among the outputs, and the copy. See [`Outputs::carries`].
    pub carried: Vec<(u32, CopyId)>,
    /// Whether anybody asks for that. Kept by the world.
    pub wants_carried: bool,
    /// The id the next opened connection gets. Kept by the world.
    pub next_connection: u32,
}

impl Outputs {
    /// Forgets everything collected, keeping the buffers.
    pub fn clear(&mut self) {
        self.list.clear();
        self.bytes.clear();
        self.tags.clear();
        self.carried.clear();
    }

    /// Asks for a connection. `Opened` or `Closed` follows, or silence if the
    /// network or the peer's machine is silent: set a timer.
    pub fn open(&mut self, peer: NodeId) -> ConnectionId {
        let connection = ConnectionId(self.next_connection);
        self.next_connection += 1;
        self.list.push(Output::Open { connection, peer });
        connection
    }

    #[inline(always)]
    pub fn send(&mut self, connection: ConnectionId, frame: impl Into<Frame>, about: Option<CopyId>) {
        self.list.push(Output::Send { connection, frame: frame.into(), about });
    }

    /// The frame sent last speaks of these copies as well: an answer about a batch, a
    /// commit that goes past many records. So a fault that names one of them finds it.
    pub fn carries(&mut self, copies: impl IntoIterator<Item = CopyId>) {
        if !self.wants_carried {
            return;
        }
        let last = self.list.iter().rposition(|output| matches!(output, Output::Send { .. }));
        if let Some(frame) = last {
            self.carried.extend(copies.into_iter().map(|copy| (frame as u32, copy)));
        }
    }

    pub fn close(&mut self, connection: ConnectionId, why: Closed) {
        self.list.push(Output::Close { connection, why });
    }

    /// Sets a timer that keeps the run alive: something is still to be done.
    pub fn set_timer(&mut self, timer: TimerId, at: Time) {
        self.list.push(Output::SetTimer { timer, at, periodic: false });
    }

    /// Sets a timer for housekeeping (heartbeats, expiry scans). A run ends when
    /// nothing but these remains.
    pub fn set_periodic_timer(&mut self, timer: TimerId, at: Time) {
        self.list.push(Output::SetTimer { timer, at, periodic: true });
    }

    pub fn cancel_timer(&mut self, timer: TimerId) {
        self.list.push(Output::CancelTimer { timer });
    }

    /// Appends what `encode` writes. `tags` are the copies inside, in order, so
    /// that the disk can say which of them a fault destroyed.
    pub fn append(&mut self, file: FileId, encode: impl FnOnce(&mut Vec<u8>), tags: impl IntoIterator<Item = u64>) {
        let from = self.bytes.len() as u32;
        encode(&mut self.bytes);
        let first = self.tags.len() as u32;
        self.tags.extend(tags);
        self.list.push(Output::Append {
            file,
            bytes: from..self.bytes.len() as u32,
            tags: first..self.tags.len() as u32,
        });
    }

    pub fn sync(&mut self, file: FileId) {
        self.list.push(Output::Sync { file });
    }

    pub fn read(&mut self, file: FileId, offset: u64, length: u32) {
        self.list.push(Output::Read { file, offset, length });
    }

    pub fn truncate(&mut self, file: FileId, length: u64) {
        self.list.push(Output::Truncate { file, length });
    }

    pub fn remove(&mut self, file: FileId) {
        self.list.push(Output::Remove { file });
    }

    /// Ends the process, once the other outputs are carried out.
    pub fn exit(&mut self) {
        self.list.push(Output::Exit);
    }

    pub fn note(&mut self, kind: Kind, copy: Option<CopyId>) {
        self.note_with(kind, copy, 0);
    }

    /// A note with the count that its kind defines.
    pub fn note_with(&mut self, kind: Kind, copy: Option<CopyId>, detail: u64) {
        self.list.push(Output::Note(Note { kind, copy, detail }));
    }
}
