//! The RabbitMQ model, one node: connections, channels, exchanges, classic
//! queues, publisher confirms, and the message store behind them.
//!
//! - `connection`: the handshake and heartbeats.
//! - `channel`, `channels`: methods on a channel, consumers, tags.
//! - `confirm`: publishing, and what publishers are told; `transaction`: the other
//!   way to be told.
//! - `subscribe`, `acknowledge`: what consumers say; `timeout`: what they do not.
//! - `topology`: declaring queues, exchanges and bindings; `deletion`: queues go.
//! - `exchange`, `matching`: which queues a publish goes to.
//! - `classic`: classic queues; `ready`: what waits in one, in order;
//!   `consumers`: whose turn it is; `deliver`, `settle`: handing out, done with,
//!   back again.
//! - `half`: half messages, which are RocketMQ's.
//! - `expiry`, `overflow`, `dead_letter`: what a queue gives up, and where it goes.
//! - `alarm`: what happens when memory or disk runs short.
//! - `entry`: the copies themselves, small and cheap to clone; `read_back`:
//!   payloads of long queues, which stay on disk.
//! - `store`: the write buffer, when it is written, and the log's segments.
//! - `batch`: one write on its way.
//! - `metadata`: what is durable besides messages (queues, exchanges, bindings).
//! - `recovery`: reading both logs back when the process starts.
//! - `record`, `details`, `declaration`: the records of both logs.
//! - `cluster`: several nodes as one.
//! - `quorum`: quorum queues.
//! - `settings`: what a learner may toggle.
//! - `show`: what the audit, faults and screens get to see.
//!
//! Facts: RabbitMQ's documentation of confirms and consumers, and its source of
//! August 2026 (`rabbit_channel`, `rabbit_amqqueue_process`,
//! `rabbit_variable_queue`, `rabbit_classic_queue_index_v2`, `_store_v2`,
//! `rabbit_heartbeat`, and what each module names). Left out: `basic.get`, recovery
//! of a channel's unacknowledged deliveries (`basic.recover`), policies, bindings
//! between exchanges, virtual hosts, flow control by credit.

mod acknowledge;
mod alarm;
mod batch;
mod channel;
mod channels;
mod classic;
mod cluster;
mod confirm;
mod connection;
mod consumers;
mod dead_letter;
mod declaration;
mod deletion;
mod deliver;
mod details;
mod entry;
mod exchange;
mod expiry;
mod half;
mod matching;
mod metadata;
mod overflow;
pub mod quorum;
mod read_back;
mod ready;
mod record;
mod recovery;
mod settings;
mod settle;
mod show;
mod store;
mod subscribe;
mod timeout;
mod topology;
mod transaction;

#[cfg(test)]
mod tests;

use crate::event::CopyId;
use crate::node::{DiskOperation, Disturbance, Holding, Input, Node, Outputs, TimerId};
use crate::picture::Picture;
use crate::time::Time;

use crate::raft;
use alarm::{Alarms, Source};
use channels::Channels;
use classic::Queues;
use cluster::Cluster;
use connection::Connections;
use entry::Entries;
use exchange::Exchanges;
use half::Halves;
use metadata::Metadata;
use quorum::Quorum;
use read_back::ReadBack;
use recovery::Recovering;
pub use settings::{Options, SETTINGS};
use store::Store;

/// The store looks whether it should write.
const FLUSH: TimerId = TimerId(0);
/// Connections are checked for silence.
const HEARTBEAT: TimerId = TimerId(1);
/// The head of a queue expires, or an unused queue.
const EXPIRY: TimerId = TimerId(2);
/// A consumer holds something for too long.
const CONSUMER_TIMEOUT: TimerId = TimerId(3);
/// Memory and disk are looked at.
const GAUGES: TimerId = TimerId(4);

/// One RabbitMQ node.
#[derive(Clone, Debug)]
pub struct QueueBroker {
    options: Options,
    connections: Connections,
    channels: Channels,
    exchanges: Exchanges,
    queues: Queues,
    entries: Entries,
    store: Store,
    metadata: Metadata,
    alarms: Alarms,
    halves: Halves,
    /// Payloads on their way back from disk.
    reads: Vec<ReadBack>,
    /// When the timers for expiry and for acknowledgements ring.
    expiry_alarm: Option<Time>,
    ack_due: Option<Time>,
    cluster: Cluster,
    quorum: Quorum,
    /// This node's part in what several nodes keep by consensus.
    raft: raft::Host,
    /// Set while the files are being read back.
    recovering: Option<Recovering>,
}

