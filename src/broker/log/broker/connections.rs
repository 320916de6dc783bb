//! Connections that others opened. A broker takes one request of a connection at a
//! time and answers it before it reads the next: that is how answers come in the
//! order of requests, and why a request that waits holds up those behind it
//! (`SocketServer`, which mutes a channel until its response is sent).

use std::collections::VecDeque;

use crate::event::{CopyId, NodeId};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::log::Message;

#[derive(Clone, Debug)]
pub(super) struct Inbound {
    connection: ConnectionId,
    pub peer: NodeId,
    /// A request is being worked on.
    is_busy: bool,
    /// It may be taken from.
    is_resumed: bool,
    /// Requests that lie in the socket's buffer.
    waiting: VecDeque<(u32, Message)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Connections {
    /// Sorted.
    list: Vec<Inbound>,
    /// Answered, with more to read.
    resumed: VecDeque<ConnectionId>,
}

impl Connections {
    fn at(&self, connection: ConnectionId) -> Option<usize> {
        self.list.binary_search_by_key(&connection, |inbound| inbound.connection).ok()
    }

    pub fn opened(&mut self, connection: ConnectionId, peer: NodeId) {
        let inbound = Inbound { connection, peer, is_busy: false, is_resumed: false, waiting: VecDeque::new() };
        match self.list.binary_search_by_key(&connection, |inbound| inbound.connection) {
            Ok(at) => self.list[at] = inbound,
            Err(at) => self.list.insert(at, inbound),
        }
    }

    /// False: nobody knows it.
    pub fn closed(&mut self, connection: ConnectionId) -> bool {
        self.at(connection).map(|at| self.list.remove(at)).is_some()
    }

    pub fn is_open(&self, connection: ConnectionId) -> bool {
        self.at(connection).is_some()
    }

    /// A request arrived.
    pub fn arrived(&mut self, connection: ConnectionId, correlation: u32, message: Message) {
        let Some(at) = self.at(connection) else { return };
        self.list[at].waiting.push_back((correlation, message));
        self.resume(at);
    }

    fn resume(&mut self, at: usize) {
        let inbound = &mut self.list[at];
        if !inbound.is_busy && !inbound.is_resumed && !inbound.waiting.is_empty() {
            inbound.is_resumed = true;
            self.resumed.push_back(inbound.connection);
        }
    }

    /// The next request to work on, of any connection.
    pub fn next(&mut self) -> Option<(ConnectionId, NodeId, u32, Message)> {
        while let Some(connection) = self.resumed.pop_front() {
            let Some(at) = self.at(connection) else { continue };
            let inbound = &mut self.list[at];
            inbound.is_resumed = false;
            if let Some((correlation, message)) = inbound.waiting.pop_front() {
                inbound.is_busy = true;
                return Some((connection, inbound.peer, correlation, message));
            }
        }
        None
    }

    /// Answers the request under work. False: whoever asked is gone.
    pub fn answer(
        &mut self,
        connection: ConnectionId,
        correlation: u32,
        message: impl Into<Message>,
        about: Option<CopyId>,
        out: &mut Outputs,
    ) -> bool {
        if !self.is_open(connection) {
            return false;
        }
        out.send(connection, message.into().on(correlation), about);
        self.done(connection);
        true
    }

    /// The request under work has no answer, or has had it.
    pub fn done(&mut self, connection: ConnectionId) {
        if let Some(at) = self.at(connection) {
            self.list[at].is_busy = false;
            self.resume(at);
        }
    }

    /// Names the copies in requests that nobody has read yet.
    pub fn copies(&self, visit: &mut dyn FnMut(CopyId)) {
        for (_, message) in self.list.iter().flat_map(|inbound| &inbound.waiting) {
            message.copies(visit);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (ConnectionId, NodeId)> {
        self.list.iter().map(|inbound| (inbound.connection, inbound.peer))
    }
}
