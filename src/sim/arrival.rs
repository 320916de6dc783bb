//! What happens to a node. The operating system's part comes first (does the
//! connection still exist, is the link open, does the process run), then the
//! node is told, if it is there to be told.

use super::connection::{End, Side};
use super::happening::{Entry, Happening};
use super::process::Running;
use super::world::World;
use crate::event::{Closed, CopyId, EventId, Kind, NodeId, Recorder, Tier};
use crate::node::{ConnectionId, Input, Node, TimerId};
use crate::protocol::Frame;
use crate::time::Time;

impl<N: Node> World<N> {
    pub(super) fn arrive<R: Recorder>(&mut self, entry: Entry, recorder: &mut R) {
        if self.is_troubled && self.is_held_by_link(&entry.what) {
            return self.hold(entry);
        }
        let cause = entry.cause;
        match entry.what {
            Happening::Frame { connection, to, about, bait, frame, .. } => {
                let link = &self.connections[connection.0 as usize];
                let node = link.node(to);
                if link.end(to) != End::Open {
                    self.frame_meets_nobody((connection, to), &frame, about, cause, recorder);
                } else if self.is_troubled && self.is_snared((connection, to), (&frame, bait, about), cause, recorder) {
                    // The fault has taken it, and the connection with it.
                } else {
                    self.deliver(node, Input::Frame { connection, frame, about }, cause, recorder);
                }
            }
            Happening::Opening(connection) => self.opening(connection, cause, recorder),
            Happening::Accepted(connection) => {
                let link = &mut self.connections[connection.0 as usize];
                if link.end(Side::Opener) == End::Opening {
                    link.set_end(Side::Opener, End::Open);
                    let (node, peer) = (link.node(Side::Opener), link.node(Side::Acceptor));
                    self.deliver(node, Input::Opened { connection, peer, inbound: false }, cause, recorder);
                }
            }
            Happening::Closed { connection, to, why, .. } => {
                let link = &mut self.connections[connection.0 as usize];
                if link.is_live(to) {
                    link.set_end(to, End::Closed);
                    let node = link.node(to);
                    self.deliver(node, Input::Closed { connection, why }, cause, recorder);
                }
            }
            Happening::Timer { node, timer } => self.timer_fires(node, timer, recorder),
            Happening::Start(node) => {
                let process = self.process_mut(node);
                process.running = Running::Up;
                process.down_until = Time::ZERO;
                let files = self.disk(node).list();
                self.deliver(node, Input::Start(files), cause, recorder);
            }
            Happening::Written { node, file, end } => {
                self.deliver(node, Input::Written { file, end }, cause, recorder);
            }
            Happening::Synced { node, file, end } => {
                self.disks[usize::from(node.0)].synced(file, end);
                self.deliver(node, Input::Synced { file, end }, cause, recorder);
            }
            Happening::ReadDone { node, file, offset, bytes } => {
                self.process_mut(node).reads -= 1;
                self.deliver(node, Input::ReadDone { file, offset, bytes }, cause, recorder);
            }
            Happening::DiskError { node, file, operation, error } => {
                if operation == crate::node::DiskOperation::Read {
                    self.process_mut(node).reads -= 1;
                }
                self.deliver(node, Input::DiskError { file, operation, error }, cause, recorder);
            }
            Happening::Held { node, input } => self.let_go(node, *input, cause, recorder),
            Happening::Ending(ending) => self.end(ending, cause, recorder),
            Happening::Cancelled => {}
        }
    }

    /// Tells a node, or keeps it for a process that stands still.
    pub(super) fn deliver<R: Recorder>(
        &mut self,
        node: NodeId,
        input: Input,
        cause: Option<EventId>,
        recorder: &mut R,
    ) {
        let now = self.now;
        let process = &mut self.processes[usize::from(node.0)];
        match process.running {
            Running::Up => {}
            Running::Paused => return process.held.push_back((input, cause)),
            Running::Starting | Running::Crashed | Running::Off => return,
        }
        if let Input::Timer(timer) = input {
            // Set again or cancelled while it waited for the process: void.
            if !std::mem::take(&mut process.timer(timer).due) {
                return;
            }
        }
        process.node.handle(now, input, &mut self.outputs);
        self.carry_out(node, cause, recorder);
    }

    /// An input that waited for a paused process. A frame on a connection that
    /// the process has closed meanwhile is lost, as it would be in the buffers of
    /// a socket.
    fn let_go<R: Recorder>(&mut self, node: NodeId, input: Input, cause: Option<EventId>, recorder: &mut R) {
        let connection = match input {
            Input::Frame { connection, .. } | Input::Opened { connection, .. } | Input::Closed { connection, .. } => {
                Some(&self.connections[connection.0 as usize])
            }
            _ => None,
        };
        if connection.is_some_and(|connection| connection.end(connection.side_of(node)) == End::Left) {
            if let Input::Frame { frame, about, .. } = input {
                self.lost_on_the_way(node, &frame, about, cause, recorder);
            }
            return;
        }
        self.deliver(node, input, cause, recorder);
    }