impl QueueBroker {
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            connections: Connections::default(),
            channels: Channels::default(),
            exchanges: Exchanges::default(),
            queues: Queues::default(),
            entries: Entries::with_capacity(options.message_capacity),
            store: Store::new(&options),
            metadata: Metadata::default(),
            alarms: Alarms::default(),
            halves: Halves::default(),
            reads: Vec::new(),
            expiry_alarm: None,
            ack_due: None,
            cluster: Cluster::new(&options),
            quorum: Quorum::default(),
            raft: raft::Host::new(options.raft()),
            recovering: None,
            options,
        }
    }

    /// What an input set in motion is finished once, at its end: deliveries, then
    /// answers to publishers, then the question whether to write.
    fn settle_down(&mut self, now: Time, out: &mut Outputs) {
        self.serve_raft(now, out);
        self.deliver_from_touched_queues(now, out);
        self.answer_publishers(now, out);
        self.quorum_set_timer(now, out);
        self.write_if_due(now, out);
        self.watch_resources(now, out);
    }
}

impl Node for QueueBroker {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            input if cluster::is_for_raft(&input) => {
                self.raft.handle(now, &input, out);
                self.boot_on(now, out);
            }
            Input::Start(files) => self.start(&files, now, out),
            Input::Opened { connection, peer, .. } => self.opened(connection, peer, now, out),
            Input::Closed { connection, why } => self.closed(connection, why, now, out),
            Input::Frame { connection, frame, .. } => match self.cluster.peer_on(connection) {
                None => self.frame(now, connection, frame, out),
                Some(peer) => self.peer_frame(peer, frame, now, out),
            },
            Input::Timer(FLUSH) => self.store.alarm_rang(),
            Input::Timer(EXPIRY) => self.expire(now, out),
            Input::Timer(CONSUMER_TIMEOUT) => self.close_idle_consumers(now, out),
            Input::Timer(GAUGES) => self.look_at_gauges(now, out),
            Input::Timer(half::CHECK) => self.check_halves(now, out),
            Input::Timer(half::MARK) => self.mark_halves(now, out),
            Input::Timer(cluster::TICK) => self.tick(now, out),
            Input::Timer(quorum::TIMER) => self.quorum_timer_rang(now, out),
            Input::Timer(_) => self.check_heartbeats(now, out),
            Input::ReadDone { file, offset, bytes } if self.recovering.is_none() => {
                self.payloads_read(file, offset, &bytes, now, out);
            }
            Input::ReadDone { file, bytes, .. } => self.piece_read(file, &bytes, now, out),
            Input::Written { file, .. } if file == metadata::FILE => self.metadata.written(out),
            Input::Synced { file, .. } if file == metadata::FILE => self.metadata_synced(out),
            Input::Written { .. } => self.batch_written(out),
            Input::Synced { .. } => self.batch_synced(out),
            Input::DiskError { file, operation: DiskOperation::Read, .. } => {
                if self.recovering.is_some() {
                    self.read_failed(file, now, out);
                } else {
                    self.payloads_missing(file, now, out);
                }
            }
            Input::DiskError { file, .. } if file == metadata::FILE => self.metadata_failed(now, out),
            Input::DiskError { .. } => self.batch_failed(now, out),
            Input::Disturbed(Disturbance::Alarm { resource, on }) => {
                self.set_alarm(resource, on, Source::Imposed, now, out);
            }
            // A broker has no handler that could throw, and no topics.
            Input::Disturbed(Disturbance::Throw(_) | Disturbance::GrowTopic { .. }) => {}
        }
        self.settle_down(now, out);
    }

    fn reset(&mut self) {
        *self = Self::new(std::mem::take(&mut self.options));
    }

    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        self.show_in_memory(visit);
    }

    fn holdings(&self, visit: &mut dyn FnMut(Holding)) {
        self.show_holdings(visit);
    }

    fn picture(&self, picture: &mut Picture) {
        self.show_picture(picture);
    }
}
