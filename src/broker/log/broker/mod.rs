//! A broker: replicas, connections, requests that wait. It keeps no rule of
//! replication itself (those are its replicas') and decides nothing about who leads
//! (that is the controller's); it brings requests to the replica that they are
//! about, keeps those that must wait, fetches for the replicas that follow, and
//! hosts the coordinators of the internal partitions that it leads.
//!
//! - `session`: registration, heartbeats, finding the active controller; `image`:
//!   what is known of the metadata log; `metadata`: what becomes of it;
//!   `proposals`: other in-sync replicas.
//! - `connections`: who asks, in what order; `requests`: what is asked.
//! - `produce`, `fetch`: appends and reads, and those that wait. `fetcher`: this
//!   broker as a follower. `seats`: the replicas.
//! - `coordination`, `office`: coordinators; `peers`: what they ask of others.
//! - `link`: connections of its own. `alarms`: timers. `show`: for audits, screens.
//!
//! Left out: controlled shutdown (a broker here only ever crashes), reading from
//! followers, moving replicas, quotas, several log directories, transactions that
//! the broker verifies on the first produce (KIP-890).
//!
//! Source: apache/kafka, `core/src/main/scala/kafka/server` (`ReplicaManager`,
//! `KafkaApis`, `BrokerLifecycleManager`, and what each module names).

mod alarms;
mod connections;
mod coordination;
mod fetch;
mod fetcher;
mod image;
mod link;
mod metadata;
mod office;
mod peers;
mod produce;
mod proposals;
mod requests;
mod seats;
mod session;
mod show;
#[cfg(test)]
mod tests;

use crate::broker::log::partition::{self, Effect};
use crate::broker::log::settings::Options;
use crate::event::{CopyId, Kind, NodeId};
use crate::node::{ConnectionId, FileInfo, Holding, Input, Node, Outputs};
use crate::picture::Picture;
use crate::protocol::Frame;
use crate::protocol::log::{Client, Message};
use crate::random::Purpose;
use crate::time::Time;

use alarms::Alarms;
use connections::Connections;
use coordination::Coordination;
use fetch::Fetch;
use fetcher::Fetcher;
use image::Image;
use peers::Peer;
use produce::Produce;
use proposals::Proposals;
use seats::{Seats, partition_at, slot_of_file};
use session::Session;

/// One Kafka broker.
#[derive(Clone, Debug)]
pub struct LogBroker {
    options: Options,
    /// This process, as the controller tells it from earlier ones.
    incarnation: u64,
    /// Its disk has refused a write: a broker whose one log directory is gone halts.
    /// It says nothing more.
    is_stopped: bool,
    /// It knows the metadata log up to its own registration, and acts on it.
    is_published: bool,
    session: Session,
    image: Image,
    proposals: Proposals,
    seats: Seats,
    connections: Connections,
    /// Requests that wait: for replicas, for records.
    produces: Vec<Produce>,
    fetches: Vec<Fetch>,
    fetchers: Vec<Fetcher>,
    peers: Vec<Peer>,
    coordination: Coordination,
    alarms: Alarms,
    /// Scratch, empty between calls.
    effects: partition::Effects,
}

