//! What a node wants done, carried out in order.

use std::ops::Range;

use bytes::Bytes;

use super::connection::{Connection, End, Side};
use super::happening::{Entry, Happening};
use super::world::World;
use crate::event::{Closed, CopyId, EventId, NodeId, Recorder};
use crate::node::{ConnectionId, DiskError, DiskOperation, FileId, Node, Output, TimerId};
use crate::protocol::Frame;
use crate::time::Time;

impl<N: Node> World<N> {
    /// Carries out what a node answered. What follows a note was caused by it.
    pub(super) fn carry_out<R: Recorder>(&mut self, node: NodeId, cause: Option<EventId>, recorder: &mut R) {
        let mut cause = cause;
        let mut exits = false;
        let mut list = std::mem::take(&mut self.outputs.list);
        for (place, output) in list.drain(..).enumerate() {
            match output {
                Output::Note(note) => {
                    let id = self.record(recorder, node, note.kind, note.copy, note.detail, cause);
                    cause = id.or(cause);
                }
                Output::Send { connection, frame, about } => {
                    let bait = if self.outputs.wants_carried { self.bait(place, frame.kind()) } else { 0 };
                    self.send(node, connection, (frame, bait), about, cause, recorder);
                }
                Output::SetTimer { timer, at, periodic } => self.set_timer(node, timer, at, periodic, cause),
                Output::CancelTimer { timer } => self.cancel_timer(node, timer),
                Output::Append { file, bytes, tags } => self.append(node, file, bytes, tags, cause),
                Output::Sync { file } => self.sync(node, file, cause),
                Output::Read { file, offset, length } => self.read(node, file, offset, length, cause),
                Output::Truncate { file, length } => {
                    self.ruin_disk(node, cause, recorder, |disk, now, visit| disk.truncate(file, length, now, visit));
                }
                Output::Remove { file } => self.disks[usize::from(node.0)].remove(file),
                Output::Open { connection, peer } => {
                    debug_assert_eq!(
                        self.connections.len(),
                        connection.0 as usize,
                        "connections are numbered in order"
                    );
                    self.connections.push(Connection::new(node, peer));
                    self.send_along(connection, Side::Acceptor, cause, Happening::Opening(connection));
                }
                Output::Close { connection, why } => self.close(node, connection, why, cause),
                Output::Exit => exits = true,
            }
        }
        // What lies there is empty: nothing to drop.
        std::mem::forget(std::mem::replace(&mut self.outputs.list, list));
        self.outputs.bytes.clear();
        self.outputs.tags.clear();
        self.outputs.carried.clear();
        if exits {
            self.exit(node, cause, recorder);
        }
    }

    #[inline]
    fn send<R: Recorder>(
        &mut self,
        node: NodeId,
        connection: ConnectionId,
        (frame, bait): (Frame, u32),
        about: Option<CopyId>,
        cause: Option<EventId>,
        recorder: &mut R,
    ) {
        let link = &mut self.connections[connection.0 as usize];
        let side = link.side_of(node);
        if !link.is_live(side) {
            return self.lost_on_the_way(node, &frame, about, cause, recorder);
        }
        let to = side.other();
        let way = &self.links[usize::from(node.0) * self.processes.len() + usize::from(link.node(to).0)];
        let mut time = self.now + self.profile.link_latency + way.extra();
        if let Some(copy) = about {
            time += way.jitter(frame.kind(), copy, self.profile.link_jitter);
        }
        let time = link.queue_arrival(to, time);
        self.push(time, cause, Happening::Frame { connection, to, sent: self.now, about, bait, frame });
    }

    /// Ends a connection in good order. The node that asks is told nothing more.
    fn close(&mut self, node: NodeId, connection: ConnectionId, why: Closed, cause: Option<EventId>) {
        let link = &mut self.connections[connection.0 as usize];
        let side = link.side_of(node);
        let is_live = link.is_live(side);
        link.set_end(side, End::Left);
        if is_live {
            // Whoever gives up on a silent peer has nobody to explain it to: the peer
            // only finds the connection gone.
            let seen = match why {
                Closed::HeartbeatMissed | Closed::Unanswered => Closed::Reset,
                why => why,
            };
            self.send_close(connection, side.other(), seen, cause);
        }
    }

    fn set_timer(&mut self, node: NodeId, timer: TimerId, at: Time, periodic: bool, cause: Option<EventId>) {
        if at == Time::MAX {
            return self.cancel_timer(node, timer);
        }
        let at = at.max(self.now);
        let state = self.processes[usize::from(node.0)].timer(timer);
        let was_busy = state.wanted.is_some() && !state.periodic;
        self.busy += u64::from(!periodic);
        self.busy -= u64::from(was_busy);
        state.wanted = Some(at);
        state.periodic = periodic;
        state.due = false;
        state.cause = cause;
        match state.key {
            // The key's turn comes first: it is moved then.
            Some((_, time)) if time <= at => {}
            key => {
                if let Some((slot, _)) = key {
                    self.queue.cancel(slot);
                }
                let slot = self.queue.push(at, Entry { cause: None, what: Happening::Timer { node, timer } });
                self.processes[usize::from(node.0)].timer(timer).key = Some((slot, at));
            }
        }
    }

    fn cancel_timer(&mut self, node: NodeId, timer: TimerId) {
        let state = self.processes[usize::from(node.0)].timer(timer);
        let was_busy = state.wanted.is_some() && !state.periodic;
        state.wanted = None;
        state.due = false;
        self.busy -= u64::from(was_busy);
    }

    /// Writes bytes and tags that lie in the outputs.
    fn append(&mut self, node: NodeId, file: FileId, bytes: Range<u32>, tags: Range<u32>, cause: Option<EventId>) {
        let disk = &mut self.disks[usize::from(node.0)];
        let time = disk.append_completes(self.now, &self.profile);
        let what = if disk.is_full() {
            Happening::DiskError { node, file, operation: DiskOperation::Append, error: DiskError::Full }
        } else {
            let bytes = &self.outputs.bytes[bytes.start as usize..bytes.end as usize];
            let tags = &self.outputs.tags[tags.start as usize..tags.end as usize];
            let end = disk.append(file, bytes, tags, self.now, &self.profile);
            Happening::Written { node, file, end }
        };
        self.push(time, cause, what);
    }

    fn sync(&mut self, node: NodeId, file: FileId, cause: Option<EventId>) {
        let disk = &mut self.disks[usize::from(node.0)];
        let time = disk.sync_completes(file, self.now, &self.profile);
        let what = match disk.sync_begins(file, self.now) {
            Ok(end) => Happening::Synced { node, file, end },
            Err(error) => Happening::DiskError { node, file, operation: DiskOperation::Sync, error },
        };
        self.push(time, cause, what);
    }

    /// Reads what is there. A range that begins beyond the end is missing; one
    /// that reaches beyond it is cut short.
    fn read(&mut self, node: NodeId, file: FileId, offset: u64, length: u32, cause: Option<EventId>) {
        self.process_mut(node).reads += 1;
        let time = self.now + self.profile.read_latency;
        let what = match self.disk(node).file(file) {
            Some(found) if offset <= found.length() => {
                Happening::ReadDone { node, file, offset, bytes: Bytes::from(found.read(offset, length)) }
            }
            _ => Happening::DiskError { node, file, operation: DiskOperation::Read, error: DiskError::Missing },
        };
        self.push(time, cause, what);
    }
}