    fn timer_fires<R: Recorder>(&mut self, node: NodeId, timer: TimerId, recorder: &mut R) {
        let process = self.process_mut(node);
        let state = process.timer(timer);
        let cause = state.cause;
        let is_periodic = state.periodic;
        state.key = None;
        state.wanted = None;
        state.due = true;
        if !is_periodic {
            self.busy -= 1;
        }
        self.deliver(node, Input::Timer(timer), cause, recorder);
    }

    /// The wish to connect reaches the machine. A machine without power is
    /// silent; one without a listening process refuses.
    fn opening<R: Recorder>(&mut self, connection: ConnectionId, cause: Option<EventId>, recorder: &mut R) {
        let link = &mut self.connections[connection.0 as usize];
        let (opener, acceptor) = (link.node(Side::Opener), link.node(Side::Acceptor));
        if link.end(Side::Opener) != End::Opening {
            return;
        }
        let process = &self.processes[usize::from(acceptor.0)];
        if process.listens() {
            link.set_end(Side::Acceptor, End::Open);
            self.send_along(connection, Side::Opener, cause, Happening::Accepted(connection));
            self.deliver(acceptor, Input::Opened { connection, peer: opener, inbound: true }, cause, recorder);
        } else {
            link.set_end(Side::Acceptor, if process.is_on() { End::Closed } else { End::Forgotten });
            if process.is_on() {
                self.send_close(connection, Side::Opener, Closed::Refused, cause);
            }
        }
    }

    /// A frame comes for a side that does not have the connection any more.
    fn frame_meets_nobody<R: Recorder>(
        &mut self,
        (connection, to): (ConnectionId, Side),
        frame: &Frame,
        about: Option<CopyId>,
        cause: Option<EventId>,
        recorder: &mut R,
    ) {
        let link = &mut self.connections[connection.0 as usize];
        let node = link.node(to);
        let process = &self.processes[usize::from(node.0)];
        let mut lost_to = cause;
        if link.end(to) == End::Forgotten {
            lost_to = process.down_event.or(cause);
            if process.is_on() {
                link.set_end(to, End::Closed);
                self.send_close(connection, to.other(), Closed::Reset, cause);
            }
        }
        self.lost_on_the_way(node, frame, about, lost_to, recorder);
    }

    /// Records the end of a copy in one tier.
    pub(super) fn destroyed<R: Recorder>(
        &mut self,
        node: NodeId,
        copy: Option<CopyId>,
        tier: Tier,
        cause: Option<EventId>,
        recorder: &mut R,
    ) {
        if copy.is_some() {
            self.record(recorder, node, Kind::Destroyed(tier), copy, 0, cause);
        }
    }

    /// Sends a happening to one side of a connection, in line behind what was
    /// sent before.
    pub(super) fn send_along(&mut self, connection: ConnectionId, to: Side, cause: Option<EventId>, what: Happening) {
        let link = &self.connections[connection.0 as usize];
        let way = self.link(link.node(to.other()), link.node(to));
        let time = self.now + self.profile.link_latency + way.extra();
        let time = self.connections[connection.0 as usize].queue_arrival(to, time);
        self.push(time, cause, what);
    }

    pub(super) fn send_close(&mut self, connection: ConnectionId, to: Side, why: Closed, cause: Option<EventId>) {
        self.send_along(connection, to, cause, Happening::Closed { connection, to, why, local: false });
    }

    /// Whether a blocked link keeps this from arriving.
    fn is_held_by_link(&self, what: &Happening) -> bool {
        self.way_of(what).is_some_and(|(from, to)| self.link(from, to).is_blocked())
    }

    fn hold(&mut self, entry: Entry) {
        if let Some((from, to)) = self.way_of(&entry.what) {
            self.link_mut(from, to).held.push_back(entry);
        }
    }

    /// The link by which something arrives, if it comes by one.
    pub(super) fn way_of(&self, what: &Happening) -> Option<(NodeId, NodeId)> {
        let (connection, to) = match what {
            Happening::Frame { connection, to, .. } | Happening::Closed { connection, to, local: false, .. } => {
                (connection, *to)
            }
            Happening::Opening(connection) => (connection, Side::Acceptor),
            Happening::Accepted(connection) => (connection, Side::Opener),
            _ => return None,
        };
        let connection = &self.connections[connection.0 as usize];
        Some((connection.node(to.other()), connection.node(to)))
    }
}
