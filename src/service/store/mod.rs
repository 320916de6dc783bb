//! A key-value store like Redis: one thread, everything in memory, keys that
//! expire by this machine's clock. Consumers keep their marks here.
//!
//! - `keyspace`: the keys, and what commands do to them.
//! - `replication`: a primary streams its writes to a replica *after* it has
//!   answered, so what the replica takes over with may lack what clients were
//!   told; and who is primary.
//! - `append`: an append-only file, synced once a second, if it is turned on. By
//!   default Redis writes snapshots only (after an hour, if anything changed; sooner
//!   only after many changes), so that in the time of a lab a restart is a store
//!   without keys. A primary that comes back empty before its replica has taken
//!   over makes the replica empty, too.
//! - `settings`: how a store is set up.
//!
//! Sources: Redis' documentation of replication, persistence, SET and Sentinel.
//! Left out: other types of values, eviction, partial resynchronisation (a
//! replica that connects gets everything), WAIT and min-replicas-to-write, and
//! what a store does when its disk refuses (Redis stops taking writes; here it
//! goes on without its file).

mod append;
mod keyspace;
mod replication;
mod settings;

#[cfg(test)]
mod tests;

pub use settings::{SETTINGS, StoreOptions};

use crate::event::{CopyId, Kind, NodeId};
use crate::node::{ConnectionId, DiskOperation, Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Picture, Role};
use crate::protocol::Frame;
use crate::protocol::store::{Command, Method, Reply, WORKING};
use crate::service::log::Reading;
use crate::time::Time;

use append::Append;
use keyspace::Keyspace;
use replication::Peer;

/// Time to look after the peer.
const TICK: TimerId = TimerId(0);
/// What was appended is synced.
const SYNC: TimerId = TimerId(1);

/// A key-value store. Make a new one for every run.
#[derive(Clone, Debug)]
pub struct Store {
    options: StoreOptions,
    /// Part of the configuration file, which Sentinel rewrites at a promotion:
    /// so they outlive the process.
    is_primary: bool,
    term: u32,
    keys: Keyspace,
    append: Append,
    /// Set while the file is being read back.
    reading: Option<Reading>,
    /// Commands that came meanwhile.
    held: Vec<(ConnectionId, u64, Command, Option<CopyId>)>,
    peer: Peer,
    clients: Vec<(ConnectionId, NodeId)>,
}

impl Store {
    #[must_use]
    pub fn new(options: StoreOptions) -> Self {
        Self {
            is_primary: !options.is_replica,
            term: 0,
            keys: Keyspace::default(),
            append: Append::default(),
            reading: None,
            held: Vec::new(),
            peer: Peer::default(),
            clients: Vec::new(),
            options,
        }
    }

    #[must_use]
    pub const fn is_primary(&self) -> bool {
        self.is_primary
    }

    fn command(
        &mut self,
        now: Time,
        connection: ConnectionId,
        request: u64,
        command: Command,
        about: Option<CopyId>,
        out: &mut Outputs,
    ) {
        if self.reading.is_some() {
            // Redis answers LOADING, and the client asks again.
            self.held.push((connection, request, command, about));
            return;
        }
        if !self.is_primary {
            out.send(connection, Method::Reply { request, reply: Reply::ReadOnly }, about);
            return;
        }
        let (reply, written) = self.keys.execute(command, now);
        if let Some((key, entry)) = written {
            if let (Command::Set { value, .. }, Some(_)) = (command, about) {
                // What it means is the clients' business; the history may know.
                out.note(if value == WORKING { Kind::Leased } else { Kind::Marked }, about);
            }
            self.append(key, entry, now, out);
            self.peer.replicate(key, entry, out);
        }
        out.send(connection, Method::Reply { request, reply }, about);
    }

    fn release_held(&mut self, now: Time, out: &mut Outputs) {
        for (connection, request, command, about) in std::mem::take(&mut self.held) {
            self.command(now, connection, request, command, about, out);
        }
    }
}

impl Node for Store {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(files) => {
                self.begin_reading(&files, now, out);
                self.begin_watching(now, out);
            }
            Input::Frame { connection, frame: Frame::Store(Method::Command { request, command }), about } => {
                self.command(now, connection, request, command, about, out)
            }
            Input::Frame { connection, frame: Frame::Store(method), .. } => self.hear(now, connection, method, out),
            Input::Opened { connection, peer, inbound: true } => self.clients.push((connection, peer)),
            Input::Opened { connection, .. } => self.peer.opened(connection, out),
            Input::Closed { connection, .. } => {
                self.clients.retain(|(client, _)| *client != connection);
                self.peer.closed(connection);
            }
            Input::Timer(TICK) => self.tick(now, out),
            Input::Timer(SYNC) => self.append.sync_due(out),
            Input::ReadDone { bytes, .. } => self.piece_read(&bytes, now, out),
            Input::DiskError { operation: DiskOperation::Read, .. } => self.piece_read(&[], now, out),
            Input::DiskError { operation: DiskOperation::Append, .. } => self.append.give_up(),
            _ => {}
        }
    }

    fn reset(&mut self) {
        self.keys = Keyspace::default();
        self.append = Append::default();
        self.reading = None;
        self.held.clear();
        self.peer = Peer::default();
        self.clients.clear();
    }

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Store;
        picture.peers.extend(self.clients.iter().map(|(_, peer)| *peer));
    }
}