impl LogBroker {
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            incarnation: 0,
            is_stopped: false,
            is_published: false,
            session: Session::new(options.controllers.first().copied().unwrap_or_default()),
            image: Image::default(),
            proposals: Proposals::default(),
            seats: Seats::default(),
            connections: Connections::default(),
            produces: Vec::new(),
            fetches: Vec::new(),
            fetchers: Vec::new(),
            peers: Vec::new(),
            coordination: Coordination::new(&options),
            alarms: Alarms::default(),
            effects: partition::Effects::default(),
            options,
        }
    }

    /// Reads back what the files hold, and looks for the controller meanwhile.
    fn start(&mut self, files: &[FileInfo], now: Time, out: &mut Outputs) {
        let draw = self.options.seed.draw(Purpose::Identity).by(u64::from(self.options.me.0));
        self.incarnation = draw.by(now.as_nanos()).value();
        let mut last = None;
        for file in files {
            let slot = slot_of_file(file.file);
            if last.replace(slot) == Some(slot) {
                continue;
            }
            if let Some(partition) = partition_at(&self.options, slot) {
                let at = self.seats.add(&self.options, slot, partition);
                self.seats.list[at].replica.start(files, now, out, &mut self.effects);
                self.absorb(at, now, out);
            }
        }
        if !self.seats.is_recovering() {
            out.note(Kind::Started, None);
        }
        self.session_due(now, out);
    }

    /// Takes what a replica asks for.
    fn absorb(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let mut effects = std::mem::take(&mut self.effects);
        for effect in effects.drain(..) {
            match effect {
                Effect::ProposeIsr(change) => self.proposals.add(change),
                Effect::Progress => self.seats.mark(at),
                Effect::Recovered => {
                    self.seats.list[at].is_recovering = false;
                    self.recovered(now, out);
                }
                Effect::Failed(_) => self.stop(out),
            }
        }
        self.effects = effects;
    }

    /// A replica has its log back. With the last one the broker is ready to serve.
    fn recovered(&mut self, now: Time, out: &mut Outputs) {
        if self.seats.is_recovering() || self.is_published {
            return;
        }
        let copies: u64 = self.seats.list.iter().map(|seat| seat.replica.recovered()).sum();
        out.note_with(Kind::Started, None, copies);
        self.hurry_heartbeat(now);
    }

    /// The one log directory has failed: Kafka halts the broker.
    fn stop(&mut self, out: &mut Outputs) {
        if !std::mem::replace(&mut self.is_stopped, true) {
            out.exit();
        }
    }

    /// A frame arrived: an answer to this broker, or a request.
    fn frame(&mut self, connection: ConnectionId, correlation: u32, message: Message, now: Time, out: &mut Outputs) {
        if self.session.link.is(connection) {
            if let Message::Controller(message) = message {
                self.controller_said(message, now, out);
            }
        } else if let Some(at) = self.fetcher_of(connection) {
            if let Message::Client(Client::Fetched { partitions }) = message {
                self.fetched(at, correlation, partitions, now, out);
            }
        } else if let Some(at) = self.peers.iter().position(|peer| peer.link.is(connection)) {
            self.peer_answered(at, correlation, message, now);
        } else {
            self.connections.arrived(connection, correlation, message);
        }
    }

    fn opened(&mut self, connection: ConnectionId, peer: NodeId, inbound: bool, now: Time, out: &mut Outputs) {
        if inbound {
            self.connections.opened(connection, peer);
        } else if self.session.link.is(connection) {
            self.session_opened(connection, now, out);
        } else if let Some(at) = self.fetcher_of(connection) {
            self.fetchers[at].link.opened(connection);
        } else if let Some(at) = self.peers.iter().position(|peer| peer.link.is(connection)) {
            self.peers[at].link.opened(connection);
            self.peer_goes_on(at, now, out);
        }
    }

    fn connection_closed(&mut self, connection: ConnectionId, now: Time, out: &mut Outputs) {
        if self.session.link.is(connection) {
            self.session_closed(now);
        } else if let Some(at) = self.fetcher_of(connection) {
            self.fetcher_closed(at, now);
        } else if let Some(at) = self.peers.iter().position(|peer| peer.link.is(connection)) {
            self.peers[at].link = link::Link::Idle { until: now };
            self.peer_lost(at, now, out);
        } else if self.connections.closed(connection) {
            self.fetches.retain(|fetch| fetch.connection != connection);
            self.forget_produces(connection);
            self.coordinators_disconnected(connection, now);
        }
    }

    /// What an input set in motion is finished once, at its end.
    fn settle_down(&mut self, now: Time, out: &mut Outputs) {
        while !self.is_stopped {
            if let Some(at) = self.seats.next_dirty() {
                let slot = self.seats.list[at].slot;
                self.look_at_produces(slot, out);
                self.look_at_fetches(at, out);
                self.coordinators_progress(at, now);
            } else if self.coordinate(now, out) {
                // Once more: it may have moved something else.
            } else if let Some((connection, peer, correlation, message)) = self.connections.next() {
                self.request(connection, peer, correlation, message, now, out);
            } else {
                break;
            }
        }
        if self.is_stopped {
            return;
        }
        if !self.image.changed.is_empty() && !self.seats.is_recovering() {
            self.publish(now, out);
        }
        self.send_fetches(now, out);
        self.propose(now, out);
        self.ask_for_ids(out);
        self.set_alarms(now, out);
    }
}

impl Node for LogBroker {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            _ if self.is_stopped => return,
            Input::Start(files) => self.start(&files, now, out),
            Input::Opened { connection, peer, inbound } => self.opened(connection, peer, inbound, now, out),
            Input::Closed { connection, .. } => self.connection_closed(connection, now, out),
            Input::Frame { connection, frame: Frame::Log { correlation, message }, .. } => {
                self.frame(connection, correlation, message, now, out);
            }
            Input::Timer(timer) => self.alarm_rings(timer, now, out),
            Input::Written { file, .. }
            | Input::Synced { file, .. }
            | Input::ReadDone { file, .. }
            | Input::DiskError { file, .. } => {
                if let Some(at) = self.seats.at(slot_of_file(file)) {
                    self.seats.list[at].replica.handle(now, &input, out, &mut self.effects);
                    self.absorb(at, now, out);
                }
            }
            Input::Frame { .. } | Input::Disturbed(_) => {}
        }
        self.settle_down(now, out);
    }

    fn reset(&mut self) {
        *self = Self::new(std::mem::take(&mut self.options));
    }

    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        self.connections.copies(visit);
    }

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        self.draw(picture);
    }
}
